/** Whether a client that was asked to carry out tools lets the agent go on in time. */
export class ToolWait {
  readonly #withinMs: number;
  readonly #onLate: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(withinMs: number, onLate: () => void) {
    this.#withinMs = withinMs;
    this.#onLate = onLate;
  }

  /** A tool is called. */
  begin(): void {
    this.end();
    this.#timer = setTimeout(this.#onLate, this.#withinMs);
  }

  /** The agent was asked to go on, or is spoken to. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
