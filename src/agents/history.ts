import type { HeardReply, HistoryEntry, HistoryItem, Placed, WrittenMessage } from '../ports/brain.js';
import { isEntry } from '../ports/history-entry.js';
import type { ChatMessage } from '../ports/language-model.js';
import { joinedMessages } from '../ports/message-parts.js';
import type { ToolCall, ToolResult } from '../ports/tools.js';
import { callText, resultText } from './tools/tool-prompt.js';

/** What was said, heard and called, in order. */
export class ConversationHistory {
  readonly #items: HistoryItem[] = [];
  readonly #openers = new Set<string>();

  get items(): readonly HistoryItem[] {
    return this.#items;
  }

  /** The words of a committed turn. The same turn twice is one. */
  addUser(turn: number, text: string): void {
    if (this.#items.some((item) => item.role === 'user' && item.turn === turn)) return;
    this.#items.push({ role: 'user', text, turn });
  }

  addMessage({ id, role, text, after }: WrittenMessage): void {
    this.#place({ role: 'written', as: role, id, text }, after);
  }

  /** The same call twice is one. */
  addCall({ after, ...call }: ToolCall & Placed): void {
    if (!this.#items.some((item) => isEntry(item, { call: call.callId })))
      this.#place({ role: 'call', ...call }, after);
  }

  /** A later word on the same call takes the place of the one before. */
  addResult({ after, ...result }: ToolResult & Placed): void {
    const at = this.#items.findIndex((item) => isEntry(item, { result: result.callId }));
    if (at >= 0) this.#items[at] = { role: 'result', ...result };
    else this.#place({ role: 'result', ...result }, after);
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

  /** A reply may have begun with this, put in front of it to fill the wait. */
  addOpener(text: string): void {
    this.#openers.add(text);
  }

  /** The history as a model sees it, without openers: it would begin all its replies with them. */
  messages(): ChatMessage[] {
    return messagesOf(
      this.#items.map((item) => (item.role === 'assistant' ? { ...item, text: this.#withoutOpener(item.text) } : item)),
    );
  }

  #withoutOpener(text: string): string {
    const opener = [...this.#openers].find((each) => text.startsWith(`${each} `));
    if (opener === undefined) return text;
    const rest = text.slice(opener.length).trimStart();
    return rest.charAt(0).toUpperCase() + rest.slice(1);
  }

  /** A place that is not known (any more) is the end. */
  #place(item: HistoryItem, after: HistoryEntry | null | undefined): void {
    const before = after ? this.#items.findIndex((each) => isEntry(each, after)) : -1;
    if (after === null || before >= 0) this.#items.splice(before + 1, 0, item);
    else this.#items.push(item);
  }
}

/**
 * A history as a model sees it: a caller who went on before anything was heard said one thing, and a reply that was
 * cut off ends where the caller stopped hearing it.
 */
export function messagesOf(items: readonly HistoryItem[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (const item of items) {
    const message = messageOf(item);
    if (message.text !== '') addMessage(messages, message);
  }
  return messages;
}

function messageOf(item: HistoryItem): ChatMessage {
  switch (item.role) {
    case 'call':
      return { role: 'assistant', text: callText(item), parts: [{ type: 'call', call: callOf(item) }] };
    case 'result':
      return { role: 'user', text: resultText(item), parts: [{ type: 'result', result: resultOf(item) }] };
    case 'written':
      return { role: item.as, text: item.text };
    case 'user':
      return { role: item.role, text: item.text };
    case 'assistant':
      return { role: item.role, text: !item.complete && item.text !== '' ? `${item.text}…` : item.text };
  }
}

function callOf({ callId, name, arguments: args }: ToolCall): ToolCall {
  return { callId, name, arguments: args };
}

function resultOf({ callId, output }: ToolResult): ToolResult {
  return { callId, output };
}

/** Appends a message; of the same speaker twice in a row, what was said is one message. */
export function addMessage(messages: ChatMessage[], message: ChatMessage): void {
  const last = messages.at(-1);
  if (last?.role === message.role) messages[messages.length - 1] = joinedMessages(last, message, ' ');
  else messages.push(message);
}
