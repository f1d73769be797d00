import type { Clock } from '../../ports/clock.js';
import { isNoncommittal, opensWell } from '../think/openers.js';
import type { SpokenPiece } from './spoken-piece.js';

/** An opener that a reply was written to follow, and when the reply is expected to have audio of its own. */
export type ProposedOpener = {
  readonly text: string;
  readonly pieces: readonly SpokenPiece[];
  /** From the start of the draft. */
  readonly expectedReadyMs: number;
  /** Less than this is not worth an opener: what the reply says is waited for. */
  readonly worthMs: number;
};

/**
 * Decides whether a reply's opener is heard. It is, when the reply is wanted, has no audio of its own for a while yet, and
 * its first words are known not to be a refusal, or not known yet and the opener is one that any answer may follow.
 * Otherwise the reply begins with what it says.
 */
export class OpenerGate {
  readonly #opener: ProposedOpener | undefined;
  readonly #clock: Clock;
  readonly #open: (opener: ProposedOpener) => void;
  #state: 'undecided' | 'opened' | 'shut' = 'undecided';
  /** On the clock; undefined until the reply is wanted. */
  #notBeforeMs: number | undefined;
  #fits: boolean | undefined;
  #disarm: (() => void) | undefined;

  constructor(opener: ProposedOpener | undefined, clock: Clock, open: (opener: ProposedOpener) => void) {
    this.#opener = opener;
    this.#clock = clock;
    this.#open = open;
    if (!opener) this.#state = 'shut';
  }

  get undecided(): boolean {
    return this.#state === 'undecided';
  }

  get opened(): boolean {
    return this.#state === 'opened';
  }

  /** The reply, whose draft began at `startedMs`, is wanted. */
  commit(startedMs: number): void {
    if (!this.#opener || this.#notBeforeMs !== undefined) return;
    const { expectedReadyMs, worthMs } = this.#opener;
    const now = this.#clock.nowMs();
    const readyAtMs = startedMs + expectedReadyMs;
    // A reply that is nearly there is waited for; one that is late after all is opened then.
    this.#notBeforeMs = readyAtMs - now >= worthMs ? now : Math.max(now, readyAtMs) + worthMs;
    if (this.#notBeforeMs > now) this.#disarm = this.#clock.at(this.#notBeforeMs, () => this.#consider());
    this.#consider();
  }

  /** The reply's text so far. */
  answerBegins(text: string, complete: boolean): void {
    if (this.#fits !== undefined || this.#state !== 'undecided' || text.trim() === '') return;
    this.#fits = opensWell(text, complete);
    this.#consider();
  }

  /** The reply has audio of its own: an opener would only delay it. */
  contentIsReady(): void {
    this.#shut();
  }

  close(): void {
    this.#shut();
  }

  #consider(): void {
    if (this.#state !== 'undecided' || !this.#opener) return;
    if (this.#fits === false) {
      this.#shut();
      return;
    }
    if (
      (!this.#fits && !isNoncommittal(this.#opener.text)) ||
      this.#notBeforeMs === undefined ||
      this.#clock.nowMs() < this.#notBeforeMs
    )
      return;
    this.#state = 'opened';
    this.#disarm?.();
    this.#open(this.#opener);
  }

  #shut(): void {
    if (this.#state === 'undecided') this.#state = 'shut';
    this.#disarm?.();
  }
}
