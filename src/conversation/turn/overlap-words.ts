import type { Beginning } from '../../ports/speech-to-text.js';

/** What people say while somebody else goes on speaking, and what they say to stop them. Lower case, without marks. */
type OverlapWords = {
  /** Signs of listening: they take no turn. */
  readonly backchannels: readonly string[];
  /** Said first, these take the floor at once. */
  readonly stops: readonly string[];
  /** What a recogniser makes of the first when they are short; seen in `npm run bench -- overlap`. */
  readonly misheard?: readonly string[];
  /**
   * What a recogniser makes of the beginnings of stop words ("star" of "stop", "x" of "excuse"), beside their own; seen on 120
   * in changed voices, and none that backchannels begin with.
   */
  readonly begun?: readonly string[];
};

/** By ISO 639-1 code of the language. */
export const overlapWords = {
  en: {
    backchannels: [
      'ah',
      'aha',
      'all right',
      'alright',
      'cool',
      'exactly',
      'fine',
      'gotcha',
      'got it',
      'good',
      'great',
      'ha',
      'hm',
      'hmm',
      'huh',
      'i see',
      'indeed',
      'mhm',
      'mm',
      'mm hm',
      'mm hmm',
      'mmhm',
      'mmhmm',
      'mmm',
      'nice',
      'of course',
      'oh',
      'ok',
      'okay',
      'really',
      'right',
      'sure',
      'true',
      'uh',
      'uh huh',
      'uhhuh',
      'um',
      'wow',
      'ya',
      'yah',
      'yea',
      'yeah',
      'yep',
      'yes',
      'yup',
    ],
    stops: [
      'actually',
      'cancel',
      'cancel that',
      'cut',
      'enough',
      'excuse me',
      'hang on',
      'hello',
      'hey',
      'hold on',
      'hold up',
      'i said',
      'listen',
      'never mind',
      'no',
      'nope',
      'not that',
      'one moment',
      'one second',
      'pardon',
      'please stop',
      'quiet',
      'shut up',
      'sorry',
      'stop',
      'wait',
      'whoa',
    ],
    misheard: ['god', 'god it', 'got', 'hum', 'i c', 'i c c', 'i say', 'mam', 'mama', 'mom', 'mum', 'o', 'ray', 'so'],
    begun: [
      'access',
      'ax',
      'cold',
      'source',
      'st',
      'star',
      'start',
      'step',
      'story',
      'way',
      'wave',
      'white',
      'x',
      'xx',
    ],
  },
  de: {
    backchannels: [
      'ach',
      'ach so',
      'ah',
      'aha',
      'alles klar',
      'eben',
      'genau',
      'gut',
      'hm',
      'hmm',
      'ja',
      'jaja',
      'jo',
      'klar',
      'mhm',
      'mm',
      'na klar',
      'oh',
      'ok',
      'okay',
      'richtig',
      'schön',
      'sicher',
      'so',
      'stimmt',
      'super',
      'verstehe',
    ],
    stops: [
      'aber',
      'augenblick',
      'einen moment',
      'entschuldigung',
      'genug',
      'hallo',
      'halt',
      'hören sie',
      'moment',
      'nee',
      'nein',
      'stop',
      'stopp',
      'verzeihung',
      'warte',
      'warten sie',
    ],
  },
  es: {
    backchannels: [
      'ah',
      'aha',
      'ajá',
      'bien',
      'bueno',
      'claro',
      'de acuerdo',
      'eso',
      'exacto',
      'hm',
      'mhm',
      'mm',
      'ok',
      'okay',
      'sí',
      'ya',
      'vale',
    ],
    stops: [
      'alto',
      'basta',
      'disculpe',
      'espera',
      'espere',
      'hola',
      'no',
      'oiga',
      'para',
      'pare',
      'perdón',
      'pero',
      'un momento',
    ],
  },
  fr: {
    backchannels: [
      'ah',
      'ah bon',
      'bien',
      'bien sûr',
      "d'accord",
      'euh',
      'exactement',
      'hm',
      'hum',
      'mhm',
      'mm',
      'oh',
      'ok',
      'okay',
      'ouais',
      'oui',
      'super',
      'voilà',
    ],
    stops: [
      'allô',
      'arrêtez',
      'arrête',
      'attendez',
      'attends',
      'excusez moi',
      'mais',
      'non',
      'pardon',
      'stop',
      'un instant',
      'un moment',
    ],
  },
} as const satisfies Readonly<Record<string, OverlapWords>>;

export type OverlapLanguage = keyof typeof overlapWords;
export const overlapLanguages = Object.keys(overlapWords) as OverlapLanguage[];

/** What the words of an overlap are. `none`: there are none. */
export type OverlapMeaning = 'none' | 'backchannel' | 'stop' | 'speech';

/** Signs of listening that came before words of another kind do not count: "okay, wait" stops. */
export function overlapMeaning(
  text: string,
  language: OverlapLanguage = 'en',
  /** Whether to take what sounds like a sign of listening for one. */
  { misheard = false }: { readonly misheard?: boolean } = {},
): OverlapMeaning {
  const words = differentWords(text);
  if (words.length === 0) return 'none';
  const known: OverlapWords = overlapWords[language];
  const { stops } = known;
  const backchannels = misheard ? [...known.backchannels, ...(known.misheard ?? [])] : known.backchannels;
  let at = 0;
  for (let length = longest(backchannels, words, at); length > 0; length = longest(backchannels, words, at))
    at += length;
  if (at === words.length) return 'backchannel';
  return longest(stops, words, at) > 0 ? 'stop' : 'speech';
}

/** From this probability on a turn is taken to begin with a stop word, if that is so many times as likely as a sign of listening. */
const stopFrom = 0.25;
const stopTimesLikelier = 2;
/** A shorter piece may begin any word. */
const leastPiece = 3;

/**
 * Whether what is said most likely begins with a stop word, before its words can be believed. Other words that begin as one
 * does ("can I", "cancel") interrupt as well: it only has to be no sign of listening.
 */
export function beginsWithStop(beginnings: readonly Beginning[], language: OverlapLanguage = 'en'): boolean {
  const known: OverlapWords = overlapWords[language];
  const stopping = firstWords(known.stops);
  const listening = firstWords([...known.backchannels, ...(known.misheard ?? [])]);
  let stop = 0;
  let backchannel = 0;
  for (const { text, probability } of beginnings) {
    const [piece = ''] = wordsIn(text);
    const stops = begins(piece, stopping) || (known.begun?.includes(piece) ?? false);
    const listens = begins(piece, listening);
    // What may be either tells nothing.
    if (stops && !listens) stop += probability;
    if (listens && !stops) backchannel += probability;
  }
  return stop >= stopFrom && stop >= stopTimesLikelier * backchannel;
}

function begins(piece: string, words: readonly string[]): boolean {
  return words.some((word) => word === piece || (piece.length >= leastPiece && word.startsWith(piece)));
}

function firstWords(phrases: readonly string[]): string[] {
  return phrases.map((phrase) => phrase.split(' ')[0] ?? phrase);
}

/** How many of `words` from `at` on the longest of the phrases takes; 0 when none is there. */
function longest(phrases: readonly string[], words: readonly string[], at: number): number {
  let found = 0;
  for (const phrase of phrases) {
    const parts = phrase.split(' ');
    if (parts.length > found && parts.every((part, index) => words[at + index] === part)) found = parts.length;
  }
  return found;
}

/** The words, those that follow on themselves once: of a short sound a recogniser makes the same word several times. */
export function differentWords(text: string): string[] {
  return wordsIn(text).filter((word, index, all) => word !== all[index - 1]);
}

/** Lower case, marks left out; what a hyphen joins is two words. */
export function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
}
