import createRnnoiseModule, { type RnnoiseModule } from '@echogarden/rnnoise-wasm';
import { concatSamples } from '../../audio/frame.js';
import { createResampler } from '../../audio/resample.js';
import { ParleyError } from '../../ports/errors.js';
import { vadRateHz } from '../../ports/voice-activity.js';

/** What RNNoise works at, and its frame. */
const networkRateHz = 48_000;
const frameSamples = 480;
/** RNNoise takes floats at the scale of 16-bit integers. */
const scale = 32_768;
/** RNNoise gives each frame back with the next one: its windows overlap by half. */
const overlapSamples = frameSamples;

let loading: Promise<RnnoiseModule> | undefined;

function loadRnnoise(): Promise<RnnoiseModule> {
  loading ??= createRnnoiseModule().catch((cause: unknown) => {
    loading = undefined;
    throw new ParleyError('The WebAssembly noise suppressor could not be loaded; this Node must support WebAssembly.', {
      code: 'denoise.unavailable',
      cause,
    });
  });
  return loading;
}

/** Takes noise away from one stream. It holds WebAssembly memory until `close()`. */
export type Denoiser = {
  /** How much later each sound comes out. */
  readonly latencyMs: number;
  /** Takes the next samples at 16 kHz and returns as many, later by {@link latencyMs}. */
  process(samples: Float32Array): Float32Array;
  /** May be called more than once. */
  close(): void;
};

/**
 * Opens RNNoise (Valin 2018) for 16 kHz: it works at 48 kHz, so each sample is resampled there and back.
 * @throws ParleyError `denoise.unavailable`, `denoise.memory`
 */
export async function createDenoiser(): Promise<Denoiser> {
  const module = await loadRnnoise();
  const up = await createResampler({ fromHz: vadRateHz, toHz: networkRateHz });
  const down = await createResampler({ fromHz: networkRateHz, toHz: vadRateHz });
  const state = module._rnnoise_create(0);
  const buffer = module._malloc(frameSamples * 4);
  const free = (): void => {
    if (state !== 0) module._rnnoise_destroy(state);
    module._free(buffer);
    up.close();
    down.close();
  };
  if (state === 0 || buffer === 0) {
    free();
    throw new ParleyError('The noise suppressor could not get its memory; close calls that have ended.', {
      code: 'denoise.memory',
      retryable: true,
      status: 503,
    });
  }
  /** At 48 kHz, less than a frame. */
  let waiting = new Float32Array(0);
  // What has gone in comes out in whole frames: one frame of silence in front, and there is always enough.
  let ready: Float32Array = new Float32Array(frameSamples / 3);
  let closed = false;

  const frame = (samples: Float32Array): Float32Array => {
    const at = buffer >> 2;
    for (let i = 0; i < frameSamples; i++) module.HEAPF32[at + i] = (samples[i] as number) * scale;
    module._rnnoise_process_frame(state, buffer, buffer);
    return module.HEAPF32.slice(at, at + frameSamples).map((sample) => sample / scale);
  };

  return {
    latencyMs:
      (up.latencySamples / networkRateHz +
        down.latencySamples / vadRateHz +
        (frameSamples + overlapSamples) / networkRateHz) *
      1000,
    process(samples) {
      if (closed) throw new ParleyError('This noise suppressor is closed.', { code: 'denoise.closed' });
      waiting = Float32Array.from(concatSamples([waiting, up.process(samples)]));
      const made: Float32Array[] = [ready];
      let at = 0;
      for (; at + frameSamples <= waiting.length; at += frameSamples)
        made.push(down.process(frame(waiting.subarray(at, at + frameSamples))));
      waiting = waiting.slice(at);
      const all = concatSamples(made);
      ready = all.slice(samples.length);
      return all.slice(0, samples.length);
    },
    close() {
      if (closed) return;
      closed = true;
      free();
    },
  };
}
