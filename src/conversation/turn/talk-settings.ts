/** What makes a talk of two out of turns. None of it holds in a log of before it existed: see {@link talkOf}. */
export type TalkSettings = {
  /** A caller who goes on although the turn was taken to be over: the reply is taken back, and the turn goes on. */
  readonly reopening: {
    /** From the commit to the first sound of what follows. 0: never. @defaultValue 800 */
    readonly withinMs: number;
    /** How much of the reply may have been heard. @defaultValue 400 */
    readonly heardMs: number;
    /** A shorter sound takes back no reply. @defaultValue 160 */
    readonly leastMs: number;
  };
  /** Caller and agent begin at once. */
  readonly collision: {
    /** How far apart two beginnings are the same moment. @defaultValue 300 */
    readonly withinMs: number;
    /** The agent yields to this much speech, instead of what an interruption takes. @defaultValue 160 */
    readonly yieldAfterMs: number;
  };
  /** Nobody says anything after the agent. */
  readonly prompts: {
    /** From the end of what the agent said, and from one prompt to the next. @defaultValue 15000, what LiveKit's agents wait */
    readonly afterMs: number;
    /** Prompts in a row; after the last one the agent says goodbye. 0: none, and `idleHangUpMs` holds. @defaultValue 2 */
    readonly most: number;
  };
  /** Keys that the caller presses. */
  readonly keys: {
    /** After the last key, unless that was `#`. @defaultValue 2000 */
    readonly completeAfterMs: number;
    /** Keys of one entry; with the last of them it is complete. @defaultValue 32 */
    readonly most: number;
  };
  /** The agent says that it is at work, before its reply has words. */
  readonly working: {
    /** From the commit, or from the beginning of the work when that is later. @defaultValue 200 */
    readonly fillerAfterMs: number;
    /** Fillers in a row before the reply is given up. @defaultValue 4 */
    readonly mostFillers: number;
  };
  /** "Mm-hm" in the pauses of a caller who has much to say. */
  readonly backchannels: {
    /** @defaultValue false */
    readonly enabled: boolean;
    /** Speech in the turn before the first one. @defaultValue 6000 */
    readonly afterMs: number;
    /** From one to the next. @defaultValue 8000 */
    readonly everyMs: number;
    /** Only in a pause that is the end of the turn with no more than this probability. @defaultValue 0.5 */
    readonly maxProbability: number;
  };
};

/** Chosen, not measured: what each is for is said above. */
export const defaultTalkSettings = {
  reopening: { withinMs: 800, heardMs: 400, leastMs: 160 },
  collision: { withinMs: 300, yieldAfterMs: 160 },
  prompts: { afterMs: 15_000, most: 2 },
  keys: { completeAfterMs: 2_000, most: 32 },
  working: { fillerAfterMs: 200, mostFillers: 4 },
  backchannels: { enabled: false, afterMs: 6_000, everyMs: 8_000, maxProbability: 0.5 },
} as const satisfies TalkSettings;

const before: TalkSettings = {
  ...defaultTalkSettings,
  reopening: { withinMs: Number.NEGATIVE_INFINITY, heardMs: 0, leastMs: 0 },
  collision: { withinMs: -1, yieldAfterMs: 0 },
  prompts: { afterMs: 0, most: 0 },
};

/** The settings of talk; those of a log that has none say that nothing of it happened. */
export function talkOf({ talk }: { readonly talk?: TalkSettings }): TalkSettings {
  return talk ?? before;
}
