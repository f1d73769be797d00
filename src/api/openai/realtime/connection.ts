import type { WebSocket } from 'ws';
import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import { BoundedSocket, closeCodes } from '../../../channels/socket/bounded-socket.js';
import type { SessionEvent } from '../../../conversation/session-events.js';
import { defaultTurnSettings } from '../../../conversation/turn/settings.js';
import type { Usage } from '../../../platform/access/access.js';
import type { ParleyError } from '../../../ports/errors.js';
import { Asides } from './asides.js';
import { rateOf } from './audio-format.js';
import { CallLink } from './call-link.js';
import { CallUsage } from './call-usage.js';
import { CallerTurns } from './caller-turns.js';
import type { SessionUpdate } from './client-events.js';
import { ClientRequests } from './client-requests.js';
import { ConversationItems } from './conversation-items.js';
import {
  callFacts,
  type EffectiveSession,
  initialSession,
  sessionView,
  updateSession,
  voiceName,
} from './effective-session.js';
import { createEventWriter, type EventWriter, type WrittenEvent } from './event-writer.js';
import { refusalOf, requestProblem, sessionFault } from './failures.js';
import { heldUpdate } from './held-sessions.js';
import { IdleTimeout } from './idle-timeout.js';
import { createIds } from './ids.js';
import type { RealtimeLimits } from './limits.js';
import { Outbox } from './outbox.js';
import { readClientEvent } from './read-client-event.js';
import { ResponseRequests } from './response-requests.js';
import { Responses } from './responses.js';
import type { Resumptions } from './resumptions.js';
import type { SessionModel } from './session-model.js';
import { turnMetrics } from './turn-metrics.js';

export type ConnectionOptions = {
  readonly model: Pick<SessionModel, 'admit' | 'defaults'>;
  /** The name of the model, where it is a realtime model that holds the call by itself. */
  readonly heldBy: string | undefined;
  readonly limits: RealtimeLimits;
  /** What the session begins with. */
  readonly initial: SessionUpdate;
  /** Where the client finds its session again when it loses its connection; undefined when it has not asked for that. */
  readonly resumptions?: Resumptions<RealtimeConnection>;
  /** A fault of ours that ended a connection. */
  readonly onFault: (error: unknown) => void;
};

/** One client: its session, its call, and what each tells the other, over one socket or several after one another. */
export class RealtimeConnection {
  /** Resolves when there is no connection any more, and none can be resumed. */
  readonly closed: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #outbox: Outbox;
  readonly #view: () => Readonly<Record<string, unknown>>;
  /** Undefined while the client has lost its connection and may resume it. */
  #socket: BoundedSocket | undefined;
  #waiting: NodeJS.Timeout | undefined;
  #backPressure = false;
  #settleClosed: () => void = () => {};
  readonly #events: EventWriter;
  readonly #link: CallLink;
  readonly #usage = new CallUsage(() => this.#link.heardMs);
  readonly #turns: CallerTurns;
  readonly #responses: Responses;
  readonly #asides: Asides;
  readonly #asked: ResponseRequests;
  readonly #requests: ClientRequests;
  readonly #idle: IdleTimeout;
  readonly #admitTimer: NodeJS.Timeout;
  #session: EffectiveSession;

  constructor(socket: WebSocket, options: ConnectionOptions) {
    const { limits, initial, heldBy } = options;
    const { admit, defaults } = options.model;
    this.#options = options;
    const asked = heldBy === undefined ? undefined : heldUpdate(initial, heldBy);
    this.#session = updateSession(initialSession, asked?.update ?? initial, defaults);
    this.#outbox = new Outbox(limits);
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.#socket = this.#listenTo(socket);
    this.#link = new CallLink({
      admit,
      admitTimeoutMs: limits.admitTimeoutMs,
      endTimeoutMs: limits.closeTimeoutMs,
      maxQueuedAudioMs: limits.maxQueuedAudioMs,
      onEvent: (event) => this.#guard(() => this.#observe(event)),
      onAudio: (frame, { reply }) => this.#guard(() => this.#say(reply, frame)),
      onTokens: (tokens) => this.#usage.thought(tokens),
      onRefused: (error) => this.#refused(error),
      onRequestFailed: (error) => this.#requestFailed(error),
      onBackPressure: (full) => {
        this.#backPressure = full;
        this.#socket?.hold(full);
      },
      onOverflow: () => this.close(closeCodes.policyViolation, 'too many requests wait to be carried out'),
      onOver: (reason) => this.close(closeCodes.normal, reason),
    });

    const newId = createIds();
    const events = createEventWriter((event) => this.#send(event), newId);
    const items = new ConversationItems(limits.maxItems);
    const session = (): EffectiveSession => this.#session;
    const voice = (): string => voiceName(this.#session, defaults);
    const conversationId = newId('conv');
    const identity = {
      id: newId('sess'),
      expiresAt: Math.floor((Date.now() + defaultTurnSettings.silence.maxCallMs) / 1_000),
    };
    this.#events = events;
    const held = heldBy !== undefined;
    this.#turns = new CallerTurns({ events, items, newId, session, heardMs: () => this.#link.heardMs, held });
    this.#responses = new Responses({ events, items, newId, conversationId, session, voice });
    this.#asides = new Asides({
      events,
      newId,
      link: this.#link,
      onTokens: (tokens) => this.#usage.thought(tokens),
    });
    this.#idle = new IdleTimeout({ events, items, newId, link: this.#link, session });
    this.#asked = new ResponseRequests({
      items,
      newId,
      link: this.#link,
      responses: this.#responses,
      asides: this.#asides,
      defaults,
      session,
    });
    this.#requests = new ClientRequests({
      events,
      items,
      newId,
      link: this.#link,
      responses: this.#asked,
      defaults,
      heldBy,
      session,
      configure: (next) => {
        this.#session = next;
        events.write('session.updated', { session: this.#view() });
      },
      beginCall: () => this.#beginCall(),
      close: (code, reason) => this.close(code, reason),
    });
    this.#view = () => sessionView(this.#session, identity, defaults);
    events.write('session.created', { session: this.#view() });
    for (const problem of asked?.problems ?? []) events.error(problem);
    if (options.resumptions) events.write('parley.resumable', this.#ticket(options.resumptions));
    this.#admitTimer = setTimeout(() => this.#beginCall(), limits.admitAfterMs);
  }

  /** Resolves when the call has ended too, so that everything it has used is known. It does not wait for a call that hangs. */
  async settled(): Promise<void> {
    await this.closed;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.limits.closeTimeoutMs);
    });
    await Promise.race([this.#link.done, late]);
    clearTimeout(timer);
  }

  /** What the call has used since the last time. */
  takeUsage(): Usage {
    return this.#usage.take();
  }

  /** Ends the call and the connection; what is under way is told to the client first. Idempotent. */
  close(code: number, reason: string): void {
    const socket = this.#socket;
    if (!socket) {
      this.#giveUp(reason);
      return;
    }
    if (socket.open) {
      const ended = { code: 'parley.call_ended', message: `The call has ended: ${reason}.` };
      this.#responses.failOpen(ended);
      this.#asides.failAll(ended);
    }
    socket.close(code, reason);
  }

  /**
   * The client is back, on another socket. It gets what it has missed: all but audio behind the event `after`, or, when
   * it names none, since its connection was lost. What was said to nobody is said now.
   */
  resume(socket: WebSocket, after: string | undefined): void {
    const { resumptions } = this.#options;
    if (!resumptions) return;
    clearTimeout(this.#waiting);
    const before = this.#socket;
    this.#socket = undefined;
    if (before) {
      // The client has noticed first.
      this.#outbox.lost();
      this.#link.setReachable(false);
      before.close(closeCodes.goingAway, 'the session was resumed over another connection');
    }
    this.#socket = this.#listenTo(socket);
    this.#socket.hold(this.#backPressure);
    const { events, complete, audioMs } = this.#outbox.missed(after);
    this.#events.write('parley.resumed', { ...this.#ticket(resumptions), session: this.#view(), complete });
    for (const { text } of events) this.#socket.send(text);
    const { activeReply } = this.#responses;
    // What has been said already is not said again: the history has what was heard of it.
    for (const [reply, lostMs] of audioMs ?? []) if (reply !== activeReply) this.#unheard(reply, lostMs);
    this.#link.setReachable(true, audioMs && (activeReply === undefined ? 0 : (audioMs.get(activeReply) ?? 0)));
  }

  #unheard(reply: number, lostMs: number): void {
    const { now } = this.#link;
    now?.truncate(reply, Math.max(0, now.sentMs(reply) - lostMs));
  }

  /** What the client needs to resume, which holds once. */
  #ticket(resumptions: Resumptions<RealtimeConnection>): Readonly<Record<string, unknown>> {
    return { token: resumptions.issue(this), within_ms: this.#options.limits.resumeMs };
  }

  #listenTo(webSocket: WebSocket): BoundedSocket {
    const { limits } = this.#options;
    const socket = new BoundedSocket(webSocket, {
      maxBufferedBytes: limits.maxBufferedBytes,
      pingIntervalMs: limits.pingIntervalMs,
      closeTimeoutMs: limits.closeTimeoutMs,
      maxMessagesPerSecond: limits.maxEventsPerSecond,
      onMessage: (data, isBinary) => this.#guard(() => this.#receive(data, isBinary)),
      onEnd: (reason, lost) => {
        if (this.#socket !== socket) return;
        if (lost && this.#options.resumptions && this.#link.begun) this.#await(reason);
        else this.#end(reason);
      },
    });
    void socket.closed.then(() => {
      if (this.#socket === socket) this.#settleClosed();
    });
    return socket;
  }

  /** The connection was lost: the call goes on without the client for a while. */
  #await(reason: string): void {
    this.#socket = undefined;
    this.#outbox.lost();
    this.#waiting = setTimeout(() => this.#giveUp(reason), this.#options.limits.resumeMs);
    this.#link.setReachable(false);
  }

  #giveUp(reason: string): void {
    clearTimeout(this.#waiting);
    this.#end(reason);
    this.#settleClosed();
  }

  #end(reason: string): void {
    clearTimeout(this.#admitTimer);
    this.#idle.end();
    this.#asides.failAll({ code: 'parley.call_ended', message: reason });
    this.#options.resumptions?.forget(this);
    this.#link.end(reason);
  }

  #say(reply: number, frame: AudioFrame): void {
    this.#usage.said(frame);
    const sent = this.#responses.audio(reply, frame);
    if (sent && this.#options.resumptions)
      this.#outbox.keepAudio(reply, durationMs(frame.samples.length, frame.rateHz));
  }

  #send(event: WrittenEvent): void {
    if (this.#options.resumptions) this.#outbox.keep(event);
    this.#socket?.send(event.text);
  }

  #beginCall(): void {
    clearTimeout(this.#admitTimer);
    if (this.#link.begun || !this.#socket?.open) return;
    const { inputFormat, outputFormat } = this.#session;
    const rates = { inputRateHz: rateOf(inputFormat), outputRateHz: rateOf(outputFormat) };
    this.#link.begin(callFacts(this.#session, this.#options.model.defaults), rates);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const read = readClientEvent(data, isBinary);
    if ('problem' in read) this.#events.error(read.problem, read.eventId);
    else this.#requests.handle(read.event);
  }

  #observe(event: SessionEvent): void {
    // Nobody answers there; what ends a call that has been silent for long has no words.
    if (this.#session.kind === 'transcription' && 'reply' in event && event.type !== 'turn-committed') return;
    switch (event.type) {
      case 'speech-started':
        this.#idle.end();
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
      case 'turn-reopened':
        this.#turns.reopened(event);
        return;
      case 'key':
        this.#turns.pressed(event);
        return;
      case 'keys-entered':
        this.#turns.entered(event);
        return;
      case 'turn-dropped':
        this.#turns.dropped(event, this.#link.committing);
        this.#requests.turnSettled();
        return;
      case 'reply-started':
        this.#idle.end();
        this.#responses.begin(event, this.#asked.replyStarted(event.phrase !== undefined));
        return;
      case 'reply-text':
        this.#responses.text(event.reply, event.text);
        return;
      case 'reply-finished':
        this.#responses.finish(event);
        this.#asked.replyFinished();
        if (event.status === 'completed') this.#idle.begin();
        return;
      case 'tool-called':
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
      case 'turn-transcribed':
        this.#turns.transcribed(event);
        return;
      case 'drafts-counted':
      case 'ended':
        return;
    }
  }

  #refused(error: ParleyError): void {
    if (error.status === 500) this.#options.onFault(error);
    const { problem, closeCode } = refusalOf(error);
    this.#events.error(problem);
    this.close(closeCode, error.message);
  }

  #requestFailed(error: unknown): void {
    const { problem, isFault } = requestProblem(error);
    if (isFault) this.#options.onFault(error);
    this.#events.error(problem);
  }

  /** A fault of ours costs this connection, and neither the call's thread nor the process. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onFault(error);
      this.#events.error(sessionFault);
      this.close(closeCodes.internalError, 'internal error');
    }
  }
}
