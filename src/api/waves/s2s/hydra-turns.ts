import type { SessionEvent } from '../../../conversation/session-events.js';
import { type ConversationItems, messageItem } from '../../openai/realtime/conversation-items.js';
import type { EventWriter } from '../../openai/realtime/event-writer.js';
import type { NewId } from '../../openai/realtime/ids.js';

type Of<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;

type OpenTurn = { readonly itemId: string; readonly previousItemId: string | null; pausedMs: number | undefined };

/** Recent turns whose item may still be named, by a late measurement for instance. */
const keptTurns = 64;

export type HydraTurnsOptions = {
  readonly events: EventWriter;
  readonly items: ConversationItems;
  readonly newId: NewId;
  /** How much of the caller's audio has been heard. */
  readonly heardMs: () => number;
};

/** The caller's turns: an item that begins when speech does, and is done, or incomplete, when it has ended. */
export class HydraTurns {
  readonly #options: HydraTurnsOptions;
  readonly #turns = new Map<number, OpenTurn>();

  constructor(options: HydraTurnsOptions) {
    this.#options = options;
  }

  itemIdOf(turn: number): string | undefined {
    return this.#turns.get(turn)?.itemId;
  }

  started({ turn, startMs }: Of<'speech-started'>): void {
    this.#open(turn, startMs);
  }

  /** A pause may not be the end: the client hears of it when it was. */
  paused({ turn, endMs }: Of<'speech-paused'>): void {
    const open = this.#turns.get(turn);
    if (open) open.pausedMs = endMs;
  }

  committed({ turn, text, endMs }: Of<'turn-committed'>): void {
    this.#close(turn, endMs, 'completed', text);
    if (text !== '') this.transcribed({ turn, text });
  }

  transcribed({ turn, text }: Pick<Of<'turn-transcribed'>, 'turn' | 'text'>): void {
    const itemId = this.itemIdOf(turn);
    if (itemId === undefined) return;
    const transcription = 'conversation.item.input_audio_transcription.completed';
    this.#options.events.write(transcription, { item_id: itemId, content_index: 0, transcript: text });
  }

  /** It was noise, or nothing that is to be answered. */
  dropped({ turn }: Of<'turn-dropped'>): void {
    const open = this.#turns.get(turn);
    if (!open) return;
    this.#close(turn, open.pausedMs ?? this.#options.heardMs(), 'incomplete', null);
    this.#options.items.delete(open.itemId);
  }

  /** What was taken for a turn is the beginning of another: its item goes, and the words come again in the other's. */
  reopened({ continues }: Of<'turn-reopened'>): void {
    const { items, events } = this.#options;
    const itemId = this.itemIdOf(continues);
    if (itemId !== undefined && items.delete(itemId)) events.write('conversation.item.deleted', { item_id: itemId });
  }

  #open(turn: number, startMs: number): OpenTurn {
    const { events, items, newId } = this.#options;
    const open: OpenTurn = { itemId: newId('item'), previousItemId: items.lastId, pausedMs: undefined };
    this.#turns.set(turn, open);
    for (const oldest of this.#turns.keys()) {
      if (this.#turns.size <= keptTurns) break;
      this.#turns.delete(oldest);
    }
    const { itemId, previousItemId } = open;
    const audioStartMs = Math.max(0, Math.round(startMs));
    events.write('input_audio_buffer.speech_started', { audio_start_ms: audioStartMs, item_id: itemId });
    const message = messageItem(itemId, 'user', 'in_progress', { type: 'input_audio', transcript: null });
    const { item } = items.add(message, { turn });
    events.write('conversation.item.added', { previous_item_id: previousItemId, item });
    return open;
  }

  #close(turn: number, endMs: number, status: 'completed' | 'incomplete', transcript: string | null): OpenTurn {
    const { events, items } = this.#options;
    const open = this.#turns.get(turn) ?? this.#open(turn, endMs);
    const { itemId, previousItemId } = open;
    events.write('input_audio_buffer.speech_stopped', { audio_end_ms: Math.round(endMs), item_id: itemId });
    const item = messageItem(itemId, 'user', status, { type: 'input_audio', transcript });
    const record = items.get(itemId);
    if (record) record.item = item;
    events.write('conversation.item.done', { previous_item_id: previousItemId, item });
    return open;
  }
}
