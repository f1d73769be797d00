/** When a reply may be prepared at the first sign of the turn's end, and when it has to wait for a surer one. */
export type DraftingSettings = {
  /** Drafts of the call that are looked back on. @defaultValue 6 */
  readonly lastDrafts: number;
  /** Before this many have shown how it goes, every turn is drafted at once. @defaultValue 4 */
  readonly minDrafts: number;
  /** The least share of them that must have become the reply: below it too much is computed for nothing.
   * What a draft tells of the words shortens the wait, so that one which is put off costs half a second. @defaultValue 0.25 */
  readonly minHitRate: number;
  /** The longest that urgent work may have waited for a core lately: two slices of 60 ms. @defaultValue 120 */
  readonly maxQueueMs: number;
  /** A draft that has to wait begins after this share of the wait for the end of the turn. @defaultValue 0.5 */
  readonly lateShare: number;
};

export const defaultDraftingSettings = {
  lastDrafts: 6,
  minDrafts: 4,
  minHitRate: 0.25,
  maxQueueMs: 120,
  lateShare: 0.5,
} as const satisfies DraftingSettings;

/**
 * Whether a draft may begin with the transcript. Without settings (logs of calls from before there were any) it may.
 * @param drafts whether each of the last drafts became the reply, oldest first
 * @param queueMs how long urgent work has waited for a core lately; undefined where nobody knows
 */
export function mayDraftEarly(
  settings: DraftingSettings | undefined,
  drafts: readonly boolean[],
  queueMs: number | undefined,
): boolean {
  if (!settings) return true;
  if (queueMs !== undefined && queueMs > settings.maxQueueMs) return false;
  const last = drafts.slice(-settings.lastDrafts);
  if (last.length < settings.minDrafts) return true;
  return last.filter((adopted) => adopted).length >= settings.minHitRate * last.length;
}
