import createSonicModule, { type SonicModule } from '@echogarden/sonic-wasm';
import { ParleyError } from '../../../audio/error.js';
import { concatSamples, samplesOf } from '../../../audio/frame.js';

/** What Sonic does to speech; 1 leaves each as it is. */
export type SonicChange = {
  /** Times as fast, with the voice as it was. */
  readonly speed?: number;
  /** Times as high, formants with it, as fast as before. */
  readonly pitch?: number;
};

/** Beyond these speech is no longer speech. */
const lowest = 0.4;
const highest = 2.5;
/** Samples of one pass through WebAssembly memory. */
const passSamples = 16_384;
/**
 * Sonic works in whole pitch periods, so its last one may be missing: behind the end it is given the same backwards, and
 * what comes of that is cut off.
 */
const mirrorMs = 80;

let loading: Promise<SonicModule> | undefined;

function loadSonic(): Promise<SonicModule> {
  loading ??= createSonicModule().catch((cause: unknown) => {
    loading = undefined;
    throw new ParleyError('The WebAssembly time stretcher could not be loaded; this Node must support WebAssembly.', {
      code: 'sonic.unavailable',
      cause,
    });
  });
  return loading;
}

/**
 * Stretches time and shifts pitch (Sonic, pitch-synchronous overlap and add).
 * @returns round(n / speed) samples
 * @throws ParleyError `sonic.range` for a change beyond 0.4 to 2.5 times; `sonic.memory`
 */
export async function throughSonic(samples: Float32Array, rateHz: number, change: SonicChange): Promise<Float32Array> {
  const { speed = 1, pitch = 1 } = change;
  for (const [name, value] of Object.entries({ speed, pitch }))
    if (!(value >= lowest && value <= highest))
      throw new ParleyError(
        `Speech cannot be changed to ${value} times its ${name}: expected ${lowest} to ${highest}.`,
        {
          code: 'sonic.range',
          status: 400,
        },
      );
  if (speed === 1 && pitch === 1) return samples.slice();
  const given = mirrored(samples, samplesOf(mirrorMs, rateHz));
  const module = await loadSonic();
  const stream = module._sonicCreateStream(rateHz, 1);
  const buffer = module._malloc(passSamples * 4);
  try {
    if (stream === 0 || buffer === 0) throw memoryError();
    module._sonicSetSpeed(stream, speed);
    module._sonicSetPitch(stream, pitch);
    // The slower, better search for pitch periods: these sounds are made once and used often.
    module._sonicSetQuality(stream, 1);
    const parts: Float32Array[] = [];
    const read = (): void => {
      while (module._sonicSamplesAvailable(stream) > 0) {
        const count = module._sonicReadFloatFromStream(stream, buffer, passSamples);
        if (count <= 0) return;
        parts.push(module.HEAPF32.slice(buffer >> 2, (buffer >> 2) + count));
      }
    };
    for (let at = 0; at < given.length; at += passSamples) {
      const part = given.subarray(at, at + passSamples);
      module.HEAPF32.set(part, buffer >> 2);
      if (module._sonicWriteFloatToStream(stream, buffer, part.length) !== 1) throw memoryError();
      read();
    }
    if (module._sonicFlushStream(stream) !== 1) throw memoryError();
    read();
    const made = new Float32Array(Math.round(samples.length / speed));
    made.set(concatSamples(parts).subarray(0, made.length));
    return made;
  } finally {
    if (stream !== 0) module._sonicDestroyStream(stream);
    module._free(buffer);
  }
}

function mirrored(samples: Float32Array, count: number): Float32Array {
  const longer = new Float32Array(samples.length + count);
  longer.set(samples);
  for (let i = 0; i < Math.min(count, samples.length); i++)
    longer[samples.length + i] = samples[samples.length - 1 - i] as number;
  return longer;
}

function memoryError(): ParleyError {
  return new ParleyError('The time stretcher could not get its memory; give it shorter sounds.', {
    code: 'sonic.memory',
    retryable: true,
    status: 503,
  });
}
