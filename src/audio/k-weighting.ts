import { type Biquad, createBiquadFilter } from './biquad.js';
import { silenceDb } from './loudness.js';

/*
 * Loudness by Recommendation ITU-R BS.1770-4. The Recommendation gives the filters for 48 kHz only; here they come from
 * the analogue prototypes behind those numbers (B. De Man, "Evaluation of implementations of the EBU R128 loudness
 * measurement", AES 145, 2018), so that they hold at any rate.
 */

/** The head's shelf: some 4 dB above 1.7 kHz. */
const shelf = {
  hz: 1_681.974450955533,
  gainDb: 3.999843853973347,
  q: 0.7071752369554196,
  bandExponent: 0.4996667741545416,
};
/** "Revised low-frequency B": what is below 38 Hz does not count. */
const rumble = { hz: 38.13547087602444, q: 0.5003270373238773 };
/** Makes a sine of 997 Hz at full scale read -3.01 LUFS. */
const offsetDb = -0.691;

const blockMs = 400;
const blockStepMs = 100;
const absoluteGateLufs = -70;
const relativeGateDb = -10;

/** The two filters of the K weighting in a row. */
export function kWeighting(rateHz: number): readonly Biquad[] {
  const high = Math.tan((Math.PI * shelf.hz) / rateHz);
  const gain = 10 ** (shelf.gainDb / 20);
  const band = gain ** shelf.bandExponent;
  const shelfA0 = 1 + high / shelf.q + high * high;
  const low = Math.tan((Math.PI * rumble.hz) / rateHz);
  const rumbleA0 = 1 + low / rumble.q + low * low;
  return [
    {
      b0: (gain + (band * high) / shelf.q + high * high) / shelfA0,
      b1: (2 * (high * high - gain)) / shelfA0,
      b2: (gain - (band * high) / shelf.q + high * high) / shelfA0,
      a1: (2 * (high * high - 1)) / shelfA0,
      a2: (1 - high / shelf.q + high * high) / shelfA0,
    },
    {
      b0: 1,
      b1: -2,
      b2: 1,
      a1: (2 * (low * low - 1)) / rumbleA0,
      a2: (1 - low / rumble.q + low * low) / rumbleA0,
    },
  ];
}

/** Loudness of a mean square of K-weighted mono samples, in LUFS. */
export function lufsOf(meanSquare: number): number {
  return meanSquare > 0 ? Math.max(silenceDb, offsetDb + 10 * Math.log10(meanSquare)) : silenceDb;
}

/**
 * Integrated loudness of a mono recording, in LUFS: blocks of 400 ms, every 100 ms, gated at -70 LUFS and then at 10 dB
 * below their mean. {@link silenceDb} where nothing passes the gates, or the recording is shorter than a block.
 */
export function integratedLufs(samples: Float32Array, rateHz: number): number {
  const weighted = createBiquadFilter(kWeighting(rateHz))(samples);
  const step = Math.round((rateHz * blockStepMs) / 1000);
  const stepsPerBlock = blockMs / blockStepMs;
  const steps = new Float64Array(Math.floor(weighted.length / step));
  for (let i = 0; i < steps.length; i++) {
    let sum = 0;
    for (let at = i * step; at < (i + 1) * step; at++) sum += (weighted[at] as number) ** 2;
    steps[i] = sum / step;
  }
  const blocks: number[] = [];
  for (let i = 0; i + stepsPerBlock <= steps.length; i++)
    blocks.push(steps.subarray(i, i + stepsPerBlock).reduce((sum, power) => sum + power, 0) / stepsPerBlock);
  const heard = blocks.filter((power) => lufsOf(power) > absoluteGateLufs);
  const gate = lufsOf(mean(heard)) + relativeGateDb;
  return lufsOf(mean(heard.filter((power) => lufsOf(power) > gate)));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
