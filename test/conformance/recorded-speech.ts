import { readFile } from 'node:fs/promises';
import { decodeAudioFile } from '../../src/audio/decode.js';
import { samplesOf } from '../../src/audio/frame.js';
import { resample } from '../../src/audio/resample.js';
import { monoOf } from '../../src/audio/wav.js';
import { fixtureRecordingsOf } from '../fixtures/recordings.js';

const rateHz = 16_000;

export type RecordedSpeech = {
  /** 16 kHz mono. */
  readonly samples: Float32Array;
  /** Where the speech lies in it. */
  readonly from: number;
  readonly to: number;
};

/** The shortest sentence that comes with the repository, and what is said in it. */
export async function recordedSentence(): Promise<RecordedSpeech & { readonly text: string }> {
  const [shortest] = [...fixtureRecordingsOf('sentence')].sort((a, b) => a.durationMs - b.durationMs);
  if (!shortest) throw new Error('test/fixtures/recordings has no sentence.');
  return { ...(await read(shortest)), text: shortest.transcript };
}

/** A coffee order with room before and behind. */
export async function recordedOrder(): Promise<RecordedSpeech> {
  const [order] = fixtureRecordingsOf('order');
  if (!order) throw new Error('test/fixtures/recordings has no order.');
  return read(order);
}

/** Noise at about -66 dBFS, the same in every run. */
export function roomTone(ms: number): Float32Array {
  let seed = 12_345;
  return Float32Array.from({ length: samplesOf(ms, rateHz) }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed / 2 ** 32 - 0.5) * 0.0017;
  });
}

async function read(recording: { path: string; speechStartMs: number; speechEndMs: number }): Promise<RecordedSpeech> {
  const { channels, rateHz: recordedHz } = await decodeAudioFile(await readFile(recording.path));
  const samples = await resample(monoOf(channels), recordedHz, rateHz);
  return { samples, from: samplesOf(recording.speechStartMs, rateHz), to: samplesOf(recording.speechEndMs, rateHz) };
}
