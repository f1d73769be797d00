import type { Interval } from './recording.js';

/** Half a step of 16 bits: what a player without audio puts out, and no voice and no room does for long. */
const zeroBelow = 0.5 / 32_768;

/** Length of the longest run of zero samples between `startMs` and `endMs`, ms; any rate. */
export function longestDigitalSilenceMs(samples: Float32Array, rateHz: number, { startMs, endMs }: Interval): number {
  const from = Math.max(0, Math.ceil((startMs / 1000) * rateHz));
  const to = Math.min(samples.length, Math.floor((endMs / 1000) * rateHz));
  let longest = 0;
  let run = 0;
  for (let i = from; i < to; i++) {
    run = Math.abs(samples[i] as number) < zeroBelow ? run + 1 : 0;
    if (run > longest) longest = run;
  }
  return (longest / rateHz) * 1000;
}
