import type { HeardReply, HistoryEntry, HistoryItem, WrittenMessage } from '../ports/brain.js';
import { isEntry } from '../ports/history-entry.js';
import type { ChatMessage } from '../ports/language-model.js';

/** What was said and what was heard, in order. */
export class ConversationHistory {
  readonly #items: HistoryItem[] = [];

  get items(): readonly HistoryItem[] {
    return this.#items;
  }

  /** The words of a committed turn. The same turn twice is one. */
  addUser(turn: number, text: string): void {
    if (this.#items.some((item) => item.role === 'user' && item.turn === turn)) return;
    this.#items.push({ role: 'user', text, turn });
  }

  /** A place that is not known (any more) is the end. */
  addMessage({ id, role, text, after }: WrittenMessage): void {
    const item: HistoryItem = { role: 'written', as: role, id, text };
    const before = after ? this.#items.findIndex((each) => isEntry(each, after)) : -1;
    if (after === null || before >= 0) this.#items.splice(before + 1, 0, item);
    else this.#items.push(item);
  }

  forget(entry: HistoryEntry): void {
    const at = this.#items.findIndex((each) => isEntry(each, entry));
    if (at >= 0) this.#items.splice(at, 1);
  }

  /** What was heard of a reply; a later word on the same reply amends it, but an estimate nothing that is known. */
  setHeard(reply: HeardReply): void {
    const item: HistoryItem = { role: 'assistant', ...reply };
    const at = this.#items.findIndex((each) => each.role === 'assistant' && each.reply === reply.reply);
    const known = this.#items[at];
    if (known?.role === 'assistant' && known.heardBasis !== 'estimated' && reply.heardBasis === 'estimated') return;
    if (at >= 0) this.#items[at] = item;
    else this.#items.push(item);
  }

  /**
   * The history as a model sees it: a caller who went on before anything was heard said one thing, and a reply that was
   * cut off ends where the caller stopped hearing it.
   */
  messages(): ChatMessage[] {
    const messages: ChatMessage[] = [];
    for (const item of this.#items) {
      const text = item.role === 'assistant' && !item.complete && item.text !== '' ? `${item.text}…` : item.text;
      if (text !== '') addMessage(messages, { role: item.role === 'written' ? item.as : item.role, text });
    }
    return messages;
  }
}

/** Appends a message; of the same speaker twice in a row, what was said is one message. */
export function addMessage(messages: ChatMessage[], message: ChatMessage): void {
  const last = messages.at(-1);
  if (last?.role === message.role)
    messages[messages.length - 1] = { role: message.role, text: `${last.text} ${message.text}` };
  else messages.push(message);
}
