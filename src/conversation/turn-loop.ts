import type { TurnCommand, TurnEvent } from './turn/events.js';
import { reduceTurn } from './turn/machine.js';
import type { TurnState } from './turn/state.js';

/** Runs the turn machine: keeps its state, and hands on what each event commands. */
export class TurnLoop {
  readonly #follow: (event: TurnEvent, commands: readonly TurnCommand[]) => void;
  readonly #queue: TurnEvent[] = [];
  #draining = false;
  #state: TurnState;

  constructor(state: TurnState, follow: (event: TurnEvent, commands: readonly TurnCommand[]) => void) {
    this.#state = state;
    this.#follow = follow;
  }

  get state(): TurnState {
    return this.#state;
  }

  /** Events wait for one another: a command may cause the next event before the last one is dealt with. */
  dispatch(event: TurnEvent): void {
    this.#queue.push(event);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        const { state, commands } = reduceTurn(this.#state, next);
        this.#state = state;
        this.#follow(next, commands);
      }
    } finally {
      this.#draining = false;
    }
  }
}
