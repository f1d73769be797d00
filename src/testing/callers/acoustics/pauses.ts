import { ParleyError } from '../../../audio/error.js';
import { durationMs, samplesOf } from '../../../audio/frame.js';
import type { RoomTone } from '../../../audio/room-tone.js';
import { between, randomFrom, shuffled } from '../../seeded-random.js';
import { type CallerSound, type CallerWord, joinedSoftly, roomOf, type Stretch, toneSamples } from './caller-sound.js';

/** A pause to be put in: behind a word (counted from 0), or at a moment of the sound as it is. */
export type Pause = { readonly lengthMs: number } & ({ readonly afterWord: number } | { readonly atMs: number });

export type InsertPausesOptions = {
  /** What fills them. @defaultValue the sound's own room */
  readonly room?: RoomTone;
  /**
   * A pause behind a word goes to the quietest place within so much of where the word is said to end: word times are
   * good to some 100 ms at best. A pause at a moment stays there. @defaultValue 60
   */
  readonly searchMs?: number;
};

const defaultSearchMs = 60;
const searchHopMs = 5;

/**
 * The sound with silences put in: the caller hesitates there. They are filled with the recording's own room, and the
 * truth is kept: a stretch of speech that a pause divides becomes two, and words move.
 *
 * @throws ParleyError `acoustics.no_words` for a pause behind a word that is not known
 */
export function insertPauses(
  sound: CallerSound,
  pauses: readonly Pause[],
  options: InsertPausesOptions = {},
): CallerSound {
  const { rateHz, samples } = sound;
  const room = options.room ?? roomOf(sound);
  const cuts = pauses
    .map((pause) => ({
      at: cutOf(sound, pause, options.searchMs ?? defaultSearchMs),
      length: samplesOf(pause.lengthMs, rateHz),
    }))
    .sort((a, b) => a.at - b.at);
  const parts: Float32Array[] = [];
  let from = 0;
  let toneAt = 0;
  for (const { at, length } of cuts) {
    parts.push(samples.subarray(from, at), toneSamples(room, length, toneAt));
    from = at;
    toneAt += length;
  }
  parts.push(samples.subarray(from));
  const moves = cuts.map(({ at, length }) => ({ atMs: durationMs(at, rateHz), byMs: durationMs(length, rateHz) }));
  return {
    samples: joinedSoftly(parts, rateHz),
    rateHz,
    speech: sound.speech.flatMap((stretch) => divided(stretch, moves)),
    ...(sound.words ? { words: sound.words.map((word) => moved(word, moves)) } : {}),
  };
}

/** Where a pause goes, in samples. */
function cutOf(sound: CallerSound, pause: Pause, searchMs: number): number {
  if ('atMs' in pause) return Math.max(0, Math.min(sound.samples.length, samplesOf(pause.atMs, sound.rateHz)));
  const word = sound.words?.[pause.afterWord];
  if (!word)
    throw new ParleyError(
      `There is no word ${pause.afterWord} to pause behind: expected one of ${sound.words?.length ?? 0} known words.`,
      { code: 'acoustics.no_words', status: 400 },
    );
  const next = sound.words?.[pause.afterWord + 1];
  // Never beyond the middle of a word on either side.
  const lowMs = Math.max(word.endMs - searchMs, (word.startMs + word.endMs) / 2);
  const highMs = Math.min(word.endMs + searchMs, next ? (next.startMs + next.endMs) / 2 : Number.POSITIVE_INFINITY);
  return quietestBetween(sound, lowMs, highMs);
}

/** Middle of the quietest hop, in samples. */
function quietestBetween({ samples, rateHz }: CallerSound, lowMs: number, highMs: number): number {
  const hop = samplesOf(searchHopMs, rateHz);
  const last = Math.min(samples.length, samplesOf(highMs, rateHz)) - hop;
  const first = Math.min(samplesOf(lowMs, rateHz), Math.max(0, last));
  let best = first;
  let bestPower = Number.POSITIVE_INFINITY;
  for (let from = first; from <= last; from += hop >> 1) {
    let power = 0;
    for (let i = from; i < from + hop; i++) power += (samples[i] as number) ** 2;
    if (power < bestPower) {
      best = from;
      bestPower = power;
    }
  }
  return best + (hop >> 1);
}

type Move = { readonly atMs: number; readonly byMs: number };

function divided({ startMs, endMs }: Stretch, moves: readonly Move[]): Stretch[] {
  const pieces: Stretch[] = [];
  let fromMs = startMs;
  let byMs = 0;
  for (const move of moves) {
    if (move.byMs === 0) continue;
    if (move.atMs > fromMs && move.atMs < endMs) {
      pieces.push({ startMs: fromMs + byMs, endMs: move.atMs + byMs });
      fromMs = move.atMs;
    }
    if (move.atMs < endMs) byMs += move.byMs;
  }
  pieces.push({ startMs: fromMs + byMs, endMs: endMs + byMs });
  return pieces;
}

/** A word that a pause would touch stays whole on the side where most of it is. */
function moved(word: CallerWord, moves: readonly Move[]): CallerWord {
  const middleMs = (word.startMs + word.endMs) / 2;
  let byMs = 0;
  let startMs = word.startMs;
  let endMs = word.endMs;
  for (const move of moves) {
    if (move.atMs <= middleMs) {
      byMs += move.byMs;
      startMs = Math.max(startMs, move.atMs);
    } else endMs = Math.min(endMs, move.atMs);
  }
  return { ...word, startMs: startMs + byMs, endMs: endMs + byMs };
}

export type PauseChoice = {
  /** How many; fewer where there are not so many places. */
  readonly count: number;
  readonly minMs: number;
  readonly maxMs: number;
};

/** A gap between words that is longer than this is a pause already. */
const pauseAlreadyMs = 180;
/** So many words stay on each side: what is left must sound like the beginning of something. */
const wordsOnEachSide = 1;

/**
 * Places for pauses inside phrases: between two words that follow one another closely, with no punctuation between them
 * and no two of the places side by side. The same seed, the same pauses.
 *
 * @throws ParleyError `acoustics.no_words` where the words are not known
 */
export function choosePauses(sound: CallerSound, seed: number, { count, minMs, maxMs }: PauseChoice): Pause[] {
  const { words } = sound;
  if (!words)
    throw new ParleyError('Pauses go between words, and the words of this sound are not known: add their times.', {
      code: 'acoustics.no_words',
      status: 400,
    });
  const random = randomFrom(seed);
  const places = words.flatMap((word, index) => {
    const next = words[index + 1];
    if (!next || index + 1 < wordsOnEachSide || words.length - index - 1 < wordsOnEachSide) return [];
    return endsAPhrase(word.text) || next.startMs - word.endMs > pauseAlreadyMs ? [] : [index];
  });
  const chosen: number[] = [];
  for (const place of shuffled(random, places)) {
    if (chosen.length >= count) break;
    if (chosen.every((other) => Math.abs(other - place) > 1)) chosen.push(place);
  }
  return chosen
    .sort((a, b) => a - b)
    .map((afterWord) => ({ afterWord, lengthMs: Math.round(between(random, minMs, maxMs)) }));
}

function endsAPhrase(word: string): boolean {
  return /[.,;:?!–—-]$/u.test(word);
}
