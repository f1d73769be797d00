import { newToken, type Token } from './token.js';

/**
 * Words with more than one pronunciation where the tagger or the dictionary is of no help: same part of speech, or one that
 * the tagger gets wrong in the short sentences of a conversation. Each rule looks at the words around and gives the
 * reading, or undefined where the dictionary is right.
 */
type Rule = (place: Place) => string | undefined;

/** Where the word stands; all words in lower case, '' beyond the ends. */
type Place = {
  /** Penn Treebank tag of the word. */
  readonly tag: string;
  readonly before: string;
  readonly after: string;
  /** All words of the sentence. */
  readonly words: ReadonlySet<string>;
};

const SUBJECTS = new Set(['i', 'you', 'we', 'they', 'who']);
const AUXILIARIES = new Set([
  "n't",
  'not',
  'will',
  'would',
  'can',
  'could',
  'should',
  'may',
  'might',
  'must',
  'do',
  "'ll",
  'does',
  'did',
]);
const BE = new Set([
  'am',
  'is',
  'are',
  'was',
  'were',
  'be',
  'been',
  "'m",
  "'s",
  "'re",
  'seem',
  'seems',
  'feel',
  'feels',
  'look',
  'looks',
]);
const OWNERS = new Set(['my', 'your', 'his', 'her', 'our', 'their', 'a', 'the', 'this', 'that', 'updated', 'attached']);
const FISH = new Set([
  'fish',
  'sea',
  'lake',
  'river',
  'caught',
  'catch',
  'striped',
  'grilled',
  'fried',
  'fillet',
  'fishing',
  'baked',
  'chilean',
  'roasted',
]);
const METAL_AFTER = new Set(['pipe', 'pipes', 'paint', 'poisoning', 'acid', 'free', 'apron', 'crystal']);

const rules: Readonly<Record<string, Rule>> = {
  lead: ({ before, after }) => (before === 'of' || METAL_AFTER.has(after) ? 'lˈɛd' : undefined),
  bass: ({ words }) => ([...words].some((word) => FISH.has(word)) ? undefined : 'bˈAs'),
  content: ({ before, after }) => (BE.has(before) && (after === 'with' || after === 'to') ? 'kəntˈɛnt' : undefined),
  minute: ({ before, after }) =>
    (BE.has(before) || before === 'so' || before === 'very') && !/^\p{L}/u.test(after) ? 'mInˈut' : undefined,
  bow: ({ before, after, words }) =>
    after === 'down' ||
    (before === 'a' && (words.has('took') || words.has('take') || words.has('takes')) && !words.has('tie'))
      ? 'bˈW'
      : undefined,
  resume: ({ before, tag }) => (OWNERS.has(before) && tag !== 'MD' ? 'ɹˈɛzəmˌA' : undefined),
  object: ({ before, after }) => (isVerbAfter(before) || (after === 'to' && before === 'to') ? 'əbʤˈɛkt' : undefined),
  project: ({ before }) => (isVerbAfter(before) ? 'pɹəʤˈɛkt' : undefined),
  contract: ({ before }) => (isVerbAfter(before) ? 'kəntɹˈækt' : undefined),
  intimate: ({ before }) => (isVerbAfter(before) ? 'ˈɪntəmˌAt' : undefined),
};

/** The tokens, those with a homograph that a rule decides carrying their reading. */
export function readHomographs(tokens: readonly Token[]): Token[] {
  const lower = tokens.map((token) => token.text.toLowerCase());
  const words = new Set(lower);
  return tokens.map((token, i) => {
    const word = lower[i] ?? '';
    if (token.phonemes !== undefined || !Object.hasOwn(rules, word)) return token;
    const place = { tag: token.tag, before: lower[i - 1] ?? '', after: lower[i + 1] ?? '', words };
    const phonemes = rules[word]?.(place);
    return phonemes === undefined ? token : newToken(token.text, token.tag, token.spaceAfter, phonemes);
  });
}

function isVerbAfter(before: string): boolean {
  return SUBJECTS.has(before) || AUXILIARIES.has(before);
}
