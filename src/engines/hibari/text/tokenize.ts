/** A token and whether white space followed it. */
export type RawToken = { readonly text: string; readonly spaceAfter: boolean };

/** Whole strings with a fixed split: contractions, "Mr.", "10am", emoticons. */
export type TokenizerExceptions = Readonly<Record<string, readonly string[]>>;

/** Longer runs without a space are no words; cutting them bounds the work per token. */
const LONGEST_CHUNK = 100;

const LOWER = 'a-zß-öø-ÿ';
const UPPER = 'A-ZÀ-ÖØ-Þ';
const NOT_UNDERSCORE = '[\\p{L}\\p{N}]';
const LETTER = '[\\p{L}\\p{Nl}\\p{No}]';
const QUOTES = `'"”“\`‘´’‚,„»«「」『』（）〔〕【】《》〈〉`;
const MARKS = '…,:;!?¿¡()[]{}<>_#*&。？！，、；：～·';
const ICONS = '™®©°§¶†‡•';
const CURRENCY = 'US\\$|C\\$|A\\$|[$£€¥฿₽₹₩₪₺₴₦₫₱₲₵₸₼₾₿]';
const UNITS =
  'km²?³?|m²?³?|dm²?³?|cm²?³?|mm²?³?|ha|µm|nm|yd|in|ft|kg|g|mg|µg|t|lb|oz|m/s|km/h|kmh|mph|hPa|Pa|mbar|mb|MB|kb|KB|gb|GB|tb|TB|T|G|M|K|%';

/**
 * What is taken off the front, off the end, and what splits in the middle of a chunk. The rules and the table of exceptions
 * are those of spaCy's English tokenizer (MIT), written out for Latin text.
 */
const PREFIX = new RegExp(
  `^(?:${CURRENCY}|\\.\\.+|\\+(?![0-9])|……|[§%=—–…${inSet(MARKS)}${inSet(QUOTES)}${inSet(ICONS)}])`,
  'u',
);
const SUFFIX = new RegExp(
  [
    '(?:……|\\.\\.+',
    `['’][sS]`,
    `[…—–${inSet(MARKS)}${inSet(QUOTES)}${inSet(ICONS)}]`,
    '(?<=[0-9])\\+',
    '(?<=°[FfCcKk])\\.',
    `(?<=[0-9])(?:${CURRENCY})`,
    `(?<=[0-9])(?:${UNITS})`,
    `(?<=[0-9${LOWER}%²\\-+${inSet(MARKS)}${inSet(QUOTES)}])\\.`,
    `(?<=[${UPPER}][${UPPER}])\\.)$`,
  ].join('|'),
  'u',
);
const INFIX = new RegExp(
  [
    '\\.\\.+|…',
    `[${inSet(ICONS)}]`,
    '(?<=[0-9])[+\\-*^](?=[0-9-])',
    `(?<=[${LOWER}${inSet(QUOTES)}])\\.(?=[${UPPER}${inSet(QUOTES)}])`,
    `(?<=${LETTER}),(?=${LETTER})`,
    `(?<=${NOT_UNDERSCORE})(?:-{1,3}|–|——?|~)(?=${LETTER})`,
    `(?<=${NOT_UNDERSCORE})[:<>=/](?=${LETTER})`,
  ].join('|'),
  'gu',
);
/** Splits text into tokens. Concatenated, with the spaces, they give the text back. */
export function tokenize(text: string, exceptions: TokenizerExceptions): RawToken[] {
  const tokens: RawToken[] = [];
  for (const match of text.matchAll(/\S+/gu)) {
    const chunk = match[0];
    const spaceAfter = match.index + chunk.length < text.length;
    for (let at = 0; at < chunk.length; at += LONGEST_CHUNK) {
      const part = chunk.slice(at, at + LONGEST_CHUNK);
      const split = splitChunk(part, exceptions).filter((token) => token !== '');
      const ends = at + LONGEST_CHUNK >= chunk.length;
      for (const [i, token] of split.entries()) {
        tokens.push({ text: token, spaceAfter: ends && spaceAfter && i === split.length - 1 });
      }
    }
  }
  return tokens;
}

function splitChunk(chunk: string, exceptions: TokenizerExceptions): readonly string[] {
  const whole = exceptions[chunk];
  if (whole !== undefined) return whole;
  const { before, core, after } = peel(chunk, exceptions);
  const middle = core === '' ? [] : (exceptions[core] ?? splitInside(core));
  const tokens = [...before, ...middle, ...after];
  return tokens.length > 1 ? rejoin(tokens, exceptions) : tokens;
}

/** Takes punctuation off both ends, one piece at a time, until nothing more comes off or an exception is left. */
function peel(chunk: string, exceptions: TokenizerExceptions): { before: string[]; core: string; after: string[] } {
  const before: string[] = [];
  const after: string[] = [];
  let core = chunk;
  while (core !== '' && exceptions[core] === undefined) {
    const prefix = PREFIX.exec(core)?.[0] ?? '';
    const rest = core.slice(prefix.length);
    if (prefix !== '' && rest !== '' && exceptions[rest] !== undefined) {
      before.push(prefix);
      core = rest;
      break;
    }
    const suffix = SUFFIX.exec(rest)?.[0] ?? '';
    const withoutSuffix = core.slice(0, core.length - suffix.length);
    if (suffix !== '' && withoutSuffix !== '' && exceptions[withoutSuffix] !== undefined) {
      after.unshift(suffix);
      core = withoutSuffix;
      break;
    }
    if (prefix === '' && suffix === '') break;
    if (prefix !== '') before.push(prefix);
    if (suffix !== '') after.unshift(suffix);
    core = core.slice(prefix.length, core.length - suffix.length);
  }
  return { before, core, after };
}

function splitInside(core: string): string[] {
  const tokens: string[] = [];
  let from = 0;
  for (const match of core.matchAll(INFIX)) {
    if (match.index === 0) continue;
    if (match.index > from) tokens.push(core.slice(from, match.index));
    tokens.push(match[0]);
    from = match.index + match[0].length;
  }
  if (from < core.length) tokens.push(core.slice(from));
  return tokens;
}

/** Puts neighbours together again that spell an exception: "Sept" "." */
function rejoin(tokens: readonly string[], exceptions: TokenizerExceptions): string[] {
  const joined: string[] = [];
  for (let i = 0; i < tokens.length; ) {
    const size =
      [3, 2].find((n) => i + n <= tokens.length && exceptions[tokens.slice(i, i + n).join('')] !== undefined) ?? 1;
    const text = tokens.slice(i, i + size).join('');
    joined.push(...(size > 1 ? (exceptions[text] ?? [text]) : [text]));
    i += size;
  }
  return joined;
}

function inSet(characters: string): string {
  return characters.replace(/[\\\]^-]/g, '\\$&').replace('[', '\\[');
}
