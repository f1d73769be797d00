import type { AgentState } from './state.js';

/** The turn that is being answered, while the caller may still go on with it. */
export type AnsweredTurn = {
  readonly turn: number;
  readonly reply: number;
  /** All of its words. */
  readonly text: string;
  readonly speechEndMs: number;
  readonly committedAtMs: number;
};

/** What an open turn goes on with. */
export type ContinuedTurn = {
  /** The open turn, which has a number of its own. */
  readonly turn: number;
  /** The words that were taken for all of it. */
  readonly said: string;
  /** The pause that was taken for the end. */
  readonly pauseMs: number;
};

/** What the machine remembers of the talk besides whose turn it is. */
export type TalkState = {
  readonly answered: AnsweredTurn | undefined;
  readonly continued: ContinuedTurn | undefined;
  /** The last reply that became audible, and where in the caller's audio. */
  readonly audible: { readonly reply: number; readonly atMs: number } | undefined;
  /** The reply of which a passage is being played that is heard to its end. */
  readonly passage: number | undefined;
  /** How often in a row a silent caller was asked to say something. */
  readonly prompts: number;
  /** Keys that were pressed and not yet noted; `complete`: no more of them are waited for. */
  readonly keys: { readonly digits: string; readonly complete: boolean };
  readonly muted: boolean;
  readonly written: boolean;
  /** The far end cannot be reached: nothing is said to it. */
  readonly away: boolean;
  /** The draft that has said that it is at work. */
  readonly working: { readonly turn: number; readonly revision: number } | undefined;
  /** What the agent has called is being carried out; `fillers`: how often in a row that was bridged. */
  readonly tool: { readonly fillers: number } | undefined;
  /** Where in the caller's audio the agent has last said "mm-hm". */
  readonly murmuredAtMs: number | undefined;
};

export const noKeys: TalkState['keys'] = { digits: '', complete: false };

export const initialTalk: TalkState = {
  answered: undefined,
  continued: undefined,
  audible: undefined,
  passage: undefined,
  prompts: 0,
  keys: noKeys,
  muted: false,
  written: false,
  away: false,
  working: undefined,
  tool: undefined,
  murmuredAtMs: undefined,
};

type WithTalk = { readonly talk: TalkState; readonly agent: AgentState };

export function withTalk<S extends WithTalk>(state: S, change: Partial<TalkState>): S {
  return { ...state, talk: { ...state.talk, ...change } };
}

/** Whether a passage is being played that is heard to its end, whoever speaks. */
export function inPassage({ talk, agent }: WithTalk): boolean {
  return agent.phase !== 'silent' && agent.reply === talk.passage;
}
