import { wireRateHz } from './pcm.js';
import { createResampler } from './resampler.js';

/** A suspended context answers nothing: then the last report has to do. */
const flushDeadlineMs = 250;
/** Items older than this are of no use to a truncation. */
const maxRememberedItems = 50;

/**
 * Plays the agent's audio at once and knows how much of each item was heard.
 * @param {AudioContext} context
 * @param {(report: { playing: boolean, peak: number }) => void} onReport
 */
export async function startSpeaker(context, onReport) {
  await context.audioWorklet.addModule(new URL('./playback-worklet.js', import.meta.url));
  const node = new AudioWorkletNode(context, 'parley-playback', { numberOfInputs: 0, outputChannelCount: [1] });
  node.connect(context.destination);

  const resampler = createResampler(wireRateHz, context.sampleRate);
  const items = new Map();
  const flushes = new Map();
  const stats = {
    receivedMs: 0,
    playedMs: 0,
    flushedMs: 0,
    flushes: 0,
    ranDry: 0,
    droppedSamples: 0,
    peak: 0,
    maxPeak: 0,
  };
  let flushNumber = 0;

  function credit(played) {
    for (const [itemId, samples] of played) {
      const item = items.get(itemId);
      if (item !== undefined) item.playedMs += (1000 * samples) / context.sampleRate;
      stats.playedMs += (1000 * samples) / context.sampleRate;
    }
  }

  node.port.onmessage = ({ data }) => {
    credit(data.played);
    if (data.type === 'flushed') {
      stats.flushedMs += (1000 * data.droppedSamples) / context.sampleRate;
      flushes.get(data.flush)?.();
      return;
    }
    Object.assign(stats, { peak: data.peak, ranDry: data.ranDry, droppedSamples: data.droppedSamples });
    stats.maxPeak = Math.max(stats.maxPeak, data.peak);
    onReport({ playing: data.queuedSamples > 0, peak: data.peak });
  };

  return {
    stats,
    /**
     * @param {string} itemId
     * @param {Float32Array} samples at 24 kHz
     */
    enqueue(itemId, samples) {
      const item = items.get(itemId) ?? { receivedMs: 0, playedMs: 0 };
      const ms = (1000 * samples.length) / wireRateHz;
      item.receivedMs += ms;
      items.set(itemId, item);
      if (items.size > maxRememberedItems) items.delete(items.keys().next().value);
      stats.receivedMs += ms;
      node.port.postMessage({ type: 'audio', item: itemId, samples: resampler.push(samples) });
    },
    /** Drops what has not been played. Resolves once the count of what was played is exact. */
    async flush() {
      const flush = ++flushNumber;
      stats.flushes += 1;
      resampler.reset();
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, flushDeadlineMs);
        flushes.set(flush, () => {
          clearTimeout(timer);
          resolve();
        });
        node.port.postMessage({ type: 'flush', flush });
      });
      flushes.delete(flush);
      onReport({ playing: false, peak: 0 });
    },
    /**
     * @param {string} itemId
     * @returns {number | undefined} ms of the item that have left the loudspeaker; undefined for an item without audio
     */
    heardMs(itemId) {
      const item = items.get(itemId);
      if (item === undefined) return undefined;
      const stillPlaying = item.playedMs < item.receivedMs;
      const inDeviceMs = stillPlaying ? 1000 * (context.outputLatency || context.baseLatency || 0) : 0;
      return Math.max(0, Math.floor(Math.min(item.playedMs, item.receivedMs) - inDeviceMs));
    },
    close() {
      node.port.onmessage = null;
      node.disconnect();
    },
  };
}
