import { and, eq, gte, lt, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { apiKeys, usageHours } from '../../store/schema.js';
import type { Store } from '../../store/store.js';
import type { Usage } from '../access/access.js';

export type UsagePeriod = 'hour' | 'day' | 'month';

export type UsageQuery = {
  readonly from: Date;
  readonly to: Date;
  readonly keyId: string | undefined;
  /** Periods in UTC. */
  readonly by: UsagePeriod;
};

/** What one key has used in one period for one scope. */
export type UsageRow = {
  readonly keyId: string;
  /** Undefined for the key of the settings. */
  readonly keyName: string | undefined;
  readonly start: Date;
  readonly scope: string;
  readonly requests: number;
} & Required<Usage>;

/** More is cut, which the answer says. */
export const maxUsageRows = 10_000;

/** What has been used, the oldest first. @throws what `Store.use` throws */
export async function usageReport(
  store: Store,
  { from, to, keyId, by }: UsageQuery,
): Promise<{ readonly rows: readonly UsageRow[]; readonly complete: boolean }> {
  if (!store.exists) return { rows: [], complete: true };
  const start = sql<string>`date_trunc(${by}, ${usageHours.hour}, 'UTC')`;
  const total = (column: PgColumn) => sql`sum(${column})`.mapWith(Number);
  const rows = await store.use((db) =>
    db
      .select({
        keyId: usageHours.keyId,
        keyName: apiKeys.name,
        start: start.mapWith((text) => new Date(text)),
        scope: usageHours.scope,
        requests: total(usageHours.requests),
        audioInSeconds: total(usageHours.audioInSeconds),
        audioOutSeconds: total(usageHours.audioOutSeconds),
        characters: total(usageHours.characters),
        inputTokens: total(usageHours.inputTokens),
        outputTokens: total(usageHours.outputTokens),
      })
      .from(usageHours)
      .leftJoin(apiKeys, eq(apiKeys.id, usageHours.keyId))
      .where(
        and(
          gte(usageHours.hour, from),
          lt(usageHours.hour, to),
          ...(keyId === undefined ? [] : [eq(usageHours.keyId, keyId)]),
        ),
      )
      // By their places: a parameter in `date_trunc` is another one each time.
      .groupBy(sql`1, 2, 3, 4`)
      .orderBy(sql`3, 1, 4`)
      .limit(maxUsageRows + 1),
  );
  return {
    rows: rows.slice(0, maxUsageRows).map((row) => ({ ...row, keyName: row.keyName ?? undefined })),
    complete: rows.length <= maxUsageRows,
  };
}
