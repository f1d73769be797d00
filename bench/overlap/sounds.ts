import { seededRandom } from '../../src/analyser/statistics.js';
import { samplesOf } from '../../src/audio/frame.js';
import { rms } from '../../src/audio/loudness.js';

export const rateHz = 16_000;

export type Speech = {
  readonly name: string;
  readonly samples: Float32Array;
  readonly firstWordMs?: number | undefined;
  /** What the caller has said in the turn before; somebody else's words when absent. */
  readonly before?: Float32Array | undefined;
};

/** The same sound at this level of its loud parts: RMS of what is within 20 dB of its loudest 10 ms. */
export function atLevel(samples: Float32Array, levelDb: number): Float32Array {
  const hop = samplesOf(10, rateHz);
  const levels: number[] = [];
  for (let at = 0; at + hop <= samples.length; at += hop) levels.push(rms(samples.subarray(at, at + hop)));
  const loudest = Math.max(1e-9, ...levels);
  const loud = levels.filter((level) => level > loudest / 10);
  const power = loud.reduce((sum, level) => sum + level * level, 0) / Math.max(1, loud.length);
  const gain = 10 ** (levelDb / 20) / Math.sqrt(power);
  return samples.map((sample) => sample * gain);
}

/** A cough: one to three bursts of noise that begin sharply, fade, and are coloured by a throat. */
export function cough(seed: number): Float32Array {
  const random = seededRandom(seed);
  const bursts = 1 + Math.floor(random() * 3);
  const out = new Float32Array(samplesOf(bursts * 330, rateHz));
  for (let burst = 0; burst < bursts; burst++) {
    const from = samplesOf(burst * (250 + random() * 70), rateHz);
    const length = samplesOf(120 + random() * 130, rateHz);
    const resonances = [500, 1_400, 2_600].map((hz) => resonator(hz * (0.85 + 0.3 * random()), 200));
    for (let i = 0; i < length && from + i < out.length; i++) {
      const fade = Math.min(1, i / 80) * Math.exp((-4 * i) / length);
      const breath = (random() * 2 - 1) * fade;
      out[from + i] = (out[from + i] ?? 0) + resonances.reduce((sum, filter) => sum + filter(breath), 0.2 * breath);
    }
  }
  return out;
}

/** A knock or a door: an impulse that rings. */
export function bang(seed: number): Float32Array {
  const random = seededRandom(seed);
  const out = new Float32Array(samplesOf(250, rateHz));
  const rings = [120, 310, 740, 1_900].map((hz) => ({ hz: hz * (0.8 + 0.4 * random()), level: random() }));
  for (let i = 0; i < out.length; i++) {
    const seconds = i / rateHz;
    const tone = rings.reduce((sum, { hz, level }) => sum + level * Math.sin(2 * Math.PI * hz * seconds), 0);
    out[i] = (tone * Math.exp(-30 * seconds) + (random() * 2 - 1) * Math.exp(-120 * seconds)) * 0.3;
  }
  return out;
}

function resonator(hz: number, widthHz: number): (x: number) => number {
  const radius = Math.exp((-Math.PI * widthHz) / rateHz);
  const turn = 2 * radius * Math.cos((2 * Math.PI * hz) / rateHz);
  let before = 0;
  let beforeThat = 0;
  return (x) => {
    const y = (1 - radius) * x + turn * before - radius * radius * beforeThat;
    beforeThat = before;
    before = y;
    return y;
  };
}

/** Line noise of -66 dB. */
export function lineNoise(length: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => (random() * 2 - 1) * 0.0009);
}
