import { samplesOf } from './frame.js';

/** Sound of a room without speech, to be repeated end to end. */
export type RoomTone = {
  readonly loop: Float32Array;
  /** Where in the recording it was found; null when it was generated. */
  readonly fromMs: number | null;
};

export type RoomToneOptions = {
  /** Lengths to look for, the first that is found: the longer, the less its repetition can be heard. */
  readonly stretchesMs?: readonly number[];
  /** Known not to be room: speech, from `startMs` to `endMs` each. @defaultValue what stands out by its level */
  readonly outside?: readonly { readonly startMs: number; readonly endMs: number }[];
};

/** What {@link roomToneOf} looks for unless it is told otherwise. */
const defaultStretchesMs = [500, 400, 300];
const hopMs = 10;
/** Digital silence. Good recordings have rooms of -90 dBFS, one step of 16 bits; below -95 nothing is left of them. */
const digitalSilenceDb = -95;
/** A room stands at least this far below the speech in it... */
const belowSpeechDb = 15;
/** ...is no louder than this above the quiet hops of its recording: else it is the end of a word or a breath... */
const aboveFloorDb = 6;
/** ...and is steady: its loudest hop stays this close to its mean. */
const steadyWithinDb = 9;
const crossfadeMs = 60;
/** Noise where a file has no room: as loud as its quiet hops within these bounds, and if it has none, the default. */
const generatedDb = { lowest: -80, default: -65, highest: -55 };
const generatedMs = 2_000;

/**
 * The quietest steady stretch of a recording (500 ms, else 400, else 300) made into a loop by crossfading its ends with
 * equal power. Digital silence does not count; where nothing is left, low noise is generated.
 */
export function roomToneOf(samples: Float32Array, rateHz: number, options: RoomToneOptions = {}): RoomTone {
  const { stretchesMs = defaultStretchesMs, outside = [] } = options;
  const powers = hopPowers(samples, rateHz);
  const floor = floorOf(powers);
  const largest = Math.min(percentile(powers, 0.95) * ratioOf(-belowSpeechDb), floor * ratioOf(aboveFloorDb));
  for (const { startMs, endMs } of outside) {
    powers.fill(Number.POSITIVE_INFINITY, Math.max(0, Math.floor(startMs / hopMs)), Math.ceil(endMs / hopMs));
  }
  for (const stretchMs of stretchesMs) {
    const hop = quietestStretch(powers, stretchMs / hopMs, largest);
    if (hop === undefined) continue;
    const from = samplesOf(hop * hopMs, rateHz);
    const stretch = samples.subarray(from, from + samplesOf(stretchMs, rateHz));
    return { loop: closeLoop(stretch, samplesOf(crossfadeMs, rateHz)), fromMs: hop * hopMs };
  }
  const { lowest, highest } = generatedDb;
  const db = floor === 0 ? generatedDb.default : Math.max(lowest, Math.min(highest, 10 * Math.log10(floor)));
  return { loop: generatedNoise(samplesOf(generatedMs, rateHz), samplesOf(crossfadeMs, rateHz), db), fromMs: null };
}

/** A level difference as a ratio of powers. */
function ratioOf(db: number): number {
  return 10 ** (db / 10);
}

/** Power of the quiet hops that are not digital silence; 0 when there are none. */
function floorOf(powers: Float64Array): number {
  return percentile(
    powers.filter((power) => power > ratioOf(digitalSilenceDb)),
    0.05,
  );
}

function hopPowers(samples: Float32Array, rateHz: number): Float64Array {
  const hopSamples = samplesOf(hopMs, rateHz);
  const powers = new Float64Array(Math.floor(samples.length / hopSamples));
  for (let hop = 0; hop < powers.length; hop++) {
    let sum = 0;
    for (let i = hop * hopSamples; i < (hop + 1) * hopSamples; i++) sum += (samples[i] as number) ** 2;
    powers[hop] = sum / hopSamples;
  }
  return powers;
}

/** First hop of the stretch with the lowest mean power that qualifies as a room. */
function quietestStretch(powers: Float64Array, hops: number, largestPower: number): number | undefined {
  const smallestPower = ratioOf(digitalSilenceDb);
  let best: number | undefined;
  let bestPower = largestPower;
  for (let from = 0; from + hops <= powers.length; from++) {
    const stretch = powers.subarray(from, from + hops);
    let sum = 0;
    let loudest = 0;
    let quietest = Number.POSITIVE_INFINITY;
    for (const power of stretch) {
      sum += power;
      loudest = Math.max(loudest, power);
      quietest = Math.min(quietest, power);
    }
    const mean = sum / hops;
    if (mean >= bestPower || quietest <= smallestPower || loudest > mean * ratioOf(steadyWithinDb)) continue;
    best = from;
    bestPower = mean;
  }
  return best;
}

function percentile(powers: Float64Array, share: number): number {
  const sorted = Float64Array.from(powers).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Ends in what leads up to its first sample, so that its repetition has no seam. */
function closeLoop(stretch: Float32Array, fade: number): Float32Array {
  const loop = stretch.slice(fade);
  const start = loop.length - fade;
  for (let i = 0; i < fade; i++) {
    const angle = (Math.PI / 2) * ((i + 0.5) / fade);
    // The samples are a noise's, not correlated: equal power keeps its level.
    loop[start + i] = (loop[start + i] as number) * Math.cos(angle) + (stretch[i] as number) * Math.sin(angle);
  }
  return loop;
}

/** Low-passed noise of a fixed seed: the same call, the same samples. */
function generatedNoise(length: number, fade: number, db: number): Float32Array {
  const noise = new Float32Array(length + fade);
  let state = 0x2f6e_2b1;
  let low = 0;
  let power = 0;
  for (let i = 0; i < noise.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    low += 0.25 * (state / 2_147_483_648 - low);
    noise[i] = low;
    power += low * low;
  }
  const gain = 10 ** (db / 20) / Math.sqrt(power / noise.length);
  return closeLoop(
    noise.map((sample) => sample * gain),
    fade,
  );
}
