import { asTable, readModelJson } from './model-files.js';
import type { PhonemizedPiece, PhonemizedText, PhonemizedWord } from './phonemized.js';
import { ownWords, withAdditions } from './text/additions.js';
import { readHomographs } from './text/homographs.js';
import { splitInline } from './text/inline.js';
import { Lexicon, type LexiconEntry } from './text/lexicon.js';
import { createNormalizer } from './text/normalize.js';
import { UnknownWordReader } from './text/oov.js';
import { phraseTables } from './text/phrase-table.js';
import { cutIntoPieces } from './text/pieces.js';
import { readTokens } from './text/reader.js';
import { type Abbreviations, splitSentences } from './text/sentences.js';
import { Tagger, type TaggerModel } from './text/tagger.js';
import { newToken, type Token } from './text/token.js';
import { type TokenizerExceptions, tokenize } from './text/tokenize.js';

/** About half an hour of speech. What comes after is dropped, so that no text can hold the voice for ever. */
const LONGEST_TEXT_CHARACTERS = 20_000;
/** A "sentence" beyond this is cut before it is read, as some rules look at a sentence more than once. */
const LONGEST_SENTENCE_CHARACTERS = 2_000;

type Parts = {
  readonly endingNothing: Abbreviations;
  readonly normalize: (text: string) => string;
  readonly exceptions: TokenizerExceptions;
  readonly tagger: Tagger;
  readonly lexicon: Lexicon;
  readonly unknownWords: UnknownWordReader;
  readonly alphabet: ReadonlySet<string>;
};

/**
 * English text to phonemes of the voice: sentences → normalised text → tokens → parts of speech → lexicon, with a small
 * network for words that no dictionary has.
 */
export class FrontEnd {
  private constructor(private readonly parts: Parts) {}

  /** @param alphabet the phonemes that the voice knows; all others are dropped */
  static async load(modelDir: string, alphabet: ReadonlySet<string>): Promise<FrontEnd> {
    const table = async <T>(name: string) => asTable<T>(await readModelJson(modelDir, name), name);
    const phrases = phraseTables(await readModelJson(modelDir, 'normalize.json'));
    const gold = { ...(await table<LexiconEntry>('lexicon_us_gold.json.gz')), ...ownWords };
    const silver = await table<LexiconEntry>('lexicon_us_silver.json.gz');
    const lexicon = new Lexicon(gold, silver);
    const tagger = await table<never>('tagger.json.gz');
    return new FrontEnd({
      endingNothing: {
        beforeNames: new Set(Object.keys(phrases.titles)),
        beforeNumbers: new Set([
          'No',
          'Nos',
          'min',
          'max',
          ...Object.keys(withAdditions(phrases).abbreviations).map((word) => word.replace(/\.$/, '')),
        ]),
      },
      normalize: createNormalizer(phrases, (word) => lexicon.has(word)),
      exceptions: await table('tokenizer_exceptions.json'),
      tagger: new Tagger(tagger as unknown as TaggerModel),
      lexicon,
      unknownWords: await UnknownWordReader.load(modelDir),
      alphabet,
    });
  }

  /** Never throws for content: what cannot be read is skipped. */
  async phonemize(text: string): Promise<PhonemizedText> {
    const truncated = text.length > LONGEST_TEXT_CHARACTERS;
    const pieces: PhonemizedPiece[] = [];
    const read = truncated ? text.slice(0, LONGEST_TEXT_CHARACTERS) : text;
    const sentences = splitSentences(read, this.parts.endingNothing);
    for (const [i, sentence] of sentences.entries()) {
      for (const part of cutLong(sentence)) pieces.push(...(await this.readSentence(part)));
      // A heading or a list item has no full stop, yet another sentence follows it.
      const last = pieces.at(-1);
      if (last?.boundary === 'word' && i < sentences.length - 1)
        pieces.splice(-1, 1, { ...last, boundary: 'sentence' });
    }
    return { pieces, phonemes: pieces.map((piece) => piece.phonemes).join(' '), truncated };
  }

  async close(): Promise<void> {
    await this.parts.unknownWords.close();
  }

  private async readSentence(sentence: string): Promise<PhonemizedPiece[]> {
    const { lexicon, unknownWords } = this.parts;
    const tokens = this.tokens(sentence);
    const missing = new Set<string>();
    const learnt = new Map<string, string>();
    const lookUp = (word: string) => {
      const reading = learnt.get(word) ?? unknownWords.known(word);
      if (reading === undefined) missing.add(word);
      return reading;
    };
    let read = readTokens(tokens, lexicon, lookUp);
    if (missing.size > 0) {
      // The reading of a word changes that of the one before it, so the sentence is read again with all words known.
      for (const word of missing) learnt.set(word, await unknownWords.learn(word));
      read = readTokens(tokens, lexicon, lookUp);
    }
    return this.assemble(read);
  }

  private tokens(sentence: string): Token[] {
    const { normalize, exceptions, tagger } = this.parts;
    const raw: { text: string; spaceAfter: boolean; phonemes?: string }[] = [];
    for (const written of splitInline(sentence)) {
      if (written.phonemes !== undefined) {
        raw.push({ text: written.text, spaceAfter: false, phonemes: written.phonemes });
        continue;
      }
      const last = raw.at(-1);
      if (last !== undefined && /^\s/.test(written.text)) last.spaceAfter = true;
      // The normaliser marks up letters that would be taken for words.
      for (const { text, phonemes } of splitInline(normalize(written.text))) {
        const before = raw.at(-1);
        if (before !== undefined && /^\s/.test(text)) before.spaceAfter = true;
        if (phonemes !== undefined) raw.push({ text, spaceAfter: false, phonemes });
        else for (const token of tokenize(text, exceptions)) raw.push({ ...token });
        const end = raw.at(-1);
        if (end !== undefined && /\s$/.test(text)) end.spaceAfter = true;
      }
      const end = raw.at(-1);
      if (end !== undefined && /\s$/.test(written.text)) end.spaceAfter = true;
    }
    const tags = tagger.tag(raw.map((token) => token.text));
    const tokens = raw.map(({ text, spaceAfter, phonemes }, i) =>
      newToken(text, phonemes === undefined ? (tags[i] ?? 'NN') : 'NN', spaceAfter, phonemes),
    );
    return readHomographs(tokens);
  }

  /** Joins the readings, and notes where each written word lies among them. */
  private assemble(tokens: readonly Token[]): PhonemizedPiece[] {
    const words: PhonemizedWord[] = [];
    let phonemes = '';
    let text = '';
    let start: number | undefined;
    const endWord = () => {
      // Without its punctuation: the network lets the pause last as long as the mark.
      const end = phonemes.trimEnd().replace(/[;:,.!?—…"“”()]+$/u, '').length;
      if (start !== undefined && end > start) words.push({ text, start, end });
      text = '';
      start = undefined;
    };
    for (const token of tokens) {
      const reading = this.known(token.phonemes ?? '');
      text += token.text;
      if (reading !== '') {
        start ??= phonemes.length;
        phonemes += reading;
      }
      if (!token.spaceAfter) continue;
      endWord();
      if (phonemes !== '' && !phonemes.endsWith(' ')) phonemes += ' ';
    }
    endWord();
    return cutIntoPieces(phonemes.trimEnd(), words);
  }

  private known(phonemes: string): string {
    return Array.from(phonemes, (phoneme) => (this.parts.alphabet.has(phoneme) ? phoneme : '')).join('');
  }
}

function cutLong(sentence: string): string[] {
  const parts: string[] = [];
  let rest = sentence;
  while (rest.length > LONGEST_SENTENCE_CHARACTERS) {
    const space = rest.lastIndexOf(' ', LONGEST_SENTENCE_CHARACTERS);
    const at = space > 0 ? space : LONGEST_SENTENCE_CHARACTERS;
    parts.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  parts.push(rest);
  return parts;
}
