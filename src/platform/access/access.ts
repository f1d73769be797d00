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
   * during a long visit may be counted before with `use`.
   */
  leave(usage?: Usage): Promise<void>;
  /** Counts what has been used so far. */
  use(usage: Usage): Promise<void>;
};

/** The door of every surface: who comes in, for what, and how often. */
export type Access = {
  /** Whether a credential is asked for at all. */
  readonly required: boolean;
  /**
   * @param credentials what the client has sent, from whichever place its dialect has for it
   * @throws ParleyError `access.unauthorized` (401), `access.forbidden` (403, the scope is missing), `access.rate_limited`
   *   and `access.too_many` (429, retryable, with `retryAfterMs`)
   */
  enter(credentials: readonly string[], scope: Scope): Promise<Visit>;
};
