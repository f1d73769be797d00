import { catalogue, type ModelJob, type ModelSpec, modelBytes } from '../models/catalogue.js';
import type { ModelProgress } from '../models/progress-event.js';

/** One model that this server runs, and how much of it has arrived. */
export type ModelInUse = {
  readonly id: string;
  readonly job: ModelJob;
  readonly name: string;
  /** SPDX identifier. */
  readonly licence: string;
  /** Of its files on disk. */
  readonly bytes: number;
  /** Of `bytes`: estimated while an archive arrives, which packs the files more tightly. */
  readonly receivedBytes: number;
  readonly state: 'waiting' | 'downloading' | 'verifying' | 'installed';
};

type Arrival = { readonly share: number; readonly phase: ModelProgress['phase'] };

/** Which models the server runs, and how far their download is. */
export class ModelsInUse {
  readonly #specs: readonly ModelSpec[];
  readonly #arrivals = new Map<string, Arrival>();
  #installed = false;

  constructor(ids: readonly string[]) {
    this.#specs = catalogue.filter(({ id }) => ids.includes(id));
  }

  onProgress(progress: ModelProgress): void {
    if (progress.file === '') return;
    const { receivedBytes, totalBytes, phase } = progress;
    const arrived = phase === 'done' || phase === 'verifying';
    const share = arrived ? 1 : totalBytes === 0 ? 0 : Math.min(1, receivedBytes / totalBytes);
    this.#arrivals.set(`${progress.model}/${progress.file}`, { share, phase });
  }

  /** All files are in their place: those that were there before were never reported. */
  installed(): void {
    this.#installed = true;
  }

  view(): readonly ModelInUse[] {
    return this.#specs.map((spec) => {
      const { id, job, name, licence } = spec;
      const bytes = modelBytes(spec);
      return { id, job, name, licence, bytes, ...this.#progressOf(spec, bytes) };
    });
  }

  #progressOf(spec: ModelSpec, bytes: number): Pick<ModelInUse, 'receivedBytes' | 'state'> {
    if (this.#installed) return { receivedBytes: bytes, state: 'installed' };
    const files = spec.files.map((file) => ({ ...file, arrival: this.#arrivals.get(`${spec.id}/${file.name}`) }));
    if (files.every(({ arrival }) => arrival?.phase === 'done')) return { receivedBytes: bytes, state: 'installed' };
    const received = files.reduce((sum, file) => sum + file.bytes * (file.arrival?.share ?? 0), 0);
    const phases = files.flatMap(({ arrival }) => (arrival ? [arrival.phase] : []));
    const state = phases.includes('verifying') ? 'verifying' : phases.length > 0 ? 'downloading' : 'waiting';
    return { receivedBytes: Math.round(received), state };
  }
}
