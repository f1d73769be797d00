/** Monotonic time and timers, injected so that tests can run in virtual time. */
export type Clock = {
  /** Milliseconds since an arbitrary origin; never goes back. */
  nowMs(): number;
  /** Calls `fire` once when `nowMs() >= atMs`. The returned function disarms it and is idempotent. */
  at(atMs: number, fire: () => void): () => void;
};
