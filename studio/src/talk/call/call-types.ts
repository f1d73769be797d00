import type { ParleyTurnEvent } from '../../../../src/client/server-events.js';
import type { MicrophoneChoice } from '../audio/microphone.js';
import type { PlaybackStats } from '../audio/speaker.js';

export type Activity = 'connecting' | 'listening' | 'thinking' | 'speaking';

/** Hands-free: the server decides when a turn is over. Push-to-talk: the caller does. */
export type TalkMode = 'hands-free' | 'push-to-talk';

/** Words of the caller as they become known; each is the whole text so far. */
export type CallerWords =
  /** The first `stableWords` will not change any more. */
  { readonly partial: string; readonly stableWords: number } | { readonly final: string };

/** How a call ended: by the caller, for an error before or beside the connection, or by the connection. */
export type CallEnd =
  | { readonly by: 'caller' }
  | { readonly by: 'error'; readonly error: unknown }
  | {
      readonly by: 'server';
      /** Close code of the socket, 1006 when it was lost. */
      readonly code: number;
      readonly reason: string;
      /** There was a session. */
      readonly opened: boolean;
      readonly lastError: string | undefined;
    };

/** What a call tells whoever shows it. Each may come until `onEnd`, which comes once. */
export type CallObserver = {
  readonly onActivity: (activity: Activity) => void;
  /** The caller began a turn: the place of its caption. */
  readonly onCallerTurn: (itemId: string) => void;
  /** It was none: noise, or a word in passing. */
  readonly onCallerTurnDropped: (itemId: string) => void;
  readonly onCallerWords: (itemId: string, words: CallerWords) => void;
  /** One more clause begins to be spoken. */
  readonly onAgentClause: (itemId: string, clause: string) => void;
  /** The agent was stopped; `heard` is what the server believes was heard, undefined when it does not say. */
  readonly onInterrupted: (itemId: string, heard: string | undefined) => void;
  readonly onTurn: (turn: ParleyTurnEvent) => void;
  /** The call goes on. */
  readonly onWarning: (message: string) => void;
  /** A microphone was opened, the first or another one. */
  readonly onMicrophone: () => void;
  readonly onEnd: (end: CallEnd) => void;
};

export type CallOptions = {
  /** Undefined: the caller types. */
  readonly microphone: MicrophoneChoice | undefined;
  readonly mode: TalkMode;
  /** Whether the agent greets; not where the caller has something to say at once. */
  readonly greeting: boolean;
  readonly apiKey: string | undefined;
};

export type CallStats = {
  readonly activity: Activity;
  readonly contextRateHz: number;
  readonly sentFrames: number;
  readonly skippedFrames: number;
  readonly playback: Readonly<PlaybackStats>;
  readonly truncations: readonly { readonly itemId: string; readonly heardMs: number }[];
};

export type Call = {
  hangUp(): void;
  /** Stops the agent. Does nothing while it is silent. */
  interrupt(): void;
  /** Says something in writing; what the agent is saying is interrupted. */
  type(text: string): void;
  setMode(mode: TalkMode): void;
  setMuted(muted: boolean): void;
  /** Push-to-talk: from `hold` to `release` the agent listens. */
  hold(): void;
  release(): void;
  /** Opens a microphone, or another one, or the same with other settings. */
  changeMicrophone(choice: MicrophoneChoice): Promise<void>;
  /** How loud each side is right now, 0..1. */
  levels(): { readonly caller: number; readonly agent: number };
  stats(): CallStats | undefined;
};
