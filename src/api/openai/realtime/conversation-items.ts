import type { HistoryEntry, HistoryItem } from '../../../ports/brain.js';
import type { ToolCall, ToolResult } from '../../../ports/tools.js';

export type ItemContent =
  | { readonly type: 'input_text' | 'output_text'; readonly text: string }
  | { readonly type: 'input_audio' | 'output_audio'; readonly transcript: string | null };

type Status = 'in_progress' | 'completed' | 'incomplete';
type Common = { readonly id: string; readonly object: 'realtime.item'; readonly status: Status };

export type MessageItem = Common & {
  readonly type: 'message';
  readonly role: 'user' | 'assistant' | 'system';
  readonly content: readonly ItemContent[];
};

export type CallItem = Common & {
  readonly type: 'function_call';
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
};

export type ResultItem = Common & {
  readonly type: 'function_call_output';
  readonly call_id: string;
  readonly output: string;
};

export type Item = MessageItem | CallItem | ResultItem;

/** What is remembered of an item besides what clients see. */
export type ItemRecord = {
  item: Item;
  /** What the agent remembers of it. */
  readonly entry: HistoryEntry;
  /** Audio sent for it. */
  sentMs: number;
};

export function messageItem(
  id: string,
  role: MessageItem['role'],
  status: Status,
  ...content: readonly ItemContent[]
): MessageItem {
  return { id, object: 'realtime.item', type: 'message', role, status, content };
}

export function callItem(id: string, status: Status, { callId, name, arguments: args }: ToolCall): CallItem {
  return { id, object: 'realtime.item', type: 'function_call', status, call_id: callId, name, arguments: args };
}

export function resultItem(id: string, { callId, output }: ToolResult): ResultItem {
  return { id, object: 'realtime.item', type: 'function_call_output', status: 'completed', call_id: callId, output };
}

/** All words of a message. */
export function messageText({ content }: Pick<MessageItem, 'content'>): string {
  return content
    .map((part) => ('text' in part ? part.text : (part.transcript ?? '')))
    .join('\n')
    .trim();
}

/** An item as the agent would remember it. */
export function historyItemOf(item: Item): HistoryItem {
  switch (item.type) {
    case 'message':
      return { role: 'written', as: item.role, id: item.id, text: messageText(item) };
    case 'function_call':
      return { role: 'call', callId: item.call_id, name: item.name, arguments: item.arguments };
    case 'function_call_output':
      return { role: 'result', callId: item.call_id, output: item.output };
  }
}

/** The items of a conversation in their order. The oldest are forgotten when there are too many. */
export class ConversationItems {
  readonly #records: ItemRecord[] = [];
  readonly #byId = new Map<string, ItemRecord>();
  readonly #maxItems: number;

  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  /** Id of the last item; null when there is none. */
  get lastId(): string | null {
    return this.#records.at(-1)?.item.id ?? null;
  }

  /** Adds an item: at the end, behind the one that is named, or, for null, at the beginning. */
  add(item: Item, entry: HistoryEntry, after: string | null = this.lastId): ItemRecord {
    const record: ItemRecord = { item, entry, sentMs: 0 };
    this.#byId.set(item.id, record);
    const before = after === this.lastId ? this.#records.length - 1 : this.#indexOf(after);
    this.#records.splice(before + 1, 0, record);
    if (this.#records.length > this.#maxItems) {
      const oldest = this.#records.shift();
      if (oldest) this.#byId.delete(oldest.item.id);
    }
    return record;
  }

  get(id: string): ItemRecord | undefined {
    return this.#byId.get(id);
  }

  /** The call of this id, if it stands in the conversation. */
  callOf(callId: string): ItemRecord | undefined {
    return this.#records.find(({ item }) => item.type === 'function_call' && item.call_id === callId);
  }

  delete(id: string): boolean {
    if (!this.#byId.delete(id)) return false;
    this.#records.splice(this.#indexOf(id), 1);
    return true;
  }

  #indexOf(id: string | null): number {
    return this.#records.findIndex(({ item }) => item.id === id);
  }
}
