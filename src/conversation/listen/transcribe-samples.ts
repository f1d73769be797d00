import { durationMs, samplesOf } from '../../audio/frame.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToText, SpeechToTextInput, TranscribedWord } from '../../ports/speech-to-text.js';
import { type VoiceActivity, vadRateHz, vadWindowSamples } from '../../ports/voice-activity.js';

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
  /** How much of the recording is done, in milliseconds of it. */
  readonly onProgress?: (doneMs: number) => void;
};

const startThreshold = 0.5;
const stopThreshold = 0.35;
/** Taken in front of speech: it begins a little before it is noticed. */
const beforeMs = 250;
/** Taken behind it. No more: silence after the last word tempts the recogniser into a polite "Thank you." */
const afterMs = 96;
/** Shorter pauses stay inside a segment. */
const joinMs = 700;
/** Once a segment has grown this long a shorter pause ends it too. */
const longSegmentMs = 30_000;
const longSegmentJoinMs = 250;

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

/**
 * Transcribes a recording of any length (16 kHz mono), segment by segment as they are found: only what voice activity calls
 * speech is looked at, so nothing is made up for music and silence.
 */
export async function* transcribeSegments(
  samples: Float32Array,
  options: TranscribeOptions,
): AsyncGenerator<TranscriptSegment, void, undefined> {
  const { vad, stt, signal, onProgress } = options;
  const input = new EventQueue<SpeechToTextInput>(signal);
  const events = stt.listen({ callId: 'transcribe', input, signal })[Symbol.asyncIterator]();
  let request = 0;
  try {
    for await (const { from, to } of speechStretches(samples, vad, onProgress)) {
      request += 1;
      input.push({ type: 'start', utterance: request });
      input.push({ type: 'audio', samples: samples.slice(from, to) });
      input.push({ type: 'freeze', utterance: request, request });
      for (;;) {
        const { value, done } = await events.next();
        if (done) return;
        if (value.type === 'error') throw value.error;
        if (value.type !== 'final' || value.request !== request) continue;
        if (value.text !== '') yield segmentOf(value, durationMs(from, vadRateHz));
        break;
      }
      input.push({ type: 'end', utterance: request });
      onProgress?.(durationMs(to, vadRateHz));
    }
    onProgress?.(durationMs(samples.length, vadRateHz));
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

type Stretch = { readonly from: number; readonly to: number };

async function* speechStretches(
  samples: Float32Array,
  vad: VoiceActivity,
  onProgress: TranscribeOptions['onProgress'],
): AsyncGenerator<Stretch, void, undefined> {
  const stream = vad.open({ callId: 'transcribe' });
  let open: { from: number; to: number } | undefined;
  let speaking = false;
  let taken = 0;
  const close = (stretch: Stretch): Stretch => {
    const from = Math.max(taken, stretch.from - samplesOf(beforeMs, vadRateHz));
    const to = Math.min(samples.length, stretch.to + samplesOf(afterMs, vadRateHz));
    taken = to;
    return { from, to };
  };
  try {
    for (let at = 0; at < samples.length; at += vadWindowSamples) {
      const window = new Float32Array(vadWindowSamples);
      window.set(samples.subarray(at, at + vadWindowSamples));
      const probability = await stream.push(window);
      speaking = probability >= (speaking ? stopThreshold : startThreshold);
      if (speaking) {
        if (open) open.to = at + vadWindowSamples;
        else open = { from: at, to: at + vadWindowSamples };
      } else if (open) {
        const pauseMs = durationMs(at + vadWindowSamples - open.to, vadRateHz);
        const isLong = durationMs(open.to - open.from, vadRateHz) >= longSegmentMs;
        if (pauseMs >= (isLong ? longSegmentJoinMs : joinMs)) {
          yield close(open);
          open = undefined;
        }
      } else if (at % (vadWindowSamples * 32) === 0) onProgress?.(durationMs(at, vadRateHz));
    }
    if (open) yield close(open);
  } finally {
    stream.close();
  }
}
