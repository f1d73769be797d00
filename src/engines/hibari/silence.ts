import { RATE_HZ } from './pulses.js';

/** Speech starts where the level passes this; the voice's own background lies near −70 dBFS, a weak "h" near −40. */
const GATE_DBFS = -45;
/** Length over which the level is measured: short enough that an onset is placed within 5 ms. */
const LEVEL_WINDOW_MS = 5;
const LEVEL_STEP_MS = 1;
/** Kept before the onset, so that the rise of a plosive or a breathy vowel is not cut. */
const KEEP_BEFORE_ONSET_MS = 10;
/** A cut in a signal that is not quite silent clicks without these. */
const FADE_IN_MS = 3;
const FADE_OUT_MS = 8;

/**
 * Pause left after a clause that is followed by another, by what ends it. The network leaves 270-480 ms after every
 * utterance and 250-320 ms before the next, as it was trained on whole sentences; joined as they are, clauses would stand
 * half a second apart. Read speech pauses about 100-150 ms at commas and 250-400 ms between sentences; in a conversation the
 * lower ends sound natural.
 */
export const PAUSE_AFTER_SENTENCE_MS = 250;
export const PAUSE_AFTER_CLAUSE_MS = 120;
/** A cut between words, where no punctuation asks for a pause. */
export const PAUSE_AFTER_WORD_MS = 40;

/** How a stretch of text ends, which decides the pause after it. */
export type Boundary = 'sentence' | 'clause' | 'word';

/** Milliseconds of pause after a stretch that ends so and is followed by more speech. */
export function pauseAfterMs(boundary: Boundary): number {
  if (boundary === 'sentence') return PAUSE_AFTER_SENTENCE_MS;
  return boundary === 'clause' ? PAUSE_AFTER_CLAUSE_MS : PAUSE_AFTER_WORD_MS;
}

/** Where the speech lies in `samples`: first audible sample and the one after the last. Undefined where all is silent. */
export function findSpeech(samples: Float32Array): { start: number; end: number } | undefined {
  const width = ms(LEVEL_WINDOW_MS);
  const step = ms(LEVEL_STEP_MS);
  const gate = 10 ** (GATE_DBFS / 10) * width;
  const loud = (from: number) => {
    let energy = 0;
    const to = Math.min(from + width, samples.length);
    for (let i = Math.max(0, from); i < to; i++) energy += (samples[i] as number) ** 2;
    return energy >= gate;
  };
  let start = 0;
  while (start < samples.length && !loud(start)) start += step;
  if (start >= samples.length) return undefined;
  let end = samples.length;
  while (end > start + width && !loud(end - width)) end -= step;
  return { start, end };
}

/** What to cut: `leading` removes the silence before the first sound, `pauseMs` limits what stays after the last. */
export type TrimOptions = { readonly leading: boolean; readonly pauseMs: number | undefined };

/** The part of the samples that stays, as an offset and a length. */
export type Kept = { readonly samples: Float32Array; readonly offset: number };

/**
 * Cuts silence at the ends, with short fades at each cut. The input is not changed.
 * @returns a copy, and how many samples were removed from the front
 */
export function trimSilence(samples: Float32Array, { leading, pauseMs }: TrimOptions): Kept {
  const speech = findSpeech(samples);
  if (speech === undefined) return { samples: leading ? samples.slice(0, 0) : samples.slice(), offset: 0 };
  const from = leading ? Math.max(0, speech.start - ms(KEEP_BEFORE_ONSET_MS)) : 0;
  const to = pauseMs === undefined ? samples.length : Math.min(samples.length, speech.end + ms(pauseMs));
  const kept = samples.slice(from, to);
  if (from > 0) fade(kept, 0, 1, Math.min(ms(FADE_IN_MS), kept.length));
  if (to < samples.length) fade(kept, kept.length - 1, -1, Math.min(ms(FADE_OUT_MS), kept.length));
  return { samples: kept, offset: from };
}

/** Linear ramp from silence, starting at the edge and going inwards. */
function fade(samples: Float32Array, edge: number, direction: 1 | -1, length: number): void {
  for (let i = 0; i < length; i++) {
    const at = edge + direction * i;
    samples[at] = ((samples[at] as number) * i) / length;
  }
}

function ms(value: number): number {
  return Math.round((value * RATE_HZ) / 1000);
}
