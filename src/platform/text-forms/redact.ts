import type { Finding, RedactionKind } from './findings.js';
import { findAddresses } from './redact-address.js';
import { findEmails } from './redact-email.js';
import { findNumbers } from './redact-numbers.js';
import { joined, markBehind, type TimedWord } from './words.js';

const categories = {
  card: 'pci',
  security_code: 'pci',
  card_expiry: 'pci',
  phone: 'pii',
  ssn: 'pii',
  date_of_birth: 'pii',
  email: 'pii',
  address: 'pii',
  number: 'pci',
} as const satisfies Record<Finding['what'], RedactionKind>;

/** What `kinds` cover, each as one word: `[CARD]`. Of findings that overlap the one that comes first in the table counts. */
export function redact<Word extends TimedWord>(
  words: readonly Word[],
  kinds: readonly RedactionKind[],
): readonly Word[] {
  return withLabels(words, findingsIn(words, kinds));
}

/** What `kinds` cover, in order and without overlaps. */
export function findingsIn(words: readonly TimedWord[], kinds: readonly RedactionKind[]): readonly Finding[] {
  const taken: Finding[] = [];
  // All are looked for, so that a card is not taken for a phone where only phones are asked for.
  for (const finding of [...findNumbers(words), ...findEmails(words), ...findAddresses(words)])
    if (!taken.some((other) => overlap(finding, other))) taken.push(finding);
  return taken.filter(({ what }) => kinds.includes(categories[what])).sort((a, b) => a.from - b.from);
}

/** The words from `start` up to `end`, each finding as one word where it begins, or where the words begin in it. */
export function withLabels<Word extends TimedWord>(
  words: readonly Word[],
  findings: readonly Finding[],
  start = 0,
  end = words.length,
): readonly Word[] {
  const written: Word[] = [];
  let at = start;
  for (const { from, to, what } of findings) {
    const [first, ...rest] = words.slice(Math.max(from, start), Math.min(to, end));
    if (!first) continue;
    written.push(...words.slice(at, Math.max(from, start)));
    written.push(joined([first, ...rest], `[${what.toUpperCase()}]${markBehind(words[to - 1]?.text ?? '')}`));
    at = Math.min(to, end);
  }
  return [...written, ...words.slice(at, end)];
}

export function overlap(a: Finding, b: Finding): boolean {
  return a.from < b.to && b.from < a.to;
}
