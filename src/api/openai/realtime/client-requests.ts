import { durationMs } from '../../../audio/frame.js';
import { closeCodes } from '../../../channels/socket/bounded-socket.js';
import { decodeAudio, rateOf } from './audio-format.js';
import type { CallLink } from './call-link.js';
import type { ClientEvent, ClientEventOf } from './client-events.js';
import { type ConversationItems, messageItem } from './conversation-items.js';
import {
  configuresCall,
  type EffectiveSession,
  keepFixed,
  knownVoice,
  modalityOf,
  type SessionDefaults,
  updateSession,
} from './effective-session.js';
import type { EventWriter, Problem } from './event-writer.js';
import type { NewId } from './ids.js';
import { InputBuffer, smallestCommitMs } from './input-buffer.js';
import { messageLimits } from './limits.js';
import type { ResponseRequest, Responses } from './responses.js';
import { defaultTurnDetection, turnSettingsOf } from './turn-detection.js';
import { writtenItemOf } from './written-message.js';

export type ClientRequestsOptions = {
  readonly events: EventWriter;
  readonly items: ConversationItems;
  readonly newId: NewId;
  readonly link: CallLink;
  readonly responses: Responses;
  readonly defaults: SessionDefaults;
  readonly session: () => EffectiveSession;
  /** Puts a session into effect and says so. */
  readonly configure: (session: EffectiveSession) => void;
  /** Begins the call, unless it has begun. */
  readonly beginCall: () => void;
  readonly close: (code: number, reason: string) => void;
};

/** A `response.create` that no reply has answered within this time is not waited for any longer. */
const forgetRequestAfterMs = 15_000;

/** Carries out what a client asks for. Whatever is wrong is answered with an `error`; the session goes on. */
export class ClientRequests {
  readonly #options: ClientRequestsOptions;
  readonly #buffer = new InputBuffer();
  #requested: { readonly request: ResponseRequest; readonly atMs: number } | undefined;
  #promptChanged = false;
  #limitChanged = false;
  #modalityChanged = false;
  /** Text of all items that the client has added. */
  #addedBytes = 0;

  constructor(options: ClientRequestsOptions) {
    this.#options = options;
  }

  handle(event: ClientEvent): void {
    // An update may say what the call is to be; anything else takes it as it is.
    if (event.type !== 'session.update') this.#options.beginCall();
    const problem = this.#carryOut(event);
    if (problem) this.#options.events.error(problem, event.event_id);
  }

  /** A turn was committed or dropped: its audio is no longer in the buffer. */
  turnSettled(): void {
    const { link } = this.#options;
    this.#buffer.heard(link.heardMs);
    link.turnSettled();
  }

  /** What was asked of the reply that begins now, if it was asked for. */
  replyStarted(): ResponseRequest | undefined {
    const request = this.#requested?.request;
    this.#requested = undefined;
    return request;
  }

  /** What was changed for one response becomes again as the session has it. */
  replyFinished(): void {
    const { link, session } = this.#options;
    if (this.#modalityChanged) {
      this.#modalityChanged = false;
      link.ask((controls) => controls.setWritten(session().modality === 'text'));
    }
    const instructions = this.#promptChanged ? this.#prompt() : undefined;
    if (instructions !== undefined) link.ask((controls) => controls.setInstructions(instructions));
    const { maxOutputTokens } = session();
    if (this.#limitChanged) link.ask((controls) => controls.limitReply(maxOutputTokens));
    this.#promptChanged = false;
    this.#limitChanged = false;
  }

  #carryOut(event: ClientEvent): Problem | undefined {
    switch (event.type) {
      case 'session.update':
        return this.#updateSession(event);
      case 'input_audio_buffer.append':
        return this.#append(event);
      case 'input_audio_buffer.commit':
        return this.#commit();
      case 'input_audio_buffer.clear':
        return this.#clear();
      case 'conversation.item.create':
        return this.#createItem(event);
      case 'conversation.item.retrieve':
        return this.#retrieveItem(event);
      case 'conversation.item.delete':
        return this.#deleteItem(event);
      case 'conversation.item.truncate':
        return this.#truncateItem(event);
      case 'response.create':
        return this.#createResponse(event);
      case 'response.cancel':
        return this.#cancelResponse(event);
      case 'parley.input_audio.mute':
        return this.#mute(true);
      case 'parley.input_audio.unmute':
        return this.#mute(false);
      case 'parley.dtmf.press':
        for (const key of event.keys) this.#options.link.press(key);
        return;
      case 'parley.expect':
        this.#options.link.askAfterAudio((controls) => controls.expect(event.answer));
        return;
      case 'output_audio_buffer.clear':
        return notSupported(
          'type',
          'Over a WebSocket the client holds the audio it plays: drop it, and send response.cancel and conversation.item.truncate',
        );
    }
  }

  #updateSession({ session: update, event_id }: ClientEventOf<'session.update'>): Problem | undefined {
    const { link, events, session, defaults, configure, beginCall } = this.#options;
    const before = session();
    const wanted = updateSession(before, update, defaults);
    const { session: after, problems } = link.begun
      ? keepFixed(before, wanted, defaults)
      : { session: wanted, problems: [] };
    configure(after);
    if (update.tools && update.tools.length > 0)
      events.error(
        notSupported(
          'session.tools',
          'The tools are kept, but the agent cannot call them yet: it answers without them',
        ),
        event_id,
      );
    for (const problem of problems) events.error(problem, event_id);
    if (!link.begun) {
      if (configuresCall(update)) beginCall();
      return;
    }
    const { instructions, turnDetection = defaultTurnDetection } = after;
    if (after.turnDetection !== before.turnDetection)
      link.askAfterAudio((controls) => controls.configure(turnSettingsOf(turnDetection)));
    if (after.modality !== before.modality) link.ask((controls) => controls.setWritten(after.modality === 'text'));
    if (instructions !== undefined && instructions !== before.instructions)
      link.ask((controls) => controls.setInstructions(instructions));
    const { maxOutputTokens } = after;
    if (maxOutputTokens !== before.maxOutputTokens) link.ask((controls) => controls.limitReply(maxOutputTokens));
  }

  #append({ audio, event_id }: ClientEventOf<'input_audio_buffer.append'>): Problem | undefined {
    const { link, session, events, close } = this.#options;
    const { inputFormat } = session();
    const samples = decodeAudio(audio, inputFormat);
    if ('problem' in samples) return { code: 'invalid_audio', message: samples.problem, param: 'audio' };
    const lengthMs = durationMs(samples.length, rateOf(inputFormat));
    if (lengthMs > messageLimits.maxAppendMs)
      return {
        code: 'invalid_audio',
        message: `One event may carry ${messageLimits.maxAppendMs} ms of audio, not ${Math.ceil(lengthMs)} ms; send it in several.`,
        param: 'audio',
      };
    if (link.push(samples)) {
      this.#buffer.append(samples.length, rateOf(inputFormat));
      return;
    }
    const message = 'Audio arrives so much faster than it can be heard that the queue is full; send it more slowly.';
    events.error({ code: 'input_audio_queue_full', message, param: 'audio' }, event_id);
    close(closeCodes.tooBig, 'the queue of input audio is full');
  }

  #commit(): Problem | undefined {
    const { lengthMs } = this.#buffer;
    if (lengthMs < smallestCommitMs)
      return {
        code: 'input_audio_buffer_commit_empty',
        message: `There are ${Math.floor(lengthMs)} ms of audio to commit; append at least ${smallestCommitMs} ms first.`,
      };
    this.#buffer.clear();
    this.#options.link.commit();
  }

  #mute(muted: boolean): undefined {
    const { link, events } = this.#options;
    link.askAfterAudio((controls) => controls.setMuted(muted));
    events.write(`parley.input_audio.${muted ? 'muted' : 'unmuted'}`, {});
  }

  #clear(): undefined {
    const { link, events } = this.#options;
    this.#buffer.clear();
    link.askAfterAudio((controls) => controls.clearInput());
    events.write('input_audio_buffer.cleared', {});
  }

  #createItem(event: ClientEventOf<'conversation.item.create'>): Problem | undefined {
    const { items, events, newId, link } = this.#options;
    const { item: wanted, previous_item_id: previousId } = event;
    const written = writtenItemOf(wanted);
    if ('problem' in written) return written.problem;
    if (wanted.id !== undefined && items.get(wanted.id))
      return { code: 'item_already_exists', message: `There is an item ${wanted.id} already.`, param: 'item.id' };
    const follows = previousId && previousId !== 'root' ? items.get(previousId) : undefined;
    if (previousId && previousId !== 'root' && !follows) return noItem(previousId, 'previous_item_id');
    const bytes = Buffer.byteLength(written.text);
    if (this.#addedBytes + bytes > messageLimits.maxConversationBytes)
      return {
        code: 'conversation_full',
        message: `The items of one conversation may have ${messageLimits.maxConversationBytes} bytes of text together; begin another session.`,
        param: 'item',
      };
    this.#addedBytes += bytes;
    const after = previousId === 'root' ? null : (previousId ?? items.lastId);
    const atEnd = after === items.lastId;
    const id = wanted.id ?? newId('item');
    const { role, text, content } = written;
    const { item } = items.add(messageItem(id, role, 'completed', ...content), { message: id }, after);
    events.write('conversation.item.added', { item, previous_item_id: after });
    events.write('conversation.item.done', { item, previous_item_id: after });
    const place = atEnd ? {} : { after: follows?.entry ?? null };
    link.askAfterAudio((controls) => controls.addMessage({ id, role, text, ...place }));
  }

  #retrieveItem({ item_id: id }: ClientEventOf<'conversation.item.retrieve'>): Problem | undefined {
    const record = this.#options.items.get(id);
    if (!record) return noItem(id, 'item_id');
    this.#options.events.write('conversation.item.retrieved', { item: record.item });
  }

  /** A reply that is deleted was not heard; anything else was not said. */
  #deleteItem({ item_id: id }: ClientEventOf<'conversation.item.delete'>): Problem | undefined {
    const { items, events, link } = this.#options;
    const record = items.get(id);
    if (!record) return noItem(id, 'item_id');
    const { entry } = record;
    if ('reply' in entry) link.now?.truncate(entry.reply, 0);
    else link.askAfterAudio((controls) => controls.forget(entry));
    items.delete(id);
    events.write('conversation.item.deleted', { item_id: id });
  }

  #truncateItem(event: ClientEventOf<'conversation.item.truncate'>): Problem | undefined {
    const { items, events, link } = this.#options;
    const { item_id: id, audio_end_ms: endMs } = event;
    const record = items.get(id);
    if (!record) return noItem(id, 'item_id');
    const { entry } = record;
    if (!('reply' in entry))
      return { code: 'invalid_value', message: `Item ${id} is not one of the agent's replies.`, param: 'item_id' };
    if (endMs > Math.ceil(record.sentMs))
      return {
        code: 'invalid_value',
        message: `Only ${Math.ceil(record.sentMs)} ms of item ${id} were sent; it cannot be cut at ${endMs} ms.`,
        param: 'audio_end_ms',
      };
    const heard = link.now?.truncate(entry.reply, endMs);
    const [content] = record.item.content;
    if (heard !== undefined && content?.type === 'output_audio')
      record.item = { ...record.item, content: [{ ...content, transcript: heard }] };
    events.write('conversation.item.truncated', { item_id: id, content_index: 0, audio_end_ms: endMs });
  }

  #createResponse({ response }: ClientEventOf<'response.create'>): Problem | undefined {
    const { responses, link, session } = this.#options;
    const unsupported = response && this.#unsupported(response);
    if (unsupported) return unsupported;
    if (responses.activeId !== undefined || this.#awaited)
      return {
        code: 'conversation_already_has_active_response',
        message: `Response ${responses.activeId ?? 'that was asked for'} is under way; wait for response.done, or cancel it.`,
      };
    const instructions = response?.instructions;
    if (instructions !== undefined && this.#prompt() === undefined)
      return notSupported(
        'response.instructions',
        'Instructions for one response need a session with instructions of its own to come back to; set session.instructions',
      );
    const modality = response?.output_modalities && modalityOf(response.output_modalities);
    const ownModality = modality !== undefined && modality !== session().modality;
    const limit = response?.max_output_tokens;
    const maxOutputTokens = limit === 'inf' ? undefined : limit;
    const request = { metadata: response?.metadata ?? null, modality, maxOutputTokens };
    this.#requested = { request, atMs: performance.now() };
    link.askAfterAudio((controls) => {
      if (limit !== undefined) {
        this.#limitChanged = true;
        controls.limitReply(maxOutputTokens);
      }
      if (instructions !== undefined) {
        this.#promptChanged = true;
        controls.setInstructions(instructions);
      }
      if (ownModality) {
        this.#modalityChanged = true;
        controls.setWritten(modality === 'text');
      }
      controls.respond();
    });
  }

  /** What one response cannot have for itself. */
  #unsupported(response: NonNullable<ClientEventOf<'response.create'>['response']>): Problem | undefined {
    const { session, defaults } = this.#options;
    const { conversation, input, tools = [], tool_choice: choice, audio } = response;
    if (conversation === 'none')
      return notSupported('response.conversation', 'Responses outside of the conversation are not offered');
    if (input !== undefined)
      return notSupported(
        'response.input',
        'A response is always to the conversation; an input of its own is not offered',
      );
    if (tools.length > 0 && choice !== 'none')
      return notSupported('response.tools', 'The agent cannot call tools yet; leave them out');
    const { format, voice } = audio?.output ?? {};
    if (format && format.type !== session().outputFormat)
      return notSupported('response.audio.output.format', `All audio of this session is ${session().outputFormat}`);
    if (voice !== undefined && knownVoice(voice, defaults) !== session().voice)
      return notSupported('response.audio.output.voice', 'One voice speaks in a session; name it in session.update');
    return undefined;
  }

  #cancelResponse({ response_id: id }: ClientEventOf<'response.cancel'>): Problem | undefined {
    const { responses, link } = this.#options;
    const active = responses.activeId;
    if ((active === undefined && !this.#awaited) || (id !== undefined && id !== active))
      return {
        code: 'response_cancel_not_active',
        message: id === undefined ? 'No response is under way.' : `Response ${id} is not under way.`,
        ...(id === undefined ? {} : { param: 'response_id' }),
      };
    if (active !== undefined) link.now?.cancelReply();
    else link.askAfterAudio((controls) => controls.cancelReply());
  }

  /** Whether a response was asked for that has not begun. */
  get #awaited(): boolean {
    return this.#requested !== undefined && performance.now() - this.#requested.atMs < forgetRequestAfterMs;
  }

  #prompt(): string | undefined {
    return this.#options.session().instructions ?? this.#options.defaults.instructions;
  }
}

function noItem(id: string, param: string): Problem {
  return { code: 'item_not_found', message: `There is no item ${id.slice(0, 128)} (any more).`, param };
}

function notSupported(param: string, what: string): Problem {
  return { code: 'parley.not_supported', message: `${what}.`, param };
}
