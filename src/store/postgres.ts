import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { ParleyError } from '../ports/errors.js';
import { storeLimits } from './limits.js';
import * as schema from './schema.js';
import type { Connected } from './store.js';

/** The oldest version that the schema is tested with. */
const oldestVersion = 150_000;

/**
 * Connects to PostgreSQL: a pool of connections, each statement with a time limit.
 * @throws ParleyError `store.bad_url`, `store.too_old`; what the driver throws when it does not answer
 */
export async function connectPostgres(url: string, onFault: (error: Error) => void): Promise<Connected> {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new ParleyError(
      'DATABASE_URL is not the address of a PostgreSQL database; expected postgres://USER:PASSWORD@HOST:5432/NAME.',
      { code: 'store.bad_url', status: 400 },
    );
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'parley',
    max: storeLimits.maxConnections,
    connectionTimeoutMillis: storeLimits.connectMs,
    statement_timeout: storeLimits.statementMs,
    // The server ends a statement by itself; this is for one that no longer answers.
    query_timeout: storeLimits.statementMs + storeLimits.connectMs,
    idle_in_transaction_session_timeout: storeLimits.transactionMs,
    keepAlive: true,
  });
  // Of a connection that nobody uses at the moment, which the pool then replaces.
  pool.on('error', onFault);
  try {
    const { rows } = await pool.query<{ server_version_num: string }>('show server_version_num');
    const version = Number(rows[0]?.server_version_num);
    if (version < oldestVersion)
      throw new ParleyError(
        `The database is PostgreSQL ${Math.floor(version / 10_000)}; expected ${oldestVersion / 10_000} or newer.`,
        { code: 'store.too_old' },
      );
  } catch (error) {
    await pool.end();
    throw error;
  }
  return { db: drizzle(pool, { schema }), close: () => pool.end() };
}
