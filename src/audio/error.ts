const marker = Symbol.for('parley.error');

/** What a {@link ParleyError} carries besides its message. */
export type ParleyErrorOptions = {
  /** Stable, machine-readable: `wav.bad_header`, `models.checksum`, `host.died`. */
  readonly code: string;
  /** Whether the same call may succeed when tried again. @defaultValue false */
  readonly retryable?: boolean;
  /** HTTP status that a public surface answers with. @defaultValue 500 */
  readonly status?: number;
  /** When the same may be tried again, where that is known. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
};

/**
 * The one error of the project. The message says what happened, what was expected and what to do. It lives in the
 * lowest layer because every layer throws it; `ports/errors` is where the rest of the code imports it from.
 */
export class ParleyError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly [marker] = true;

  constructor(message: string, options: ParleyErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    this.status = options.status ?? 500;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** True for a ParleyError of any copy of this package (several copies may be loaded). */
  static isInstance(value: unknown): value is ParleyError {
    return typeof value === 'object' && value !== null && marker in value;
  }
}
