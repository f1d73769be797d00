import type { SessionControls } from '../../../conversation/session-controls.js';

/** What comes behind one that returns a promise waits for it. */
export type ControlStep = (controls: SessionControls) => void | Promise<void>;

const mostSteps = 1_024;

/**
 * What a client asks of its call, in the order it asked: before the call has begun it waits, and behind a committed
 * turn it waits until that turn has its transcript. A client that commits and at once asks for a response means a
 * response to what it committed.
 */
export class ControlQueue {
  readonly #steps: ControlStep[] = [];
  readonly #onFailed: (error: unknown) => void;
  #controls: SessionControls | undefined;
  #committing = false;
  #running = false;
  #waiting = false;

  /** `onFailed` gets what a step throws; the steps behind it are carried out all the same. */
  constructor(onFailed: (error: unknown) => void) {
    this.#onFailed = onFailed;
  }

  /** The call has begun. */
  begin(controls: SessionControls): void {
    this.#controls = controls;
    this.#run();
  }

  /** @returns false when too many wait */
  ask(step: ControlStep): boolean {
    if (this.#steps.length >= mostSteps) return false;
    this.#steps.push(step);
    this.#run();
    return true;
  }

  /** Ends the caller's turn; what is asked later waits for `turnSettled`. @returns false when too many wait */
  commit(): boolean {
    return this.ask((controls) => {
      this.#committing = true;
      try {
        controls.commitInput();
      } catch (error) {
        this.#committing = false;
        throw error;
      }
    });
  }

  /** Whether a committed turn has no transcript yet. */
  get committing(): boolean {
    return this.#committing;
  }

  /** A turn was committed or dropped. */
  turnSettled(): void {
    this.#committing = false;
    this.#run();
  }

  /** Past the queue: for what must not wait. Undefined before the call has begun. */
  get now(): SessionControls | undefined {
    return this.#controls;
  }

  #run(): void {
    if (this.#running || !this.#controls) return;
    this.#running = true;
    while (!this.#committing && !this.#waiting) {
      const step = this.#steps.shift();
      if (!step) break;
      try {
        const done = step(this.#controls);
        if (done) this.#waitFor(done);
      } catch (error) {
        this.#onFailed(error);
      }
    }
    this.#running = false;
  }

  #waitFor(done: Promise<void>): void {
    this.#waiting = true;
    const goOn = (): void => {
      this.#waiting = false;
      this.#run();
    };
    done.catch(this.#onFailed).then(goOn, goOn);
  }
}
