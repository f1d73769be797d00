/**
 * A stretch of mono audio that knows its own rate. Samples are linear, nominally -1..1; values outside are legal
 * until something writes them to an integer format.
 */
export type AudioFrame = { readonly samples: Float32Array; readonly rateHz: number };

/** Duration of `samples` at `rateHz`, in milliseconds (not rounded). */
export function durationMs(samples: number, rateHz: number): number {
  return (samples / rateHz) * 1000;
}

/** Number of samples that cover `ms` at `rateHz`, rounded to the nearest sample. */
export function samplesOf(ms: number, rateHz: number): number {
  return Math.round((ms * rateHz) / 1000);
}

/** As long, and nothing in it. */
export function silenced({ samples, rateHz }: AudioFrame): AudioFrame {
  return { samples: new Float32Array(samples.length), rateHz };
}

/** Joins parts of the same rate into one new array. */
export function concatSamples(parts: readonly Float32Array[]): Float32Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Float32Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
