import { EventQueue } from '../../ports/event-queue.js';
import type {
  Keyword,
  SpeechToText,
  SpeechToTextInput,
  SpeechToTextOptions,
  TranscribedWord,
} from '../../ports/speech-to-text.js';
import type { VoiceActivity } from '../../ports/voice-activity.js';
import { speechStretches } from './speech-stretches.js';

/** What was said without a longer pause. Times count from the beginning of the recording. */
export type TranscriptSegment = {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Mean of its words' confidence. */
  readonly confidence: number;
  readonly words: readonly TranscribedWord[];
};

export type Transcript = {
  readonly text: string;
  readonly words: readonly TranscribedWord[];
  readonly segments: readonly TranscriptSegment[];
};

export type TranscribeOptions = {
  readonly vad: VoiceActivity;
  readonly stt: SpeechToText;
  readonly signal: AbortSignal;
  /** Phrases that are likely to be said. @defaultValue none */
  readonly keywords?: readonly Keyword[] | undefined;
  /** @defaultValue 'live' */
  readonly urgency?: SpeechToTextOptions['urgency'];
  /** How much of the recording is done, in milliseconds of it. */
  readonly onProgress?: (doneMs: number) => void;
};

/** Transcribes a whole recording (16 kHz mono) and puts the segments together. */
export async function transcribeSamples(samples: Float32Array, options: TranscribeOptions): Promise<Transcript> {
  const segments: TranscriptSegment[] = [];
  for await (const segment of transcribeSegments(samples, options)) segments.push(segment);
  return {
    text: segments.map(({ text }) => text).join(' '),
    words: segments.flatMap(({ words }) => words),
    segments,
  };
}

/** Transcribes a recording (16 kHz mono), segment by segment as they are found. */
export async function* transcribeSegments(
  samples: Float32Array,
  { onProgress, ...options }: TranscribeOptions,
): AsyncGenerator<TranscriptSegment, void, undefined> {
  for await (const event of transcribeStream([samples], options))
    if (event.type === 'segment') yield event.segment;
    else onProgress?.(event.doneMs);
}

export type TranscribeEvent =
  | { readonly type: 'segment'; readonly segment: TranscriptSegment }
  /** So much of the recording is done. */
  | { readonly type: 'progress'; readonly doneMs: number };

/**
 * Transcribes audio of any length (16 kHz mono, in pieces of any size) as it is read: only what voice activity calls
 * speech is looked at, so nothing is made up for music and silence.
 */
export async function* transcribeStream(
  audio: AsyncIterable<Float32Array> | Iterable<Float32Array>,
  options: Omit<TranscribeOptions, 'onProgress'>,
): AsyncGenerator<TranscribeEvent, void, undefined> {
  const { vad, stt, signal, keywords = [], urgency = 'live' } = options;
  const input = new EventQueue<SpeechToTextInput>(signal);
  const events = stt.listen({ callId: 'transcribe', input, signal, keywords, urgency })[Symbol.asyncIterator]();
  let request = 0;
  let toldMs = 0;
  // The end of a stretch is found behind it, when later audio has been told to be done already.
  function* progress(doneMs: number): Generator<TranscribeEvent, void, undefined> {
    if (doneMs <= toldMs) return;
    toldMs = doneMs;
    yield { type: 'progress', doneMs };
  }
  try {
    for await (const found of speechStretches(audio, vad)) {
      signal.throwIfAborted();
      if (found.type === 'progress') {
        yield* progress(found.doneMs);
        continue;
      }
      request += 1;
      input.push({ type: 'start', utterance: request });
      input.push({ type: 'audio', samples: found.samples });
      input.push({ type: 'freeze', utterance: request, request });
      for (;;) {
        const { value, done } = await events.next();
        signal.throwIfAborted();
        if (done) return;
        if (value.type === 'error') throw value.error;
        if (value.type !== 'final' || value.request !== request) continue;
        if (value.text !== '') yield { type: 'segment', segment: segmentOf(value, found.fromMs) };
        break;
      }
      input.push({ type: 'end', utterance: request });
      yield* progress(found.toMs);
    }
  } finally {
    input.end();
    await events.return?.();
  }
}

function segmentOf(
  final: { readonly text: string; readonly words: readonly TranscribedWord[]; readonly audioMs: number },
  offsetMs: number,
): TranscriptSegment {
  const words = final.words.map((word) => ({
    text: word.text,
    startMs: Math.round(word.startMs + offsetMs),
    endMs: Math.round(word.endMs + offsetMs),
    confidence: rounded(word.confidence),
  }));
  return {
    text: final.text,
    startMs: words[0]?.startMs ?? Math.round(offsetMs),
    endMs: words.at(-1)?.endMs ?? Math.round(offsetMs + final.audioMs),
    confidence: rounded(words.reduce((sum, { confidence }) => sum + confidence, 0) / Math.max(1, words.length)),
    words,
  };
}

function rounded(confidence: number): number {
  return Math.round(confidence * 1_000) / 1_000;
}
