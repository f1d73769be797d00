/**
 * Coefficients of a second-order section, normalised so that a0 is 1:
 * y[n] = b0 x[n] + b1 x[n-1] + b2 x[n-2] - a1 y[n-1] - a2 y[n-2].
 */
export type Biquad = {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
};

/** Q of a section without a peak at its corner (Butterworth). */
export const butterworthQ = Math.SQRT1_2;

/** Low-pass, as in R. Bristow-Johnson's "Cookbook formulae for audio EQ biquad filter coefficients". */
export function lowPass(cornerHz: number, rateHz: number, q = butterworthQ): Biquad {
  const { cosine, alpha } = warped(cornerHz, rateHz, q);
  return normalised((1 - cosine) / 2, 1 - cosine, (1 - cosine) / 2, cosine, alpha);
}

/** High-pass, from the same source. */
export function highPass(cornerHz: number, rateHz: number, q = butterworthQ): Biquad {
  const { cosine, alpha } = warped(cornerHz, rateHz, q);
  return normalised((1 + cosine) / 2, -(1 + cosine), (1 + cosine) / 2, cosine, alpha);
}

/** Band-pass whose peak has gain 1, from the same source: a resonance of bandwidth `centreHz` / `q`. */
export function bandPass(centreHz: number, rateHz: number, q: number): Biquad {
  const { cosine, alpha } = warped(centreHz, rateHz, q);
  return normalised(alpha, 0, -alpha, cosine, alpha);
}

function warped(hz: number, rateHz: number, q: number): { readonly cosine: number; readonly alpha: number } {
  const angle = (2 * Math.PI * hz) / rateHz;
  return { cosine: Math.cos(angle), alpha: Math.sin(angle) / (2 * q) };
}

function normalised(b0: number, b1: number, b2: number, cosine: number, alpha: number): Biquad {
  const a0 = 1 + alpha;
  return { b0: b0 / a0, b1: b1 / a0, b2: b2 / a0, a1: (-2 * cosine) / a0, a2: (1 - alpha) / a0 };
}

/** Sections in a row, with their memory: takes the next samples of one stream, returns as many. */
export type BiquadFilter = (samples: Float32Array) => Float32Array;

/** Opens a filter (transposed direct form II, double precision). */
export function createBiquadFilter(sections: readonly Biquad[]): BiquadFilter {
  const memory = new Float64Array(2 * sections.length);
  return (samples) => {
    const filtered = samples.slice();
    for (const [index, { b0, b1, b2, a1, a2 }] of sections.entries()) {
      let first = memory[2 * index] as number;
      let second = memory[2 * index + 1] as number;
      for (let i = 0; i < filtered.length; i++) {
        const x = filtered[i] as number;
        const y = b0 * x + first;
        first = b1 * x - a1 * y + second;
        second = b2 * x - a2 * y;
        filtered[i] = y;
      }
      memory[2 * index] = first;
      memory[2 * index + 1] = second;
    }
    return filtered;
  };
}
