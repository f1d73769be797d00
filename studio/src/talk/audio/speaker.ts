import { realtimeRateHz } from '../../../../src/client/pcm.js';
import { createResampler } from './resampler.js';
import { type PlaybackReport, type PlaybackRequest, playbackProcessor } from './worklet-messages.js';

/** A suspended context answers nothing: then the last report has to do. */
const flushDeadlineMs = 250;
/** Items older than this are of no use to a truncation. */
const maxRememberedItems = 50;

export type PlaybackStats = {
  receivedMs: number;
  playedMs: number;
  flushedMs: number;
  flushes: number;
  ranDry: number;
  droppedSamples: number;
  maxPeak: number;
};

export type Speaker = {
  readonly stats: Readonly<PlaybackStats>;
  readonly analyser: AnalyserNode;
  /** Whether there is more to play. */
  readonly playing: boolean;
  /** `samples` are at 24 kHz. */
  enqueue(itemId: string, samples: Float32Array): void;
  /** Drops what has not been played. Resolves once the count of what was played is exact. */
  flush(): Promise<void>;
  /** Milliseconds of the item that have left the loudspeaker; undefined for an item without audio. */
  heardMs(itemId: string): number | undefined;
  close(): void;
};

/** Plays the agent's audio at once and knows how much of each item was heard. The context must have the worklets. */
export function startSpeaker(context: AudioContext, onPlaying: (playing: boolean) => void): Speaker {
  const node = new AudioWorkletNode(context, playbackProcessor, { numberOfInputs: 0, outputChannelCount: [1] });
  const analyser = context.createAnalyser();
  node.connect(analyser);
  node.connect(context.destination);

  const resampler = createResampler(realtimeRateHz, context.sampleRate);
  const items = new Map<string, { receivedMs: number; playedMs: number }>();
  const flushes = new Map<number, () => void>();
  const stats: PlaybackStats = {
    receivedMs: 0,
    playedMs: 0,
    flushedMs: 0,
    flushes: 0,
    ranDry: 0,
    droppedSamples: 0,
    maxPeak: 0,
  };
  let queued = false;
  const setQueued = (more: boolean): void => {
    queued = more;
    onPlaying(more);
  };
  const toMs = (samples: number): number => (1_000 * samples) / context.sampleRate;
  const ask = (request: PlaybackRequest): void => node.port.postMessage(request);

  node.port.onmessage = ({ data }: MessageEvent<PlaybackReport>) => {
    for (const [itemId, samples] of data.played) {
      const item = items.get(itemId);
      if (item !== undefined) item.playedMs += toMs(samples);
      stats.playedMs += toMs(samples);
    }
    if (data.type === 'flushed') {
      stats.flushedMs += toMs(data.droppedSamples);
      flushes.get(data.flush)?.();
      return;
    }
    stats.ranDry = data.ranDry;
    stats.droppedSamples = data.droppedSamples;
    stats.maxPeak = Math.max(stats.maxPeak, data.peak);
    setQueued(data.queuedSamples > 0);
  };

  return {
    stats,
    analyser,
    get playing() {
      return queued;
    },
    enqueue(itemId, samples) {
      const item = items.get(itemId) ?? { receivedMs: 0, playedMs: 0 };
      const ms = (1_000 * samples.length) / realtimeRateHz;
      item.receivedMs += ms;
      items.set(itemId, item);
      for (const oldest of items.keys()) {
        if (items.size <= maxRememberedItems) break;
        items.delete(oldest);
      }
      stats.receivedMs += ms;
      queued = true;
      ask({ type: 'audio', item: itemId, samples: resampler.push(samples) });
    },
    async flush() {
      stats.flushes += 1;
      const flush = stats.flushes;
      resampler.reset();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, flushDeadlineMs);
        flushes.set(flush, () => {
          clearTimeout(timer);
          resolve();
        });
        ask({ type: 'flush', flush });
      });
      flushes.delete(flush);
      setQueued(false);
    },
    heardMs(itemId) {
      const item = items.get(itemId);
      if (item === undefined) return undefined;
      const stillPlaying = item.playedMs < item.receivedMs;
      const inDeviceMs = stillPlaying ? 1_000 * (context.outputLatency || context.baseLatency || 0) : 0;
      return Math.max(0, Math.floor(Math.min(item.playedMs, item.receivedMs) - inDeviceMs));
    },
    close() {
      node.port.onmessage = null;
      node.disconnect();
    },
  };
}
