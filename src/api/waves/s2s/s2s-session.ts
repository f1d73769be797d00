import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import { closeCodes } from '../../../channels/socket/bounded-socket.js';
import type { SessionEvent } from '../../../conversation/session-events.js';
import type { Admit } from '../../../platform/admission-types.js';
import type { ParleyError } from '../../../ports/errors.js';
import { Asides } from '../../openai/realtime/asides.js';
import { decodeAudio } from '../../openai/realtime/audio-format.js';
import { CallLink } from '../../openai/realtime/call-link.js';
import { tokenUsage } from '../../openai/realtime/call-usage.js';
import { ConversationItems } from '../../openai/realtime/conversation-items.js';
import {
  type EffectiveSession,
  initialSession,
  type SessionDefaults,
} from '../../openai/realtime/effective-session.js';
import type { EventWriter, Problem } from '../../openai/realtime/event-writer.js';
import { refusalOf, requestProblem, sessionFault } from '../../openai/realtime/failures.js';
import { createIds } from '../../openai/realtime/ids.js';
import { ItemRequests } from '../../openai/realtime/item-requests.js';
import { messageLimits } from '../../openai/realtime/limits.js';
import { readEvent } from '../../openai/realtime/read-client-event.js';
import { ResponseRequests } from '../../openai/realtime/response-requests.js';
import { Responses } from '../../openai/realtime/responses.js';
import { readTools, toolsView } from '../../openai/realtime/session-tools.js';
import { turnMetrics } from '../../openai/realtime/turn-metrics.js';
import type { SocketMessage } from '../../sockets/inbox.js';
import type { SocketSession } from '../../sockets/socket-session.js';
import { type HydraEvent, type HydraEventOf, hydraEventSchemas } from './client-events.js';
import { configure } from './configure.js';
import { hydraRates } from './hydra-names.js';
import { HydraTurns } from './hydra-turns.js';
import { createHydraWriter } from './hydra-writer.js';
import type { S2sLimits } from './limits.js';
import { ToolWait } from './tool-wait.js';

export type S2sSessionOptions = {
  readonly admit: Admit;
  readonly defaults: SessionDefaults;
  readonly limits: S2sLimits;
  /** The client asked for a model by a name that its maker calls deprecated. */
  readonly deprecated: boolean;
  readonly onFault: (error: unknown) => void;
};

/**
 * One client of Hydra's protocol and its call. Below the wire everything is as in a realtime session: the call, the items,
 * what a client may ask of them, and responses.
 */
export class S2sSession {
  readonly #options: S2sSessionOptions;
  readonly #socket: SocketSession;
  readonly #events: EventWriter;
  readonly #link: CallLink;
  readonly #turns: HydraTurns;
  readonly #responses: Responses;
  readonly #asked: ResponseRequests;
  readonly #items: ItemRequests;
  readonly #tools: ToolWait;
  readonly #idle: NodeJS.Timeout;
  #session: EffectiveSession = initialSession;
  #configured = false;
  #unheardTold = false;
  /** Settles when the client may be read again. */
  #room: Promise<void> = Promise.resolve();
  #makeRoom: () => void = () => {};

  constructor(socket: SocketSession, options: S2sSessionOptions) {
    const { admit, defaults, limits } = options;
    this.#options = options;
    this.#socket = socket;
    const newId = createIds();
    this.#events = createHydraWriter((text) => this.#send(text), newId);
    this.#link = new CallLink({
      admit,
      admitTimeoutMs: limits.admitTimeoutMs,
      endTimeoutMs: limits.endTimeoutMs,
      maxQueuedAudioMs: limits.maxQueuedAudioMs,
      onEvent: (event) => this.#guard(() => this.#observe(event)),
      onAudio: (frame, { reply }) => this.#guard(() => this.#say(reply, frame)),
      onRefused: (error) => this.#refused(error),
      onRequestFailed: (error) => this.#requestFailed(error),
      onBackPressure: (full) => this.#hold(full),
      onOverflow: () => socket.close(closeCodes.policyViolation, 'too many requests wait to be carried out'),
      onOver: (reason) => socket.close(closeCodes.normal, reason),
      onTokens: (tokens) => socket.count(tokenUsage(tokens)),
    });
    const events = this.#events;
    const link = this.#link;
    const items = new ConversationItems(limits.maxItems);
    const session = (): EffectiveSession => this.#session;
    const voice = (): string => '';
    this.#turns = new HydraTurns({ events, items, newId, heardMs: () => link.heardMs });
    this.#responses = new Responses({ events, items, newId, conversationId: '', session, voice });
    const asides = new Asides({ events, newId, link, onTokens: (tokens) => socket.count(tokenUsage(tokens)) });
    this.#asked = new ResponseRequests({ items, newId, link, responses: this.#responses, asides, defaults, session });
    this.#items = new ItemRequests({ events, items, newId, link, session });
    this.#tools = new ToolWait(limits.toolResponseMs, () => this.#toolsLate());
    this.#idle = setTimeout(() => socket.close(closeCodes.normal, 'nothing was said for too long'), limits.idleMs);
    socket.signal.addEventListener('abort', () => this.#end(), { once: true });
  }

  /** Serves the client until it is gone. @param refusal why it is to come again another time */
  async serve(refusal: ParleyError | undefined): Promise<void> {
    if (refusal) {
      this.#refused(refusal);
      await this.#socket.closed;
      return;
    }
    if (this.#options.deprecated)
      this.#warn('model_deprecated', 'The name "hydra" is deprecated by its maker; use hydra-v1.1.', 'model');
    this.#events.write('session.created', { session_id: `ws_${this.#socket.id}` });
    for await (const message of this.#socket.messages) {
      this.#guard(() => this.#receive(message));
      await this.#room;
    }
    await this.#socket.closed;
  }

  #receive(message: SocketMessage): void {
    this.#idle.refresh();
    const isBinary = typeof message !== 'string';
    const read = readEvent(hydraEventSchemas, isBinary ? message : Buffer.from(message), isBinary);
    if ('problem' in read) {
      this.#events.error(read.problem, read.eventId);
      return;
    }
    const { event } = read;
    const problem = this.#carryOut(event);
    if (problem) this.#events.error(problem, event.event_id);
  }

  #carryOut(event: HydraEvent): Problem | undefined {
    if (event.type === 'session.configure') return this.#configure(event);
    if (!this.#configured) return this.#notConfigured(event.type);
    switch (event.type) {
      case 'session.update':
        return this.#update(event);
      case 'input_audio_buffer.append':
        return this.#append(event);
      case 'conversation.item.create':
        return this.#items.create(event);
      case 'response.create': {
        this.#tools.end();
        const own = event.response?.instructions;
        return this.#asked.create({ ...event, response: own === undefined ? {} : { instructions: own } });
      }
      case 'response.cancel': {
        const problem = this.#asked.cancel(event);
        // What is over already cannot be cancelled, and need not be.
        return problem?.code === 'response_cancel_not_active' ? undefined : problem;
      }
    }
  }

  #configure({ session: wanted, event_id }: HydraEventOf<'session.configure'>): Problem | undefined {
    if (this.#configured) {
      this.#warn('already_configured', 'A session is configured once; session.update changes its tools.');
      return undefined;
    }
    const configured = configure(wanted, this.#options.defaults);
    if ('problem' in configured) return configured.problem;
    const { session, facts, view, speaksFirst, problems, warnings } = configured;
    this.#configured = true;
    this.#session = session;
    this.#events.write('session.configured', { session: view });
    for (const problem of problems) this.#events.error(problem, event_id);
    for (const { param, message } of warnings) this.#warn('no_effect', message, param);
    this.#link.begin(facts, hydraRates);
    if (speaksFirst) this.#link.ask((controls) => controls.respond());
    return undefined;
  }

  #update({ session: wanted, event_id }: HydraEventOf<'session.update'>): Problem | undefined {
    const fixed = Object.keys(wanted).find((name) => name !== 'tools');
    if (fixed !== undefined)
      return {
        code: 'invalid_frame',
        message: `Only the tools of a session can change, not "${fixed.slice(0, 60)}"; open another session.`,
        param: `session.update.session.${fixed.slice(0, 60)}`,
      };
    if (wanted.tools === undefined) return undefined;
    const { tools, problems } = readTools(wanted.tools, 'session.update.session.tools');
    for (const problem of problems) this.#events.error(problem, event_id);
    if (JSON.stringify(tools) === JSON.stringify(this.#session.tools)) return undefined;
    this.#session = { ...this.#session, tools };
    this.#link.ask((controls) => controls.setTools({ tools, choice: 'auto' }));
    this.#events.write('session.updated', { session: { tools: toolsView(tools) } });
    return undefined;
  }

  #append({ audio, event_id }: HydraEventOf<'input_audio_buffer.append'>): Problem | undefined {
    const samples = decodeAudio(audio, 'audio/pcm');
    if ('problem' in samples) return { code: 'invalid_audio', message: samples.problem, param: 'audio' };
    const lengthMs = durationMs(samples.length, hydraRates.inputRateHz);
    const { maxAppendMs } = messageLimits;
    if (lengthMs > maxAppendMs)
      return {
        code: 'invalid_audio',
        message: `One frame may carry ${maxAppendMs} ms of audio, not ${Math.ceil(lengthMs)} ms; send it in several.`,
        param: 'audio',
      };
    this.#socket.count({ audioInSeconds: lengthMs / 1_000 });
    if (this.#link.push(samples)) return undefined;
    const message = 'Audio arrives so much faster than it can be heard that the queue is full; send it more slowly.';
    this.#events.error({ code: 'input_audio_queue_full', message, param: 'audio' }, event_id);
    this.#socket.close(closeCodes.tooBig, 'the queue of input audio is full');
    return undefined;
  }

  /** Sound before the session is configured is heard by nobody, which is told once: there are many frames of it. */
  #notConfigured(type: string): Problem | undefined {
    const message = `${type}: a session begins with session.configure; wait for session.configured.`;
    if (type !== 'input_audio_buffer.append') return { code: 'not_configured', message };
    if (!this.#unheardTold) this.#warn('not_configured', message);
    this.#unheardTold = true;
    return undefined;
  }

  #observe(event: SessionEvent): void {
    switch (event.type) {
      case 'speech-started':
        this.#tools.end();
        this.#turns.started(event);
        return;
      case 'speech-paused':
        this.#turns.paused(event);
        return;
      case 'turn-committed':
        this.#turns.committed(event);
        this.#link.turnSettled();
        return;
      case 'turn-transcribed':
        this.#turns.transcribed(event);
        return;
      case 'turn-reopened':
        this.#turns.reopened(event);
        return;
      case 'turn-dropped':
        this.#turns.dropped(event);
        this.#link.turnSettled();
        return;
      case 'reply-started':
        this.#responses.begin(event, this.#asked.replyStarted(event.phrase !== undefined));
        return;
      case 'reply-text':
        this.#responses.text(event.reply, event.text);
        return;
      case 'reply-finished':
        this.#responses.finish(event);
        this.#asked.replyFinished();
        return;
      case 'tool-called':
        this.#tools.begin();
        this.#responses.called(event);
        return;
      case 'turn-measured': {
        const { marks } = event;
        if (!this.#session.turnMetrics) return;
        const ids = {
          callId: this.#link.callId,
          itemId: this.#turns.itemIdOf(marks.turn),
          responseId: this.#responses.idOf(marks.reply),
        };
        this.#events.write('parley.turn', turnMetrics(marks, ids));
        return;
      }
      case 'problem':
        this.#responses.troubled(event);
        this.#events.error({ type: 'server_error', code: event.code, message: event.message });
        return;
      // What Hydra has no events for.
      case 'partial':
      case 'correction':
      case 'key':
      case 'keys-entered':
      case 'drafts-counted':
      case 'ended':
        return;
    }
  }

  #say(reply: number, frame: AudioFrame): void {
    if (!this.#responses.audio(reply, frame)) return;
    this.#socket.count({ audioOutSeconds: durationMs(frame.samples.length, frame.rateHz) / 1_000 });
  }

  #toolsLate(): void {
    const { toolResponseMs } = this.#options.limits;
    this.#events.error({
      code: 'tool_response_timeout',
      message: `A tool was called and no response was asked for within ${toolResponseMs} ms; the turn is given up.`,
    });
  }

  #refused(error: ParleyError): void {
    if (error.status === 500) this.#options.onFault(error);
    const { problem, closeCode, full } = refusalOf(error);
    this.#events.error(full ? { ...problem, code: 'server_full' } : problem);
    this.#socket.close(closeCode, error.message);
  }

  #requestFailed(error: unknown): void {
    const { problem, isFault } = requestProblem(error);
    if (isFault) this.#options.onFault(error);
    this.#events.error(problem);
  }

  #warn(code: string, message: string, param: string | null = null): void {
    this.#events.write('warning', { code, message, param });
  }

  #send(text: string): void {
    this.#idle.refresh();
    this.#socket.send(text);
  }

  #hold(full: boolean): void {
    this.#makeRoom();
    if (full)
      this.#room = new Promise((resolve) => {
        this.#makeRoom = resolve;
      });
  }

  #end(): void {
    clearTimeout(this.#idle);
    this.#tools.end();
    this.#makeRoom();
    this.#link.end('the client has gone');
  }

  /** A fault of ours costs this connection, and neither the call's thread nor the process. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onFault(error);
      this.#events.error(sessionFault);
      this.#socket.close(closeCodes.internalError, 'internal error');
    }
  }
}
