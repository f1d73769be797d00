import { RATE_HZ } from './pulses.js';

/** Speech starts where the level passes this; the voice's own background lies near −70 dBFS, a weak "h" near −40. */
const GATE_DBFS = -45;
/** Length over which the level is measured: short enough that an onset is placed within 5 ms. */
const LEVEL_WINDOW_MS = 5;
const LEVEL_STEP_MS = 1;
/** Kept before the onset, so that the rise of a plosive or a breathy vowel is not cut. */
export const KEEP_BEFORE_ONSET_MS = 10;
/** A cut in a signal that is not quite silent clicks without these. */
const FADE_IN_MS = 3;
const FADE_OUT_MS = 8;

/**
 * Pause left after a sentence that is followed by another. The network leaves 270-480 ms after every utterance and 250-320 ms
 * before the next; joined as they are, sentences would stand half a second apart. Read speech pauses 250-400 ms; in a
 * conversation the lower end sounds natural.
 */
export const PAUSE_AFTER_SENTENCE_MS = 250;

/** How a stretch of text ends, which decides the pause after it. */
export type Boundary = 'sentence' | 'clause' | 'word';

/** How a stretch of phonemes ends. */
export function boundaryOf(phonemes: string): Boundary {
  const last = phonemes.replace(/[\s”")“]+$/u, '').at(-1) ?? '';
  if ('.!?…'.includes(last)) return 'sentence';
  return ',;:—'.includes(last) ? 'clause' : 'word';
}

const width = ms(LEVEL_WINDOW_MS);
const step = ms(LEVEL_STEP_MS);
const GATE_ENERGY = 10 ** (GATE_DBFS / 10) * width;

function energyAt(samples: Float32Array, from: number): number {
  let energy = 0;
  const to = Math.min(from + width, samples.length);
  for (let i = Math.max(0, from); i < to; i++) energy += (samples[i] as number) ** 2;
  return energy;
}

/**
 * The longest silence that reaches into a stretch: its first sample and the one after its last. Where nothing is silent,
 * the quietest place, with no length.
 */
export function findPause(samples: Float32Array, from: number, to: number): { start: number; end: number } {
  const quiet = (at: number) => energyAt(samples, at) < GATE_ENERGY;
  let longest = { start: 0, end: 0 };
  let quietest = { at: from, energy: Number.POSITIVE_INFINITY };
  for (let at = Math.max(0, from); at < Math.min(to, samples.length - width); at += step) {
    const energy = energyAt(samples, at);
    if (energy < quietest.energy) quietest = { at, energy };
    if (energy >= GATE_ENERGY) continue;
    // It may reach beyond the stretch on either side.
    let start = at;
    while (start >= step && quiet(start - step)) start -= step;
    let last = at;
    while (last + step + width <= samples.length && quiet(last + step)) last += step;
    if (last + width - start > longest.end - longest.start) longest = { start, end: last + width };
    at = last;
  }
  return longest.end > longest.start ? longest : { start: quietest.at, end: quietest.at };
}

/** Where the speech lies in `samples`: first audible sample and the one after the last. Undefined where all is silent. */
export function findSpeech(samples: Float32Array): { start: number; end: number } | undefined {
  const loud = (from: number) => energyAt(samples, from) >= GATE_ENERGY;
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

/**
 * Takes a clause out of its context: from 10 ms before its first sound, to a pause after its last. What of the pause the
 * audio does not hold before the next word is silence.
 * @param pause where the silence behind the clause lies; undefined where the clause is the last and its tail stays
 */
export function cutClause(
  samples: Float32Array,
  cut: {
    readonly start: number;
    readonly pause: { readonly start: number; readonly end: number } | undefined;
    readonly pauseMs: number;
  },
): Kept {
  const { start, pause, pauseMs } = cut;
  if (pause === undefined) {
    const rest = samples.slice(start);
    fade(rest, 0, 1, Math.min(ms(FADE_IN_MS), rest.length));
    return { samples: rest, offset: start };
  }
  const wanted = ms(pauseMs);
  const kept = new Float32Array(Math.max(0, pause.start - start) + wanted);
  const until = Math.min(pause.end, pause.start + wanted, samples.length);
  const taken = samples.slice(start, until);
  if (start > 0) fade(taken, 0, 1, Math.min(ms(FADE_IN_MS), taken.length));
  fade(taken, taken.length - 1, -1, Math.min(ms(FADE_OUT_MS), taken.length));
  kept.set(taken);
  return { samples: kept, offset: start };
}

/** The sample at which a clause begins whose first sound ends a pause. */
export function startAfter(pause: { readonly start: number; readonly end: number }): number {
  return Math.max(pause.start, pause.end - ms(KEEP_BEFORE_ONSET_MS));
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
