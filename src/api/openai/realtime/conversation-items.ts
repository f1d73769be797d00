export type ItemContent =
  | { readonly type: 'input_text' | 'output_text'; readonly text: string }
  | { readonly type: 'input_audio' | 'output_audio'; readonly transcript: string | null };

export type Item = {
  readonly id: string;
  readonly object: 'realtime.item';
  readonly type: 'message';
  readonly role: 'user' | 'assistant';
  readonly status: 'in_progress' | 'completed' | 'incomplete';
  readonly content: readonly ItemContent[];
};

/** What is remembered of an item besides what clients see. */
export type ItemRecord = {
  item: Item;
  /** The reply that an assistant's item holds. */
  readonly reply: number | undefined;
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
  readonly #records = new Map<string, ItemRecord>();
  readonly #maxItems: number;
  #lastId: string | null = null;

  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  /** Id of the newest item; null when there is none. */
  get lastId(): string | null {
    return this.#lastId;
  }

  /** Adds an item at the end. */
  add(item: Item, reply?: number): ItemRecord {
    const record: ItemRecord = { item, reply, sentMs: 0 };
    this.#records.set(item.id, record);
    this.#lastId = item.id;
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= this.#maxItems) break;
      this.#records.delete(oldest);
    }
    return record;
  }

  get(id: string): ItemRecord | undefined {
    return this.#records.get(id);
  }

  delete(id: string): boolean {
    if (!this.#records.delete(id)) return false;
    if (this.#lastId === id) this.#lastId = [...this.#records.keys()].at(-1) ?? null;
    return true;
  }
}
