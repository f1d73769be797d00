/** Transform length of the vocoder: 50 ms at 24 kHz. */
const SIZE = 1200;
const HALF = SIZE / 2;

/** Bins of a real transform of 1,200 samples, 0 Hz and Nyquist included. */
export const SPECTRUM_BINS = HALF + 1;

/** Radix of each pass; their product is 600. Small strides first, where the wide butterflies gain most. */
const RADICES = [5, 5, 4, 3, 2] as const;

type Pass = { readonly radix: number; readonly groups: number; readonly stride: number; readonly twiddles: Float64Array };

/**
 * Real discrete Fourier transform of 1,200 samples in both directions. The samples are packed in pairs into a complex
 * transform of 600 (self-sorting Stockham passes of radix 5, 5, 4, 3, 2), which halves the work. A power-of-two library
 * cannot serve: the network was trained with this window length.
 *
 * One instance owns its scratch memory: use it from one caller at a time.
 */
export class RealFft1200 {
  private readonly passes: readonly Pass[];
  private readonly unpack: Float64Array;
  private readonly front = new Float64Array(SIZE);
  private readonly back = new Float64Array(SIZE);

  constructor() {
    const passes: Pass[] = [];
    let length = HALF;
    let stride = 1;
    for (const radix of RADICES) {
      const groups = length / radix;
      const twiddles = new Float64Array(groups * (radix - 1) * 2);
      for (let p = 0; p < groups; p++) {
        for (let k = 1; k < radix; k++) {
          const angle = (-2 * Math.PI * p * k) / length;
          const at = (p * (radix - 1) + k - 1) * 2;
          twiddles[at] = Math.cos(angle);
          twiddles[at + 1] = Math.sin(angle);
        }
      }
      passes.push({ radix, groups, stride, twiddles });
      length = groups;
      stride *= radix;
    }
    this.passes = passes;
    this.unpack = new Float64Array((HALF + 1) * 2);
    for (let k = 0; k <= HALF; k++) {
      const angle = (-2 * Math.PI * k) / SIZE;
      this.unpack[2 * k] = Math.cos(angle);
      this.unpack[2 * k + 1] = Math.sin(angle);
    }
  }

  /**
   * Forward transform, not scaled: X[k] = Σ x[n]·e^(-2πikn/1200).
   * @param samples 1,200 real samples
   * @param spectrum receives 601 complex bins, interleaved (1,202 numbers)
   */
  forward(samples: Float64Array, spectrum: Float64Array): void {
    this.front.set(samples);
    const z = this.transform();
    const w = this.unpack;
    for (let k = 0; k <= HALF; k++) {
      const a = 2 * (k === HALF ? 0 : k);
      const b = 2 * (k === 0 ? 0 : HALF - k);
      const ar = z[a] as number;
      const ai = z[a + 1] as number;
      const br = z[b] as number;
      const bi = -(z[b + 1] as number);
      const evenRe = 0.5 * (ar + br);
      const evenIm = 0.5 * (ai + bi);
      const oddRe = 0.5 * (ai - bi);
      const oddIm = -0.5 * (ar - br);
      const wr = w[2 * k] as number;
      const wi = w[2 * k + 1] as number;
      spectrum[2 * k] = evenRe + wr * oddRe - wi * oddIm;
      spectrum[2 * k + 1] = evenIm + wr * oddIm + wi * oddRe;
    }
  }

  /**
   * Inverse of {@link forward}, scaled by 1/1200. The imaginary parts of bins 0 and 600 are ignored.
   * @param spectrum 601 complex bins, interleaved
   * @param samples receives 1,200 real samples
   */
  inverse(spectrum: Float64Array, samples: Float64Array): void {
    const w = this.unpack;
    const z = this.front;
    const scale = 1 / SIZE;
    for (let k = 0; k < HALF; k++) {
      const mirror = HALF - k;
      const ar = spectrum[2 * k] as number;
      const ai = k === 0 ? 0 : (spectrum[2 * k + 1] as number);
      const br = spectrum[2 * mirror] as number;
      const bi = k === 0 ? 0 : -(spectrum[2 * mirror + 1] as number);
      const evenRe = ar + br;
      const evenIm = ai + bi;
      const diffRe = ar - br;
      const diffIm = ai - bi;
      const wr = w[2 * k] as number;
      const wi = -(w[2 * k + 1] as number);
      const oddRe = diffRe * wr - diffIm * wi;
      const oddIm = diffRe * wi + diffIm * wr;
      // Conjugated on the way in and out, so that the forward passes serve as the inverse.
      z[2 * k] = (evenRe - oddIm) * scale;
      z[2 * k + 1] = -(evenIm + oddRe) * scale;
    }
    const out = this.transform();
    for (let j = 0; j < SIZE; j += 2) {
      samples[j] = out[j] as number;
      samples[j + 1] = -(out[j + 1] as number);
    }
  }

  private transform(): Float64Array {
    let from = this.front;
    let to = this.back;
    for (const pass of this.passes) {
      if (pass.radix === 5) radix5(from, to, pass);
      else if (pass.radix === 4) radix4(from, to, pass);
      else if (pass.radix === 3) radix3(from, to, pass);
      else radix2(from, to, pass);
      const next = from;
      from = to;
      to = next;
    }
    return from;
  }
}

function radix2(from: Float64Array, to: Float64Array, { groups, stride, twiddles }: Pass): void {
  const leg = 2 * stride * groups;
  for (let p = 0; p < groups; p++) {
    const wr = twiddles[2 * p] as number;
    const wi = twiddles[2 * p + 1] as number;
    let read = 2 * stride * p;
    let write = 4 * stride * p;
    for (let q = 0; q < stride; q++, read += 2, write += 2) {
      const ar = from[read] as number;
      const ai = from[read + 1] as number;
      const br = from[read + leg] as number;
      const bi = from[read + leg + 1] as number;
      to[write] = ar + br;
      to[write + 1] = ai + bi;
      const dr = ar - br;
      const di = ai - bi;
      to[write + 2 * stride] = dr * wr - di * wi;
      to[write + 2 * stride + 1] = dr * wi + di * wr;
    }
  }
}

const SIN_60 = Math.sqrt(3) / 2;

function radix3(from: Float64Array, to: Float64Array, { groups, stride, twiddles }: Pass): void {
  const leg = 2 * stride * groups;
  const step = 2 * stride;
  for (let p = 0; p < groups; p++) {
    const w1r = twiddles[4 * p] as number;
    const w1i = twiddles[4 * p + 1] as number;
    const w2r = twiddles[4 * p + 2] as number;
    const w2i = twiddles[4 * p + 3] as number;
    let read = step * p;
    let write = 3 * step * p;
    for (let q = 0; q < stride; q++, read += 2, write += 2) {
      const ar = from[read] as number;
      const ai = from[read + 1] as number;
      const br = from[read + leg] as number;
      const bi = from[read + leg + 1] as number;
      const cr = from[read + 2 * leg] as number;
      const ci = from[read + 2 * leg + 1] as number;
      const sr = br + cr;
      const si = bi + ci;
      const mr = ar - 0.5 * sr;
      const mi = ai - 0.5 * si;
      const nr = SIN_60 * (bi - ci);
      const ni = -SIN_60 * (br - cr);
      to[write] = ar + sr;
      to[write + 1] = ai + si;
      const xr = mr + nr;
      const xi = mi + ni;
      to[write + step] = xr * w1r - xi * w1i;
      to[write + step + 1] = xr * w1i + xi * w1r;
      const yr = mr - nr;
      const yi = mi - ni;
      to[write + 2 * step] = yr * w2r - yi * w2i;
      to[write + 2 * step + 1] = yr * w2i + yi * w2r;
    }
  }
}

function radix4(from: Float64Array, to: Float64Array, { groups, stride, twiddles }: Pass): void {
  const leg = 2 * stride * groups;
  const step = 2 * stride;
  for (let p = 0; p < groups; p++) {
    const w1r = twiddles[6 * p] as number;
    const w1i = twiddles[6 * p + 1] as number;
    const w2r = twiddles[6 * p + 2] as number;
    const w2i = twiddles[6 * p + 3] as number;
    const w3r = twiddles[6 * p + 4] as number;
    const w3i = twiddles[6 * p + 5] as number;
    let read = step * p;
    let write = 4 * step * p;
    for (let q = 0; q < stride; q++, read += 2, write += 2) {
      const ar = from[read] as number;
      const ai = from[read + 1] as number;
      const br = from[read + leg] as number;
      const bi = from[read + leg + 1] as number;
      const cr = from[read + 2 * leg] as number;
      const ci = from[read + 2 * leg + 1] as number;
      const dr = from[read + 3 * leg] as number;
      const di = from[read + 3 * leg + 1] as number;
      const sacr = ar + cr;
      const saci = ai + ci;
      const dacr = ar - cr;
      const daci = ai - ci;
      const sbdr = br + dr;
      const sbdi = bi + di;
      const dbdr = bi - di;
      const dbdi = dr - br;
      to[write] = sacr + sbdr;
      to[write + 1] = saci + sbdi;
      const xr = dacr + dbdr;
      const xi = daci + dbdi;
      to[write + step] = xr * w1r - xi * w1i;
      to[write + step + 1] = xr * w1i + xi * w1r;
      const yr = sacr - sbdr;
      const yi = saci - sbdi;
      to[write + 2 * step] = yr * w2r - yi * w2i;
      to[write + 2 * step + 1] = yr * w2i + yi * w2r;
      const zr = dacr - dbdr;
      const zi = daci - dbdi;
      to[write + 3 * step] = zr * w3r - zi * w3i;
      to[write + 3 * step + 1] = zr * w3i + zi * w3r;
    }
  }
}

const COS_72 = Math.cos((2 * Math.PI) / 5);
const SIN_72 = Math.sin((2 * Math.PI) / 5);
const COS_144 = Math.cos((4 * Math.PI) / 5);
const SIN_144 = Math.sin((4 * Math.PI) / 5);

function radix5(from: Float64Array, to: Float64Array, { groups, stride, twiddles }: Pass): void {
  const leg = 2 * stride * groups;
  const step = 2 * stride;
  for (let p = 0; p < groups; p++) {
    const w1r = twiddles[8 * p] as number;
    const w1i = twiddles[8 * p + 1] as number;
    const w2r = twiddles[8 * p + 2] as number;
    const w2i = twiddles[8 * p + 3] as number;
    const w3r = twiddles[8 * p + 4] as number;
    const w3i = twiddles[8 * p + 5] as number;
    const w4r = twiddles[8 * p + 6] as number;
    const w4i = twiddles[8 * p + 7] as number;
    let read = step * p;
    let write = 5 * step * p;
    for (let q = 0; q < stride; q++, read += 2, write += 2) {
      const ar = from[read] as number;
      const ai = from[read + 1] as number;
      const br = from[read + leg] as number;
      const bi = from[read + leg + 1] as number;
      const cr = from[read + 2 * leg] as number;
      const ci = from[read + 2 * leg + 1] as number;
      const dr = from[read + 3 * leg] as number;
      const di = from[read + 3 * leg + 1] as number;
      const er = from[read + 4 * leg] as number;
      const ei = from[read + 4 * leg + 1] as number;
      const s1r = br + er;
      const s1i = bi + ei;
      const s2r = cr + dr;
      const s2i = ci + di;
      const d1r = br - er;
      const d1i = bi - ei;
      const d2r = cr - dr;
      const d2i = ci - di;
      to[write] = ar + s1r + s2r;
      to[write + 1] = ai + s1i + s2i;
      const m1r = ar + COS_72 * s1r + COS_144 * s2r;
      const m1i = ai + COS_72 * s1i + COS_144 * s2i;
      const m2r = ar + COS_144 * s1r + COS_72 * s2r;
      const m2i = ai + COS_144 * s1i + COS_72 * s2i;
      const n1r = SIN_72 * d1i + SIN_144 * d2i;
      const n1i = -SIN_72 * d1r - SIN_144 * d2r;
      const n2r = SIN_144 * d1i - SIN_72 * d2i;
      const n2i = -SIN_144 * d1r + SIN_72 * d2r;
      const x1r = m1r + n1r;
      const x1i = m1i + n1i;
      to[write + step] = x1r * w1r - x1i * w1i;
      to[write + step + 1] = x1r * w1i + x1i * w1r;
      const x2r = m2r + n2r;
      const x2i = m2i + n2i;
      to[write + 2 * step] = x2r * w2r - x2i * w2i;
      to[write + 2 * step + 1] = x2r * w2i + x2i * w2r;
      const x3r = m2r - n2r;
      const x3i = m2i - n2i;
      to[write + 3 * step] = x3r * w3r - x3i * w3i;
      to[write + 3 * step + 1] = x3r * w3i + x3i * w3r;
      const x4r = m1r - n1r;
      const x4i = m1i - n1i;
      to[write + 4 * step] = x4r * w4r - x4i * w4i;
      to[write + 4 * step + 1] = x4r * w4i + x4i * w4r;
    }
  }
}
