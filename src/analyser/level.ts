/** Length of a level hop; 10 ms is the field's convention for finding speech onsets. */
export const hopMs = 10;

/** What digital silence counts as, so that levels stay finite. */
export const silenceDb = -120;

/** Level of every full 10 ms hop of a channel. */
export type HopLevels = {
  /** dBFS RMS per hop; full-scale square wave = 0 dBFS, full-scale sine = -3. */
  readonly db: Float32Array;
  /** Start of each hop in samples is `index * hopSamples`; may be fractional at odd rates. */
  readonly hopSamples: number;
  /** The channel's mean, taken off before measuring: a DC offset is not sound. */
  readonly offset: number;
};

/** Levels of a channel; samples that are not finite count as silence. */
export function hopLevels(samples: Float32Array, rateHz: number): HopLevels {
  const hopSamples = (rateHz * hopMs) / 1000;
  const hops = Math.floor(samples.length / hopSamples);
  const offset = mean(samples);
  const db = new Float32Array(hops);
  for (let hop = 0; hop < hops; hop++) {
    db[hop] = rmsDb(samples, Math.round(hop * hopSamples), Math.round((hop + 1) * hopSamples), offset);
  }
  return { db, hopSamples, offset };
}

/** RMS of `samples[from, to)` about `offset`, in dBFS; {@link silenceDb} for an empty or silent stretch. */
export function rmsDb(samples: Float32Array, from: number, to: number, offset: number): number {
  const start = Math.max(0, from);
  const end = Math.min(samples.length, to);
  if (end <= start) return silenceDb;
  let sum = 0;
  for (let i = start; i < end; i++) {
    const sample = (samples[i] as number) - offset;
    sum += sample * sample;
  }
  const power = sum / (end - start);
  return Number.isFinite(power) && power > 0 ? Math.max(silenceDb, 10 * Math.log10(power)) : silenceDb;
}

function mean(samples: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] as number;
  return samples.length > 0 && Number.isFinite(sum) ? sum / samples.length : 0;
}
