import type { Finding } from './findings.js';
import { digitsOf, numberRuns } from './spoken-numbers.js';
import { endsSentence, plain, type TimedWord } from './words.js';

/** What ends the name of a street (after USPS Publication 28, appendix C1, the common ones). */
const streets = new Set(
  'street st avenue ave road rd lane ln drive dr boulevard blvd court ct terrace parkway pkwy highway circle crescent close'.split(
    ' ',
  ),
);
/** Also other things: only behind a name with a capital. */
const ambiguous = new Set('place way square'.split(' '));
const units = new Set('apartment apt unit suite flat floor'.split(' '));
const mostNameWords = 3;
const zipContext = /^(?:zip|zipcode|postcode|postal)$/;

/** A house number with a street, and the apartment and town code that follow; a code that is called one. */
export function findAddresses(words: readonly TimedWord[]): Finding[] {
  const runs = numberRuns(words);
  const found: Finding[] = [];
  for (const run of runs) {
    const digits = digitsOf(words.slice(run.from, run.to));
    const before = words.slice(Math.max(0, run.from - 4), run.from).map(({ text }) => plain(text));
    if (digits.length === 5 && before.some((word) => zipContext.test(word)))
      found.push({ what: 'address', from: run.from, to: run.to });
    if (digits.length === 0 || digits.length > 5) continue;
    const street = streetEnd(words, run.to);
    if (street !== undefined) found.push({ what: 'address', from: run.from, to: tailEnd(words, street, runs) });
  }
  return found;
}

function streetEnd(words: readonly TimedWord[], from: number): number | undefined {
  for (let at = from; at <= from + mostNameWords && at < words.length; at++) {
    const { text } = words[at] as TimedWord;
    const word = plain(text);
    const named = words.slice(from, at);
    const capital = named.length > 0 && named.every(({ text: name }) => /^[\p{Lu}\d]/u.test(name));
    if (named.length > 0 && (streets.has(word) || (ambiguous.has(word) && capital))) return at + 1;
    if (
      endsSentence(text) ||
      /^(?:minutes?|hours?|miles?|people|blocks?|of|on|to|in|the|and|from|down|way)$/.test(word)
    )
      return undefined;
  }
  return undefined;
}

/** "..., apartment four", and a five-digit code within the next words. */
function tailEnd(words: readonly TimedWord[], from: number, runs: ReturnType<typeof numberRuns>): number {
  let end = from;
  if (units.has(plain(words[end]?.text ?? ''))) {
    const run = runs.find((each) => each.from === end + 1);
    end = run ? run.to : Math.min(words.length, end + 2);
  }
  for (let at = end; at <= end + 3; at++) {
    if (at > 0 && endsSentence(words[at - 1]?.text ?? '') && !/^[A-Z][a-z]?\.$/.test(words[at - 1]?.text ?? '')) break;
    const run = runs.find((each) => each.from === at);
    if (run && digitsOf(words.slice(run.from, run.to)).length === 5) return run.to;
  }
  return end;
}
