/** The tagger's file: weights per feature and tag, a dictionary of words with one dominant tag, and the words it knows. */
export type TaggerModel = {
  readonly tags: readonly string[];
  readonly tagdict: Readonly<Record<string, string>>;
  readonly vocab: readonly string[];
  readonly weights: Readonly<Record<string, Readonly<Record<string, number>>>>;
};

const BEFORE_FIRST = '-START-';
const BEFORE_THAT = '-START2-';
const AFTER_LAST = '-END-';
const AFTER_THAT = '-END2-';

/**
 * Part-of-speech tagger: averaged perceptron (Collins 2002), greedy from left to right, Penn Treebank tags. The weights are
 * repacked into flat arrays on loading: 290,000 numbers in 3 MB, and no object walk per feature.
 */
export class Tagger {
  private readonly tags: readonly string[];
  private readonly dominant: Readonly<Record<string, string>>;
  private readonly vocabulary: ReadonlySet<string>;
  /** Feature → where its weights start. */
  private readonly starts = new Map<string, number>();
  /** Per feature: how many, then pairs of tag index and weight. */
  private readonly packed: Float32Array;
  private readonly scores: Float64Array;

  constructor(model: TaggerModel) {
    // Sorted backwards, so that of equal scores the alphabetically last wins, as in training.
    this.tags = [...model.tags].sort().reverse();
    this.dominant = model.tagdict;
    this.vocabulary = new Set(model.vocab);
    this.scores = new Float64Array(this.tags.length);
    const indexOf = new Map(this.tags.map((tag, i) => [tag, i]));
    const flat: number[] = [];
    for (const feature of Object.keys(model.weights)) {
      const weights = Object.entries(model.weights[feature] ?? {});
      this.starts.set(feature, flat.length);
      flat.push(weights.length);
      for (const [tag, weight] of weights) flat.push(indexOf.get(tag) ?? 0, weight);
    }
    this.packed = Float32Array.from(flat);
  }

  /** One tag per token. */
  tag(tokens: readonly string[]): string[] {
    const seen = tokens.map((token) => this.seenAs(token));
    const context = [BEFORE_THAT, BEFORE_FIRST, ...seen, AFTER_LAST, AFTER_THAT];
    let previous = BEFORE_FIRST;
    let beforePrevious = BEFORE_THAT;
    return tokens.map((token, i) => {
      const tag = Object.hasOwn(this.dominant, token)
        ? (this.dominant[token] ?? 'NN')
        : this.predict(features(i, token, context, previous, beforePrevious));
      beforePrevious = previous;
      previous = tag;
      return tag;
    });
  }

  private predict(active: readonly string[]): string {
    const { scores, packed } = this;
    scores.fill(0);
    let any = false;
    for (const feature of active) {
      const start = this.starts.get(feature);
      if (start === undefined) continue;
      any = true;
      const end = start + 1 + 2 * (packed[start] as number);
      for (let i = start + 1; i < end; i += 2) {
        const tag = packed[i] as number;
        scores[tag] = (scores[tag] as number) + (packed[i + 1] as number);
      }
    }
    if (!any) return 'NN';
    let best = 0;
    for (let i = 1; i < scores.length; i++) if ((scores[i] as number) > (scores[best] as number)) best = i;
    return this.tags[best] ?? 'NN';
  }

  private seenAs(token: string): string {
    const form = commonForm(token);
    return this.vocabulary.has(form) ? form : `<${shape(token)}>`;
  }
}

function features(
  i: number,
  token: string,
  context: readonly string[],
  previous: string,
  beforePrevious: string,
): string[] {
  const at = (offset: number) => context[i + 2 + offset] ?? '';
  return [
    'b',
    `s3=${token.slice(-3)}`,
    `p1=${token.charAt(0)}`,
    `w=${at(0)}`,
    `sh=${shape(token)}`,
    i === 0 ? 'i0' : 'i+',
    `t-1=${previous}`,
    `t-2=${beforePrevious}`,
    `t-12=${previous},${beforePrevious}`,
    `w-1=${at(-1)}`,
    `s3-1=${at(-1).slice(-3)}`,
    `w-2=${at(-2)}`,
    `w+1=${at(1)}`,
    `s3+1=${at(1).slice(-3)}`,
    `w+2=${at(2)}`,
  ];
}

function commonForm(token: string): string {
  if (token.indexOf('-') > 0) return '!HYPHEN';
  if (/^\d{4}$/.test(token)) return '!YEAR';
  if (/^\d/.test(token)) return '!DIGITS';
  return token.toLowerCase();
}

function shape(token: string): string {
  if (/^\p{L}+$/u.test(token)) {
    const lower = token.toLowerCase();
    if (token === lower) return 'x';
    if (token === token.toUpperCase()) return token.length > 1 ? 'XX' : 'X1';
    const tail = token.slice(1);
    return token.charAt(0) !== lower.charAt(0) && tail === lower.slice(1) ? 'Xx' : 'xX';
  }
  if (/^\d+$/.test(token)) return 'd';
  return Array.from(token.slice(0, 4), (c) => (/\d/.test(c) ? 'd' : /\p{L}/u.test(c) ? 'x' : c)).join('');
}
