import { samplesOf } from '../../audio/frame.js';

/** Sound of a room without speech, to be repeated end to end. */
export type RoomTone = {
  readonly loop: Float32Array;
  /** Where in the recording it was found; null when it was generated. */
  readonly fromMs: number | null;
};

/** Stretches to look for: the longer, the less its repetition can be heard. */
const stretchesMs = [500, 400, 300];
const hopMs = 10;
/** Digital silence: no microphone is that quiet, and a VAD would see an edge where it begins. */
const digitalSilenceDb = -85;
/** A room stands at least this far below the speech in it... */
const belowSpeechDb = 15;
/** ...and is steady: its loudest hop stays this close to its mean. Breath and the ends of words do not. */
const steadyWithinDb = 9;
const crossfadeMs = 60;
/** Where a file has no room of its own: between a quiet office and a good studio. */
const generatedDb = -65;
const generatedMs = 2_000;

/**
 * The quietest steady stretch of a recording (500 ms, else 400, else 300) made into a loop by crossfading its ends with
 * equal power. Digital silence does not count; where nothing is left, low noise is generated.
 */
export function roomToneOf(samples: Float32Array, rateHz: number): RoomTone {
  const powers = hopPowers(samples, rateHz);
  const speech = percentile(powers, 0.95);
  for (const stretchMs of stretchesMs) {
    const hop = quietestStretch(powers, stretchMs / hopMs, speech * 10 ** (-belowSpeechDb / 10));
    if (hop === undefined) continue;
    const from = samplesOf(hop * hopMs, rateHz);
    const stretch = samples.subarray(from, from + samplesOf(stretchMs, rateHz));
    return { loop: closeLoop(stretch, samplesOf(crossfadeMs, rateHz)), fromMs: hop * hopMs };
  }
  return { loop: generatedNoise(samplesOf(generatedMs, rateHz), samplesOf(crossfadeMs, rateHz)), fromMs: null };
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
  const smallestPower = 10 ** (digitalSilenceDb / 10);
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
    if (mean >= bestPower || quietest <= smallestPower || loudest > mean * 10 ** (steadyWithinDb / 10)) continue;
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
function generatedNoise(length: number, fade: number): Float32Array {
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
  const gain = 10 ** (generatedDb / 20) / Math.sqrt(power / noise.length);
  return closeLoop(
    noise.map((sample) => sample * gain),
    fade,
  );
}
