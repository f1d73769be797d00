/** A difference between two lists: at `at` of the first, `from` of it is `to` of the second. */
export type WordDifference = {
  readonly at: number;
  /** Undefined for a word that only the second list has; it comes before position `at` of the first. */
  readonly from: number | undefined;
  /** Undefined for a word that only the first list has. */
  readonly to: number | undefined;
};

/**
 * The fewest differences between two lists of words (Levenshtein distance). With `beginning` the second list may go on
 * behind what matches the first at no cost.
 *
 * @returns the differences in order, and how much of the second list was matched
 */
export function differencesOf(
  first: readonly string[],
  second: readonly string[],
  extent: 'whole' | 'beginning',
): { readonly differences: readonly WordDifference[]; readonly reached: number } {
  const columns = second.length + 1;
  const cost = new Uint32Array((first.length + 1) * columns);
  const at = (row: number, column: number): number => cost[row * columns + column] as number;
  for (let row = 0; row <= first.length; row++)
    for (let column = 0; column < columns; column++) {
      if (row === 0 || column === 0) cost[row * columns + column] = row + column;
      else
        cost[row * columns + column] = Math.min(
          at(row - 1, column - 1) + (first[row - 1] === second[column - 1] ? 0 : 1),
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
        );
    }
  let column = second.length;
  if (extent === 'beginning')
    for (let end = second.length; end >= 0; end--) if (at(first.length, end) < at(first.length, column)) column = end;
  const reached = column;
  let row = first.length;
  const differences: WordDifference[] = [];
  while (row > 0 || column > 0) {
    const same = row > 0 && column > 0 && first[row - 1] === second[column - 1];
    if (row > 0 && column > 0 && at(row - 1, column - 1) + (same ? 0 : 1) === at(row, column)) {
      row -= 1;
      column -= 1;
      if (!same) differences.push({ at: row, from: row, to: column });
    } else if (row > 0 && at(row - 1, column) + 1 === at(row, column)) {
      row -= 1;
      differences.push({ at: row, from: row, to: undefined });
    } else {
      column -= 1;
      differences.push({ at: row, from: undefined, to: column });
    }
  }
  return { differences: differences.reverse(), reached };
}
