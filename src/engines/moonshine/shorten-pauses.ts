import { durationMs, samplesOf } from '../../audio/frame.js';
import type { VoicedStretch } from './voiced-stretches.js';

const rateHz = 16_000;
/** Parts that are joined are blended over this: a step would be heard as a click. */
const fadeSamples = samplesOf(5, rateHz);

export type ShortenedAudio = {
  readonly samples: Float32Array;
  /** A time in the shortened audio, in the audio that it was made from. */
  readonly originalMs: (ms: number) => number;
};

/**
 * The stretches with at most `pauseMs` between them, and as much before the first and behind the last. Half of a pause
 * that stays belongs to each of its sides, so that words keep what surrounds them.
 *
 * @param samples 16 kHz
 * @param stretches of the samples, in order
 */
export function shortenPauses(
  samples: Float32Array,
  stretches: readonly VoicedStretch[],
  pauseMs: number,
): ShortenedAudio {
  const pause = samplesOf(pauseMs, rateHz);
  const parts: { from: number; to: number; readonly at: number }[] = [];
  let length = 0;
  for (const [index, stretch] of stretches.entries()) {
    const before = stretches[index - 1];
    const next = stretches[index + 1];
    const from = before ? Math.max(stretch.from - pause / 2, (before.to + stretch.from) / 2) : stretch.from - pause;
    const to = next ? Math.min(stretch.to + pause / 2, (stretch.to + next.from) / 2) : stretch.to + pause;
    const part = { from: Math.max(0, Math.floor(from)), to: Math.min(samples.length, Math.floor(to)), at: length };
    parts.push(part);
    length += part.to - part.from;
  }
  const shortened = new Float32Array(length);
  for (const [index, { from, to, at }] of parts.entries()) {
    shortened.set(samples.subarray(from, to), at);
    const before = parts[index - 1];
    if (!before || before.to === from) continue;
    for (let i = 0; i < fadeSamples && at + i < length; i++) {
      const share = (i + 0.5) / fadeSamples;
      const goesOn = samples[before.to + i] ?? 0;
      shortened[at + i] = share * (shortened[at + i] as number) + (1 - share) * goesOn;
    }
  }
  const originalMs = (ms: number): number => {
    const part = parts.findLast(({ at }) => durationMs(at, rateHz) <= ms) ?? parts[0];
    return part ? ms + durationMs(part.from - part.at, rateHz) : ms;
  };
  return { samples: shortened, originalMs };
}
