/** Messages between the client of the embedded database and the worker that runs it. */
export type PgliteInit = { readonly folder: string };

export type PgliteRequest = {
  readonly id: number;
  readonly text: string;
  readonly values: readonly unknown[];
  readonly rowMode: 'array' | 'object';
};

export type PgliteResult = {
  readonly rows: unknown[];
  readonly fields: { name: string; dataTypeID: number }[];
  readonly affectedRows?: number;
};

/** What PostgreSQL says of a statement that failed. */
export type PgliteFailure = { readonly message: string; readonly code: string | undefined };

export type PgliteReply =
  | { readonly type: 'ready' }
  /** The database could not be opened: why, and what it wrote meanwhile. */
  | { readonly type: 'unusable'; readonly detail: string }
  | { readonly type: 'result'; readonly id: number; readonly result: PgliteResult }
  | { readonly type: 'failed'; readonly id: number; readonly failure: PgliteFailure };
