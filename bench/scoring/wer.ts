import { ParleyError } from '../../src/audio/error.js';
import { normalizeEnglish, normVersion } from './normalize-english.js';

/** One step of an alignment; a deletion has no hypothesis word, an insertion no reference word. */
export type AlignmentStep =
  | { readonly type: 'match' | 'substitution'; readonly reference: string; readonly hypothesis: string }
  | { readonly type: 'deletion'; readonly reference: string }
  | { readonly type: 'insertion'; readonly hypothesis: string };

export type ErrorCounts = {
  readonly substitutions: number;
  readonly deletions: number;
  readonly insertions: number;
  readonly referenceWords: number;
};

export type WordAlignment = ErrorCounts & { readonly steps: readonly AlignmentStep[] };

const largestTable = 16 * 1024 ** 2;

/**
 * Alignment of two word lists with the fewest errors (Levenshtein distance over words). Among alignments of equal
 * cost, matches and substitutions go before deletions, deletions before insertions, read from the end.
 *
 * @throws ParleyError `wer.too_long` when the product of the lengths exceeds 16 Mi: score utterances, not books.
 */
export function alignWords(reference: readonly string[], hypothesis: readonly string[]): WordAlignment {
  const columns = hypothesis.length + 1;
  if ((reference.length + 1) * columns > largestTable) {
    throw new ParleyError(
      `The texts have ${reference.length} and ${hypothesis.length} words; expected utterances. Cut them at sentences.`,
      { code: 'wer.too_long', status: 400 },
    );
  }
  const cost = new Uint32Array((reference.length + 1) * columns);
  for (let column = 0; column < columns; column++) cost[column] = column;
  for (let row = 1; row <= reference.length; row++) {
    const at = row * columns;
    cost[at] = row;
    for (let column = 1; column < columns; column++) {
      const differs = reference[row - 1] === hypothesis[column - 1] ? 0 : 1;
      const diagonal = (cost[at - columns + column - 1] as number) + differs;
      const deletion = (cost[at - columns + column] as number) + 1;
      const insertion = (cost[at + column - 1] as number) + 1;
      cost[at + column] = Math.min(diagonal, deletion, insertion);
    }
  }
  return countErrors(trace(cost, reference, hypothesis), reference.length);
}

function trace(cost: Uint32Array, reference: readonly string[], hypothesis: readonly string[]): AlignmentStep[] {
  const columns = hypothesis.length + 1;
  const steps: AlignmentStep[] = [];
  let row = reference.length;
  let column = hypothesis.length;
  while (row > 0 || column > 0) {
    const here = cost[row * columns + column] as number;
    const said = reference[row - 1];
    const heard = hypothesis[column - 1];
    if (row > 0 && column > 0 && said !== undefined && heard !== undefined) {
      const differs = said === heard ? 0 : 1;
      if ((cost[(row - 1) * columns + column - 1] as number) + differs === here) {
        steps.push({ type: differs === 0 ? 'match' : 'substitution', reference: said, hypothesis: heard });
        row--;
        column--;
        continue;
      }
    }
    if (row > 0 && (cost[(row - 1) * columns + column] as number) + 1 === here) {
      steps.push({ type: 'deletion', reference: said ?? '' });
      row--;
    } else {
      steps.push({ type: 'insertion', hypothesis: heard ?? '' });
      column--;
    }
  }
  return steps.reverse();
}

function countErrors(steps: readonly AlignmentStep[], referenceWords: number): WordAlignment {
  const count = (type: AlignmentStep['type']) => steps.filter((step) => step.type === type).length;
  return {
    steps,
    referenceWords,
    substitutions: count('substitution'),
    deletions: count('deletion'),
    insertions: count('insertion'),
  };
}

export type Transcription = { readonly reference: string; readonly hypothesis: string };

export type WerReport = ErrorCounts & {
  /** (S + D + I) / N over all utterances together; `null` when the references hold no word. */
  readonly wer: number | null;
  /** Share of utterances without an error. */
  readonly perfect_rate: number | null;
  readonly norm_version: string;
  readonly utterances: readonly (Transcription & { readonly alignment: WordAlignment })[];
};

/**
 * Pooled word error rate: errors and words are summed over all utterances before they are divided, so that a short
 * utterance weighs as much as its words. Reference and hypothesis are both normalised first.
 */
export function wordErrorRate(
  transcriptions: readonly Transcription[],
  normalize: (text: string) => string = normalizeEnglish,
): WerReport {
  const words = (text: string) => normalize(text).split(/\s+/).filter(Boolean);
  const utterances = transcriptions.map((transcription) => ({
    ...transcription,
    alignment: alignWords(words(transcription.reference), words(transcription.hypothesis)),
  }));
  const total = (pick: (counts: ErrorCounts) => number) =>
    utterances.reduce((sum, { alignment }) => sum + pick(alignment), 0);
  const counts: ErrorCounts = {
    substitutions: total((c) => c.substitutions),
    deletions: total((c) => c.deletions),
    insertions: total((c) => c.insertions),
    referenceWords: total((c) => c.referenceWords),
  };
  const perfect = utterances.filter(({ alignment }) => errorsOf(alignment) === 0).length;
  return {
    ...counts,
    wer: counts.referenceWords > 0 ? errorsOf(counts) / counts.referenceWords : null,
    perfect_rate: utterances.length > 0 ? perfect / utterances.length : null,
    norm_version: normVersion,
    utterances,
  };
}

function errorsOf({ substitutions, deletions, insertions }: ErrorCounts): number {
  return substitutions + deletions + insertions;
}
