import { type Amount, readSlotValue, type SlotName, slotNames } from './order-vocabulary.js';

/** A value of a slot that a reply states. */
export type Mention = {
  readonly slot: SlotName;
  readonly value: string;
  readonly amount: Amount;
  /** "no milk", "without sugar". */
  readonly negated: boolean;
  /** Part of another slot's words ("two shots of espresso"): may be the value, never contradicts one. */
  readonly aside: boolean;
};

type Found = Mention & { readonly sentence: number };

const size = '(?:small|medium|large|(?:eight|twelve|sixteen|twenty) ounce)';
const roast = '(?:light|medium|dark) roast';
const shots = '(?:single|double|triple)(?: shot)?';
/** What may stand between "iced" and "coffee": "an iced large dark roast coffee". */
const between = `(?: (?:${roast}|${shots}|${size}))*`;

/** Patterns over the plain words of a sentence; the first group is the amount, where there is one. */
const patterns: Readonly<
  Record<SlotName, readonly (readonly [RegExp, string | ((match: RegExpExecArray) => string)])[]>
> = {
  coffeeDrink: [
    [new RegExp(`\\biced${between} (coffee|mocha|latte|americano)\\b`, 'g'), (match) => `iced ${match[1]}`],
    [new RegExp(`\\b(drip|house)${between} coffee\\b`, 'g'), (match) => `${match[1]} coffee`],
    [/\bhouse blend(?: coffee)?\b/g, 'house coffee'],
    [/\bcoffee(?! (?:shop|house|bar|maker|machine|order)\b)/g, 'coffee'],
    [/\bespresso\b/g, 'espresso'],
    [
      /\b(?:mocha|americano|cappuccino|latte|macchiato|flat white|cortado|frappuccino|cold brew|hot chocolate|tea)\b/g,
      (match) => match[0],
    ],
  ],
  size: [
    [/\b(?:eight|twelve|sixteen|twenty) ounce\b/g, (match) => match[0]],
    [/\b(?:small|large|medium(?! roast))\b/g, (match) => match[0]],
  ],
  roast: [[/\b(?:light|medium|dark) roast\b/g, (match) => match[0]]],
  numberOfShots: [
    [/\b(single|double|triple|quadruple)(?: espresso)? shot\b/g, (match) => `${match[1]} shot`],
    [/\b(?:one|a)(?: espresso)? shot\b/g, 'single shot'],
    [/\btwo(?: espresso)? shot\b/g, 'double shot'],
    [/\bthree(?: espresso)? shot\b/g, 'triple shot'],
    [/\bfour(?: espresso)? shot\b/g, 'quadruple shot'],
    // "Let me double check", "a single cup": not a number of shots.
    [
      /\b(single|double|triple)\b(?! (?:check|cup|order|item|drink|thing|time|moment|sugar|cream)\w*\b)/g,
      (match) => `${match[1]} shot`,
    ],
  ],
  milkAmount: [
    [/\b(?:whole|skim|soy|almond|oat|coconut) milk\b/g, (match) => match[0]],
    [/\bmilk\b/g, 'milk'],
    [/\bcream\b/g, 'cream'],
  ],
  sugarAmount: [
    [/\b(?:brown|white) sugar\b/g, (match) => match[0]],
    [/\bsugar\b(?! free\b)/g, 'sugar'],
    [/\b(?:sweetener|honey)\b/g, (match) => match[0]],
  ],
};

const amountBefore =
  /(?:a (?:little )?bit of|just a little|a little|a touch of|a splash of|a dash of|lots of|a lot of|plenty of|extra|heavy|some) $/;
const negationBefore = /\b(?:no|not|without|hold the|instead of)(?: (?:a|an|any|the|your|that|to|be))* $/;
/** What the agent cannot serve is neither taken down nor denied. */
const unavailableBefore = /\b(?:out of|do not (?:have|serve|offer))(?: (?:a|an|any|the))* $/;
const shotsBefore = /\bshot of $/;
const shotAfter = /^ shot\b/;

/**
 * The slot values that a reply states, in plain words. Values that stand in a sentence with "or" beside another value
 * of the same slot are an offer ("small or large?") and state nothing.
 */
export function findMentions(reply: string): Mention[] {
  const found = sentencesOf(reply).flatMap((words, sentence) =>
    slotNames.flatMap((slot) => findInSentence(words, slot, sentence)),
  );
  return found.map(({ sentence: _, ...mention }) => mention);
}

function findInSentence(words: string, slot: SlotName, sentence: number): Found[] {
  const taken: [number, number][] = [];
  const found: Found[] = [];
  for (const [pattern, value] of patterns[slot]) {
    for (const match of words.matchAll(pattern)) {
      const from = match.index;
      const to = from + match[0].length;
      // Longer names come first in the patterns: "iced coffee" is not also "coffee".
      if (taken.some(([start, end]) => from < end && to > start)) continue;
      taken.push([from, to]);
      const before = words.slice(0, from);
      const amountWords = amountBefore.exec(before)?.[0] ?? '';
      const aheadOfAmount = before.slice(0, before.length - amountWords.length);
      if (unavailableBefore.test(aheadOfAmount)) continue;
      found.push({
        slot,
        value: typeof value === 'string' ? value : value(match),
        amount: amountWords === '' ? null : readSlotValue(`${amountWords}x`).amount,
        negated: negationBefore.test(aheadOfAmount),
        aside: slot === 'coffeeDrink' && (shotsBefore.test(before) || shotAfter.test(words.slice(to))),
        sentence,
      });
    }
  }
  const offered = /\bor\b/.test(words) && new Set(found.map((mention) => mention.value)).size > 1;
  return offered ? [] : found;
}

const ounces: Readonly<Record<string, string>> = { '8': 'eight', '12': 'twelve', '16': 'sixteen', '20': 'twenty' };

/** Sentences in lower-case words: one form for hyphens, plurals, digits and common spellings. */
function sentencesOf(reply: string): string[] {
  return reply
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
    .split(/[.!?;\n]+/)
    .map((sentence) =>
      sentence
        .replace(/\b(\d+) ?-? ?(?:oz|ounces?)\b/g, (_, count: string) => `${ounces[count] ?? count} ounce`)
        .replace(/n't\b/g, ' not')
        .replace(/[^a-z0-9]+/g, ' ')
        .replace(/\boz\b/g, 'ounce')
        .replace(/\b1 shot/g, 'one shot')
        .replace(/\b2 shot/g, 'two shot')
        .replace(/\b3 shot/g, 'three shot')
        .replace(
          /\b(ounce|shot|coffee|latte|mocha|americano|cappuccino|espresso|roast|sugar|sweetener|milk|cream|tea)s\b/g,
          '$1',
        )
        .replace(/\broasted\b/g, 'roast')
        .replace(/\b(?:skimmed|nonfat|non fat|fat free) milk\b/g, 'skim milk')
        .replace(/\bsoya\b/g, 'soy')
        .replace(/\bexpresso\b/g, 'espresso')
        .replace(/\bcapp?ucc?ino\b/g, 'cappuccino')
        .trim(),
    )
    .filter(Boolean);
}
