import type { SessionEvent } from '../../../conversation/session-events.js';
import { type ConversationItems, messageItem } from './conversation-items.js';
import type { EffectiveSession } from './effective-session.js';
import type { EventWriter } from './event-writer.js';
import type { NewId } from './ids.js';
import { prefixPaddingMs } from './turn-detection.js';

type Of<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;

type OpenTurn = {
  readonly itemId: string;
  readonly startMs: number;
  /** The client was told that speech started. */
  readonly announced: boolean;
  pausedMs: number | undefined;
  /** Where it was committed. */
  endMs: number | undefined;
  /** Words that the client has been told while they were being said. */
  told: string;
};

/** Recent turns whose item may still be named, by a late measurement for instance. */
const keptTurns = 64;

export type CallerTurnsOptions = {
  readonly events: EventWriter;
  readonly items: ConversationItems;
  readonly newId: NewId;
  readonly session: () => EffectiveSession;
  /** How much of the caller's audio has been heard. */
  readonly heardMs: () => number;
  /** A realtime model holds the call: words of a turn may come when it is over. @defaultValue false */
  readonly held?: boolean;
};

/** The caller's turns as input buffer, item and transcription events. */
export class CallerTurns {
  readonly #options: CallerTurnsOptions;
  readonly #turns = new Map<number, OpenTurn>();

  constructor(options: CallerTurnsOptions) {
    this.#options = options;
  }

  itemIdOf(turn: number): string | undefined {
    return this.#turns.get(turn)?.itemId;
  }

  started({ turn, startMs }: Of<'speech-started'>): void {
    const { turnDetection } = this.#options.session();
    // A turn that the client marks itself was not detected.
    const announced = turnDetection !== null;
    const { itemId } = this.#open(turn, startMs, announced);
    if (!announced) return;
    const audioStartMs = Math.max(0, Math.round(startMs - prefixPaddingMs(turnDetection)));
    this.#options.events.write('input_audio_buffer.speech_started', { audio_start_ms: audioStartMs, item_id: itemId });
  }

  /** A pause may not be the end: the client hears of it when it was. */
  paused({ turn, endMs }: Of<'speech-paused'>): void {
    const open = this.#turns.get(turn);
    if (open) open.pausedMs = endMs;
  }

  partial({ turn, text, stableWords }: Of<'partial'>): void {
    const itemId = this.itemIdOf(turn);
    const { kind, turnMetrics } = this.#options.session();
    if (kind === 'transcription') this.#tell(turn, stableBeginning(text, stableWords));
    if (itemId === undefined || !turnMetrics) return;
    this.#options.events.write('parley.partial', { item_id: itemId, text, stable_words: stableWords });
  }

  corrected({ turn, word, from, to }: Of<'correction'>): void {
    const itemId = this.itemIdOf(turn);
    if (itemId === undefined || !this.#options.session().turnMetrics) return;
    this.#options.events.write('parley.correction', { item_id: itemId, word, from, to });
  }

  committed({ turn, text, endMs }: Of<'turn-committed'>): void {
    const open = this.#turns.get(turn) ?? this.#open(turn, endMs, false);
    this.#stopped(open, endMs);
    this.#item(turn, open, text, endMs);
  }

  /** The words of a turn that was committed without them. */
  transcribed({ turn, text }: Of<'turn-transcribed'>): void {
    const { items, session } = this.#options;
    const open = this.#turns.get(turn);
    const record = open && items.get(open.itemId);
    if (!open || record?.item.type !== 'message' || session().transcription === null) return;
    record.item = { ...record.item, content: [{ type: 'input_audio', transcript: text }] };
    this.#transcript(turn, open, text);
  }

  /** `commits`: the client has committed this turn itself and is owed an item, even an empty one. */
  dropped({ turn, why }: Of<'turn-dropped'>, commits: boolean): void {
    const endMs = this.#turns.get(turn)?.pausedMs ?? this.#options.heardMs();
    const open = this.#turns.get(turn) ?? this.#open(turn, endMs, false);
    this.#stopped(open, endMs);
    if (commits && why === 'empty') this.#item(turn, open, '', endMs);
  }

  /** What was taken for a turn is the beginning of another: its item goes, and the words come again in the other's. */
  reopened({ continues }: Of<'turn-reopened'>): void {
    const { items, events } = this.#options;
    const itemId = this.itemIdOf(continues);
    if (itemId !== undefined && items.delete(itemId)) events.write('conversation.item.deleted', { item_id: itemId });
  }

  pressed({ digit }: Of<'key'>): void {
    const received = { event: digit, received_at: Math.floor(Date.now() / 1_000) };
    this.#options.events.writeBare('input_audio_buffer.dtmf_event_received', received);
  }

  entered({ turn, text }: Of<'keys-entered'>): void {
    const { events, items, newId } = this.#options;
    const previous = { previous_item_id: items.lastId };
    const message = messageItem(newId('item'), 'user', 'completed', { type: 'input_text', text });
    const { item } = items.add(message, { turn });
    events.write('conversation.item.added', { item, ...previous });
    events.write('conversation.item.done', { item, ...previous });
  }

  #open(turn: number, startMs: number, announced: boolean): OpenTurn {
    const open: OpenTurn = {
      itemId: this.#options.newId('item'),
      startMs,
      announced,
      pausedMs: undefined,
      endMs: undefined,
      told: '',
    };
    this.#turns.set(turn, open);
    for (const oldest of this.#turns.keys()) {
      if (this.#turns.size <= keptTurns) break;
      this.#turns.delete(oldest);
    }
    return open;
  }

  #stopped({ announced, itemId }: OpenTurn, endMs: number): void {
    if (!announced) return;
    const fields = { audio_end_ms: Math.round(endMs), item_id: itemId };
    this.#options.events.write('input_audio_buffer.speech_stopped', fields);
  }

  /** Words only come to what was told: one that was told and is another now is right when the turn is over. */
  #tell(turn: number, text: string): void {
    const open = this.#turns.get(turn);
    if (!open || this.#options.session().transcription === null || !text.startsWith(open.told)) return;
    const delta = text.slice(open.told.length);
    if (delta === '') return;
    open.told = text;
    const part = { item_id: open.itemId, content_index: 0 };
    this.#options.events.write('conversation.item.input_audio_transcription.delta', { ...part, delta });
  }

  #item(turn: number, open: OpenTurn, text: string, endMs: number): void {
    const { events, items, session, held = false } = this.#options;
    const { itemId } = open;
    const transcript = session().transcription === null || (held && text === '') ? null : text;
    open.endMs = endMs;
    const previous = { previous_item_id: items.lastId };
    events.write('input_audio_buffer.committed', { item_id: itemId, ...previous });
    const message = messageItem(itemId, 'user', 'completed', { type: 'input_audio', transcript });
    const { item } = items.add(message, { turn });
    events.write('conversation.item.added', { item, ...previous });
    events.write('conversation.item.done', { item, ...previous });
    if (transcript !== null) this.#transcript(turn, open, transcript);
  }

  #transcript(turn: number, { itemId, startMs, endMs = startMs }: OpenTurn, transcript: string): void {
    this.#tell(turn, transcript);
    this.#options.events.write('conversation.item.input_audio_transcription.completed', {
      item_id: itemId,
      content_index: 0,
      transcript,
      usage: { type: 'duration', seconds: Math.max(0, endMs - startMs) / 1_000 },
    });
  }
}

function stableBeginning(text: string, words: number): string {
  let end = 0;
  for (const [index, match] of [...text.matchAll(/\S+/g)].entries())
    if (index < words) end = match.index + match[0].length;
  return text.slice(0, end);
}
