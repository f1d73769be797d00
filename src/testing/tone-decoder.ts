import { durationMs, samplesOf } from '../audio/frame.js';
import { rms, rmsDb } from '../audio/loudness.js';
import type { ToneVocabulary } from './tone-words.js';

const hopMs = 5;
/** The share of a stretch's energy that must lie at one frequency: below it, it is some other sound. */
const minPurity = 0.6;
/** All tones are below 4 kHz. */
const enoughHz = 8_000;

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
  const hop = Math.max(1, samplesOf(hopMs, rateHz));
  const every = Math.max(1, Math.floor(rateHz / enoughHz));
  const found: DecodedWord[] = [];
  for (const { from, to } of soundingStretches(samples, rateHz, floorDb)) {
    if (durationMs(to - from, rateHz) < minMs) continue;
    const stretch = samples.subarray(from, to);
    const text = wordOf(thinned(levelled(stretch, hop), every), rateHz / every, vocabulary);
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

/** Every so many of the samples. What lies above half of the rate that is left becomes some other sound. */
function thinned(samples: Float32Array, every: number): Float32Array {
  if (every === 1) return samples;
  const out = new Float32Array(Math.floor(samples.length / every));
  for (let i = 0; i < out.length; i++) out[i] = samples[i * every] as number;
  return out;
}

/** The same sound, all of it equally loud: a word that was lowered in its middle is one tone still. */
function levelled(samples: Float32Array, hop: number): Float32Array {
  const out = samples.slice();
  for (let at = 0; at < out.length; at += hop) {
    const part = out.subarray(at, at + hop);
    const level = rms(part);
    if (level > 0) for (let i = 0; i < part.length; i++) part[i] = (part[i] as number) / level;
  }
  return out;
}

function wordOf(samples: Float32Array, rateHz: number, vocabulary: ToneVocabulary): string | undefined {
  let energy = 0;
  for (let i = 0; i < samples.length; i++) energy += (samples[i] as number) ** 2;
  // A pure tone of n samples and energy e has |X|² = e·n/2 at its own frequency.
  const purest = (energy * samples.length) / 2;
  const roughHz = crossingsHz(samples, rateHz);
  // Counting is off by up to one crossing at either end.
  const withinHz = Math.max(30, rateHz / samples.length);
  const near = [...vocabulary.words].filter(([, hz]) => Math.abs(hz - roughHz) <= withinHz);
  return purestOf(near, samples, rateHz, purest) ?? purestOf(vocabulary.words, samples, rateHz, purest);
}

function purestOf(
  words: Iterable<readonly [string, number]>,
  samples: Float32Array,
  rateHz: number,
  purest: number,
): string | undefined {
  let best: string | undefined;
  let bestPower = 0;
  for (const [word, hz] of words) {
    const power = powerAt(samples, hz, rateHz);
    if (power > bestPower) {
      bestPower = power;
      best = word;
    }
  }
  return bestPower >= minPurity * purest ? best : undefined;
}

/** The frequency of a sine, from how often it crosses zero. Of a sound that is none, any number. */
function crossingsHz(samples: Float32Array, rateHz: number): number {
  let crossings = 0;
  let first = 0;
  let last = 0;
  for (let i = 1; i < samples.length; i++) {
    if ((samples[i] as number) < 0 === (samples[i - 1] as number) < 0) continue;
    if (crossings === 0) first = i;
    last = i;
    crossings += 1;
  }
  return crossings < 2 ? 0 : ((crossings - 1) * rateHz) / (2 * (last - first));
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
