import { defaultTalkSettings, type TalkSettings } from './talk-settings.js';

/** When the caller is taken to speak, to pause, and to have finished. Tuned values say where they were measured. */
export type EndpointingSettings = {
  /** Probability from which a window counts as speech. @defaultValue 0.5 (Silero's own) */
  readonly startThreshold: number;
  /** Below this a window counts as silence; between the two, as what came before. @defaultValue 0.35 */
  readonly stopThreshold: number;
  /** Speech must last this long to open a turn: a click does not. @defaultValue 64 */
  readonly startMs: number;
  /** After this much silence the end is suspected: transcript, end-of-turn model and draft start. @defaultValue 96 */
  readonly suspectMs: number;
  /** Wait after the end of speech when the model is sure that the turn is complete. @defaultValue 600 */
  readonly minWaitMs: number;
  /** Wait when it is sure that more will come. @defaultValue 1500 */
  readonly maxWaitMs: number;
  /** Probability at which the wait is half-way. @defaultValue 0.9 */
  readonly midpoint: number;
  /** How sharply the wait falls around the midpoint. @defaultValue 6 */
  readonly steepness: number;
  /** The least wait when the transcript ends as if more came (a comma). @defaultValue 1200 */
  readonly unfinishedWaitMs: number;
  /** The longest wait when the transcript ends as a question or an exclamation. @defaultValue 650 */
  readonly questionWaitMs: number;
  /** Wait when the model has not answered. @defaultValue 1000 */
  readonly blindWaitMs: number;
  /** An empty transcript is asked for again after this much silence. @defaultValue 320 */
  readonly retryMs: number;
};

export type InterruptionSettings = {
  /** Whether the caller can interrupt at all. @defaultValue true */
  readonly enabled: boolean;
  /** Speech over the agent that lasts this long is an interruption; less is a backchannel. @defaultValue 320 */
  readonly afterMs: number;
};

export type SilenceSettings = {
  /** From the end of the caller's speech, or of the last sound of an unfinished reply, something is audible within this
   * time, unless the caller is still being given time to go on. @defaultValue 2500 */
  readonly maxSilenceMs: number;
  /** Nobody has spoken for this long: goodbye. Where silent callers are prompted, those come first. @defaultValue 60000 */
  readonly idleHangUpMs: number;
  /** The same where the client says where turns end, replies are read, or the caller is muted. @defaultValue 600000 */
  readonly manualIdleHangUpMs: number;
  /** The longest call. @defaultValue 1800000 */
  readonly maxCallMs: number;
};

export type TurnSettings = {
  /** `manual`: the client says where turns end, nothing is detected. @defaultValue 'auto' */
  readonly detection: 'auto' | 'manual';
  /** Whether a finished turn is answered without being asked. @defaultValue true */
  readonly respond: boolean;
  readonly endpointing: EndpointingSettings;
  readonly interruption: InterruptionSettings;
  readonly silence: SilenceSettings;
  /** @defaultValue `defaultTalkSettings`; absent in logs of before there was any */
  readonly talk?: TalkSettings;
};

export const defaultTurnSettings = {
  detection: 'auto',
  respond: true,
  endpointing: {
    startThreshold: 0.5,
    stopThreshold: 0.35,
    startMs: 64,
    suspectMs: 96,
    // The curve was fitted with `npm run bench -- endpointing` on 124 spoken orders and 50 read sentences: 0 and 6 % of
    // them cut off.
    minWaitMs: 600,
    maxWaitMs: 1_500,
    midpoint: 0.9,
    steepness: 6,
    unfinishedWaitMs: 1_200,
    questionWaitMs: 650,
    blindWaitMs: 1_000,
    retryMs: 320,
  },
  interruption: { enabled: true, afterMs: 320 },
  silence: { maxSilenceMs: 2_500, idleHangUpMs: 60_000, manualIdleHangUpMs: 600_000, maxCallMs: 1_800_000 },
  talk: defaultTalkSettings,
} as const satisfies TurnSettings;
