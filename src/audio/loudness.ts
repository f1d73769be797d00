/** What levels in dB say for silence: below the noise of 16-bit audio (-98 dB) and still a number. */
export const silenceDb = -120;

/** Root mean square of the samples; 0 for none. */
export function rms(samples: Float32Array): number {
  return rmsBetween(samples, 0, samples.length);
}

function rmsBetween(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (samples[i] as number) ** 2;
  return to > from ? Math.sqrt(sum / (to - from)) : 0;
}

/** Largest magnitude of the samples; 0 for none. */
export function peak(samples: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < samples.length; i++) {
    const magnitude = Math.abs(samples[i] as number);
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

/** 20 log10 of an amplitude ratio (1 is full scale: dBFS), not below {@link silenceDb}. */
export function dbOf(amplitude: number): number {
  return amplitude > 0 ? Math.max(silenceDb, 20 * Math.log10(amplitude)) : silenceDb;
}

/** Amplitude ratio of a level or gain in dB: -6.02 dB is a half. */
export function gainOf(db: number): number {
  return 10 ** (db / 20);
}

/** Root mean square in dB relative to a full-scale square wave: a full-scale sine has -3.01 dB. */
export function rmsDb(samples: Float32Array): number {
  return dbOf(rms(samples));
}

/**
 * Root mean square of each stretch of `hopMs` (default 10), the last one possibly shorter. Stretches are cut at the
 * sample nearest to i * hopMs, so that the envelope never drifts where a hop is not a whole number of samples.
 */
export function rmsEnvelope(samples: Float32Array, rateHz: number, hopMs = 10): Float32Array {
  // Below one sample per hop, stretches would be empty.
  const hopSamples = Math.max(1, (rateHz * hopMs) / 1000);
  const envelope = new Float32Array(Math.ceil(samples.length / hopSamples - 1e-9));
  for (let i = 0; i < envelope.length; i++) {
    const from = Math.round(i * hopSamples);
    const to = Math.min(samples.length, Math.round((i + 1) * hopSamples));
    envelope[i] = rmsBetween(samples, from, to);
  }
  return envelope;
}

/**
 * A copy whose gain moves in equal steps from `fromGain` to `toGain`: the last sample has `toGain`, the first is one
 * step away from `fromGain`, so that successive frames join without a click.
 */
export function applyGainRamp(samples: Float32Array, fromGain: number, toGain: number): Float32Array {
  const ramped = new Float32Array(samples.length);
  const step = (toGain - fromGain) / samples.length;
  for (let i = 0; i < samples.length; i++) ramped[i] = (samples[i] as number) * (fromGain + step * (i + 1));
  return ramped;
}
