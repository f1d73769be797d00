/** A piece of text that is read as one: a word, a number, a punctuation mark. */
export type Token = {
  readonly text: string;
  /** Penn Treebank tag. */
  readonly tag: string;
  /** Whether white space followed. */
  spaceAfter: boolean;
  /** Its reading, once known; '' is silent. */
  phonemes: string | undefined;
  /** First of the tokens written together; decides how a number is read. */
  isHead: boolean;
  /** Sign of the amount that this number is: "$". */
  currency: string | undefined;
  /** Word to read in place of the text. */
  alias: string | undefined;
  /** Whether a space is heard between this one and the one it is attached to. */
  spaceBefore: boolean;
};

export function newToken(text: string, tag: string, spaceAfter = false, phonemes?: string): Token {
  return { text, tag, spaceAfter, phonemes, isHead: true, currency: undefined, alias: undefined, spaceBefore: false };
}

/** What the words after a token decide about it; reading goes from right to left. */
export type Following = {
  /** Whether the next sound is a vowel; undefined at a pause. */
  readonly vowel: boolean | undefined;
  /** Whether the next word is "to". */
  readonly to: boolean;
};

/** Nothing follows. */
export const AT_PAUSE: Following = { vowel: undefined, to: false };
