import type { RedactionKind } from './findings.js';
import { writeNumerals } from './numerals.js';
import { maskProfanity } from './profanity.js';
import { redact } from './redact.js';
import { isLabel, type TimedWord } from './words.js';

/** How a transcript is written. */
export type TextFormOptions = {
  /** @defaultValue true */
  readonly punctuation?: boolean | undefined;
  /** Spoken numbers in figures. @defaultValue as the recogniser writes them */
  readonly numerals?: boolean | undefined;
  /** Capital letters. @defaultValue true */
  readonly casing?: boolean | undefined;
  /** Swear words keep their first letter. @defaultValue false */
  readonly profanityFilter?: boolean | undefined;
  /** @defaultValue none */
  readonly redact?: readonly RedactionKind[] | undefined;
};

export type Transcript<Word extends TimedWord> = { readonly text: string; readonly words: readonly Word[] };

/**
 * Writes an English transcript as the options say. What is redacted becomes one word, such as `[CARD]`, with the times of
 * all that it stands for. The text is the words with one space between them, so that both say the same; a transcript
 * without words has its text divided at spaces.
 */
export function applyTextForms<Word extends TimedWord>(
  heard: Transcript<Word>,
  options: TextFormOptions,
): Transcript<Word> {
  if (heard.words.length === 0 && heard.text.trim() !== '') {
    return { text: textOf(form(wordsOf(heard), options)), words: [] };
  }
  const words = form(heard.words, options);
  const changed = words.length !== heard.words.length || words.some(({ text }, at) => text !== heard.words[at]?.text);
  return changed ? { text: textOf(words), words } : heard;
}

/** Where there are no words, the text's own, without times. */
export function wordsOf(heard: Transcript<TimedWord>): readonly TimedWord[] {
  if (heard.words.length > 0 || heard.text.trim() === '') return heard.words;
  return heard.text
    .trim()
    .split(/\s+/)
    .map((text) => ({ text, startMs: 0, endMs: 0, confidence: 0 }));
}

function form<Word extends TimedWord>(heard: readonly Word[], options: TextFormOptions): readonly Word[] {
  const { punctuation = true, numerals = false, casing = true, profanityFilter = false, redact: kinds = [] } = options;
  let words: readonly Word[] = heard;
  // Before numbers become figures: what is said in words is found in words too.
  if (kinds.length > 0) words = redact(words, kinds);
  if (numerals) words = writeNumerals(words);
  if (profanityFilter) words = words.map((word) => ({ ...word, text: maskProfanity(word.text) }));
  if (!punctuation) words = words.map(bare).filter(({ text }) => text !== '');
  if (!casing) words = words.map((word) => (isLabel(word.text) ? word : { ...word, text: word.text.toLowerCase() }));
  return words;
}

function bare<Word extends TimedWord>(word: Word): Word {
  if (isLabel(word.text)) return { ...word, text: word.text.replace(/[^\]]*$/, '') };
  return { ...word, text: word.text.replaceAll(/^[^\p{L}\p{N}$€£+*]+|[^\p{L}\p{N}%*]+$/gu, '') };
}

function textOf(words: readonly TimedWord[]): string {
  return words.map(({ text }) => text).join(' ');
}
