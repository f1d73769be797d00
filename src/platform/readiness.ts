import type { Expectation } from './self-test.js';

/** What the server still waits for before it can take calls. */
export class Readiness {
  readonly #loading: string[] = ['start'];
  readonly #restarting = new Set<string>();
  #failure: string | undefined;
  #draining = false;
  /** What the self-test says of this machine, once it is over. */
  expect: Expectation | undefined;

  get ready(): boolean {
    return this.#loading.length === 0 && this.#failure === undefined && !this.#draining;
  }

  get loading(): readonly string[] {
    return this.#loading;
  }

  /** Engines whose host is away for a moment; calls go on and new ones are taken. */
  get restarting(): readonly string[] {
    return [...this.#restarting];
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  /** Does one step of starting up, which is listed while it lasts. */
  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#loading.push(name);
    const result = await work();
    this.#loading.splice(this.#loading.indexOf(name), 1);
    return result;
  }

  down(engine: string): void {
    this.#restarting.add(engine);
  }

  up(engine: string): void {
    this.#restarting.delete(engine);
  }

  done(): void {
    this.#loading.length = 0;
  }

  /** Takes no new calls any more; those under way go on. */
  drain(): void {
    this.#draining = true;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Ready no more, for good. The first reason stays. */
  fail(reason: string): void {
    this.#failure ??= reason;
  }
}
