/** The phoneme alphabet of misaki (Apache-2.0), as far as the stress and suffix rules need it. */

export const PRIMARY = 'ˈ';
export const SECONDARY = 'ˌ';

export const VOWELS: ReadonlySet<string> = new Set('AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ');
export const CONSONANTS: ReadonlySet<string> = new Set('bdfhjklmnpstvwzðŋɡɹɾʃʒʤʧθ');
/** Diphthongs and affricates: one letter of the alphabet, two sounds long. */
const LONG: ReadonlySet<string> = new Set('AIOQWYʤʧ');

/** How much sound a reading carries; decides which part of a compound gives up its stress. */
export function weight(phonemes: string): number {
  let sum = 0;
  for (const phoneme of phonemes) sum += LONG.has(phoneme) ? 2 : 1;
  return sum;
}

export function hasVowel(phonemes: string): boolean {
  for (const phoneme of phonemes) if (VOWELS.has(phoneme)) return true;
  return false;
}

/**
 * Moves the stress of a reading to a level (misaki's scale): below −1 none, −1 primary becomes secondary, −½ and 0 the same
 * where there is a primary, 0 to 1 adds a secondary where there is none, 1 and above raises secondary to primary, above 1
 * adds a primary.
 */
export function withStress(phonemes: string, level: number | undefined): string {
  if (level === undefined) return phonemes;
  const primary = phonemes.includes(PRIMARY);
  const secondary = phonemes.includes(SECONDARY);
  if (level < -1) return phonemes.replaceAll(PRIMARY, '').replaceAll(SECONDARY, '');
  if (level === -1 || ((level === 0 || level === -0.5) && primary)) {
    return phonemes.replaceAll(SECONDARY, '').replaceAll(PRIMARY, SECONDARY);
  }
  if (!primary && !secondary) {
    if (level < 0 || !hasVowel(phonemes)) return phonemes;
    return beforeFirstVowel(phonemes, level > 1 ? PRIMARY : SECONDARY);
  }
  return level >= 1 && !primary ? phonemes.replaceAll(SECONDARY, PRIMARY) : phonemes;
}

function beforeFirstVowel(phonemes: string, mark: string): string {
  let at = 0;
  for (const phoneme of phonemes) {
    if (VOWELS.has(phoneme)) break;
    at += phoneme.length;
  }
  return phonemes.slice(0, at) + mark + phonemes.slice(at);
}
