import { PRIMARY, SECONDARY, withStress } from './stress.js';
import { ED, ING, S, type Suffix } from './suffixes.js';
import { AT_PAUSE, type Following } from './token.js';

/** A reading, or one per part of speech ("NOUN", "VBD", "None" before a pause), with DEFAULT; null: spell it. */
export type LexiconEntry = string | Readonly<Record<string, string | null>>;
export type LexiconTable = Readonly<Record<string, LexiconEntry>>;

const LETTERS = /^[A-Za-z]+$/;
const WORD_SIGNS: Readonly<Record<string, string>> = { '%': 'percent', '&': 'and', '+': 'plus', '@': 'at' };
const ADDRESS_SIGNS: Readonly<Record<string, string>> = { '.': 'dot', '/': 'slash' };

/** Stress that capital letters give to a word that would have none: "It" and "IT". */
const STRESS_CAPITALISED = 0.5;
const STRESS_ALL_CAPITALS = 2;

/**
 * Readings of words: a hand-checked dictionary ("gold"), a larger derived one ("silver"), words whose sound depends on what
 * follows, spelled abbreviations, and suffixes. Rules of misaki (Apache-2.0). Everything is a look-up: no state.
 */
export class Lexicon {
  constructor(
    private readonly gold: LexiconTable,
    private readonly silver: LexiconTable,
  ) {}

  /** Reading of a word in its place, or undefined where the rules do not know it. */
  read(word: string, tag: string, following: Following): string | undefined {
    const stress =
      word === word.toLowerCase() ? undefined : word === word.toUpperCase() ? STRESS_ALL_CAPITALS : STRESS_CAPITALISED;
    const special = this.contextual(word, tag, stress, following);
    if (special !== undefined) return special;
    const form = this.uncapitalised(word, tag);
    if (this.knows(form)) return this.lookUp(form, tag, stress, following);
    for (const possessive of [
      form.endsWith("s'") ? `${form.slice(0, -2)}'s` : '',
      form.endsWith("'") ? form.slice(0, -1) : '',
    ]) {
      if (possessive !== '' && this.knows(possessive)) return this.lookUp(possessive, tag, stress, following);
    }
    return (
      this.withSuffix(S, form, tag, stress, following) ??
      this.withSuffix(ED, form, tag, stress, following) ??
      this.withSuffix(ING, form, tag, stress ?? 0.5, following)
    );
  }

  /** Reading of a dictionary word, with the stress moved to a level. */
  lookUp(written: string, tag = '', stress?: number, following: Following = AT_PAUSE): string | undefined {
    let word = written;
    let spelledIfUnstressed = false;
    let entry = entryOf(this.gold, word);
    if (entry === undefined && word === word.toUpperCase()) {
      word = word.toLowerCase();
      spelledIfUnstressed = tag === 'NNP';
      entry = entryOf(this.gold, word);
    }
    if (entry === undefined && !spelledIfUnstressed) entry = entryOf(this.silver, word);
    const phonemes = typeof entry === 'object' ? byTag(entry, tag, following) : entry;
    if (phonemes === undefined || (spelledIfUnstressed && !phonemes.includes(PRIMARY))) {
      const spelled = this.spell(word);
      if (spelled !== undefined) return spelled;
    }
    return phonemes === undefined ? undefined : withStress(phonemes, stress);
  }

  /** Names of the letters, the last one stressed: "FBI". Undefined where a character is not a letter with a name. */
  spell(word: string): string | undefined {
    let joined = '';
    for (const letter of word) {
      if (!/\p{L}/u.test(letter)) continue;
      const name = entryOf(this.gold, letter.toUpperCase());
      if (typeof name !== 'string') return undefined;
      joined += name;
    }
    const level = withStress(joined, 0);
    const last = level.lastIndexOf(SECONDARY);
    return last < 0 ? level : level.slice(0, last) + PRIMARY + level.slice(last + SECONDARY.length);
  }

  /** Plural of a dictionary word, for amounts of money. */
  plural(word: string): string | undefined {
    return this.withSuffix(S, `${word}s`, '', undefined, AT_PAUSE);
  }

  /** Whether a dictionary has the word as it is written. */
  has(word: string): boolean {
    return entryOf(this.gold, word) !== undefined || entryOf(this.silver, word) !== undefined;
  }

  private knows(word: string): boolean {
    if (Object.hasOwn(WORD_SIGNS, word) || entryOf(this.gold, word) !== undefined) return true;
    if (entryOf(this.silver, word) !== undefined) return true;
    if (!LETTERS.test(word)) return false;
    if (word.length === 1) return true;
    if (word === word.toUpperCase() && entryOf(this.gold, word.toLowerCase()) !== undefined) return true;
    const tail = word.slice(1);
    return tail === tail.toUpperCase();
  }

  /** The lower-case form of a capitalised word that only the lower-case entries can read. */
  private uncapitalised(word: string, tag: string): string {
    const lower = word.toLowerCase();
    if (word.length < 2 || word === lower || !/^[\p{L}']+$/u.test(word)) return word;
    if (tag === 'NNP' && word.length <= 7) return word;
    if (entryOf(this.gold, word) !== undefined || entryOf(this.silver, word) !== undefined) return word;
    const tail = word.slice(1);
    if (word !== word.toUpperCase() && tail !== tail.toLowerCase()) return word;
    const known = entryOf(this.gold, lower) !== undefined || entryOf(this.silver, lower) !== undefined;
    return known || [S, ED, ING].some((suffix) => this.stemOf(suffix, lower) !== undefined) ? lower : word;
  }

  private stemOf(suffix: Suffix, word: string): string | undefined {
    return suffix.stems(word).find((stem) => this.knows(stem));
  }

  private withSuffix(
    suffix: Suffix,
    word: string,
    tag: string,
    stress: number | undefined,
    following: Following,
  ): string | undefined {
    const stem = this.stemOf(suffix, word);
    const phonemes = stem === undefined ? undefined : this.lookUp(stem, tag, stress, following);
    return phonemes === undefined || phonemes === '' ? undefined : suffix.attach(phonemes);
  }

  /** Words and signs whose reading the dictionary alone cannot give. */
  private contextual(word: string, tag: string, stress: number | undefined, following: Following): string | undefined {
    const noun = tag.startsWith('NN');
    if (tag === 'ADD' && Object.hasOwn(ADDRESS_SIGNS, word))
      return this.lookUp(ADDRESS_SIGNS[word] ?? '', '', -0.5, following);
    if (Object.hasOwn(WORD_SIGNS, word)) return this.lookUp(WORD_SIGNS[word] ?? '', '', undefined, following);
    if (isDotted(word)) return this.spell(word);
    switch (word) {
      case 'a':
      case 'A':
        return tag === 'DT' ? 'ɐ' : 'ˈA';
      case 'am':
      case 'Am':
      case 'AM':
        if (noun) return this.spell(word);
        return following.vowel === undefined || word !== 'am' ? this.entry('am') : 'ɐm';
      case 'an':
      case 'An':
      case 'AN':
        return word === 'AN' && noun ? this.spell(word) : 'ɐn';
      case 'I':
        return tag === 'PRP' ? `${SECONDARY}I` : undefined;
      case 'by':
      case 'By':
      case 'BY':
        return wordClass(tag) === 'ADV' ? 'bˈI' : undefined;
      case 'TO':
      case 'to':
      case 'To':
        if (word === 'TO' && tag !== 'TO' && tag !== 'IN') return undefined;
        return following.vowel === undefined ? this.entry('to') : following.vowel ? 'tʊ' : 'tə';
      case 'IN':
      case 'in':
      case 'In':
        if (word === 'IN' && tag === 'NNP') return undefined;
        return following.vowel === undefined || tag !== 'IN' ? `${PRIMARY}ɪn` : 'ɪn';
      case 'THE':
      case 'the':
      case 'The':
        if (word === 'THE' && tag !== 'DT') return undefined;
        return following.vowel === true ? 'ði' : 'ðə';
      case 'used':
      case 'Used':
      case 'USED':
        return this.entry('used', (tag === 'VBD' || tag === 'JJ') && following.to ? 'VBD' : 'DEFAULT');
    }
    return tag === 'IN' && /^vs\.?$/i.test(word) ? this.lookUp('versus', '', stress, following) : undefined;
  }

  private entry(word: string, tag = 'DEFAULT'): string | undefined {
    const entry = entryOf(this.gold, word);
    return typeof entry === 'object' ? (entry[tag] ?? undefined) : entry;
  }
}

/** An entry answers to its own spelling, and to the capitalised or lower-case one where that has no entry of its own. */
function entryOf(table: LexiconTable, word: string): LexiconEntry | undefined {
  const own = table[word];
  if (own !== undefined || word.length < 2) return own;
  const lower = word.toLowerCase();
  const capitalised = `${word.charAt(0).toUpperCase()}${lower.slice(1)}`;
  if (word === lower) return capitalised === word ? undefined : table[capitalised];
  return word === capitalised ? table[lower] : undefined;
}

function byTag(entry: Readonly<Record<string, string | null>>, tag: string, following: Following): string | undefined {
  let key = tag;
  if (following.vowel === undefined && 'None' in entry) key = 'None';
  else if (!(tag in entry)) key = wordClass(tag);
  const phonemes = key in entry ? entry[key] : entry.DEFAULT;
  return phonemes ?? undefined;
}

/** The dictionary's word classes, which are coarser than the tagger's. */
function wordClass(tag: string): string {
  if (tag.startsWith('VB')) return 'VERB';
  if (tag.startsWith('NN')) return 'NOUN';
  if (tag.startsWith('RB')) return 'ADV';
  return tag.startsWith('JJ') ? 'ADJ' : tag;
}

/** "U.S.", "p.m": letters between full stops, at most two at a time. */
function isDotted(word: string): boolean {
  return (
    /\.[^.]/.test(word.replace(/^\.+/, '')) &&
    /^[\p{L}.]+$/u.test(word) &&
    word.split('.').every((part) => part.length < 3)
  );
}
