import { tensWords, unitWords } from '../../language/number-words.js';

/** What the last words of a transcript say about whether more will come. */
export type TextCue =
  /** Nothing was said, or nothing is known. */
  | 'none'
  /** A filler: the caller holds the floor while thinking. */
  | 'filler'
  /** A word after which something must follow: a conjunction, a preposition, a determiner, a verb without its object. */
  | 'open'
  /** A word that mostly stands before a noun: "large", "medium-roast". */
  | 'attributive'
  /** Digits: the number may go on. */
  | 'number'
  /** A comma, colon or dash. */
  | 'comma'
  | 'question'
  /** Nothing of these. */
  | 'plain';

const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

const fillers = words('um uh er erm uhm umm hmm mm hm eh ah well');
const open = words(`
  and or but nor so because if when while although though since unless until than that which who whose whom where whether
  a an the this these those my your our their his its some any every each no another
  of in on at by with without from to into onto for about under over between through during before after as per via plus
  is are was were am be been being do does did have has had can could will would shall should may might must not think
  i i'd i'll i'm i've you'd you'll we we'd we'll they he she it's that's there's what's let's
  want need like get give make bring send add order take put book call
  very really quite too just only also even please
`);
const openPairs =
  /\b(?:get|give|make|bring|send|show|tell|find|book|order) (?:me|us)$|\b(?:a (?:lot|bit|little|couple|cup|few)|lots|kind|sort|little bit|going)$/;
/** They may end a turn too: "please", "very much so", "I want to". */
const closing =
  /^(?:no|oh no|well no)$|\b(?:yes please|please|thank you|thanks|me too|that's it|i do|i am|it is|i did|i have|i would|i can|i will|we do|that is|how it is|that too|(?:think|hope|guess|say) so|not really|not too)$/;
/** Words that are verbs at the end of an open sentence are nouns behind these: "where is my order". */
const named = /\b(?:a|an|the|my|your|our|his|her|their|this|that|another|any|new|last|same|whole) (?:order|book|call)$/;
const attributive = words(`
  small large big medium regular tall short little half double triple single extra hot cold iced new old black white brown
  red green blue dark light fresh whole different other same next last first second third good nice
`);
const numbers: ReadonlySet<string> = new Set([...unitWords, 'oh', ...tensWords, 'hundred']);

/** How a transcript ends. Its punctuation is a guess of the recogniser's and counts for less than its words. */
export function textCue(text: string): TextCue {
  const trimmed = text.trim().replaceAll('’', "'");
  if (trimmed === '') return 'none';
  const plain = trimmed
    .toLowerCase()
    .replaceAll(/[.,!?;:…–—"()]/g, '')
    .trim();
  const last = plain.split(/\s+/).at(-1) ?? '';
  const asks = /[?!]["')]?$/.test(trimmed);
  if (fillers.has(last) && !/\b(?:as|very) well$/.test(plain)) return 'filler';
  if (
    openPairs.test(plain) ||
    (open.has(last) &&
      !closing.test(plain) &&
      !named.test(plain) &&
      !(asks && /^(?:do|have|can|to|for|from|with|on|in|at|like|it's)$/.test(last)))
  )
    return 'open';
  if (/[,:;–—-]$/.test(trimmed)) return 'comma';
  if (attributive.has(last) || /\w-\w+$/.test(plain)) return 'attributive';
  if (numbers.has(last) || /\d$/.test(plain)) return 'number';
  return asks ? 'question' : 'plain';
}

/** As it is said in a reason. */
export const cueInWords: Readonly<Partial<Record<TextCue, string>>> = {
  filler: 'the caller is thinking',
  open: 'the words ask for more',
  attributive: 'the last word asks for another',
  number: 'it ends in a number',
  comma: 'the words are unfinished',
  question: 'it is a question',
};
