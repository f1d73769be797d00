import { durationMs, samplesOf } from '../audio/frame.js';
import { rmsDb } from '../audio/loudness.js';
import type { ToneVocabulary } from './tone-words.js';

const hopMs = 5;
/** The share of a stretch's energy that must lie at one frequency: below it, it is some other sound. */
const minPurity = 0.6;

export type ToneDecoderOptions = {
  readonly rateHz: number;
  readonly vocabulary: ToneVocabulary;
  /** What is quieter is a gap. @defaultValue -50 */
  readonly floorDb?: number;
  /** What is shorter is passed over: too little of a word to tell it by. @defaultValue 60 */
  readonly minMs?: number;
};

/** A word that was found in a recording, with how long it sounded: less than 250 ms for one that was cut off. */
export type DecodedWord = {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly levelDb: number;
};

/** The words that a recording of tone speech holds, in order; at any level, at any rate, cut or not. */
export function decodeTones(samples: Float32Array, options: ToneDecoderOptions): DecodedWord[] {
  const { rateHz, vocabulary, floorDb = -50, minMs = 60 } = options;
  const found: DecodedWord[] = [];
  for (const { from, to } of soundingStretches(samples, rateHz, floorDb)) {
    if (durationMs(to - from, rateHz) < minMs) continue;
    const stretch = samples.subarray(from, to);
    const text = wordOf(stretch, rateHz, vocabulary);
    if (text === undefined) continue;
    found.push({ text, startMs: durationMs(from, rateHz), endMs: durationMs(to, rateHz), levelDb: rmsDb(stretch) });
  }
  return found;
}

/** The text of {@link decodeTones}, lower case, words joined by spaces. */
export function decodedText(samples: Float32Array, options: ToneDecoderOptions): string {
  return decodeTones(samples, options)
    .map((word) => word.text)
    .join(' ');
}

function soundingStretches(samples: Float32Array, rateHz: number, floorDb: number): { from: number; to: number }[] {
  const hop = Math.max(1, samplesOf(hopMs, rateHz));
  const stretches: { from: number; to: number }[] = [];
  let from: number | undefined;
  for (let at = 0; at < samples.length; at += hop) {
    const sounds = rmsDb(samples.subarray(at, at + hop)) > floorDb;
    if (sounds) from ??= at;
    else if (from !== undefined) {
      stretches.push({ from, to: at });
      from = undefined;
    }
  }
  if (from !== undefined) stretches.push({ from, to: samples.length });
  return stretches;
}

function wordOf(samples: Float32Array, rateHz: number, vocabulary: ToneVocabulary): string | undefined {
  let energy = 0;
  for (let i = 0; i < samples.length; i++) energy += (samples[i] as number) ** 2;
  let best: string | undefined;
  let bestPower = 0;
  for (const [word, hz] of vocabulary.words) {
    const power = powerAt(samples, hz, rateHz);
    if (power > bestPower) {
      bestPower = power;
      best = word;
    }
  }
  // A pure tone of n samples and energy e has |X|² = e·n/2 at its own frequency.
  const purity = energy > 0 ? (2 * bestPower) / (energy * samples.length) : 0;
  return purity >= minPurity ? best : undefined;
}

/** |X(hz)|² by Goertzel's algorithm (G. Goertzel, 1958). */
function powerAt(samples: Float32Array, hz: number, rateHz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rateHz);
  let before = 0;
  let last = 0;
  for (let i = 0; i < samples.length; i++) {
    const next = (samples[i] as number) + coefficient * last - before;
    before = last;
    last = next;
  }
  return last * last + before * before - coefficient * last * before;
}
