import { z } from 'zod';
import type { Finding } from './findings.js';
import { plain, type TimedWord } from './words.js';

const address = z.email();
const signs: Readonly<Record<string, string>> = {
  dot: '.',
  period: '.',
  underscore: '_',
  dash: '-',
  hyphen: '-',
  plus: '+',
  at: '@',
};
/** Ends of domains that are said; others are found where they are written. */
const ends = new Set('com net org edu gov io co uk de fr ca au us info biz me ai dev app eu nz ie in'.split(' '));
/** A local part or a domain has seldom more. */
const mostParts = 12;

/** E-mail addresses, as written and as spoken: "jane dot doe at example dot com", "j d o e at ...". */
export function findEmails(words: readonly TimedWord[]): Finding[] {
  const found: Finding[] = [];
  for (const [at, { text }] of words.entries()) {
    if (text.includes('@') && address.safeParse(plain(text)).success)
      found.push({ what: 'email', from: at, to: at + 1 });
    if (plain(text) !== 'at') continue;
    const to = domainEnd(words, at + 1);
    const from = localBegin(words, at);
    if (to === undefined || from === at) continue;
    const written = words.slice(from, to).map(({ text: said }) => signs[plain(said)] ?? plain(said));
    if (address.safeParse(written.join('')).success) found.push({ what: 'email', from, to });
  }
  return found;
}

/** Where an e-mail address begins that has been begun and may go on behind the last word. */
export function openEmail(words: readonly TimedWord[]): number {
  // The last word may be a name, and "at" comes next.
  let open = localBegin(words, words.length);
  for (let at = Math.max(0, words.length - 1 - mostParts); at < words.length; at++)
    if (plain(words[at]?.text ?? '') === 'at' && mayBecomeDomain(words, at + 1))
      open = Math.min(open, localBegin(words, at));
  return open;
}

function mayBecomeDomain(words: readonly TimedWord[], from: number): boolean {
  for (let at = from + 3; at < words.length; at++) if (!isSign(words[at]) && !isSign(words[at - 1])) return false;
  return true;
}

/** Behind "example dot co dot uk" or "example.com"; undefined where no end of a domain comes. */
function domainEnd(words: readonly TimedWord[], from: number): number | undefined {
  let end: number | undefined;
  for (let at = from; at < Math.min(words.length, from + mostParts); at++) {
    const word = plain(words[at]?.text ?? '');
    const last = word.split('.').at(-1) ?? '';
    const ended = ends.has(last) && (word.includes('.') || isSign(words[at - 1], 'dot'));
    if (ended) {
      end = at + 1;
      if (!isSign(words[at + 1], 'dot')) return end;
    } else if (at > from + 2 && !(word in signs) && !isSign(words[at - 1])) return end;
  }
  return end;
}

/** One word and what is joined to it by signs, or letters and digits that are spelled. */
function localBegin(words: readonly TimedWord[], at: number): number {
  let from = at;
  while (from > 0 && at - from < mostParts) {
    const before = plain(words[from - 1]?.text ?? '');
    const joins =
      from === at || isSign(words[from]) || before in signs || (isSpelled(words[from]) && isSpelled(words[from - 1]));
    if (!joins || before === '' || before === 'at') break;
    from -= 1;
  }
  // A sign does not begin an address.
  while (from < at && isSign(words[from])) from += 1;
  return from;
}

function isSign(word: TimedWord | undefined, sign?: string): boolean {
  const said = plain(word?.text ?? '');
  return sign ? said === sign : said in signs;
}

function isSpelled(word: TimedWord | undefined): boolean {
  return /^[a-z\d]$/.test(plain(word?.text ?? ''));
}
