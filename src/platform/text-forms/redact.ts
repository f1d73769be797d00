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
} as const satisfies Record<Finding['what'], RedactionKind>;

/** What `kinds` cover, each as one word: `[CARD]`. Of findings that overlap the one that comes first in the table counts. */
export function redact<Word extends TimedWord>(
  words: readonly Word[],
  kinds: readonly RedactionKind[],
): readonly Word[] {
  const taken: Finding[] = [];
  // All are looked for, so that a card is not taken for a phone where only phones are asked for.
  for (const finding of [...findNumbers(words), ...findEmails(words), ...findAddresses(words)])
    if (!taken.some(({ from, to }) => finding.from < to && from < finding.to)) taken.push(finding);
  const written: Word[] = [];
  let at = 0;
  const wanted = taken.filter(({ what }) => kinds.includes(categories[what])).sort((a, b) => a.from - b.from);
  for (const { from, to, what } of wanted) {
    const [first, ...rest] = words.slice(from, to);
    if (!first) continue;
    written.push(...words.slice(at, from));
    written.push(joined([first, ...rest], `[${what.toUpperCase()}]${markBehind(words[to - 1]?.text ?? '')}`));
    at = to;
  }
  return [...written, ...words.slice(at)];
}
