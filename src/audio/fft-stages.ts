/*
 * Stages of Stockham's self-sorting fast Fourier transform with decimation in frequency (see C. Van Loan,
 * Computational Frameworks for the Fast Fourier Transform, 1992, section 1.7), for the radices 2, 3, 4 and 5.
 */

/** One stage: `radix` sub-sequences of `span` values each, `stride` independent transforms side by side. */
export type Stage = {
  readonly radix: number;
  readonly span: number;
  readonly stride: number;
  /** e^(-2 pi i p j / (radix * span)) for p < span and 1 <= j < radix, at p * (radix - 1) + j - 1. */
  readonly twiddleRe: Float64Array;
  readonly twiddleIm: Float64Array;
};

function factorsOf(length: number): number[] {
  const factors: number[] = [];
  let rest = length;
  for (const factor of [5, 3, 4, 2]) {
    for (; rest % factor === 0; rest /= factor) factors.push(factor);
  }
  return rest === 1 ? factors : [];
}

/**
 * Stages of a complex transform of `length`, first to last; none when it has a prime factor above 5 (or is 1).
 * Successive stages read what the one before has written.
 */
export function stagesOf(length: number): Stage[] {
  let current = length;
  let stride = 1;
  return factorsOf(length).map((radix) => {
    const span = current / radix;
    const twiddleRe = new Float64Array(span * (radix - 1));
    const twiddleIm = new Float64Array(span * (radix - 1));
    for (let p = 0; p < span; p++) {
      for (let j = 1; j < radix; j++) {
        const angle = (-2 * Math.PI * p * j) / current;
        twiddleRe[p * (radix - 1) + j - 1] = Math.cos(angle);
        twiddleIm[p * (radix - 1) + j - 1] = Math.sin(angle);
      }
    }
    const stage: Stage = { radix, span, stride, twiddleRe, twiddleIm };
    current = span;
    stride *= radix;
    return stage;
  });
}

/** Runs one stage from the x to the y arrays (real and imaginary parts apart). */
export type Butterfly = (
  stage: Stage,
  xRe: Float64Array,
  xIm: Float64Array,
  yRe: Float64Array,
  yIm: Float64Array,
) => void;

const radix2: Butterfly = ({ span, stride, twiddleRe, twiddleIm }, xRe, xIm, yRe, yIm) => {
  const leap = span * stride;
  for (let p = 0; p < span; p++) {
    const wr = twiddleRe[p] as number;
    const wi = twiddleIm[p] as number;
    const from = p * stride;
    const to = 2 * from;
    for (let q = 0; q < stride; q++) {
      const ar = xRe[from + q] as number;
      const ai = xIm[from + q] as number;
      const br = xRe[from + q + leap] as number;
      const bi = xIm[from + q + leap] as number;
      const dr = ar - br;
      const di = ai - bi;
      yRe[to + q] = ar + br;
      yIm[to + q] = ai + bi;
      yRe[to + q + stride] = dr * wr - di * wi;
      yIm[to + q + stride] = dr * wi + di * wr;
    }
  }
};

const sin60 = Math.sqrt(3) / 2;

const radix3: Butterfly = ({ span, stride, twiddleRe, twiddleIm }, xRe, xIm, yRe, yIm) => {
  const leap = span * stride;
  for (let p = 0; p < span; p++) {
    const w1r = twiddleRe[2 * p] as number;
    const w1i = twiddleIm[2 * p] as number;
    const w2r = twiddleRe[2 * p + 1] as number;
    const w2i = twiddleIm[2 * p + 1] as number;
    const from = p * stride;
    const to = 3 * from;
    for (let q = 0; q < stride; q++) {
      const ar = xRe[from + q] as number;
      const ai = xIm[from + q] as number;
      const br = xRe[from + q + leap] as number;
      const bi = xIm[from + q + leap] as number;
      const cr = xRe[from + q + 2 * leap] as number;
      const ci = xIm[from + q + 2 * leap] as number;
      const sumR = br + cr;
      const sumI = bi + ci;
      const midR = ar - 0.5 * sumR;
      const midI = ai - 0.5 * sumI;
      const turnR = sin60 * (bi - ci);
      const turnI = sin60 * (cr - br);
      yRe[to + q] = ar + sumR;
      yIm[to + q] = ai + sumI;
      const ur = midR + turnR;
      const ui = midI + turnI;
      yRe[to + q + stride] = ur * w1r - ui * w1i;
      yIm[to + q + stride] = ur * w1i + ui * w1r;
      const vr = midR - turnR;
      const vi = midI - turnI;
      yRe[to + q + 2 * stride] = vr * w2r - vi * w2i;
      yIm[to + q + 2 * stride] = vr * w2i + vi * w2r;
    }
  }
};

const radix4: Butterfly = ({ span, stride, twiddleRe, twiddleIm }, xRe, xIm, yRe, yIm) => {
  const leap = span * stride;
  for (let p = 0; p < span; p++) {
    const w1r = twiddleRe[3 * p] as number;
    const w1i = twiddleIm[3 * p] as number;
    const w2r = twiddleRe[3 * p + 1] as number;
    const w2i = twiddleIm[3 * p + 1] as number;
    const w3r = twiddleRe[3 * p + 2] as number;
    const w3i = twiddleIm[3 * p + 2] as number;
    const from = p * stride;
    const to = 4 * from;
    for (let q = 0; q < stride; q++) {
      const ar = xRe[from + q] as number;
      const ai = xIm[from + q] as number;
      const br = xRe[from + q + leap] as number;
      const bi = xIm[from + q + leap] as number;
      const cr = xRe[from + q + 2 * leap] as number;
      const ci = xIm[from + q + 2 * leap] as number;
      const dr = xRe[from + q + 3 * leap] as number;
      const di = xIm[from + q + 3 * leap] as number;
      const acSumR = ar + cr;
      const acSumI = ai + ci;
      const acDiffR = ar - cr;
      const acDiffI = ai - ci;
      const bdSumR = br + dr;
      const bdSumI = bi + di;
      // -i (b - d)
      const bdTurnR = bi - di;
      const bdTurnI = dr - br;
      yRe[to + q] = acSumR + bdSumR;
      yIm[to + q] = acSumI + bdSumI;
      const ur = acDiffR + bdTurnR;
      const ui = acDiffI + bdTurnI;
      yRe[to + q + stride] = ur * w1r - ui * w1i;
      yIm[to + q + stride] = ur * w1i + ui * w1r;
      const vr = acSumR - bdSumR;
      const vi = acSumI - bdSumI;
      yRe[to + q + 2 * stride] = vr * w2r - vi * w2i;
      yIm[to + q + 2 * stride] = vr * w2i + vi * w2r;
      const zr = acDiffR - bdTurnR;
      const zi = acDiffI - bdTurnI;
      yRe[to + q + 3 * stride] = zr * w3r - zi * w3i;
      yIm[to + q + 3 * stride] = zr * w3i + zi * w3r;
    }
  }
};

const cos72 = Math.cos((2 * Math.PI) / 5);
const cos144 = Math.cos((4 * Math.PI) / 5);
const sin72 = Math.sin((2 * Math.PI) / 5);
const sin144 = Math.sin((4 * Math.PI) / 5);

const radix5: Butterfly = ({ span, stride, twiddleRe, twiddleIm }, xRe, xIm, yRe, yIm) => {
  const leap = span * stride;
  for (let p = 0; p < span; p++) {
    const w1r = twiddleRe[4 * p] as number;
    const w1i = twiddleIm[4 * p] as number;
    const w2r = twiddleRe[4 * p + 1] as number;
    const w2i = twiddleIm[4 * p + 1] as number;
    const w3r = twiddleRe[4 * p + 2] as number;
    const w3i = twiddleIm[4 * p + 2] as number;
    const w4r = twiddleRe[4 * p + 3] as number;
    const w4i = twiddleIm[4 * p + 3] as number;
    const from = p * stride;
    const to = 5 * from;
    for (let q = 0; q < stride; q++) {
      const ar = xRe[from + q] as number;
      const ai = xIm[from + q] as number;
      const br = xRe[from + q + leap] as number;
      const bi = xIm[from + q + leap] as number;
      const cr = xRe[from + q + 2 * leap] as number;
      const ci = xIm[from + q + 2 * leap] as number;
      const dr = xRe[from + q + 3 * leap] as number;
      const di = xIm[from + q + 3 * leap] as number;
      const er = xRe[from + q + 4 * leap] as number;
      const ei = xIm[from + q + 4 * leap] as number;
      const beSumR = br + er;
      const beSumI = bi + ei;
      const beDiffR = br - er;
      const beDiffI = bi - ei;
      const cdSumR = cr + dr;
      const cdSumI = ci + di;
      const cdDiffR = cr - dr;
      const cdDiffI = ci - di;
      yRe[to + q] = ar + beSumR + cdSumR;
      yIm[to + q] = ai + beSumI + cdSumI;
      const mid1R = ar + cos72 * beSumR + cos144 * cdSumR;
      const mid1I = ai + cos72 * beSumI + cos144 * cdSumI;
      const mid2R = ar + cos144 * beSumR + cos72 * cdSumR;
      const mid2I = ai + cos144 * beSumI + cos72 * cdSumI;
      // -i times the sine parts
      const turn1R = sin72 * beDiffI + sin144 * cdDiffI;
      const turn1I = -(sin72 * beDiffR + sin144 * cdDiffR);
      const turn2R = sin144 * beDiffI - sin72 * cdDiffI;
      const turn2I = -(sin144 * beDiffR - sin72 * cdDiffR);
      const r1 = mid1R + turn1R;
      const i1 = mid1I + turn1I;
      yRe[to + q + stride] = r1 * w1r - i1 * w1i;
      yIm[to + q + stride] = r1 * w1i + i1 * w1r;
      const r2 = mid2R + turn2R;
      const i2 = mid2I + turn2I;
      yRe[to + q + 2 * stride] = r2 * w2r - i2 * w2i;
      yIm[to + q + 2 * stride] = r2 * w2i + i2 * w2r;
      const r3 = mid2R - turn2R;
      const i3 = mid2I - turn2I;
      yRe[to + q + 3 * stride] = r3 * w3r - i3 * w3i;
      yIm[to + q + 3 * stride] = r3 * w3i + i3 * w3r;
      const r4 = mid1R - turn1R;
      const i4 = mid1I - turn1I;
      yRe[to + q + 4 * stride] = r4 * w4r - i4 * w4i;
      yIm[to + q + 4 * stride] = r4 * w4i + i4 * w4r;
    }
  }
};

const butterflies: Readonly<Record<number, Butterfly>> = { 2: radix2, 3: radix3, 4: radix4, 5: radix5 };

/** The code that runs a stage. */
export function butterflyOf(stage: Stage): Butterfly {
  return butterflies[stage.radix] ?? radix2;
}
