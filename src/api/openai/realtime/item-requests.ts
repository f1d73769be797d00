import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import type { SessionControls } from '../../../conversation/session-controls.js';
import { ParleyError } from '../../../ports/errors.js';
import { type AudioFormatName, decodeAudio, rateOf } from './audio-format.js';
import type { CallLink } from './call-link.js';
import type { ClientEventOf } from './client-events.js';
import {
  type ConversationItems,
  type Item,
  type ItemContent,
  type ItemRecord,
  type MessageItem,
  messageText,
} from './conversation-items.js';
import type { EffectiveSession } from './effective-session.js';
import type { EventWriter, Problem } from './event-writer.js';
import type { NewId } from './ids.js';
import { messageLimits } from './limits.js';
import { isUnheard, type WantedItem, writtenItemOf } from './written-item.js';

export type ItemRequestsOptions = {
  readonly events: EventWriter;
  readonly items: ConversationItems;
  readonly newId: NewId;
  readonly link: CallLink;
  readonly session: () => EffectiveSession;
};

/** What comes behind an item of audio waits for its words. */
const hearWithinMs = 30_000;

/** What a client asks of the items of its conversation. */
export class ItemRequests {
  readonly #options: ItemRequestsOptions;
  /** Text of all items that the client has added. */
  #addedBytes = 0;

  constructor(options: ItemRequestsOptions) {
    this.#options = options;
  }

  create({
    item: wanted,
    previous_item_id: previousId,
  }: ClientEventOf<'conversation.item.create'>): Problem | undefined {
    const { items, events, newId, link, session } = this.#options;
    const written = writtenItemOf(wanted, wanted.id ?? newId('item'), 'item');
    if ('problem' in written) return written.problem;
    const { item } = written;
    if (wanted.id !== undefined && items.get(wanted.id))
      return { code: 'item_already_exists', message: `There is an item ${wanted.id} already.`, param: 'item.id' };
    if (item.type === 'function_call_output' && !items.callOf(item.call_id))
      return {
        code: 'invalid_tool_call_id',
        message: `There is no call ${item.call_id} to answer.`,
        param: 'item.call_id',
      };
    if (item.type === 'function_call' && items.callOf(item.call_id))
      return {
        code: 'item_already_exists',
        message: `There is a call ${item.call_id} already.`,
        param: 'item.call_id',
      };
    const follows = previousId && previousId !== 'root' ? items.get(previousId) : undefined;
    if (previousId && previousId !== 'root' && !follows) return noItem(previousId, 'previous_item_id');
    const bytes = Buffer.byteLength(textOf(item));
    if (this.#addedBytes + bytes > messageLimits.maxConversationBytes)
      return {
        code: 'conversation_full',
        message: `The items of one conversation may have ${messageLimits.maxConversationBytes} bytes of text together; begin another session.`,
        param: 'item',
      };
    this.#addedBytes += bytes;
    const unheard = unheardOf(wanted, item, session().inputFormat);
    if ('problem' in unheard) return unheard.problem;
    const after = previousId === 'root' ? null : (previousId ?? items.lastId);
    const place = after === items.lastId ? {} : { after: follows?.entry ?? null };
    const record = items.add(item, entryOf(item), after);
    events.write('conversation.item.added', { item, previous_item_id: after });
    events.write('conversation.item.done', { item, previous_item_id: after });
    link.askAfterAudio((controls) => {
      if (item.type === 'function_call')
        controls.addCall({ callId: item.call_id, name: item.name, arguments: item.arguments, ...place });
      else if (item.type === 'function_call_output')
        controls.addResult({ callId: item.call_id, output: item.output, ...place });
      else if (unheard.audio.length === 0)
        controls.addMessage({ id: item.id, role: item.role, text: messageText(item), ...place });
      else
        return this.#hear(controls, record, item, unheard.audio).then((text) => {
          if (text !== '') controls.addMessage({ id: item.id, role: item.role, text, ...place });
        });
    });
  }

  /** Writes down what a message says, and tells the client. @returns all words of it */
  async #hear(
    controls: SessionControls,
    record: ItemRecord,
    item: MessageItem,
    audio: readonly AudioFrame[],
  ): Promise<string> {
    const { events, session } = this.#options;
    const content: ItemContent[] = [];
    const waiting = [...audio];
    for (const [index, part] of item.content.entries()) {
      const frame = isUnheard(part) ? waiting.shift() : undefined;
      if (!frame) {
        content.push(part);
        continue;
      }
      const where = { item_id: item.id, content_index: index };
      try {
        const transcript = await controls.transcribe(frame, AbortSignal.timeout(hearWithinMs));
        content.push({ type: 'input_audio', transcript });
        if (session().transcription === null) continue;
        const usage = { type: 'duration', seconds: durationMs(frame.samples.length, frame.rateHz) / 1_000 };
        events.write('conversation.item.input_audio_transcription.completed', { ...where, transcript, usage });
      } catch (error) {
        content.push(part);
        const code = ParleyError.isInstance(error) ? error.code : 'transcription_failed';
        const failed = { type: 'server_error', code, message: 'The audio of this item could not be transcribed.' };
        events.write('conversation.item.input_audio_transcription.failed', { ...where, error: failed });
      }
    }
    record.item = { ...item, content: session().transcription === null ? item.content : content };
    return messageText({ content });
  }

  retrieve({ item_id: id }: ClientEventOf<'conversation.item.retrieve'>): Problem | undefined {
    const record = this.#options.items.get(id);
    if (!record) return noItem(id, 'item_id');
    this.#options.events.write('conversation.item.retrieved', { item: record.item });
  }

  /** A reply that is deleted was not heard; anything else was not said. */
  delete({ item_id: id }: ClientEventOf<'conversation.item.delete'>): Problem | undefined {
    const { items, events, link } = this.#options;
    const record = items.get(id);
    if (!record) return noItem(id, 'item_id');
    const { entry } = record;
    if ('reply' in entry) link.now?.truncate(entry.reply, 0);
    else link.askAfterAudio((controls) => controls.forget(entry));
    items.delete(id);
    events.write('conversation.item.deleted', { item_id: id });
  }

  truncate(event: ClientEventOf<'conversation.item.truncate'>): Problem | undefined {
    const { items, events, link } = this.#options;
    const { item_id: id, audio_end_ms: endMs } = event;
    const record = items.get(id);
    if (!record) return noItem(id, 'item_id');
    const { entry, item } = record;
    if (!('reply' in entry) || item.type !== 'message')
      return { code: 'invalid_value', message: `Item ${id} is not one of the agent's replies.`, param: 'item_id' };
    if (endMs > Math.ceil(record.sentMs))
      return {
        code: 'invalid_value',
        message: `Only ${Math.ceil(record.sentMs)} ms of item ${id} were sent; it cannot be cut at ${endMs} ms.`,
        param: 'audio_end_ms',
      };
    const heard = link.now?.truncate(entry.reply, endMs);
    const [content] = item.content;
    if (heard !== undefined && content?.type === 'output_audio')
      record.item = { ...item, content: [{ ...content, transcript: heard }] };
    events.write('conversation.item.truncated', { item_id: id, content_index: 0, audio_end_ms: endMs });
  }
}

/** Audio of a message whose words are not known, in the order of its parts. */
function unheardOf(
  { content = [] }: WantedItem,
  item: Item,
  format: AudioFormatName,
): { readonly audio: readonly AudioFrame[] } | { readonly problem: Problem } {
  const audio: AudioFrame[] = [];
  if (item.type !== 'message') return { audio };
  const rateHz = rateOf(format);
  for (const [index, part] of item.content.entries()) {
    if (!isUnheard(part)) continue;
    const samples = decodeAudio(content[index]?.audio ?? '', format);
    const tooLong = `One item may carry ${messageLimits.maxAppendMs} ms of audio; send it as several.`;
    const message =
      'problem' in samples
        ? samples.problem
        : durationMs(samples.length, rateHz) > messageLimits.maxAppendMs
          ? tooLong
          : undefined;
    if (message !== undefined || 'problem' in samples)
      return { problem: { code: 'invalid_audio', message: message ?? tooLong, param: `item.content.${index}.audio` } };
    audio.push({ samples, rateHz });
  }
  return { audio };
}

function entryOf(item: Item) {
  if (item.type === 'function_call') return { call: item.call_id };
  return item.type === 'function_call_output' ? { result: item.call_id } : { message: item.id };
}

function textOf(item: Item): string {
  if (item.type === 'message') return messageText(item);
  return item.type === 'function_call' ? `${item.name}${item.arguments}` : item.output;
}

function noItem(id: string, param: string): Problem {
  return { code: 'item_not_found', message: `There is no item ${id.slice(0, 128)} (any more).`, param };
}
