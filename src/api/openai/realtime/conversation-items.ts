import type { HistoryEntry } from '../../../ports/brain.js';

export type ItemContent =
  | { readonly type: 'input_text' | 'output_text'; readonly text: string }
  | { readonly type: 'input_audio' | 'output_audio'; readonly transcript: string | null };

export type Item = {
  readonly id: string;
  readonly object: 'realtime.item';
  readonly type: 'message';
  readonly role: 'user' | 'assistant' | 'system';
  readonly status: 'in_progress' | 'completed' | 'incomplete';
  readonly content: readonly ItemContent[];
};

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
  role: Item['role'],
  status: Item['status'],
  ...content: readonly ItemContent[]
): Item {
  return { id, object: 'realtime.item', type: 'message', role, status, content };
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

  delete(id: string): boolean {
    if (!this.#byId.delete(id)) return false;
    this.#records.splice(this.#indexOf(id), 1);
    return true;
  }

  #indexOf(id: string | null): number {
    return this.#records.findIndex(({ item }) => item.id === id);
  }
}
