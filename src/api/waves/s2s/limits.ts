/** What a speech-to-speech session bears, beside what every socket does. */
export type S2sLimits = {
  /** Nothing said on either side for this long ends the session, with 1000. @defaultValue 30000, as Hydra's */
  readonly idleMs: number;
  /** From a tool's call to its result and the request for a response; then the turn is given up. @defaultValue 30000 */
  readonly toolResponseMs: number;
  /** Caller audio that waits to be heard; the socket is not read while a quarter waits. @defaultValue 60000 */
  readonly maxQueuedAudioMs: number;
  /** From asking for a call to its beginning; later is refused. @defaultValue 15000 */
  readonly admitTimeoutMs: number;
  /** From hanging up to the end of the call. @defaultValue 2000 */
  readonly endTimeoutMs: number;
  /** Items that can be referred to; the oldest are forgotten first. @defaultValue 1000 */
  readonly maxItems: number;
};

export const defaultS2sLimits: S2sLimits = {
  idleMs: 30_000,
  toolResponseMs: 30_000,
  maxQueuedAudioMs: 60_000,
  admitTimeoutMs: 15_000,
  endTimeoutMs: 2_000,
  maxItems: 1_000,
};
