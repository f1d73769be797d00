import type { TreatmentSettings } from '../listen/treatment-settings.js';
import { type DraftingSettings, defaultDraftingSettings } from './draft-budget.js';
import type { OverlapLanguage } from './overlap-words.js';
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
  /** Wait after the end of speech when the model is sure that the turn is complete. @defaultValue 288 */
  readonly minWaitMs: number;
  /** Wait when it is sure that more will come. @defaultValue 1600 */
  readonly maxWaitMs: number;
  /** Probability of a complete turn at which the wait is half-way. @defaultValue 0.75 */
  readonly midpoint: number;
  /** How sharply the wait falls around the midpoint. @defaultValue 25 */
  readonly steepness: number;
  /** Wait when the answer that the agent expects is complete: a yes or no, all digits of a number. @defaultValue 180 */
  readonly answerWaitMs: number;
  /** Wait when the expected answer has begun and cannot be over: six of ten digits. With the reply it stays
   * below what is felt as dead air. @defaultValue 2000 */
  readonly patientWaitMs: number;
  /** Silences after which the end-of-turn model is asked again, while its answer can still matter. None: on recorded pauses
   * a second and a third answer told no more than the first, and each costs 70 ms of a core. @defaultValue [] */
  readonly lookAgainMs: readonly number[];
  /** Wait when the model has not answered. @defaultValue 1000 */
  readonly blindWaitMs: number;
  /** An empty transcript is asked for again after this much silence. @defaultValue 320 */
  readonly retryMs: number;
};

export type InterruptionSettings = {
  /** Whether the caller can interrupt at all. @defaultValue true */
  readonly enabled: boolean;
  /** Whose backchannels and stop words are known. @defaultValue 'en' */
  readonly language: OverlapLanguage;
  /** Windows of which less cannot be our own sound are taken for its echo. @defaultValue 0.25 */
  readonly foreignShare: number;
  /** The words of an overlap are asked for after this much speech, each half of it while a stop word may just have begun, and
   * then each time as much again. @defaultValue 128 */
  readonly lookMs: number;
  /** Speech with words that are no backchannel is an interruption after this much of it: what is recognised of less is mostly
   * wrong, and words come 100 ms after what they are of. @defaultValue 576 */
  readonly wordsAfterMs: number;
  /** Speech over the agent whose words are not known yet silences it after this much of it: with what has left already, a
   * backchannel that is known 200 ms later makes no gap of 100 ms. @defaultValue 416 */
  readonly afterMs: number;
  /** The same over a reply that is not audible yet: it masks nothing. @defaultValue 320 */
  readonly beforeReplyMs: number;
  /** What sounds as a backchannel is one no longer than this. @defaultValue 1100 */
  readonly backchannelMs: number;
  /** The least share of an overlap that has a pitch, for speech whose words are not known. @defaultValue 0.4 */
  readonly voicedShare: number;
  /** Somebody this much quieter than the caller usually speaks is not the caller; around it, the pitch of the voice decides
   * (`speakerOf`). @defaultValue -8 */
  readonly backgroundDb: number;
  /** The agent is lowered for no longer than this without a decision. @defaultValue 600 */
  readonly maxLoweredMs: number;
  /** An agent that fell silent for speech without words waits for them no longer than this. @defaultValue 2000 */
  readonly maxPausedMs: number;
  /** An agent that is interrupted may end its word within this time. @defaultValue 120 */
  readonly wordEndMs: number;
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
  /** Absent in logs of calls from before there was a budget: then every turn is drafted at once. */
  readonly drafting?: DraftingSettings;
  /** What is done to the caller's audio before it is listened to. @defaultValue absent: nothing */
  readonly treatment?: TreatmentSettings;
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
    // Bounds and curve were tuned with `npm run bench -- endpointing` on half of 124 spoken orders, each also with one or
    // two pauses put in. On the other half: 736 ms on average, 4.8 % of the turns with pauses cut off.
    minWaitMs: 288,
    maxWaitMs: 1_600,
    midpoint: 0.75,
    steepness: 25,
    answerWaitMs: 180,
    patientWaitMs: 2_000,
    lookAgainMs: [],
    blindWaitMs: 1_000,
    retryMs: 320,
  },
  interruption: {
    enabled: true,
    language: 'en',
    foreignShare: 0.25,
    lookMs: 128,
    wordsAfterMs: 576,
    afterMs: 416,
    beforeReplyMs: 320,
    backchannelMs: 1_100,
    voicedShare: 0.4,
    backgroundDb: -8,
    maxLoweredMs: 600,
    maxPausedMs: 2_000,
    wordEndMs: 120,
  },
  silence: { maxSilenceMs: 2_500, idleHangUpMs: 60_000, manualIdleHangUpMs: 600_000, maxCallMs: 1_800_000 },
  drafting: defaultDraftingSettings,
  talk: defaultTalkSettings,
} as const satisfies TurnSettings;
