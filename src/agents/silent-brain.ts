import type { Brain, BrainEvent, BrainSession, HistoryItem } from '../ports/brain.js';
import { ParleyError } from '../ports/errors.js';
import { ConversationHistory } from './history.js';

/** A Brain for a call in which the caller is only written down: it remembers, and never says anything. */
export const silentBrain: Brain = {
  async begin() {
    return new SilentSession();
  },
};

class SilentSession implements BrainSession {
  readonly #history = new ConversationHistory();

  get history(): readonly HistoryItem[] {
    return this.#history.items;
  }

  hear(): void {}

  async *draft(): AsyncIterable<BrainEvent> {}

  // biome-ignore lint/correctness/useYield: there is nobody to answer.
  async *aside(): AsyncIterable<BrainEvent> {
    throw new ParleyError('Nobody answers in a call that is only transcribed.', { code: 'brain.silent', status: 400 });
  }

  commit(): void {}

  discard(): void {}

  heard(): void {}

  noteUser(text: string, turn: number): void {
    this.#history.addUser(turn, text);
  }

  addMessage(message: Parameters<BrainSession['addMessage']>[0]): void {
    this.#history.addMessage(message);
  }

  addCall(call: Parameters<BrainSession['addCall']>[0]): void {
    this.#history.addCall(call);
  }

  addResult(result: Parameters<BrainSession['addResult']>[0]): void {
    this.#history.addResult(result);
  }

  setTools(): void {}

  forget(entry: Parameters<BrainSession['forget']>[0]): void {
    this.#history.forget(entry);
  }

  instruct(): void {}

  limitReply(): void {}

  close(): void {}
}
