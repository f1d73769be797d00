import type { CallLink } from './call-link.js';
import { type ConversationItems, messageItem } from './conversation-items.js';
import type { EffectiveSession } from './effective-session.js';
import type { EventWriter } from './event-writer.js';
import type { NewId } from './ids.js';

export type IdleTimeoutOptions = {
  readonly events: EventWriter;
  readonly items: ConversationItems;
  readonly newId: NewId;
  readonly link: CallLink;
  readonly session: () => EffectiveSession;
};

/** What the agent is told of a silence, so that it knows what it answers. */
const silence = 'The caller says nothing.';

/**
 * `idle_timeout_ms` of `server_vad`: after a reply and so long a silence, the silence is committed as an item of the
 * caller, and the agent speaks again.
 */
export class IdleTimeout {
  readonly #options: IdleTimeoutOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: IdleTimeoutOptions) {
    this.#options = options;
  }

  /** A reply is over. */
  begin(): void {
    const { session, link } = this.#options;
    this.end();
    const { turnDetection } = session();
    if (turnDetection?.type !== 'server_vad' || turnDetection.idle_timeout_ms === null) return;
    const startMs = link.heardMs;
    this.#timer = setTimeout(() => this.#fire(startMs), turnDetection.idle_timeout_ms);
  }

  /** Somebody speaks. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #fire(startMs: number): void {
    const { events, items, newId, link } = this.#options;
    const id = newId('item');
    const previous = { previous_item_id: items.lastId };
    const span = { audio_start_ms: Math.round(startMs), audio_end_ms: Math.round(link.heardMs) };
    events.write('input_audio_buffer.timeout_triggered', { item_id: id, ...span });
    events.write('input_audio_buffer.committed', { item_id: id, ...previous });
    const message = messageItem(id, 'user', 'completed', { type: 'input_audio', transcript: '' });
    const { item } = items.add(message, { message: id });
    events.write('conversation.item.added', { item, ...previous });
    events.write('conversation.item.done', { item, ...previous });
    link.ask((controls) => {
      controls.addMessage({ id, role: 'system', text: silence });
      controls.respond();
    });
  }
}
