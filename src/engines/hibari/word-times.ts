import type { PhonemizedWord } from './phonemized.js';
import { RATE_HZ } from './pulses.js';
import { findSpeech } from './silence.js';

/** When one word is heard, in samples from the start of the audio it came with. */
export type SpokenWord = { readonly text: string; readonly startSample: number; readonly endSample: number };

/**
 * The network's sounds come before the durations that it predicts for them: over 60 sentences, the release of a plosive at
 * the beginning of a word lay 36 ms before the beginning of its phoneme, the first sound after a pause 39 ms (medians).
 */
const SOUND_LEADS_SAMPLES = Math.round(0.036 * RATE_HZ);

/** Where each phoneme begins in what the network made, in samples, the two silent ids at the ends included. */
export function phonemeEdges(samplesPerId: Int32Array): number[] {
  const edges = [0];
  for (const samples of samplesPerId) edges.push((edges.at(-1) ?? 0) + samples);
  return edges;
}

export type PlacedAudio = {
  /** Of {@link phonemeEdges}. */
  readonly edges: readonly number[];
  /** Index of the first phoneme of the words among all that the network read. */
  readonly from: number;
  /** What was cut off in front of `samples`. */
  readonly offset: number;
  readonly samples: Float32Array;
};

/** Word times out of the network's durations, without the silence that it counts to the word before a pause. */
export function timeWords(
  words: readonly PhonemizedWord[],
  { edges, from, offset, samples }: PlacedAudio,
): SpokenWord[] {
  const place = (phoneme: number) => {
    // Id 0 is the silence in front, so phoneme i is id i + 1.
    const sample = (edges[from + phoneme + 1] ?? offset + samples.length) - SOUND_LEADS_SAMPLES - offset;
    return Math.min(samples.length, Math.max(0, sample));
  };
  return words.map(({ text, start, end }) => {
    const [startSample, endSample] = [place(start), place(end)];
    const speech = findSpeech(samples.subarray(startSample, endSample));
    return speech === undefined
      ? { text, startSample, endSample }
      : { text, startSample: startSample + speech.start, endSample: Math.min(endSample, startSample + speech.end) };
  });
}
