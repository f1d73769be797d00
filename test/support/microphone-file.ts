import { readFile } from 'node:fs/promises';
import { decodeAudioFile } from '../../src/audio/decode.js';
import { gainOf, peak, rmsDb } from '../../src/audio/loudness.js';
import { resample } from '../../src/audio/resample.js';

/** The rate of Chromium's fake microphone: a file at this rate needs no resampling on its way in. */
export const microphoneRateHz = 48_000;

/** A stretch of a recording. */
export type Stretch = {
  readonly path: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Makes its level (RMS) this, as far as its peak allows: one caller does not change level as several recordings do. */
  readonly levelDb?: number;
};

/**
 * A recording as a microphone hears it: room before and behind, from the recording's own quietest stretch, since digital
 * silence is what no room sounds like and what voice activity detection was never trained on.
 * @returns samples -1..1 at 48 kHz
 */
export async function microphoneSamples(
  { path, fromMs, toMs, levelDb }: Stretch,
  padding: { readonly leadMs: number; readonly tailMs: number },
): Promise<Float32Array> {
  const recording = await decodeAudioFile(await readFile(path));
  const mono = recording.channels[0] ?? new Float32Array(0);
  const samples = await resample(mono, recording.rateHz, microphoneRateHz);
  const speech = samples.subarray(samplesOf(fromMs), samplesOf(toMs));
  const gain = levelDb === undefined ? 1 : Math.min(gainOf(levelDb - rmsDb(speech)), 0.95 / peak(speech));
  const room = quietestStretch(samples, microphoneRateHz / 4);
  const lead = repeat(room, samplesOf(padding.leadMs));
  const tail = repeat(room, samplesOf(padding.tailMs));
  const joined = new Float32Array(lead.length + speech.length + tail.length);
  joined.set(lead);
  joined.set(speech, lead.length);
  joined.set(tail, lead.length + speech.length);
  return joined.map((sample) => gain * sample);
}

function samplesOf(ms: number): number {
  return Math.round((ms * microphoneRateHz) / 1_000);
}

function quietestStretch(samples: Float32Array, length: number): Float32Array {
  let best = samples.subarray(0, length);
  let bestEnergy = Number.POSITIVE_INFINITY;
  for (let at = 0; at + length <= samples.length; at += length >> 1) {
    const stretch = samples.subarray(at, at + length);
    const energy = stretch.reduce((sum, sample) => sum + sample * sample, 0);
    // Exact zeros are padding that an editor left, no room.
    if (energy > 0 && energy < bestEnergy) {
      best = stretch;
      bestEnergy = energy;
    }
  }
  return best;
}

/** Forwards and backwards in turn, so that the joins do not click. */
function repeat(room: Float32Array, length: number): Float32Array {
  const filled = new Float32Array(length);
  if (room.length < 2) return filled;
  const period = 2 * (room.length - 1);
  for (let i = 0; i < length; i++) {
    const at = i % period;
    filled[i] = room[at < room.length ? at : period - at] as number;
  }
  return filled;
}
