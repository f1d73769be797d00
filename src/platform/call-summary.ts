import type { DraftAccount } from '../conversation/drafts.js';
import type { SessionEvent } from '../conversation/session-events.js';

/** What is kept of a call in one small file beside its recording. */
export class CallSummary {
  readonly #callId: string;
  readonly #startedAt: string;
  readonly #heldBy: string | undefined;
  #turns = 0;
  #reason: string | undefined;
  #drafts: DraftAccount | undefined;

  /** @param heldBy the realtime model that holds the call; none where it is held here */
  constructor(callId: string, startedAt: string, heldBy?: string) {
    this.#callId = callId;
    this.#startedAt = startedAt;
    this.#heldBy = heldBy;
  }

  note(event: SessionEvent): void {
    if (event.type === 'turn-committed') this.#turns += 1;
    else if (event.type === 'ended') this.#reason = event.reason;
    else if (event.type === 'drafts-counted') {
      const { begun, adopted, wasted } = event;
      const { drafts, tokens, computeMs, audioMs } = wasted;
      this.#drafts = {
        begun,
        adopted,
        wasted: { drafts, tokens, computeMs: Math.round(computeMs), audioMs: Math.round(audioMs) },
      };
    }
  }

  json(): string {
    const [callId, startedAt, heldBy, turns] = [this.#callId, this.#startedAt, this.#heldBy, this.#turns];
    const summary = { callId, startedAt, heldBy, endReason: this.#reason, turns, drafts: this.#drafts };
    return `${JSON.stringify(summary, null, 2)}\n`;
  }
}
