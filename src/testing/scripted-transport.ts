import { type AudioFrame, durationMs, samplesOf } from '../audio/frame.js';
import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';
import { EventQueue } from '../ports/event-queue.js';
import type { AudioTag, Playout, Transport, TransportInput } from '../ports/transport.js';
import { FarEnd, type SentFrame } from './far-end.js';

export type ScriptedTransportOptions = {
  readonly clock: Clock;
  /** @defaultValue 24000 */
  readonly outputRateHz?: number;
  /** Of the caller's audio. @defaultValue 16000 */
  readonly inputRateHz?: number;
  /** Length of the caller's frames. @defaultValue 20 */
  readonly frameMs?: number;
  /** @defaultValue 80 */
  readonly leadMs?: number;
  /** @defaultValue 0 */
  readonly latencyMs?: number;
  /** With `marks`, the far end tells of each frame that it has played. @defaultValue 'none' */
  readonly ack?: Playout['ack'];
  /** How long what is sent, and what is told of it, takes to the other end. @defaultValue 0 */
  readonly networkMs?: number;
  /** How the far end's marks get here. @defaultValue in order, each once */
  readonly deliverMark?: (deliver: () => void) => void;
};

/** Half an hour of 20 ms frames that nobody reads. */
const inputCapacity = 90_000;

/**
 * A call without a network: the caller's audio comes at the pace of the clock, silence where they say nothing, and what
 * is sent to them is kept with its times.
 */
export class ScriptedTransport implements Transport {
  readonly outputRateHz: number;
  readonly playout: Playout;
  readonly #options: ScriptedTransportOptions;
  readonly #inputRateHz: number;
  readonly #frameSamples: number;
  readonly #frameMs: number;
  readonly #input = new EventQueue<TransportInput>(undefined, inputCapacity);
  readonly #farEnd: FarEnd;
  #pending: { samples: Float32Array; readonly said: () => void }[] = [];
  #disarm: (() => void) | undefined;
  #startedMs: number | undefined;
  #frames = 0;
  #hungUp: string | undefined;
  #lastReply: number | undefined;
  #stalledUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: ScriptedTransportOptions) {
    this.#options = options;
    this.outputRateHz = options.outputRateHz ?? 24_000;
    this.#inputRateHz = options.inputRateHz ?? 16_000;
    this.#frameSamples = samplesOf(options.frameMs ?? 20, this.#inputRateHz);
    this.#frameMs = durationMs(this.#frameSamples, this.#inputRateHz);
    this.#farEnd = new FarEnd(this.outputRateHz);
    this.playout = {
      ack: options.ack ?? 'none',
      leadMs: options.leadMs ?? 80,
      latencyMs: options.latencyMs ?? 0,
      clear: () => this.#clear(),
    };
  }

  get input(): AsyncIterable<TransportInput> {
    return this.#input;
  }

  /** Every frame that was sent, cleared ones included. */
  get sent(): readonly SentFrame[] {
    return this.#farEnd.frames;
  }

  /** When the far end was asked to drop what it had not played. */
  get clears(): readonly number[] {
    return this.#farEnd.clears;
  }

  /** Why our side ended the call; undefined when it has not. */
  get hungUp(): string | undefined {
    return this.#hungUp;
  }

  /** When the first sample of the caller's audio was spoken; undefined before `connect`. */
  get startedMs(): number | undefined {
    return this.#startedMs;
  }

  /** The caller's microphone opens: from now on a frame comes whenever one is full. */
  connect(): void {
    if (this.#startedMs !== undefined) return;
    this.#startedMs = this.#options.clock.nowMs();
    this.#armNextFrame();
  }

  /**
   * The caller says this, after what they are saying already.
   * @returns resolves when its last frame has been handed over (never, if the call ends before)
   */
  say(samples: Float32Array): Promise<void> {
    this.connect();
    return new Promise((resolve) => {
      this.#pending.push({ samples, said: resolve });
    });
  }

  /** Hands over audio now, faster than real time, outside of the caller's own stream. */
  burst(samples: Float32Array): void {
    for (let at = 0; at < samples.length; at += this.#frameSamples)
      this.push({ type: 'audio', frame: this.#frame(samples.slice(at, at + this.#frameSamples)) });
  }

  /** What the caller says in the next `ms` is lost on its way. */
  stall(ms: number): void {
    this.#stalledUntilMs = this.#options.clock.nowMs() + ms;
  }

  push(input: TransportInput): void {
    this.#input.push(input);
  }

  send(frame: AudioFrame, tag: AudioTag): void {
    if (this.#hungUp !== undefined) return;
    if (frame.rateHz !== this.outputRateHz)
      throw new ParleyError(`This transport plays ${this.outputRateHz} Hz; it was sent ${frame.rateHz} Hz.`, {
        code: 'transport.rate',
      });
    const played = this.#farEnd.play(frame.samples, tag, this.#arrivesMs());
    this.#lastReply = tag.reply;
    const { untilMs } = played;
    // The far end tells nothing of a frame that it was made to drop.
    if (this.playout.ack === 'marks')
      this.#options.clock.at(untilMs, () => {
        if (played.untilMs === untilMs) this.#mark(tag.reply, untilMs, false);
      });
  }

  /** How much of a reply the far end has played until now. */
  playedMs(reply: number): number {
    return this.#farEnd.playedMs(reply, this.#options.clock.nowMs());
  }

  /** What came out of the caller's loudspeaker of one reply, from its first sample on. */
  heardOf(reply: number): Float32Array {
    return this.#farEnd.heardOf(reply);
  }

  /** The far end drops of itself what it has not played. */
  flush(): void {
    this.#farEnd.clear(this.#options.clock.nowMs());
  }

  #arrivesMs(): number {
    return this.#options.clock.nowMs() + (this.#options.networkMs ?? 0);
  }

  #clear(): void {
    const atMs = this.#arrivesMs();
    const reply = this.#lastReply;
    this.#farEnd.clear(atMs);
    if (this.playout.ack === 'marks' && reply !== undefined)
      this.#options.clock.at(atMs, () => this.#mark(reply, atMs, true));
  }

  #mark(reply: number, atMs: number, last: boolean): void {
    const { clock, networkMs = 0, deliverMark = (deliver) => deliver() } = this.#options;
    const playedMs = this.#farEnd.playedMs(reply, atMs);
    clock.at(atMs + networkMs, () =>
      deliverMark(() => this.push({ type: 'played', reply, playedMs, ...(last ? { last } : {}) })),
    );
  }

  hangUp(reason: string): void {
    if (this.#hungUp !== undefined) return;
    this.#hungUp = reason;
    this.#end(reason);
  }

  /** The caller is gone. */
  disconnect(reason = 'the caller hung up'): void {
    this.#end(reason);
  }

  /** What came out of the caller's loudspeaker from time 0 of the clock until `untilMs`, at {@link outputRateHz}. */
  heard(untilMs: number = this.#options.clock.nowMs()): Float32Array {
    return this.#farEnd.heard(untilMs);
  }

  #end(reason: string): void {
    this.#disarm?.();
    this.#disarm = undefined;
    this.#pending = [];
    this.#input.push({ type: 'closed', reason });
    this.#input.end();
  }

  /** A frame is there when its last sample has been spoken. */
  #armNextFrame(): void {
    const atMs = (this.#startedMs ?? 0) + (this.#frames + 1) * this.#frameMs;
    this.#disarm = this.#options.clock.at(atMs, () => {
      this.#frames += 1;
      this.#armNextFrame();
      const frame = this.#frame(this.#spoken());
      if (atMs > this.#stalledUntilMs) this.push({ type: 'audio', frame });
    });
  }

  #spoken(): Float32Array {
    const out = new Float32Array(this.#frameSamples);
    let at = 0;
    while (at < out.length) {
      const next = this.#pending[0];
      if (!next) break;
      const part = next.samples.subarray(0, out.length - at);
      out.set(part, at);
      at += part.length;
      next.samples = next.samples.subarray(part.length);
      if (next.samples.length > 0) break;
      this.#pending.shift();
      next.said();
    }
    return out;
  }

  #frame(samples: Float32Array): AudioFrame {
    return { samples, rateHz: this.#inputRateHz };
  }
}
