import { type TextCue, textCue } from './text-cues.js';

/** What was heard of a silence of this length. */
export type Look = {
  readonly silenceMs: number;
  /** The end-of-turn model's answer, 0..1. */
  readonly probability: number;
  /** Level of the last 150 ms of speech against the whole turn; absent where nobody measured it. */
  readonly decayDb?: number;
};

/**
 * Log-odds that a turn is complete: a base and the weights of the looks, by how many there are, and what the words and the
 * voice add. A look counts by its log-odds.
 */
export type CompletenessModel = {
  readonly byLooks: readonly { readonly base: number; readonly looks: readonly number[] }[];
  readonly cues: Readonly<Record<TextCue, number>>;
  readonly twoWords: number;
  readonly fourWords: number;
  /** For each 10 dB. */
  readonly decay: number;
  /** Weight of the brain's log-odds that the words are complete; 0 before it has read them. */
  readonly words: number;
};

/** What a silence is judged by before the brain has read the words, and after. */
export type CompletenessModels = { readonly heard: CompletenessModel; readonly read: CompletenessModel };

/** What is known of a silence. */
export type Silence = {
  readonly looks: readonly Look[];
  readonly text: string;
  /** How likely the words are complete to the brain that has read them; undefined where it has not. */
  readonly wordsOver?: number | undefined;
};

/** Printed by `npm run bench -- endpointing`, which fits it on one half of the recordings and judges it on the other. */
export const completenessModels: CompletenessModels = {
  heard: {
    byLooks: [
      { base: -1.61, looks: [0.47] },
      { base: -1.21, looks: [0.68, -0.28] },
      { base: -0.62, looks: [0.76, -0.18, -0.23] },
    ],
    cues: {
      none: 0,
      filler: -1.95,
      open: -1.95,
      attributive: -0.78,
      number: -0.78,
      comma: -1.4,
      question: 0.65,
      plain: 0.34,
    },
    twoWords: 0.52,
    fourWords: -1.47,
    decay: -1.48,
    words: 0,
  },
  read: {
    byLooks: [
      { base: -0.83, looks: [0.41] },
      { base: -0.51, looks: [0.55, -0.21] },
      { base: 0.06, looks: [0.61, -0.19, -0.12] },
    ],
    cues: {
      none: 0,
      filler: -0.85,
      open: -0.85,
      attributive: -0.29,
      number: -0.29,
      comma: -0.93,
      question: 0.72,
      plain: 0.29,
    },
    twoWords: 0.65,
    fourWords: -1.1,
    decay: -1.6,
    words: 0.67,
  },
};

/** The end-of-turn model is never believed to be surer than this. */
const leastProbability = 0.005;
/** Below this the brain tells only that it has no idea how such words go on. */
const leastWordsLogOdds = -4;
/** A fall beyond these says no more: compressed voices hardly fall, and some lines fall silent at once. */
const leastDecayDb = -6;
const mostDecayDb = -20;
/** A turn of no more words than this is likelier to go on. */
export const fewWords = 4;
/** Where it was not measured: about the middle of what is heard. */
const usualDecayDb = -14;

/**
 * Probability, 0..1, that the turn is complete after these looks and words; undefined without a look. Logistic
 * regression (Berkson 1944).
 */
export function completeness(silence: Silence, models = completenessModels): number | undefined {
  const model = silence.wordsOver === undefined ? models.heard : models.read;
  const features = completenessFeatures(silence, model.byLooks.length);
  if (!features) return undefined;
  const weights = completenessWeights(model);
  const sum = features.reduce((total, feature, index) => total + feature * (weights[index] ?? 0), 0);
  return 1 / (1 + Math.exp(-sum));
}

const cueOrder = ['none', 'filler', 'open', 'attributive', 'number', 'comma', 'question', 'plain'] as const;

/** What the regression sees, in the order of {@link completenessWeights}; undefined without a look. */
export function completenessFeatures({ looks, text, wordsOver }: Silence, rows: number): number[] | undefined {
  const [first] = looks;
  if (!first) return undefined;
  const row = Math.min(looks.length, rows);
  const heard: number[] = [];
  for (let count = 1; count <= rows; count++) {
    heard.push(count === row ? 1 : 0);
    for (let at = 0; at < count; at++) heard.push(count === row ? logOdds(looks[at]?.probability ?? 0.5) : 0);
  }
  const cue = textCue(text);
  const words = wordsIn(text);
  const decayDb = Math.max(mostDecayDb, Math.min(leastDecayDb, first.decayDb ?? usualDecayDb));
  return [
    ...heard,
    ...cueOrder.map((each) => (each === cue ? 1 : 0)),
    words <= 2 ? 1 : 0,
    words <= fewWords ? 1 : 0,
    decayDb / 10,
    wordsOver === undefined ? 0 : Math.max(leastWordsLogOdds, logOdds(wordsOver)),
  ];
}

/** How many words a text has. */
export function wordsIn(text: string): number {
  return text.trim() === '' ? 0 : text.trim().split(/\s+/).length;
}

export function completenessWeights(model: CompletenessModel): number[] {
  const { byLooks, cues, twoWords, fourWords, decay, words } = model;
  const heard = byLooks.flatMap(({ base, looks }) => [base, ...looks]);
  return [...heard, ...cueOrder.map((cue) => cues[cue]), twoWords, fourWords, decay, words];
}

/** The model of these weights. */
export function completenessOf(weights: readonly number[], rows: number): CompletenessModel {
  const left = [...weights];
  const next = (): number => left.shift() ?? 0;
  const byLooks = Array.from({ length: rows }, (_, index) => {
    const base = next();
    return { base, looks: Array.from({ length: index + 1 }, next) };
  });
  const cues = { none: 0, filler: 0, open: 0, attributive: 0, number: 0, comma: 0, question: 0, plain: 0 };
  for (const cue of cueOrder) cues[cue] = next();
  return {
    byLooks,
    cues,
    twoWords: next(),
    fourWords: next(),
    decay: next(),
    words: next(),
  };
}

function logOdds(probability: number): number {
  const bounded = Math.min(1 - leastProbability, Math.max(leastProbability, probability));
  return Math.log(bounded / (1 - bounded));
}
