import { durationMs } from '../../audio/frame.js';
import type { SpokenWord } from '../../ports/text-to-speech.js';

type Piece = { readonly samples: Float32Array; readonly rateHz: number; readonly words: readonly SpokenWord[] };

/** What a piece holds behind its first `skipSamples`, which were given out already; undefined when that is nothing. */
export function behind({ samples, rateHz, words }: Piece, skipSamples: number): Piece | undefined {
  if (skipSamples <= 0) return { samples, rateHz, words };
  if (skipSamples >= samples.length) return undefined;
  const skipMs = durationMs(skipSamples, rateHz);
  const later = words.filter(({ startMs }) => startMs >= skipMs);
  return {
    samples: samples.subarray(skipSamples),
    rateHz,
    words: later.map((word) => ({ ...word, startMs: word.startMs - skipMs, endMs: word.endMs - skipMs })),
  };
}
