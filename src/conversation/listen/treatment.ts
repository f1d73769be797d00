import { AutoGain, type AutoGainSettings, defaultAutoGain } from './auto-gain.js';
import { createDenoiser } from './denoiser.js';

/** What is done to a caller's audio before it is listened to. Recordings keep it as it came. */
export type TreatmentSettings = {
  /** Automatic gain. @defaultValue false */
  readonly gain: boolean;
  /** Noise suppression, in front of the gain. @defaultValue false */
  readonly denoise: boolean;
  /** @defaultValue {@link defaultAutoGain} */
  readonly autoGain?: AutoGainSettings;
};

export const defaultTreatment = { gain: false, denoise: false } as const satisfies TreatmentSettings;

/** One call's. */
export type Treatment = {
  /** How much later each sound is listened to. */
  readonly latencyMs: number;
  /** Takes the next window (32 ms at 16 kHz) and returns one. */
  process(window: Float32Array): Float32Array;
  /** May be called more than once. */
  close(): void;
};

/** @throws ParleyError as `createDenoiser` */
export async function createTreatment(settings: TreatmentSettings): Promise<Treatment> {
  const denoiser = settings.denoise ? await createDenoiser() : undefined;
  const gain = settings.gain ? new AutoGain(settings.autoGain ?? defaultAutoGain) : undefined;
  return {
    latencyMs: denoiser?.latencyMs ?? 0,
    process(window) {
      const quiet = denoiser?.process(window) ?? window;
      return gain?.process(quiet) ?? quiet;
    },
    close: () => denoiser?.close(),
  };
}
