import type { ToolCall } from '../../../ports/tools.js';
import { callItem, type Item, messageItem } from './conversation-items.js';
import type { EventWriter } from './event-writer.js';
import type { NewId } from './ids.js';
import { contentPart, type Modality, messageContent } from './response-view.js';

/** Where the items of a response stand in the conversation. Absent: it is beside the conversation. */
export type ResponsePlace = {
  /** Puts an item at the end. @returns the id of the one before */
  readonly added: (item: Item) => string | null;
  /** An item is as it stays. @returns false when the client has deleted it meanwhile */
  readonly done: (item: Item) => boolean;
};

export type ResponseOutputOptions = {
  readonly events: EventWriter;
  readonly newId: NewId;
  readonly responseId: string;
  readonly modality: Modality;
  readonly place?: ResponsePlace;
};

type OpenMessage = { readonly id: string; readonly index: number; readonly previousItemId: string | null };

/** What a response puts out, item by item: a message, which is opened by its first word or sound, and calls. */
export class ResponseOutput {
  readonly #options: ResponseOutputOptions;
  /** What is over of it, by place. */
  readonly #items = new Map<number, Item>();
  #begun = 0;
  #message: OpenMessage | undefined;
  #text = '';

  constructor(options: ResponseOutputOptions) {
    this.#options = options;
  }

  /** What is over of it. */
  get items(): readonly Item[] {
    return [...this.#items].sort(([a], [b]) => a - b).map(([, item]) => item);
  }

  /** Words of the message that is open. */
  get text(): string {
    return this.#text;
  }

  /** Id of the message that is open, if one is. */
  get messageId(): string | undefined {
    return this.#message?.id;
  }

  say(delta: string): void {
    const { events, modality } = this.#options;
    const message = this.#openMessage();
    this.#text += delta;
    const kind = modality === 'audio' ? 'output_audio_transcript' : 'output_text';
    events.write(`response.${kind}.delta`, { ...this.#part(message), delta });
  }

  /** @param delta base64 @returns id of the item that it belongs to */
  sound(delta: string): string {
    const message = this.#openMessage();
    this.#options.events.write('response.output_audio.delta', { ...this.#part(message), delta });
    return message.id;
  }

  /** Closes the message that is open. @param heard what the caller has heard of it */
  endMessage(status: 'completed' | 'incomplete', heard = this.#text): void {
    const message = this.#message;
    if (!message) return;
    const { events, modality } = this.#options;
    const text = this.#text;
    this.#message = undefined;
    this.#text = '';
    const where = this.#part(message);
    if (modality === 'audio') {
      events.write('response.output_audio.done', where);
      events.write('response.output_audio_transcript.done', { ...where, transcript: text });
    } else events.write('response.output_text.done', { ...where, text });
    events.write('response.content_part.done', { ...where, part: contentPart(modality, text) });
    const item = messageItem(message.id, 'assistant', status, messageContent(modality, heard));
    this.#done(item, message.index, message.previousItemId);
  }

  /** A call, whole: it is written before it is made. @param speaking the message that is open goes on */
  call(call: ToolCall, { speaking = false } = {}): void {
    if (!speaking) this.endMessage('completed');
    const { events, newId, responseId, place } = this.#options;
    const index = this.#begun++;
    const id = newId('item');
    const begun = callItem(id, 'in_progress', { ...call, arguments: '' });
    const previousItemId = this.#added(begun, index, place);
    const where = { response_id: responseId, item_id: id, output_index: index, call_id: call.callId };
    events.write('response.function_call_arguments.delta', { ...where, delta: call.arguments });
    events.write('response.function_call_arguments.done', { ...where, name: call.name, arguments: call.arguments });
    this.#done(callItem(id, 'completed', call), index, previousItemId);
  }

  #openMessage(): OpenMessage {
    if (this.#message) return this.#message;
    const { events, newId, modality, place } = this.#options;
    const index = this.#begun++;
    const item = messageItem(newId('item'), 'assistant', 'in_progress');
    const previousItemId = this.#added(item, index, place);
    this.#message = { id: item.id, index, previousItemId };
    events.write('response.content_part.added', { ...this.#part(this.#message), part: contentPart(modality, '') });
    return this.#message;
  }

  #added(item: Item, index: number, place: ResponsePlace | undefined): string | null {
    const { events, responseId } = this.#options;
    events.write('response.output_item.added', { response_id: responseId, output_index: index, item });
    if (!place) return null;
    const previousItemId = place.added(item);
    events.write('conversation.item.added', { item, previous_item_id: previousItemId });
    return previousItemId;
  }

  #done(item: Item, index: number, previousItemId: string | null): void {
    const { events, responseId, place } = this.#options;
    this.#items.set(index, item);
    const stands = place?.done(item) ?? false;
    events.write('response.output_item.done', { response_id: responseId, output_index: index, item });
    if (stands) events.write('conversation.item.done', { item, previous_item_id: previousItemId });
  }

  #part({ id, index }: OpenMessage): Readonly<Record<string, unknown>> {
    return { response_id: this.#options.responseId, item_id: id, output_index: index, content_index: 0 };
  }
}
