/** What the database may be asked, and how long that may take. */
export const storeLimits = {
  /** Connections of one server to PostgreSQL. The embedded database has one. */
  maxConnections: 8,
  /** Work that is under way or waits for a connection; more is refused with `store.busy`. */
  maxWaiting: 1_000,
  /** For a connection to PostgreSQL. */
  connectMs: 5_000,
  /** A statement that takes longer is ended. */
  statementMs: 15_000,
  /** A transaction that takes longer is rolled back. */
  transactionMs: 30_000,
  /** The embedded database opens, after a crash too, or is made: 0.6 s and 4 s on an idle machine. */
  openMs: 60_000,
  /** A database that could not be opened is not tried again before. */
  reopenMs: 1_000,
} as const;
