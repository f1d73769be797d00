/**
 * E-mail and web addresses in words: "info@parley.com" → "info at parley dot com". Written for calls, where a caller has to
 * be able to write it down.
 */

/** Endings that make a bare name a web address. A closed list: "late.So" is a slip of the pen, not a site. */
const ENDINGS = 'com|org|net|edu|gov|info|biz|app|dev|io|ai|co|tv|uk|us|ca|au|de|fr|eu|nz|ie';
const EMAIL = /(?<![\w.@+-])([\w.+-]{1,64})@((?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24})(?![\w@])/g;
const SITE = new RegExp(
  `(?<![\\w.@/-])(?:(https?|ftp)://)?(?:(www)\\.)?((?:[A-Za-z0-9-]{1,63}\\.){1,5})(${ENDINGS})(?![\\w@-]|\\.\\w)(/[^\\s"”>)]{0,200})?`,
  'g',
);
const OTHER_URL = /(?:https?|ftp):\/\/([^\s"”>)]{1,200})/g;

const SIGNS: Readonly<Record<string, string>> = {
  '.': 'dot',
  '-': 'dash',
  _: 'underscore',
  '+': 'plus',
  '/': 'slash',
  '?': 'question mark',
  '=': 'equals',
  '&': 'and',
  '%': 'percent',
  '#': 'hash',
  ':': 'colon',
  '~': 'tilde',
};

export function speakWebAddresses(text: string): string {
  if (!/[.@]/.test(text)) return text;
  return text
    .replace(EMAIL, (_, name: string, domain: string) => `${inWords(name)} at ${inWords(domain)}`)
    .replace(SITE, (whole: string, _scheme, _www, name: string, ending: string, path: string | undefined) => {
      if (/^\d/.test(name) && !/[A-Za-z]/.test(name)) return whole;
      const [address, rest] = withoutEndPunctuation(path ?? '');
      return `${inWords(`${name}${ending}`)}${address.length > 1 ? ` ${inWords(address)}` : ''}${rest}`;
    })
    .replace(OTHER_URL, (_, address: string) => {
      const [said, rest] = withoutEndPunctuation(address);
      return `${inWords(said)}${rest}`;
    });
}

/** A full stop or comma at the end of an address belongs to the sentence. */
function withoutEndPunctuation(address: string): [string, string] {
  const rest = /[.,;:!?]+$/.exec(address)?.[0] ?? '';
  return [address.slice(0, address.length - rest.length).replace(/\/$/, ''), rest];
}

function inWords(address: string): string {
  const parts = address.match(/[A-Za-z]+|\d+|[^A-Za-z\d]/g) ?? [];
  return parts
    .map((part, i) => {
      const sign = SIGNS[part];
      if (sign !== undefined) return sign;
      if (/^\d{3,}$/.test(part)) return Array.from(part).join(' ');
      if (part.toLowerCase() === 'id') return 'I.D';
      // Country endings are letters, and dotted letters are spelled: "dot U.K".
      const ending = /^[A-Za-z]{2}$/.test(part) && parts[i - 1] === '.' && i === parts.length - 1;
      return ending ? Array.from(part.toUpperCase()).join('.') : part;
    })
    .join(' ');
}
