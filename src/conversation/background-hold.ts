import type { TurnCommand, TurnEventBody } from './turn/events.js';

/**
 * Keeps the cores free of work that nobody waits for, from a suspected end of the caller's turn until the answer is
 * audible or there is nothing to answer.
 */
export class BackgroundHold {
  readonly #hold: () => () => void;
  #release: (() => void) | undefined;

  /** @param hold holds background work back until the returned function is called */
  constructor(hold: () => () => void) {
    this.#hold = hold;
  }

  noteEvent(event: TurnEventBody): void {
    if (event.type === 'reply-audible') this.release();
  }

  noteCommand(command: TurnCommand): void {
    switch (command.type) {
      case 'suspect-end':
        this.#release ??= this.#hold();
        return;
      case 'commit':
        if (command.reply === undefined) this.release();
        return;
      case 'resume-turn':
      case 'drop-turn':
      case 'say':
        this.release();
    }
  }

  release(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
