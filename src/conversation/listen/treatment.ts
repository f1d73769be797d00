import { AutoGain } from './auto-gain.js';
import { createDenoiser } from './denoiser.js';
import type { TreatmentSettings } from './treatment-settings.js';

/** What is done to one call's audio. */
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
  const gain = settings.gain && new AutoGain(settings.gain);
  return {
    latencyMs: denoiser?.latencyMs ?? 0,
    process(window) {
      const quiet = denoiser?.process(window) ?? window;
      return gain?.process(quiet) ?? quiet;
    },
    close: () => denoiser?.close(),
  };
}

/** A call's treatment, made when its first audio comes. Where it cannot be made, audio is taken as it is. */
export class CallTreatment {
  readonly #settings: TreatmentSettings;
  readonly #onProblem: (error: Error) => void;
  #making: Promise<Treatment | undefined> | undefined;
  #closed = false;

  constructor(settings: TreatmentSettings, onProblem: (error: Error) => void) {
    this.#settings = settings;
    this.#onProblem = onProblem;
  }

  async process(window: Float32Array): Promise<Float32Array> {
    this.#making ??= createTreatment(this.#settings).catch((error: unknown) => {
      this.#onProblem(error as Error);
      return undefined;
    });
    const treatment = await this.#making;
    return this.#closed ? window : (treatment?.process(window) ?? window);
  }

  close(): void {
    this.#closed = true;
    void this.#making?.then((treatment) => treatment?.close());
  }
}
