import { ParleyError } from '../../audio/error.js';
import { durationMs } from '../../audio/frame.js';
import { realtimeRateHz } from '../../client/pcm.js';
import { frameSamples } from './timing.js';

/**
 * Audio that must have arrived before a reply, or the rest of it after an underrun, starts to play. One frame: less
 * cannot fill the first step, more would be latency of the client that the server gets blamed for.
 */
export const cushionSamples = frameSamples;

/** A server may send faster than real time, but not without end. */
const largestQueueSamples = 5 * 60 * realtimeRateHz;

type Chunk = { readonly responseId: string; readonly itemId: string; readonly atMs: number; samples: Float32Array };

/** One step of playback. */
export type PlayedFrame = {
  readonly samples: Float32Array;
  /** The reply that is heard in this frame; null when none is. */
  readonly responseId: string | null;
};

/** What was heard of one item. */
export type PlayedItem = { readonly itemId: string; readonly playedMs: number };

export type PlayerCounts = {
  /** How often the audio of a reply ran out and went on later. */
  readonly underruns: number;
  /** Silence that these put into replies. */
  readonly underrunMs: number;
};

export type Player = {
  /** Audio waits to be played. */
  readonly pending: boolean;
  readonly counts: PlayerCounts;
  /**
   * Queues audio that arrived at `atMs` (recording time). Audio of a reply that was dropped is passed over.
   * @throws ParleyError `call.flood` when more than five minutes wait
   */
  add(audio: { responseId: string; itemId: string; samples: Float32Array; atMs: number }): void;
  /** No more audio comes for this reply: its last samples need no cushion. */
  complete(responseId: string): void;
  /** Throws away what waits of a reply and returns its last item, as far as it was heard; undefined without audio. */
  drop(responseId: string): PlayedItem | undefined;
  /** The frame that begins at `nowMs`, made of what had arrived by then; zeros where there is nothing. */
  next(nowMs: number): PlayedFrame;
};

/**
 * A loudspeaker of 20 ms steps with a jitter buffer. It reads no clock: the caller says when audio arrived and when
 * a step begins, so a step that is computed late still plays what it would have played in time.
 */
export function createPlayer(): Player {
  let queue: Chunk[] = [];
  let queuedSamples = 0;
  const completed = new Set<string>();
  const dropped = new Set<string>();
  const playedSamples = new Map<string, number>();
  const lastItem = new Map<string, string>();
  /** The reply that is being played or has run dry; null between replies. */
  let playing: string | null = null;
  /** Silence since `playing` ran dry. Only when it goes on was that an underrun; else it was the end of the reply. */
  let gapSamples = 0;
  let underruns = 0;
  let underrunSamples = 0;

  /** Samples of the first reply in the queue that had arrived by then. */
  const ready = (nowMs: number): number => {
    let samples = 0;
    for (const chunk of queue) {
      if (chunk.responseId !== queue[0]?.responseId || chunk.atMs > nowMs) break;
      samples += chunk.samples.length;
    }
    return samples;
  };

  const take = (target: Float32Array, nowMs: number): number => {
    let filled = 0;
    const responseId = queue[0]?.responseId;
    while (filled < target.length) {
      const chunk = queue[0];
      if (!chunk || chunk.responseId !== responseId || chunk.atMs > nowMs) break;
      const part = chunk.samples.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      playedSamples.set(chunk.itemId, (playedSamples.get(chunk.itemId) ?? 0) + part.length);
      if (part.length === chunk.samples.length) queue.shift();
      else chunk.samples = chunk.samples.subarray(part.length);
    }
    queuedSamples -= filled;
    return filled;
  };

  return {
    get pending() {
      return queuedSamples > 0;
    },
    get counts() {
      return { underruns, underrunMs: durationMs(underrunSamples, realtimeRateHz) };
    },
    add({ responseId, itemId, samples, atMs }) {
      if (dropped.has(responseId) || samples.length === 0) return;
      if (queuedSamples + samples.length > largestQueueSamples) {
        throw new ParleyError(
          `The server sent more than ${largestQueueSamples / realtimeRateHz} s of audio ahead of its time; ` +
            'expected it to be paced, or at least bounded.',
          { code: 'call.flood', status: 502 },
        );
      }
      queue.push({ responseId, itemId, samples, atMs });
      queuedSamples += samples.length;
      lastItem.set(responseId, itemId);
    },
    complete(responseId) {
      completed.add(responseId);
    },
    drop(responseId) {
      dropped.add(responseId);
      completed.add(responseId);
      queue = queue.filter((chunk) => chunk.responseId !== responseId);
      queuedSamples = queue.reduce((sum, chunk) => sum + chunk.samples.length, 0);
      const itemId = lastItem.get(responseId);
      if (itemId === undefined) return undefined;
      // Rounded down: a truncation behind the last sample is an error to the server.
      return { itemId, playedMs: Math.floor(durationMs(playedSamples.get(itemId) ?? 0, realtimeRateHz)) };
    },
    next(nowMs) {
      const samples = new Float32Array(frameSamples);
      const waiting = queue[0];
      if (playing !== null && completed.has(playing) && waiting?.responseId !== playing) {
        playing = null;
        gapSamples = 0;
      }
      const begins = playing === null || waiting?.responseId !== playing || gapSamples > 0;
      const needed = begins && waiting && !completed.has(waiting.responseId) ? cushionSamples : 1;
      if (!waiting || ready(nowMs) < needed) {
        if (playing !== null) gapSamples += frameSamples;
        return { samples, responseId: null };
      }
      if (waiting.responseId === playing && gapSamples > 0) {
        underruns += 1;
        underrunSamples += gapSamples;
      }
      playing = waiting.responseId;
      gapSamples = frameSamples - take(samples, nowMs);
      return { samples, responseId: playing };
    },
  };
}
