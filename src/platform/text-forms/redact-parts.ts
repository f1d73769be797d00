import type { Finding, RedactionKind } from './findings.js';
import { findingsIn, overlap, withLabels } from './redact.js';
import { openEmail } from './redact-email.js';
import { connector, type Digits, digitSequences, isCalledOtherwise, isDateWord } from './redact-numbers.js';
import { plain, type TimedWord } from './words.js';

/**
 * So many words may stand between what is there and what makes it an address or a part of one: "12 Old Mill Road". Also
 * the longest way from one thing to a number that belongs to it.
 */
const reachWords = 4;
/** Fewer digits tell little, and are said for anything. */
const fewestDigits = 3;
/** What was said so many words before may say what a number is, or be the beginning of an address. */
export const contextBefore = 16;

/** Where the first thing begins that words to come may still make something to redact; behind the last word if none does. */
export function openFrom(words: readonly TimedWord[], kinds: readonly RedactionKind[]): number {
  const near = words.length - reachWords;
  let open = words.length;
  const reaches = ({ from, to }: { readonly from: number; readonly to: number }): void => {
    if (to > near) open = Math.min(open, from);
  };
  for (const each of [...digitSequences(words), ...findingsIn(words, kinds)]) reaches(each);
  for (const [at, word] of words.entries()) if (isDateWord(word)) reaches({ from: at, to: at + 1 });
  if (kinds.includes('pii')) open = Math.min(open, openEmail(words));
  // What the open part would be joined to is open with it.
  for (const each of [...digitSequences(words), ...findingsIn(words, kinds)].reverse())
    if (each.to > open && each.from < open) open = each.from;
  return open;
}

/** What may be shown of words that go on: none of it becomes part of something that is redacted. */
export function redactGrowing<Word extends TimedWord>(
  before: readonly Word[],
  words: readonly Word[],
  kinds: readonly RedactionKind[],
): readonly Word[] {
  const all = [...before, ...words];
  const shown = Math.max(before.length, openFrom(all, kinds));
  return withLabels(all, findingsIn(all.slice(0, shown), kinds), before.length, shown);
}

/**
 * Words that are told before it is known what follows them, behind others that were told. A number at either edge that
 * may be a part of a longer one is `[NUMBER]`: people read cards group by group.
 */
export function redactApart<Word extends TimedWord>(
  before: readonly Word[],
  words: readonly Word[],
  kinds: readonly RedactionKind[],
): readonly Word[] {
  const all = [...before, ...words];
  const findings = findingsIn(all, kinds);
  const sequences = digitSequences(all);
  const toldBefore = sequences.some(({ from, to }) => from < before.length && to >= before.length);
  const atEdge = ({ from, to, text }: Digits): boolean =>
    text.length >= fewestDigits &&
    to > before.length &&
    ((toldBefore && from <= before.length) || restIsConnector(all, to));
  const parts: Finding[] = sequences
    .filter((each) => atEdge(each) && !isCalledOtherwise(all, each))
    .map(({ from, to }) => ({ what: 'number', from, to }));
  const unknown = parts.filter((part) => !findings.some((finding) => overlap(part, finding)));
  return withLabels(
    all,
    [...findings, ...unknown].sort((a, b) => a.from - b.from),
    before.length,
  );
}

function restIsConnector(words: readonly TimedWord[], from: number): boolean {
  return words.slice(from).every(({ text }) => connector.test(plain(text)));
}
