/** The patience of the caller and the windows by which it takes turns. All of them count in recording time. */
export type CallTiming = {
  /** The greeting is over when the agent has been silent this long. @defaultValue 400 */
  readonly greetingSilenceMs: number;
  /** How long to wait for a greeting to begin. @defaultValue 10000 */
  readonly greetingBeginMs: number;
  /** A reply is over when the agent has been silent this long after `response.done`. @defaultValue 700 */
  readonly replySilenceMs: number;
  /** No reply this long after the end of a file is a missed turn. @defaultValue 8000 */
  readonly replyBeginMs: number;
  /** A greeting or reply that goes on for longer is not waited for. @defaultValue 30000 */
  readonly replyFinishMs: number;
  /** Between the end of a reply and the next file, and before the first file of a caller who begins. @defaultValue 300 */
  readonly pauseMs: number;
  /** The agent has spoken this long before the rest of a file, its room tone, is cut. @defaultValue 200 */
  readonly cutAfterMs: number;
  /** Bound of the whole call: the recording is held in memory. @defaultValue 1800000 */
  readonly longestCallMs: number;
};

export const defaultCallTiming: CallTiming = {
  greetingSilenceMs: 400,
  greetingBeginMs: 10_000,
  replySilenceMs: 700,
  replyBeginMs: 8_000,
  replyFinishMs: 30_000,
  pauseMs: 300,
  cutAfterMs: 200,
  longestCallMs: 30 * 60_000,
};

/** One frame of the caller, one step of the player. */
export const frameMs = 20;
/** {@link frameMs} at the 24 kHz of the protocol. */
export const frameSamples = 480;
