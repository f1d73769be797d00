import type { WebSocket } from 'ws';
import { BoundedSocket, closeCodes } from '../../../channels/socket/bounded-socket.js';
import type { SessionEvent } from '../../../conversation/session-events.js';
import { defaultTurnSettings } from '../../../conversation/turn/settings.js';
import type { Admit } from '../../../platform/admission-types.js';
import { ParleyError } from '../../../ports/errors.js';
import { rateOf } from './audio-format.js';
import { CallLink } from './call-link.js';
import { CallerTurns } from './caller-turns.js';
import type { SessionUpdate } from './client-events.js';
import { ClientRequests } from './client-requests.js';
import { ConversationItems } from './conversation-items.js';
import {
  callFacts,
  type EffectiveSession,
  initialSession,
  type SessionDefaults,
  sessionView,
  updateSession,
  voiceName,
} from './effective-session.js';
import { createEventWriter, type EventWriter } from './event-writer.js';
import { createIds } from './ids.js';
import type { RealtimeLimits } from './limits.js';
import { readClientEvent } from './read-client-event.js';
import { Responses } from './responses.js';
import { turnMetrics } from './turn-metrics.js';

export type ConnectionOptions = {
  readonly admit: Admit;
  readonly limits: RealtimeLimits;
  readonly defaults: SessionDefaults;
  /** What the session begins with. */
  readonly initial: SessionUpdate;
  /** A fault of ours that ended a connection. */
  readonly onFault: (error: unknown) => void;
};

/** One client on one socket: its session, its call, and what each tells the other. */
export class RealtimeConnection {
  readonly closed: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #socket: BoundedSocket;
  readonly #events: EventWriter;
  readonly #link: CallLink;
  readonly #turns: CallerTurns;
  readonly #responses: Responses;
  readonly #requests: ClientRequests;
  readonly #admitTimer: NodeJS.Timeout;
  #session: EffectiveSession;

  constructor(socket: WebSocket, options: ConnectionOptions) {
    const { admit, limits, defaults, initial } = options;
    this.#options = options;
    this.#session = updateSession(initialSession, initial, defaults);
    this.#socket = new BoundedSocket(socket, {
      maxBufferedBytes: limits.maxBufferedBytes,
      pingIntervalMs: limits.pingIntervalMs,
      closeTimeoutMs: limits.closeTimeoutMs,
      maxMessagesPerSecond: limits.maxEventsPerSecond,
      onMessage: (data, isBinary) => this.#guard(() => this.#receive(data, isBinary)),
      onEnd: (reason) => {
        clearTimeout(this.#admitTimer);
        this.#link.end(reason);
      },
    });
    this.closed = this.#socket.closed;
    this.#link = new CallLink({
      admit,
      admitTimeoutMs: limits.admitTimeoutMs,
      endTimeoutMs: limits.closeTimeoutMs,
      maxQueuedAudioMs: limits.maxQueuedAudioMs,
      onEvent: (event) => this.#guard(() => this.#observe(event)),
      onAudio: (frame, { reply }) => this.#guard(() => this.#responses.audio(reply, frame)),
      onRefused: (error) => this.#refused(error),
      onRequestFailed: (error) => this.#requestFailed(error),
      onBackPressure: (full) => this.#socket.hold(full),
      onOverflow: () => this.close(closeCodes.policyViolation, 'too many requests wait to be carried out'),
      onOver: (reason) => this.close(closeCodes.normal, reason),
    });

    const newId = createIds();
    const events = createEventWriter((text) => this.#socket.send(text), newId);
    const items = new ConversationItems(limits.maxItems);
    const session = (): EffectiveSession => this.#session;
    const voice = (): string => voiceName(this.#session, defaults);
    const conversationId = newId('conv');
    const identity = {
      id: newId('sess'),
      expiresAt: Math.floor((Date.now() + defaultTurnSettings.silence.maxCallMs) / 1_000),
    };
    this.#events = events;
    this.#turns = new CallerTurns({ events, items, newId, session, heardMs: () => this.#link.heardMs });
    this.#responses = new Responses({ events, items, newId, conversationId, session, voice });
    this.#requests = new ClientRequests({
      events,
      items,
      newId,
      link: this.#link,
      responses: this.#responses,
      defaults,
      session,
      configure: (next) => {
        this.#session = next;
        events.write('session.updated', { session: sessionView(next, identity, defaults) });
      },
      beginCall: () => this.#beginCall(),
      close: (code, reason) => this.close(code, reason),
    });
    events.write('session.created', { session: sessionView(this.#session, identity, defaults) });
    this.#admitTimer = setTimeout(() => this.#beginCall(), limits.admitAfterMs);
  }

  /** Ends the call and the connection; what is under way is told to the client first. Idempotent. */
  close(code: number, reason: string): void {
    if (this.#socket.open)
      this.#responses.failOpen({ code: 'parley.call_ended', message: `The call has ended: ${reason}.` });
    this.#socket.close(code, reason);
  }

  #beginCall(): void {
    clearTimeout(this.#admitTimer);
    if (this.#link.begun || !this.#socket.open) return;
    const { inputFormat, outputFormat } = this.#session;
    const rates = { inputRateHz: rateOf(inputFormat), outputRateHz: rateOf(outputFormat) };
    this.#link.begin(callFacts(this.#session), rates);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const read = readClientEvent(data, isBinary);
    if ('problem' in read) this.#events.error(read.problem, read.eventId);
    else this.#requests.handle(read.event);
  }

  #observe(event: SessionEvent): void {
    switch (event.type) {
      case 'speech-started':
        this.#turns.started(event);
        return;
      case 'speech-paused':
        this.#turns.paused(event);
        return;
      case 'partial':
        this.#turns.partial(event);
        return;
      case 'correction':
        this.#turns.corrected(event);
        return;
      case 'turn-committed':
        this.#turns.committed(event);
        this.#requests.turnSettled();
        return;
      case 'turn-dropped':
        this.#turns.dropped(event, this.#link.committing);
        this.#requests.turnSettled();
        return;
      case 'reply-started':
        this.#responses.begin(event.reply, this.#requests.replyStarted());
        return;
      case 'reply-text':
        this.#responses.text(event.reply, event.text);
        return;
      case 'reply-finished':
        this.#responses.finish(event);
        this.#requests.replyFinished();
        return;
      case 'turn-measured': {
        const { marks } = event;
        this.#responses.measured(marks);
        if (!this.#session.turnMetrics) return;
        const ids = { itemId: this.#turns.itemIdOf(marks.turn), responseId: this.#responses.idOf(marks.reply) };
        this.#events.write('parley.turn', turnMetrics(marks, ids));
        return;
      }
      case 'problem':
        this.#responses.troubled(event);
        this.#events.error({ type: 'server_error', code: event.code, message: event.message });
        return;
      case 'drafts-counted':
      case 'ended':
        return;
    }
  }

  #refused(error: ParleyError): void {
    if (error.status === 500) this.#options.onFault(error);
    const type = error.status >= 500 ? 'server_error' : 'invalid_request_error';
    this.#events.error({ type, code: error.code, message: error.message });
    const code =
      error.status === 503 || error.status === 429
        ? closeCodes.tryAgainLater
        : error.status < 500
          ? closeCodes.policyViolation
          : closeCodes.internalError;
    this.close(code, error.message);
  }

  #requestFailed(error: unknown): void {
    const code = ParleyError.isInstance(error) ? error.code : 'internal_error';
    const message = ParleyError.isInstance(error) ? error.message : 'A request could not be carried out.';
    if (code === 'internal_error') this.#options.onFault(error);
    this.#events.error({ type: 'server_error', code, message });
  }

  /** A fault of ours costs this connection, and neither the call's thread nor the process. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onFault(error);
      this.#events.error({
        type: 'server_error',
        code: 'internal_error',
        message: 'A fault of the server ended this session; connect again.',
      });
      this.#socket.close(closeCodes.internalError, 'internal error');
    }
  }
}
