import { createHash } from 'node:crypto';
import type { TranscriptSegment } from '../../../conversation/listen/transcribe-samples.js';
import type { NamedEngine } from '../../../platform/layers/engine-table.js';
import type { TranscribedWord } from '../../../ports/speech-to-text.js';
import { modelInfo, modelUuid } from '../models.js';
import { warningsOf } from '../warnings.js';
import { type BatchListenOptions, extraOf } from './listen-query.js';
import { paragraphsOf } from './paragraphs.js';
import { alternativeOf, seconds } from './words.js';

/** What was said on one channel. */
export type ChannelTranscript = { readonly segments: readonly TranscriptSegment[] };

export type BatchReply = {
  readonly requestId: string;
  readonly created: string;
  readonly bytes: Uint8Array;
  readonly audioMs: number;
  readonly channels: readonly ChannelTranscript[];
  readonly model: NamedEngine<unknown>;
  readonly options: BatchListenOptions;
  /** Whether words are also given with capital letters and punctuation. */
  readonly written: boolean;
  readonly ignored: readonly string[];
};

export function batchReplyOf(reply: BatchReply): object {
  const { requestId, created, bytes, audioMs, channels, model, options, written, ignored } = reply;
  const uuid = modelUuid(model.id);
  return {
    metadata: {
      transaction_key: 'deprecated',
      request_id: requestId,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      created,
      duration: seconds(audioMs),
      channels: channels.length,
      models: [uuid],
      model_info: { [uuid]: modelInfo(model) },
      ...warningsOf(ignored),
      ...extraOf(options.extra),
    },
    results: {
      channels: channels.map(({ segments }) => {
        const words = wordsOf(segments);
        return {
          alternatives: [
            {
              ...alternativeOf(textOf(segments), words, { written }),
              // Deepgram formats in paragraphs when it formats.
              ...(options.paragraphs || options.smart_format ? { paragraphs: paragraphsOf(words) } : {}),
            },
          ],
        };
      }),
      ...(options.utterances ? { utterances: utterancesOf(channels, reply) } : {}),
    },
  };
}

/** What was said between pauses, over all channels in the order of time. */
function utterancesOf(channels: readonly ChannelTranscript[], { options, written, requestId }: BatchReply): object[] {
  const splitMs = options.utt_split * 1_000;
  return channels
    .flatMap(({ segments }, channel) => parted(wordsOf(segments), splitMs).map((words) => ({ channel, words })))
    .sort((a, b) => (a.words[0]?.startMs ?? 0) - (b.words[0]?.startMs ?? 0))
    .map(({ channel, words }, index) => ({
      start: seconds(words[0]?.startMs ?? 0),
      end: seconds(words.at(-1)?.endMs ?? 0),
      channel,
      ...alternativeOf(words.map(({ text }) => text).join(' '), words, { written }),
      id: modelUuid(`${requestId} ${index}`),
    }));
}

/** Divides words at pauses that are longer than `splitMs`. */
function parted(words: readonly TranscribedWord[], splitMs: number): TranscribedWord[][] {
  const parts: TranscribedWord[][] = [];
  for (const word of words) {
    const last = parts.at(-1);
    const before = last?.at(-1);
    if (last && before && word.startMs - before.endMs < splitMs) last.push(word);
    else parts.push([word]);
  }
  return parts;
}

function wordsOf(segments: readonly TranscriptSegment[]): readonly TranscribedWord[] {
  return segments.flatMap(({ words }) => words);
}

function textOf(segments: readonly TranscriptSegment[]): string {
  return segments.map(({ text }) => text).join(' ');
}
