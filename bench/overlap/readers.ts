import { join } from 'node:path';
import { samplesOf } from '../../src/audio/frame.js';
import { resample } from '../../src/audio/resample.js';
import { readMono, readSpeechTable } from '../support/recordings.js';
import { rateHz, type Speech } from './sounds.js';

/** How much a caller has said before, at most. */
export const spokenBeforeSamples = samplesOf(2_800, rateHz);
/** Where the words over the agent are taken from, after the beginning of a reading. */
const laterMs = 4_000;
const laterLengthMs = 2_900;

/** A caller who has read something, and then the same reader, or another one, with other words. */
export type ReaderPair = { readonly same: Speech; readonly another: Speech };

/** Readers whose recordings are long enough for both. */
export async function pairsOfReaders(dir: string, limit: number): Promise<ReaderPair[]> {
  const long = (await readSpeechTable(dir)).filter(({ startMs, endMs }) => endMs - startMs >= laterMs + laterLengthMs);
  const readers: Speech[] = [];
  for (const { file, startMs } of long.slice(0, limit)) {
    const { samples, rateHz: fileRate } = await readMono(join(dir, file));
    const speech = (await resample(samples, fileRate, rateHz)).subarray(samplesOf(startMs, rateHz));
    readers.push({
      name: file,
      before: speech.slice(0, spokenBeforeSamples),
      samples: speech.slice(samplesOf(laterMs, rateHz), samplesOf(laterMs + laterLengthMs, rateHz)),
    });
  }
  return readers.map((same, index) => {
    const { name, samples } = readers[(index + 1) % readers.length] ?? same;
    return { same, another: { name, samples, before: same.before } };
  });
}
