/** A log as it was parsed from JSON, and not checked yet: the header and the records. */
export type RawLog = { readonly header: Record<string, unknown>; readonly records: readonly unknown[] };

/**
 * From each released schema to the next. A log goes through all that it needs.
 *
 * - 1 to 2: notes were added (what was said and heard, the waterfall, what drafts had cost). A log of schema 1 has none.
 * - 2 to 3: calls that a realtime model held came in, with notes of their own. A log of schema 2 is of no such call.
 * - 3 to 4: what was written, and what tools gave, became notes. A log of schema 3 has none.
 */
export const upgrades: Readonly<Record<number, (log: RawLog) => RawLog>> = {
  1: ({ header, records }) => ({ header: { ...header, schema: 2 }, records }),
  2: ({ header, records }) => ({ header: { ...header, schema: 3 }, records }),
  3: ({ header, records }) => ({ header: { ...header, schema: 4 }, records }),
};
