import { type AudioFrame, durationMs, samplesOf } from '../../audio/frame.js';
import type { Clock } from '../../ports/clock.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { AudioTag, Playout, Transport, TransportInput } from '../../ports/transport.js';

/** Of both channels: what ears work at, so that nothing has to be converted. */
export const lineRateHz = 16_000;
const leadMs = 80;
/** Ten minutes of frames that nobody reads. */
const inputCapacity = 30_000;

/** A stretch of the agent's channel that belongs to one reply. */
export type ReplyStretch = { readonly reply: number; readonly from: number; to: number };

/** A line without a network: the agent's audio plays as soon as it is sent, one frame behind the other. */
export class VirtualLine implements Transport {
  readonly outputRateHz = lineRateHz;
  readonly playout: Playout;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #input = new EventQueue<TransportInput>(undefined, inputCapacity);
  readonly #stretches: ReplyStretch[] = [];
  #track = new Float32Array(60 * lineRateHz);
  #free = 0;
  #latest = Number.NEGATIVE_INFINITY;
  #overlaps = 0;
  #endedMs: number | undefined;
  #left = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.nowMs();
    this.playout = { ack: 'none', leadMs, latencyMs: 0, clear: () => this.#clear() };
  }

  get input(): AsyncIterable<TransportInput> {
    return this.#input;
  }

  /** What was heard of each reply, in order. */
  get stretches(): readonly ReplyStretch[] {
    return this.#stretches;
  }

  /** Frames of a reply that came after one of a later reply. */
  get overlaps(): number {
    return this.#overlaps;
  }

  /** When the agent's side hung up. */
  get endedMs(): number | undefined {
    return this.#endedMs;
  }

  /** Whether audio waits to be heard. */
  get pending(): boolean {
    return this.#free > this.#now();
  }

  push(input: TransportInput): void {
    if (this.#endedMs === undefined) this.#input.push(input);
  }

  send({ samples }: AudioFrame, { reply }: AudioTag): void {
    if (this.#endedMs !== undefined) return;
    if (reply < this.#latest) this.#overlaps += 1;
    this.#latest = Math.max(this.#latest, reply);
    const from = Math.max(this.#now(), this.#free);
    const to = from + samples.length;
    if (to > this.#track.length) {
      const longer = new Float32Array(2 * to);
      longer.set(this.#track);
      this.#track = longer;
    }
    this.#track.set(samples, from);
    this.#free = to;
    const last = this.#stretches.at(-1);
    if (last?.reply === reply && last.to === from) last.to = to;
    else this.#stretches.push({ reply, from, to });
  }

  hangUp(_reason: string): void {
    if (this.#endedMs !== undefined || this.#left) return;
    this.#endedMs = this.#clock.nowMs() - this.#startedMs;
    this.#clear();
    this.#input.end();
  }

  /** The caller hangs up. */
  disconnect(): void {
    this.push({ type: 'closed', reason: 'the caller hung up' });
    this.#left = true;
    this.#input.end();
  }

  /** What is heard of the agent from one sample to another. */
  heard(from: number, to: number): Float32Array {
    const heard = new Float32Array(to - from);
    heard.set(this.#track.subarray(from, Math.min(to, this.#free)).subarray(0, heard.length));
    return heard;
  }

  /** How far into the call a sample is. */
  msOf(sample: number): number {
    return durationMs(sample, lineRateHz);
  }

  #now(): number {
    return samplesOf(this.#clock.nowMs() - this.#startedMs, lineRateHz);
  }

  #clear(): void {
    const now = this.#now();
    if (this.#free <= now) return;
    this.#track.fill(0, now, this.#free);
    this.#free = now;
    for (let last = this.#stretches.at(-1); last && last.to > now; last = this.#stretches.at(-1)) {
      last.to = Math.max(last.from, now);
      if (last.to > last.from) break;
      this.#stretches.pop();
    }
  }
}
