import { asTable } from '../model-files.js';

/** The word tables of the normaliser, which come with the model (normalize.json). */
export type PhraseTables = {
  /** "jan" → "January" */
  readonly months: Readonly<Record<string, string>>;
  /** "Prof" → "Professor", before a name */
  readonly titles: Readonly<Record<string, string>>;
  /** "approx." → "approximately" */
  readonly abbreviations: Readonly<Record<string, string>>;
  /** "km" → ["kilometer", "kilometers"] */
  readonly units: Readonly<Record<string, readonly [string, string]>>;
  /** "=" → "equals" */
  readonly symbols: Readonly<Record<string, string>>;
  /** "¥" → ["yen", "yen"] */
  readonly currency: Readonly<Record<string, readonly [string, string]>>;
  /** Words before a Roman numeral that is a cardinal: "Chapter" */
  readonly romanCardinal: readonly string[];
  /** Words before a Roman numeral that is an ordinal: "Henry" */
  readonly romanOrdinal: readonly string[];
};

/** Reads normalize.json; what is missing is empty. */
export function phraseTables(json: unknown): PhraseTables {
  const tables = asTable<Readonly<Record<string, never>>>(json, 'normalize.json');
  const table = <T>(name: string) => asTable<T>(tables[name] ?? {}, `normalize.json (${name})`);
  const list = (name: string) => Object.values<string>(tables[name] ?? {});
  return {
    months: table('months'),
    titles: table('titles'),
    abbreviations: table('abbreviations'),
    units: table('units'),
    symbols: table('symbols'),
    currency: table('currency'),
    romanCardinal: list('roman_cardinal'),
    romanOrdinal: list('roman_ordinal'),
  };
}

/** A regular expression's alternatives for literal words, longest first, so that "sq ft" wins over "sq". */
export function anyOf(words: readonly string[]): string {
  const literal = [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return literal.length === 0 ? '(?!)' : literal.join('|');
}

/** Digits with separators and a fraction. */
export const NUMBER = '\\d+(?:,\\d{3})*(?:\\.\\d+)?';
/** No letter, digit or full stop on this side: \b is blind to letters beyond ASCII. */
export const NOT_AFTER_WORD = '(?<![\\p{L}\\p{N}_])';
export const NOT_AFTER_WORD_OR_DOT = '(?<![\\p{L}\\p{N}_.])';
export const NOT_BEFORE_WORD = '(?![\\p{L}\\p{N}_])';
/** A full stop that ends the sentence is allowed, one inside a number or a name is not. */
export const NOT_INSIDE = '(?![\\p{L}\\p{N}_]|[.\\-/][\\p{L}\\p{N}_])';
