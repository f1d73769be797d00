import { seededRandom } from '../../src/analyser/statistics.js';
import { ParleyError } from '../../src/audio/error.js';
import { findMentions, type Mention } from './order-mentions.js';
import {
  genericValues,
  narrowerValues,
  type OrderLabel,
  readLabel,
  type SlotName,
  type SlotValue,
} from './order-vocabulary.js';

/** A slot in which a reply says something other than the order. */
export type Contradiction = { readonly slot: SlotName; readonly said: string; readonly ordered: string };

export type OrderScore = {
  /** The reply states at least one slot value of the order. */
  readonly containsSlot: boolean;
  /** The reply states another value of a slot that the order has. */
  readonly contradicts: boolean;
  /** `containsSlot` without `contradicts`. */
  readonly pass: boolean;
  readonly contained: readonly SlotName[];
  readonly contradictions: readonly Contradiction[];
  /** Slots that the reply states and the order does not have: not an error here, but worth reading. */
  readonly unordered: readonly SlotName[];
};

/**
 * Scores the agent's reply to one coffee order. The rules, all on normalised words (case, hyphens, plurals, digits):
 *
 * 1. A value counts with any amount: "a bit of brown sugar" is found in "brown sugar"; but plain "sugar" is found only
 *    if the order says plain sugar.
 * 2. A generic word ("coffee", "milk", "sugar", and "mocha" for an iced mocha) contradicts nothing, and is a value
 *    only where the order says just that.
 * 3. Any other value of the same slot contradicts; so do opposite amounts of the same thing, and "no ..." or
 *    "without ..." of what was ordered. "No ..." of anything else is no contradiction.
 * 4. "Espresso" beside "shot" is a number of shots: it contradicts no other drink.
 * 5. Two values of a slot in one sentence with "or" are an offer and count for nothing.
 */
export function scoreOrderReply(reply: string, label: OrderLabel): OrderScore {
  const ordered = readLabel(label);
  const contained = new Set<SlotName>();
  const unordered = new Set<SlotName>();
  const contradictions: Contradiction[] = [];
  for (const mention of findMentions(reply)) {
    const wanted = ordered.get(mention.slot);
    if (wanted === undefined) {
      unordered.add(mention.slot);
      continue;
    }
    const verdict = judge(mention, wanted);
    if (verdict === 'contains') contained.add(mention.slot);
    if (verdict === 'contradicts') {
      const negation = mention.negated ? 'no ' : '';
      const amount = mention.amount === null ? '' : `${mention.amount} `;
      contradictions.push({
        slot: mention.slot,
        said: `${negation}${amount}${mention.value}`,
        ordered: label.slots[mention.slot]?.trim() ?? wanted.value,
      });
    }
  }
  const containsSlot = contained.size > 0;
  const contradicts = contradictions.length > 0;
  return {
    containsSlot,
    contradicts,
    pass: containsSlot && !contradicts,
    contained: [...contained],
    contradictions,
    unordered: [...unordered],
  };
}

function judge(mention: Mention, wanted: SlotValue): 'contains' | 'contradicts' | 'neither' {
  if (mention.value === wanted.value) {
    if (mention.negated) return 'contradicts';
    const opposite = mention.amount !== null && wanted.amount !== null && mention.amount !== wanted.amount;
    return opposite ? 'contradicts' : 'contains';
  }
  if (mention.negated || mention.aside || genericValues.includes(mention.value)) {
    // "No milk" denies any milk.
    const deniesAll = mention.negated && mention.value !== 'coffee' && wanted.value.endsWith(` ${mention.value}`);
    return deniesAll ? 'contradicts' : 'neither';
  }
  return narrowerValues[mention.value]?.includes(wanted.value) ? 'neither' : 'contradicts';
}

/** One reply and the order that it answers. */
export type ScoredOrder = { readonly reply: string; readonly label: OrderLabel; readonly score: OrderScore };

export type OrderScores = {
  readonly n: number;
  readonly contains: number;
  readonly contradicts: number;
  readonly passes: number;
  readonly orders: readonly ScoredOrder[];
};

/** Scores replies against the labels of the same index. */
export function scoreOrders(replies: readonly string[], labels: readonly OrderLabel[]): OrderScores {
  const orders = pairs(replies, labels).map(([reply, label]) => ({
    reply,
    label,
    score: scoreOrderReply(reply, label),
  }));
  const count = (is: (score: OrderScore) => boolean) => orders.filter(({ score }) => is(score)).length;
  return {
    n: orders.length,
    contains: count((score) => score.containsSlot),
    contradicts: count((score) => score.contradicts),
    passes: count((score) => score.pass),
    orders,
  };
}

/**
 * Scores every reply against another order's label: what replies would earn that have nothing to do with the order.
 * The shuffle is a seeded cycle through all labels (Sattolo 1986), so no reply meets its own.
 */
export function scoreAgainstShuffled(
  replies: readonly string[],
  labels: readonly OrderLabel[],
  seed: number,
): OrderScores {
  if (labels.length < 2) {
    throw new ParleyError('One order cannot be shuffled; give two or more.', { code: 'order.too_few', status: 400 });
  }
  const random = seededRandom(seed);
  const shuffled = [...labels];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(random() * i);
    const held = shuffled[i] as OrderLabel;
    shuffled[i] = shuffled[j] as OrderLabel;
    shuffled[j] = held;
  }
  return scoreOrders(replies, shuffled);
}

export type OrderVerdict = {
  readonly own: OrderScores;
  readonly shuffled: OrderScores;
  /** Own labels: at least 80 % contain a slot value and none is contradicted; shuffled labels: at most 30 % pass. */
  readonly accepted: boolean;
};

/** The acceptance of a set of recorded orders. */
export function judgeOrders(replies: readonly string[], labels: readonly OrderLabel[], seed: number): OrderVerdict {
  const own = scoreOrders(replies, labels);
  const shuffled = scoreAgainstShuffled(replies, labels, seed);
  const understood = own.contains >= 0.8 * own.n && own.contradicts === 0;
  return { own, shuffled, accepted: understood && shuffled.passes <= 0.3 * shuffled.n };
}

function pairs(replies: readonly string[], labels: readonly OrderLabel[]): [string, OrderLabel][] {
  if (replies.length !== labels.length) {
    throw new ParleyError(
      `There are ${replies.length} replies for ${labels.length} labels; expected one reply for each order, "" for none.`,
      { code: 'order.unequal', status: 400 },
    );
  }
  return replies.map((reply, i) => [reply, labels[i] as OrderLabel]);
}
