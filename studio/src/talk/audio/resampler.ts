/** Zero crossings of the sinc on each side: about 0.7 ms of delay at 24 kHz, and images below -60 dB. */
const zeroCrossings = 16;
/** Share of the narrower band that is kept; the rest is the filter's transition. */
const passBand = 0.92;

export type Resampler = {
  /** @returns as many samples at the new rate as can be told so far */
  push(samples: Float32Array): Float32Array;
  reset(): void;
};

/**
 * A streaming resampler between two whole rates: a windowed sinc (Hann) in polyphase form.
 * Used only where the browser refuses an audio context at the wire's rate.
 */
export function createResampler(fromHz: number, toHz: number): Resampler {
  if (fromHz === toHz) return { push: (samples) => samples, reset() {} };
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const phases = toHz / divisor;
  const step = fromHz / divisor;
  const cutoff = Math.min(1, toHz / fromHz) * passBand;
  const halfTaps = Math.ceil(zeroCrossings / cutoff);
  const kernel = buildKernel(phases, halfTaps, cutoff);
  const taps = 2 * halfTaps;

  let history = new Float32Array(taps - 1);
  let phase = 0;
  let next = 0;

  return {
    push(samples) {
      const input = new Float32Array(history.length + samples.length);
      input.set(history);
      input.set(samples, history.length);
      const output: number[] = [];
      while (next + taps <= input.length) {
        let sum = 0;
        const row = phase * taps;
        for (let tap = 0; tap < taps; tap++) sum += (kernel[row + tap] as number) * (input[next + tap] as number);
        output.push(sum);
        phase += step;
        next += Math.floor(phase / phases);
        phase %= phases;
      }
      const keepFrom = Math.min(next, input.length);
      history = input.slice(keepFrom);
      next -= keepFrom;
      return Float32Array.from(output);
    },
    reset() {
      history = new Float32Array(taps - 1);
      phase = 0;
      next = 0;
    },
  };
}

function buildKernel(phases: number, halfTaps: number, cutoff: number): Float32Array {
  const taps = 2 * halfTaps;
  const kernel = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    const row = kernel.subarray(phase * taps, (phase + 1) * taps);
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - (halfTaps - 1) - phase / phases;
      const x = Math.PI * cutoff * distance;
      const sinc = x === 0 ? 1 : Math.sin(x) / x;
      const window = 0.5 + 0.5 * Math.cos((Math.PI * distance) / halfTaps);
      row[tap] = Math.abs(distance) >= halfTaps ? 0 : sinc * window;
    }
    // Each phase has to pass a constant unchanged, or the phases would modulate the signal.
    const sum = row.reduce((total, value) => total + value, 0);
    for (let tap = 0; tap < taps; tap++) row[tap] = (row[tap] as number) / sum;
  }
  return kernel;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
