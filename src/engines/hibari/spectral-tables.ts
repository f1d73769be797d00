/**
 * Tables for the three functions that the vocoder needs some 400,000 times per second of audio. All interpolate linearly;
 * the errors stay under 2e-5 (−94 dB), far below the noise that the voice itself contains.
 */

const EXP_MIN = -24;
/** The network's log magnitudes are clipped here, as in training. */
const EXP_MAX = 7;
const EXP_STEPS = 128;

const EXP_TABLE = Float32Array.from({ length: (EXP_MAX - EXP_MIN) * EXP_STEPS + 2 }, (_, i) =>
  Math.exp(EXP_MIN + i / EXP_STEPS),
);

/** exp(min(x, 7)); below e^-24 it is e^-24, which no sample format can express. */
export function clippedExp(x: number): number {
  const at = (Math.max(EXP_MIN, Math.min(EXP_MAX, x)) - EXP_MIN) * EXP_STEPS;
  const i = at | 0;
  const low = EXP_TABLE[i] as number;
  return low + ((EXP_TABLE[i + 1] as number) - low) * (at - i);
}

const CIRCLE_STEPS = 1024;
const CIRCLE_MASK = CIRCLE_STEPS - 1;

/** cos and sin of 2πi/1024, interleaved, one step more than a full turn. */
const CIRCLE = Float32Array.from({ length: (CIRCLE_STEPS + 1) * 2 }, (_, i) => {
  const angle = (2 * Math.PI * (i >> 1)) / CIRCLE_STEPS;
  return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
});

const TURN_LIMIT = 6;
const TURN_STEPS = 512;

/** cos and sin of π·tanh(θ) for θ in −6..6, interleaved; beyond, tanh is ±1 within 2e-5. */
const TURN = Float32Array.from({ length: (2 * TURN_LIMIT * TURN_STEPS + 2) * 2 }, (_, i) => {
  const angle = Math.PI * Math.tanh((i >> 1) / TURN_STEPS - TURN_LIMIT);
  return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
});

/** A complex number that the functions below write into, so that none is allocated per bin. */
export type ComplexCell = { re: number; im: number };

/** e^{i·phase} for a phase in radians of at most a few thousand turns. */
export function unitAt(phase: number, cell: ComplexCell): void {
  const at = phase * (CIRCLE_STEPS / (2 * Math.PI));
  const whole = Math.floor(at);
  const rest = at - whole;
  const i = (whole & CIRCLE_MASK) * 2;
  const re = CIRCLE[i] as number;
  const im = CIRCLE[i + 1] as number;
  cell.re = re + ((CIRCLE[i + 2] as number) - re) * rest;
  cell.im = im + ((CIRCLE[i + 3] as number) - im) * rest;
}

/** e^{iπ·tanh(theta)}: the bounded phase rotation of the harmonic part. */
export function unitAtTanh(theta: number, cell: ComplexCell): void {
  const clipped = Math.max(-TURN_LIMIT, Math.min(TURN_LIMIT, theta));
  const at = (clipped + TURN_LIMIT) * TURN_STEPS;
  const whole = at | 0;
  const rest = at - whole;
  const i = whole * 2;
  const re = TURN[i] as number;
  const im = TURN[i + 1] as number;
  cell.re = re + ((TURN[i + 2] as number) - re) * rest;
  cell.im = im + ((TURN[i + 3] as number) - im) * rest;
}
