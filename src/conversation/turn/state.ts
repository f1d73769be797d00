import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import type { Look } from './completeness.js';
import type { PhraseName } from './events.js';
import type { OverlapSound } from './overlap-sound.js';
import type { OverlapMeaning } from './overlap-words.js';
import { type CallerPace, type TurnPauses, unknownPace } from './pace.js';
import { defaultTurnSettings, type TurnSettings } from './settings.js';
import { initialTalk, type TalkState } from './talk-state.js';

/** Nobody speaks, or somebody may just have begun: `voicedMs` of speech so far. */
export type Quiet = { readonly phase: 'quiet'; readonly voicedMs: number };

/** What stays true over a turn's pauses. */
export type OpenTurn = {
  readonly turn: number;
  /** Counts suspected ends: what was begun for an earlier one is stale. */
  readonly revision: number;
  readonly startMs: number;
  /** End of the last window that held speech. */
  readonly lastVoicedMs: number;
  /** Speech in the turn, pauses left out. */
  readonly voicedMs: number;
  readonly pauses: TurnPauses;
  readonly lastPartial: string;
  /** This turn stopped a reply: if it turns out to be nothing, somebody has to speak. */
  readonly interrupted: boolean;
};

export type Speaking = OpenTurn & { readonly phase: 'speech' };

/** Silence has begun and may be the end. */
export type Pausing = OpenTurn & {
  readonly phase: 'pause';
  /** What the end-of-turn model has answered about this silence, the first look first. */
  readonly looks: readonly Look[];
  /** How likely the words are complete to the brain that has read them. */
  readonly wordsOver?: number;
  /** How often it was asked. */
  readonly looksAsked: number;
  readonly transcript: FrozenTranscript;
  /** Speech that has begun again, but not for long enough to count. */
  readonly resumedMs: number;
  /** The client has said that the turn is over: no waiting. */
  readonly forced: boolean;
  /** When the caller fell silent, on the clock: from here on the wait counts that the caller feels. */
  readonly silentSinceMs: number;
};

export type FrozenTranscript =
  | { readonly status: 'asked'; readonly tries: number }
  /** `failed`: not for want of words. */
  | { readonly status: 'empty'; readonly tries: number; readonly failed: boolean }
  /**
   * `put-off`: it is too early to prepare a reply. `none`: nothing is being prepared for it any more. In both a commit
   * has to begin.
   */
  | { readonly status: 'ready'; readonly text: string; readonly draft: 'made' | 'failed' | 'put-off' | 'none' };

export type Listening = Quiet | Speaking | Pausing;

/** Whether the agent has the floor. */
export type AgentState =
  | { readonly phase: 'silent' }
  /** Committed, not audible yet. */
  | ({ readonly phase: 'preparing' } & Reply)
  /** `dry`: all that was ready of it has been heard, and silence has begun. */
  | ({ readonly phase: 'speaking'; readonly dry: boolean } & Reply);

export type Reply = {
  readonly reply: number;
  readonly source: ReplySource;
  readonly lowered: boolean;
  /** How often in a row something was said to bridge the wait for it. */
  readonly bridges: number;
};

export type ReplySource =
  | {
      readonly kind: 'turn';
      readonly turn: number;
      readonly revision: number;
      readonly text: string;
      readonly retried: boolean;
    }
  /** Nothing yet but what bridges the wait for the words of this turn: its reply takes the place. */
  | { readonly kind: 'wait'; readonly turn: number }
  | { readonly kind: 'phrase'; readonly phrase: PhraseName };

/** Somebody speaks while the agent does, and what that means is not decided, or was decided for the agent. */
export type Overlap = OverlapSound & {
  readonly reply: number;
  readonly meaning: OverlapMeaning;
  /** How many words were heard last, those that follow on themselves once. */
  readonly words: number;
  /** Words that are no sign of listening were heard at some time, though perhaps not any more. */
  readonly worded: boolean;
  /** It sounds like the beginning of a stop word, and its words have not said otherwise. */
  readonly stopBegun: boolean;
  /** When the agent was lowered for it, on the clock; undefined when it is not lowered any more. */
  readonly loweredMs: number | undefined;
  /** When the agent fell silent for it, until its words are known, on the clock; undefined when it is not silent. */
  readonly pausedMs: number | undefined;
};

export type TurnState = {
  readonly settings: TurnSettings;
  readonly listening: Listening;
  readonly agent: AgentState;
  /** What the agent waits for, since it was last heard. */
  readonly expected: ExpectedAnswer;
  /** The client has said so: the words of a reply from before do not change it. */
  readonly declared: boolean;
  readonly pace: CallerPace;
  readonly overlap: Overlap | undefined;
  /** Number of the next caller turn. */
  readonly nextTurn: number;
  readonly nextReply: number;
  /** Whether each of the last drafts became the reply, oldest first. */
  readonly drafts: readonly boolean[];
  /** Set when the call ends after what is being said. */
  readonly ending: string | undefined;
  readonly ended: boolean;
  readonly talk: TalkState;
};

export const quiet: Quiet = { phase: 'quiet', voicedMs: 0 };

export function initialTurnState(settings: TurnSettings = defaultTurnSettings): TurnState {
  return {
    settings,
    listening: quiet,
    agent: { phase: 'silent' },
    expected: { kind: 'free' },
    declared: false,
    pace: unknownPace,
    overlap: undefined,
    nextTurn: 1,
    nextReply: 0,
    drafts: [],
    ending: undefined,
    ended: false,
    talk: initialTalk,
  };
}
