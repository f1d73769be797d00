/** What a credential may be used for. `manage`: everything that is not speech, such as agents and recordings. */
export const scopes = ['transcribe', 'speak', 'chat', 'converse', 'manage'] as const;
export type Scope = (typeof scopes)[number];

/** What a use has cost, in units that can be priced. Absent counts as 0. */
export type Usage = {
  /** Audio listened to, in seconds. */
  readonly audioInSeconds?: number;
  /** Audio spoken, in seconds. */
  readonly audioOutSeconds?: number;
  /** Characters of text that was spoken. */
  readonly characters?: number;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
};

/** Somebody who may come in, until `leave` is called. */
export type Visit = {
  /** Undefined: this server asks for no credential. */
  readonly keyId: string | undefined;
  /** What a short-lived token was bound to when it was issued; undefined for everything else. */
  readonly bound?: unknown;
  /**
   * Ends the visit and counts what it has used; resolves when that is stored. Only the first call counts. What is used
   * during a long visit may be counted before with `use`. Rejects with `usage.not_stored` when the database does not take
   * it; it is tried again then. Nobody needs to wait for it, or to catch that.
   */
  leave(usage?: Usage): Promise<void>;
  /** Counts what has been used since the last time; resolves and rejects as `leave`. */
  use(usage: Usage): Promise<void>;
};

export type EnterOptions = {
  /**
   * False for what is no use of its own, such as the next socket of a session that goes on: no limit applies and nothing is
   * counted. @defaultValue true
   */
  readonly counts?: boolean;
};

/** The door of every surface: who comes in, for what, and how often. */
export type Access = {
  /** Whether a credential is asked for at all. */
  readonly required: boolean;
  /**
   * @param credentials what the client has sent, from whichever place its dialect has for it
   * @param scope what for; `any`: whoever may do something
   * @throws ParleyError `access.unauthorized` and `access.expired` (401), `access.forbidden` (403, the scope is missing),
   *   `access.rate_limited` and `access.too_many` (429, retryable, with `retryAfterMs`), `access.unavailable` (503,
   *   retryable: the database does not say whose key it is)
   */
  enter(credentials: readonly string[], scope: Scope | 'any', options?: EnterOptions): Promise<Visit>;
};
