/**
 * English suffixes: which stem a written word may have, and how the suffix sounds after it. Rules of misaki (Apache-2.0),
 * American variant.
 */

export type Suffix = {
  /** Possible stems of a written word, likeliest first; the first that the lexicon knows is taken. */
  readonly stems: (word: string) => readonly string[];
  /** The stem's reading with the suffix. */
  readonly attach: (phonemes: string) => string;
};

/** Vowels after which t and d become a tap: "waiting", "rated". */
const TAP_AFTER = 'AIOWYiuæɑəɛɪɹʊʌ';

function tapped(phonemes: string): boolean {
  return phonemes.length > 1 && phonemes.endsWith('t') && TAP_AFTER.includes(phonemes.at(-2) ?? ' ');
}

function endsWithOneOf(phonemes: string, set: string): boolean {
  return phonemes !== '' && set.includes(phonemes.at(-1) ?? ' ');
}

/** "-s" of plural, third person and possessive. */
export const S: Suffix = {
  stems: (word) => {
    if (word.length < 3 || !word.endsWith('s')) return [];
    const stems: string[] = [];
    if (!word.endsWith('ss')) stems.push(word.slice(0, -1));
    if (word.endsWith("'s") || (word.length > 4 && word.endsWith('es') && !word.endsWith('ies')))
      stems.push(word.slice(0, -2));
    if (word.length > 4 && word.endsWith('ies')) stems.push(`${word.slice(0, -3)}y`);
    return stems;
  },
  attach: (phonemes) => {
    if (endsWithOneOf(phonemes, 'ptkfθ')) return `${phonemes}s`;
    return endsWithOneOf(phonemes, 'szʃʒʧʤ') ? `${phonemes}ᵻz` : `${phonemes}z`;
  },
};

/** "-ed" and "-d". */
export const ED: Suffix = {
  stems: (word) => {
    if (word.length < 4 || !word.endsWith('d')) return [];
    const stems: string[] = [];
    if (!word.endsWith('dd')) stems.push(word.slice(0, -1));
    if (word.length > 4 && word.endsWith('ed') && !word.endsWith('eed')) stems.push(word.slice(0, -2));
    return stems;
  },
  attach: (phonemes) => {
    if (endsWithOneOf(phonemes, 'pkfθʃsʧ')) return `${phonemes}t`;
    if (phonemes.endsWith('d')) return `${phonemes}ᵻd`;
    if (!phonemes.endsWith('t')) return `${phonemes}d`;
    if (phonemes.length < 2) return `${phonemes}ɪd`;
    return tapped(phonemes) ? `${phonemes.slice(0, -1)}ɾᵻd` : `${phonemes}ᵻd`;
  },
};

/** "-ing", with a silent e or a doubled consonant undone. */
export const ING: Suffix = {
  stems: (word) => {
    if (word.length < 5 || !word.endsWith('ing')) return [];
    const stems: string[] = [];
    if (word.length > 5) stems.push(word.slice(0, -3));
    stems.push(`${word.slice(0, -3)}e`);
    if (word.length > 5 && /(?:([bcdgklmnprstvxz])\1|ck)ing$/.test(word)) stems.push(word.slice(0, -4));
    return stems;
  },
  attach: (phonemes) => (tapped(phonemes) ? `${phonemes.slice(0, -1)}ɾɪŋ` : `${phonemes}ɪŋ`),
};
