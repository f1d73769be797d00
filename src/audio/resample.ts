import createSpeexModule, { type SpeexResamplerModule } from '@echogarden/speex-resampler-wasm/simd';
import { ParleyError } from './error.js';

/** Lowest and highest sample rate that the resampler takes, in Hz. */
export const minResampleHz = 4_000;
export const maxResampleHz = 192_000;

/** Of 0..10. Measured 48 -> 16 kHz: 5 keeps a 9 kHz alias below -120 dB, 3 only below -88 dB, at little less cost. */
const quality = 5;

/** Samples of one pass through WebAssembly memory, whichever side is longer. */
const passSamples = 8_192;

/** Passes of a one-shot conversion between two returns to the event loop: about 5 ms of work. */
const passesPerSlice = 16;

/** Converts one mono stream from one rate to another. It holds WebAssembly memory until `close()`. */
export type Resampler = {
  readonly fromHz: number;
  readonly toHz: number;
  /** Delay of the output in output samples (under 5 ms for speech rates); 0 when the rates are equal. */
  readonly latencySamples: number;
  /**
   * Takes the next samples of the stream and returns what they complete, in a new array. After n samples in all,
   * ceil(n * toHz / fromHz) have been returned in all, from the first call on.
   */
  process(samples: Float32Array): Float32Array;
  /** Returns the `latencySamples` that are still inside and makes the resampler ready for another stream. */
  flush(): Float32Array;
  /** Frees the memory. May be called more than once; `process` and `flush` throw afterwards. */
  close(): void;
};

/** @throws ParleyError `resample.rate` unless `rateHz` is a whole number within the supported range. */
function assertRate(rateHz: number): void {
  if (Number.isInteger(rateHz) && rateHz >= minResampleHz && rateHz <= maxResampleHz) return;
  throw new ParleyError(
    `Cannot resample a rate of ${rateHz} Hz: expected a whole number from ${minResampleHz} to ${maxResampleHz}.`,
    { code: 'resample.rate', status: 400 },
  );
}

let loading: Promise<SpeexResamplerModule> | undefined;

/** One WebAssembly instance serves every resampler of the process; their states are separate. */
function loadSpeex(): Promise<SpeexResamplerModule> {
  loading ??= createSpeexModule().catch((cause: unknown) => {
    loading = undefined;
    throw new ParleyError(
      'The WebAssembly resampler could not be loaded; this Node build must support WebAssembly SIMD.',
      { code: 'resample.unavailable', cause },
    );
  });
  return loading;
}

/** A Speex state with its transfer buffers in WebAssembly memory. */
type SpeexState = {
  readonly module: SpeexResamplerModule;
  readonly state: number;
  readonly lengths: number;
  readonly input: number;
  readonly output: number;
  readonly inputCapacity: number;
  readonly outputCapacity: number;
};

function openState(module: SpeexResamplerModule, fromHz: number, toHz: number): SpeexState {
  const inputCapacity = Math.max(64, Math.floor(passSamples * Math.min(1, fromHz / toHz)));
  const outputCapacity = Math.ceil((inputCapacity * toHz) / fromHz) + 2;
  const lengths = module._malloc(8);
  const input = module._malloc(inputCapacity * 4);
  const output = module._malloc(outputCapacity * 4);
  const state = lengths && input && output ? module._speex_resampler_init(1, fromHz, toHz, quality, lengths) : 0;
  if (state === 0) {
    for (const pointer of [lengths, input, output]) module._free(pointer);
    throw new ParleyError(
      `The resampler from ${fromHz} to ${toHz} Hz could not get its memory; close streams that have ended.`,
      { code: 'resample.memory', retryable: true, status: 503 },
    );
  }
  return { module, state, lengths, input, output, inputCapacity, outputCapacity };
}

function closeState({ module, state, lengths, input, output }: SpeexState): void {
  module._speex_resampler_destroy(state);
  for (const pointer of [lengths, input, output]) module._free(pointer);
}

/**
 * Passes `count` samples from `samples[from]` on (zeros beyond its end) and writes the result to `target[to]` on, as
 * far as it goes. Returns how many samples came out.
 */
function pass(
  speex: SpeexState,
  samples: Float32Array,
  from: number,
  count: number,
  target: Float32Array,
  to: number,
): number {
  const { module, lengths, input, output } = speex;
  const end = Math.min(samples.length, from + count);
  const available = Math.max(0, end - from);
  if (available > 0) module.HEAPF32.set(samples.subarray(from, end), input >> 2);
  if (available < count) module.HEAPF32.fill(0, (input >> 2) + available, (input >> 2) + count);
  module.HEAPU32[lengths >> 2] = count;
  module.HEAPU32[(lengths >> 2) + 1] = speex.outputCapacity;
  const status = module._speex_resampler_process_float(speex.state, 0, input, lengths, output, lengths + 4);
  const consumed = module.HEAPU32[lengths >> 2];
  const made = module.HEAPU32[(lengths >> 2) + 1] as number;
  if (status !== 0 || consumed !== count) {
    throw new ParleyError(`The resampler took ${consumed} of ${count} samples (status ${status}).`, {
      code: 'resample.failed',
    });
  }
  const kept = Math.min(made, target.length - to);
  if (kept > 0) target.set(module.HEAPF32.subarray(output >> 2, (output >> 2) + kept), to);
  return made;
}

/** Input samples that push the last real one through the filter: half the filter's length. */
function inputLatency(speex: SpeexState): number {
  return speex.module._speex_resampler_get_input_latency(speex.state);
}

function closedError(): ParleyError {
  return new ParleyError('This resampler is closed: create a new one for another stream.', {
    code: 'resample.closed',
  });
}

/** For equal rates: hands out copies, so that callers may treat both kinds alike. */
function identityResampler(rateHz: number): Resampler {
  let closed = false;
  const assertOpen = (): void => {
    if (closed) throw closedError();
  };
  return {
    fromHz: rateHz,
    toHz: rateHz,
    latencySamples: 0,
    process(samples) {
      assertOpen();
      return samples.slice();
    },
    flush() {
      assertOpen();
      return new Float32Array(0);
    },
    close() {
      closed = true;
    },
  };
}

/**
 * Opens a streaming resampler (Speex, windowed sinc, quality 5).
 *
 * @throws ParleyError `resample.rate` for a rate outside 4,000..192,000 Hz; `resample.memory` when memory is out.
 */
export async function createResampler(rates: { readonly fromHz: number; readonly toHz: number }): Promise<Resampler> {
  const { fromHz, toHz } = rates;
  assertRate(fromHz);
  assertRate(toHz);
  if (fromHz === toHz) return identityResampler(fromHz);
  const speex = openState(await loadSpeex(), fromHz, toHz);
  const latencySamples = speex.module._speex_resampler_get_output_latency(speex.state);
  let taken = 0;
  let given = 0;
  let closed = false;

  /** Counting in whole samples since the start keeps the sum exact for ever (2^53 / 192,000 Hz is 1,400 years). */
  const outputAfter = (inputs: number): number => Math.ceil((inputs * toHz) / fromHz);

  const run = (samples: Float32Array, count: number): Float32Array => {
    const made = new Float32Array(outputAfter(taken + count) - given);
    let filled = 0;
    for (let from = 0; from < count; from += speex.inputCapacity) {
      filled += pass(speex, samples, from, Math.min(speex.inputCapacity, count - from), made, filled);
    }
    taken += count;
    given += filled;
    return filled === made.length ? made : made.slice(0, filled);
  };

  return {
    fromHz,
    toHz,
    latencySamples,
    process(samples) {
      if (closed) throw closedError();
      return run(samples, samples.length);
    },
    flush() {
      if (closed) throw closedError();
      const total = outputAfter(taken) + latencySamples;
      const tail =
        taken === 0 ? new Float32Array(0) : run(new Float32Array(0), inputLatency(speex) + Math.ceil(fromHz / toHz));
      const excess = Math.max(0, given - total);
      speex.module._speex_resampler_reset_mem(speex.state);
      taken = 0;
      given = 0;
      return excess === 0 ? tail : tail.slice(0, Math.max(0, tail.length - excess));
    },
    close() {
      if (closed) return;
      closed = true;
      closeState(speex);
    },
  };
}

/**
 * Converts a whole recording. The result has round(n * toHz / fromHz) samples and is aligned with the input: the
 * filter's delay is taken out. Returns to the event loop between slices, so a long recording does not hold it up.
 *
 * @throws ParleyError as {@link createResampler}.
 */
export async function resample(samples: Float32Array, fromHz: number, toHz: number): Promise<Float32Array> {
  assertRate(fromHz);
  assertRate(toHz);
  if (fromHz === toHz) return samples.slice();
  const result = new Float32Array(Math.round((samples.length * toHz) / fromHz));
  if (result.length === 0) return result;
  const speex = openState(await loadSpeex(), fromHz, toHz);
  try {
    speex.module._speex_resampler_skip_zeros(speex.state);
    let filled = 0;
    let passes = 0;
    for (let from = 0; filled < result.length; from += speex.inputCapacity) {
      filled += pass(speex, samples, from, speex.inputCapacity, result, filled);
      passes += 1;
      if (passes % passesPerSlice === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return result;
  } finally {
    closeState(speex);
  }
}
