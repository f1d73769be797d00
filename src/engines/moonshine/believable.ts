import { geometricMean } from './geometric-mean.js';
import { hopLevelsDb, hopMs, levelPercentile } from './levels.js';
import { dropRepetition } from './text.js';
import type { HeardWord } from './wire.js';

/** Nothing in a call that is quieter throughout than this is speech: it is a line's own noise. */
export const silentBelowDb = -60;
/** A word is heard nowhere louder than this below the loud parts (90th percentile): then it was not said. */
const unheardBelowDb = 30;
/** Less sure than this on the whole, the text is a guess: of recorded speech, only digits that were misheard were. */
const guessBelow = 0.2;
/** What the model writes for music. */
const music = /^[♪♫]+$/;

/** Whether there is anything that is worth decoding. @param samples 16 kHz */
export function isAudible(samples: Float32Array): boolean {
  return hopLevelsDb(samples).some((level) => level > silentBelowDb);
}

/**
 * What of a decoding may be believed. Models of this family make up words where there is none: they repeat themselves, and
 * they put a polite phrase into the silence behind the last word.
 *
 * @param samples what was decoded, 16 kHz
 */
export function believableWords(words: readonly HeardWord[], samples: Float32Array): readonly HeardWord[] {
  const levels = hopLevelsDb(samples);
  const gate = levelPercentile(levels, 0.9) - unheardBelowDb;
  const heard = (word: HeardWord): boolean =>
    levels.slice(Math.floor(word.startMs / hopMs), Math.ceil(word.endMs / hopMs) + 1).some((level) => level > gate);
  const believed = dropRepetition(words.filter((word) => heard(word) && !music.test(word.text)));
  return geometricMean(believed.map(({ confidence }) => confidence)) < guessBelow ? [] : believed;
}
