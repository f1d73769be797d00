import { ParleyError } from '../../ports/errors.js';

/** The names of a model that a client may ask for. */
export type NamedModel = {
  /** How it is called in lists of models. */
  readonly id: string;
  /** Who made it, for lists of models. */
  readonly ownedBy: string;
  /** Names of other products that mean this one here, so that their clients need not be changed. */
  readonly aliases: readonly string[];
};

/** A model that a client may ask for by its name. */
export type NamedEngine<E> = NamedModel & {
  /** May be made when it is first read. */
  readonly engine: E;
};

/** The models of one job; the first one answers whoever names none. */
export class EngineTable<E> {
  readonly #job: string;
  readonly #entries: readonly NamedEngine<E>[];

  /** @param job in words, for messages: "speech" */
  constructor(job: string, entries: readonly NamedEngine<E>[]) {
    this.#job = job;
    this.#entries = entries;
  }

  get entries(): readonly NamedEngine<E>[] {
    return this.#entries;
  }

  /** @throws ParleyError `model.unknown` (404), with the names that there are */
  find(model: string | undefined): NamedEngine<E> {
    const found =
      model === undefined
        ? this.#entries[0]
        : (this.#entries.find(({ id }) => id === model) ??
          this.#entries.find(({ aliases }) => aliases.includes(model)));
    if (found) return found;
    const known = this.#entries.flatMap(({ id, aliases }) => [id, ...aliases]).join(', ') || 'none';
    const asked = model === undefined ? 'no model' : `no model "${model.slice(0, 100)}"`;
    throw new ParleyError(`There is ${asked} for ${this.#job}; there are: ${known}.`, {
      code: 'model.unknown',
      status: 404,
    });
  }
}
