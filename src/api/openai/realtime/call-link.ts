import type { AudioFrame } from '../../../audio/frame.js';
import { createSocketTransport, type SocketTransport } from '../../../channels/socket/socket-transport.js';
import type { SessionControls } from '../../../conversation/session-controls.js';
import type { SessionEvent, TurnMarks } from '../../../conversation/session-events.js';
import type { Admit, CallFacts } from '../../../platform/admission-types.js';
import { ParleyError } from '../../../ports/errors.js';
import type { AudioTag } from '../../../ports/transport.js';
import { ControlQueue, type ControlStep } from './control-queue.js';

export type CallLinkOptions = {
  readonly admit: Admit;
  readonly admitTimeoutMs: number;
  /** From hanging up to the end of the call. */
  readonly endTimeoutMs: number;
  readonly maxQueuedAudioMs: number;
  readonly onEvent: (event: SessionEvent) => void;
  readonly onAudio: (frame: AudioFrame, tag: AudioTag) => void;
  /** A reply has taken so many, also one that nobody is told of any more. */
  readonly onTokens: (tokens: TurnMarks['tokens']) => void;
  /** There will be no call: it was refused, or it did not begin in time. */
  readonly onRefused: (error: ParleyError) => void;
  /** Something that the client asked for failed; the call goes on. */
  readonly onRequestFailed: (error: unknown) => void;
  /** More audio waits than should: the client is not to be read until it says false. */
  readonly onBackPressure: (full: boolean) => void;
  /** The client asks for more than waits its turn. */
  readonly onOverflow: () => void;
  /** The call has ended by itself; called once, after its last event. */
  readonly onOver: (reason: string) => void;
};

/** A connection's call: begun once, fed with audio and requests in their order, and ended once. */
export class CallLink {
  /** Resolves when there is no call any more, and none will begin; behind its last event. */
  readonly done: Promise<void>;
  #settleDone: () => void = () => {};
  readonly #options: CallLinkOptions;
  readonly #queue: ControlQueue;
  #reachable = true;
  #transport: SocketTransport | undefined;
  #callId: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hangUpReason: string | undefined;
  #over = false;

  constructor(options: CallLinkOptions) {
    this.#options = options;
    this.#queue = new ControlQueue(options.onRequestFailed);
    this.done = new Promise((resolve) => {
      this.#settleDone = resolve;
    });
  }

  get begun(): boolean {
    return this.#transport !== undefined;
  }

  /** Undefined before the call was admitted. */
  get callId(): string | undefined {
    return this.#callId;
  }

  /** How much of the caller's audio the call has heard. */
  get heardMs(): number {
    return this.#transport?.takenMs ?? 0;
  }

  get committing(): boolean {
    return this.#queue.committing;
  }

  /** For what must not wait behind audio or other requests. Undefined before the call has begun. */
  get now(): SessionControls | undefined {
    return this.#queue.now;
  }

  begin(facts: CallFacts, rates: { readonly inputRateHz: number; readonly outputRateHz: number }): void {
    if (this.begun || this.#over) return;
    const { admit, admitTimeoutMs, maxQueuedAudioMs, onAudio, onEvent, onBackPressure, onTokens } = this.#options;
    const transport = createSocketTransport({
      ...rates,
      maxQueuedMs: maxQueuedAudioMs,
      onAudio,
      onBackPressure,
      onHangUp: (reason) => {
        this.#hangUpReason = reason;
        this.#timer = setTimeout(() => this.#finish(reason), this.#options.endTimeoutMs);
      },
    });
    this.#transport = transport;
    this.#timer = setTimeout(() => {
      const message = `The call did not begin within ${admitTimeoutMs} ms; try again.`;
      this.#refuse(new ParleyError(message, { code: 'parley.admission_timeout', status: 503, retryable: true }));
    }, admitTimeoutMs);
    const observer = (event: SessionEvent): void => {
      if (event.type === 'reply-finished' && event.tokens) onTokens(event.tokens);
      if (this.#over) return;
      onEvent(event);
      if (event.type === 'ended') this.#finish(event.reason);
    };
    // A call that was admitted too late is hung up; one that was refused has said why.
    void this.#admitted(() => admit(facts, transport, observer)).finally(this.#settleDone);
  }

  /** @returns false when too much audio waits */
  push(samples: Float32Array): boolean {
    return this.#transport?.push(samples) ?? true;
  }

  press(digit: string): void {
    this.#bounded(this.#transport?.press(digit) ?? true);
  }

  /** Whether the client can be reached: while it cannot, nothing is said to it. See `SessionControls`. */
  setReachable(reachable: boolean, lostMs?: number): void {
    this.#reachable = reachable;
    this.now?.setReachable(reachable, lostMs);
  }

  ask(step: ControlStep): void {
    this.#bounded(this.#queue.ask(step));
  }

  /** Asks once all audio sent before has been heard. */
  askAfterAudio(step: ControlStep): void {
    this.#afterAudio(() => this.ask(step));
  }

  /** Ends the caller's turn behind all audio sent before. */
  commit(): void {
    this.#afterAudio(() => this.#bounded(this.#queue.commit()));
  }

  turnSettled(): void {
    this.#queue.turnSettled();
  }

  /** The client is gone. Idempotent. */
  end(reason: string): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#transport?.end(reason);
    if (!this.begun) this.#settleDone();
  }

  #afterAudio(work: () => void): void {
    if (this.#transport) this.#bounded(this.#transport.barrier(work));
    else work();
  }

  #bounded(taken: boolean): void {
    if (!taken) this.#options.onOverflow();
  }

  async #admitted(admission: () => ReturnType<Admit>): Promise<void> {
    try {
      const call = await admission();
      clearTimeout(this.#timer);
      this.#callId = call.callId;
      if (this.#over) {
        call.controls.hangUp('the client has gone');
        await call.done;
        return;
      }
      if (!this.#reachable) call.controls.setReachable(false);
      this.#queue.begin(call.controls);
      await call.done;
      this.#finish(this.#hangUpReason ?? 'the call has ended');
    } catch (error) {
      this.#refuse(
        ParleyError.isInstance(error)
          ? error
          : new ParleyError('The call could not be begun or was broken off by a fault of the server.', {
              code: 'internal_error',
              cause: error,
            }),
      );
    }
  }

  #refuse(error: ParleyError): void {
    if (this.#over) return;
    this.end(error.message);
    this.#options.onRefused(error);
  }

  #finish(reason: string): void {
    if (this.#over) return;
    this.end(reason);
    this.#options.onOver(reason);
  }
}
