import { concatSamples, durationMs, samplesOf } from '../../audio/frame.js';
import type { Clock } from '../../ports/clock.js';

const frameMs = 20;

export type PacedRepliesOptions = {
  readonly clock: Clock;
  readonly rateHz: number;
  /** How far ahead of real time audio may be sent. */
  readonly leadMs: number;
  /** Audio that may wait; what comes beyond it is an error of whoever sends it. */
  readonly maxWaitingMs: number;
  /** @param dueMs when the first sample is due, on the clock */
  readonly send: (reply: number, samples: Float32Array, dueMs: number) => void;
  /** All of a reply has been heard. */
  readonly onPlayed: (reply: number) => void;
};

type Reply = {
  readonly reply: number;
  waiting: Float32Array[];
  waitingSamples: number;
  sentSamples: number;
  /** When the first sample was due, moved on by every wait for more. */
  startedMs: number;
  over: boolean;
};

/**
 * Audio of replies that comes faster than it is spoken, sent when it is due: what a model has said too much is never
 * heard. Replies follow one another.
 */
export class PacedReplies {
  readonly #options: PacedRepliesOptions;
  readonly #replies: Reply[] = [];
  #disarm: (() => void) | undefined;

  constructor(options: PacedRepliesOptions) {
    this.#options = options;
  }

  /** The reply that is heard now, or is heard next. */
  get current(): number | undefined {
    return this.#replies[0]?.reply;
  }

  /** @returns false, with nothing taken, when too much waits */
  push(reply: number, samples: Float32Array): boolean {
    const { rateHz, maxWaitingMs } = this.#options;
    const waiting = this.#replies.reduce((sum, each) => sum + each.waitingSamples, samples.length);
    if (durationMs(waiting, rateHz) > maxWaitingMs) return false;
    const open = this.#open(reply);
    open.waiting.push(samples);
    open.waitingSamples += samples.length;
    this.#run();
    return true;
  }

  /** No more audio of this reply comes. */
  end(reply: number): void {
    this.#open(reply).over = true;
    this.#run();
  }

  /** Drops what was not heard. @returns how much of the reply was, or undefined when it is not known (any more) */
  stop(reply: number): number | undefined {
    const at = this.#replies.findIndex((each) => each.reply === reply);
    const [stopped] = at < 0 ? [] : this.#replies.splice(at, 1);
    if (!stopped) return undefined;
    this.#run();
    return this.#playedMs(stopped);
  }

  /** How much of a reply was sent. */
  sentMs(reply: number): number {
    const found = this.#replies.find((each) => each.reply === reply);
    return found ? durationMs(found.sentSamples, this.#options.rateHz) : 0;
  }

  close(): void {
    this.#disarm?.();
    this.#replies.length = 0;
  }

  #open(reply: number): Reply {
    const found = this.#replies.find((each) => each.reply === reply);
    if (found) return found;
    const opened: Reply = { reply, waiting: [], waitingSamples: 0, sentSamples: 0, startedMs: Number.NaN, over: false };
    this.#replies.push(opened);
    return opened;
  }

  #playedMs({ startedMs, sentSamples }: Reply): number {
    if (Number.isNaN(startedMs)) return 0;
    const { clock, rateHz } = this.#options;
    return Math.min(durationMs(sentSamples, rateHz), Math.max(0, clock.nowMs() - startedMs));
  }

  #run(): void {
    const { clock, rateHz, leadMs, send, onPlayed } = this.#options;
    this.#disarm?.();
    this.#disarm = undefined;
    for (let head = this.#replies[0]; head; head = this.#replies[0]) {
      const nowMs = clock.nowMs();
      const sentMs = durationMs(head.sentSamples, rateHz);
      // What was late moves all that follows.
      if (head.waitingSamples > 0 && !(head.startedMs + sentMs >= nowMs)) head.startedMs = nowMs - sentMs;
      const dueMs = nowMs - head.startedMs + leadMs - sentMs;
      if (head.waitingSamples > 0 && dueMs > 0) {
        const samples = take(head, samplesOf(frameMs, rateHz));
        head.sentSamples += samples.length;
        send(head.reply, samples, head.startedMs + sentMs);
        continue;
      }
      if (head.waitingSamples === 0 && !head.over) return;
      const endMs = Number.isNaN(head.startedMs) ? nowMs : head.startedMs + sentMs;
      if (head.waitingSamples === 0 && endMs <= nowMs) {
        this.#replies.shift();
        onPlayed(head.reply);
        continue;
      }
      const atMs = head.waitingSamples > 0 ? nowMs + Math.max(1, frameMs - dueMs) : endMs;
      this.#disarm = clock.at(Math.min(atMs, nowMs + frameMs), () => this.#run());
      return;
    }
  }
}

function take(reply: Reply, most: number): Float32Array {
  const taken: Float32Array[] = [];
  let length = 0;
  while (length < most) {
    const [first] = reply.waiting;
    if (!first) break;
    const part = first.subarray(0, most - length);
    taken.push(part);
    length += part.length;
    if (part.length === first.length) reply.waiting.shift();
    else reply.waiting[0] = first.subarray(part.length);
  }
  reply.waitingSamples -= length;
  return concatSamples(taken);
}
