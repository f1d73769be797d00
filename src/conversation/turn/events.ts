import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import type { Beginning } from '../../ports/speech-to-text.js';
import type { TurnSettings } from './settings.js';

/** `atMs`: position in the caller's audio. `seenMs`: monotonic time since the call began. */
export type Stamp = { readonly atMs: number; readonly seenMs: number };

export type TimerName = 'dead-air' | 'idle' | 'max-call' | 'overlap' | 'keys';

/** What a window of caller audio is like while our own sound can be in it. */
export type OverlapEvidence = {
  /** How much of it cannot be our own sound coming back, 0..1. */
  readonly foreign: number;
  /** How periodic it is, 0..1: vowels are above 0.7, coughs, knocks and noise mostly below 0.5. */
  readonly voicing: number;
  /** Its level against the caller's usual speech, in dB. */
  readonly levelDb: number;
  /** Its pitch against that of the caller's usual speech; absent where it has none, or the caller's is not known. */
  readonly semitones?: number;
};

/** Everything that can happen to a call, as the turn machine sees it. */
export type TurnEvent = Stamp & TurnEventBody;

export type TurnEventBody =
  /** The call begins; `greeting`: the agent speaks first. */
  | { readonly type: 'begin'; readonly greeting: boolean }
  /** One window of caller audio has been judged; `atMs` is its end. */
  | {
      readonly type: 'window';
      readonly probability: number;
      readonly windowMs: number;
      /** Absent when nothing of ours can be in it. */
      readonly overlap?: OverlapEvidence;
    }
  /** The end-of-turn model's answer about a silence of `silenceMs`; absent in older logs, where it was asked once. */
  | {
      readonly type: 'end-of-turn';
      readonly turn: number;
      readonly revision: number;
      readonly probability: number;
      readonly silenceMs?: number;
      /** Level of the last 150 ms of speech against the whole turn. */
      readonly decayDb?: number;
    }
  /** The brain has read the frozen transcript: how likely its words are all that the caller wants to say. */
  | { readonly type: 'words-read'; readonly turn: number; readonly revision: number; readonly probability: number }
  /** `ours`: share of its words that the agent was just saying; absent when it said nothing. */
  | {
      readonly type: 'partial';
      readonly turn: number;
      readonly text: string;
      readonly ours?: number;
      /** How a turn over the agent may begin, the agent's own words left out. */
      readonly beginnings?: readonly Beginning[];
    }
  /** The frozen transcript of a suspected end. */
  | {
      readonly type: 'final';
      readonly turn: number;
      readonly revision: number;
      readonly text: string;
      /** How long urgent work has waited for a core lately; absent where nobody knows. */
      readonly queueMs?: number;
    }
  | { readonly type: 'final-failed'; readonly turn: number; readonly revision: number }
  | { readonly type: 'draft-failed'; readonly turn: number; readonly revision: number }
  /** The first sample of a reply has left. */
  | { readonly type: 'reply-audible'; readonly reply: number }
  /**
   * All of a reply has left, or there was nothing of it to say. `endCall`: the agent wants to hang up after it. `calls`:
   * it has called tools, and what comes of that is to be answered.
   */
  | { readonly type: 'reply-done'; readonly reply: number; readonly endCall?: string; readonly calls?: true }
  /** All that there is of a reply has been played, and what follows is not ready; then it goes on. */
  | { readonly type: 'reply-dry'; readonly reply: number }
  | { readonly type: 'reply-flows'; readonly reply: number }
  | { readonly type: 'timer'; readonly timer: TimerName }
  /** The client says that the turn ends here, or that what it said is not meant. */
  | { readonly type: 'client-commit'; readonly bufferStartMs: number }
  | { readonly type: 'client-clear' }
  | { readonly type: 'client-respond' }
  | { readonly type: 'client-cancel' }
  | { readonly type: 'configure'; readonly settings: TurnSettings }
  /** The call is to end soon, for a reason of the server's: the caller hears a goodbye first. */
  | { readonly type: 'wind-down'; readonly reason: string }
  | { readonly type: 'hung-up'; readonly reason: string }
  /** The agent was heard, and waits for this; or the client says that it does. */
  | { readonly type: 'expect'; readonly answer: ExpectedAnswer; readonly by?: 'client' | undefined }
  /** A passage of a reply that is heard to its end begins to be played; it has been played. */
  | { readonly type: 'passage-begins'; readonly reply: number }
  | { readonly type: 'passage-over'; readonly reply: number }
  /** The caller presses a key: `0`-`9`, `*`, `#`, `A`-`D`. */
  | { readonly type: 'key'; readonly digit: string }
  | { readonly type: 'mute'; readonly muted: boolean }
  /** Whether replies are written from now on. */
  | { readonly type: 'written'; readonly written: boolean }
  /** The far end's connection is lost, and may come back; it is back, without the last `lostMs` of what was sent of a reply. */
  | { readonly type: 'far-end'; readonly reachable: boolean; readonly lostMs?: number }
  /** The draft waits for something slow, such as a tool. */
  | { readonly type: 'reply-working'; readonly turn: number; readonly revision: number };

/** Sounds that are ready before the call begins. */
export type PhraseName = 'greeting' | 'filler' | 'apology' | 'reprompt' | 'goodbye' | 'still-there' | 'backchannel';

/** What the session is to do. It decides nothing itself. */
export type TurnCommand =
  /** The caller has begun to speak at `startMs`. */
  | { readonly type: 'open-turn'; readonly turn: number; readonly startMs: number }
  /** The turn may have ended at `speechEndMs`: freeze the transcript, ask the end-of-turn model, free the cores. */
  | { readonly type: 'suspect-end'; readonly turn: number; readonly revision: number; readonly speechEndMs: number }
  /** The frozen transcript was empty or too short: freeze again, with the silence since. */
  | { readonly type: 'freeze-again'; readonly turn: number; readonly revision: number }
  /** The caller goes on: what was begun for this revision is stale. */
  | { readonly type: 'resume-turn'; readonly turn: number; readonly revision: number }
  /** Prepare a reply to `text`; nothing of it may be heard yet. */
  | { readonly type: 'draft'; readonly turn: number; readonly revision: number; readonly text: string }
  | { readonly type: 'discard'; readonly turn: number; readonly revision: number }
  /** The turn is over. `reply` is undefined when nobody asked for an answer. */
  | {
      readonly type: 'commit';
      readonly turn: number;
      readonly revision: number;
      readonly text: string;
      readonly reply: number | undefined;
      readonly speechEndMs: number;
      readonly because: string;
    }
  /** The sound was no turn: noise, or a backchannel. */
  | { readonly type: 'drop-turn'; readonly turn: number; readonly why: 'empty' | 'backchannel' | 'cleared' }
  /** Answer the conversation as it stands, without new words of the caller. */
  | { readonly type: 'respond'; readonly turn: number; readonly reply: number }
  | { readonly type: 'lower'; readonly reply: number }
  /** `again`: it was quiet for so long that it goes back to where the caller last heard it well. */
  | { readonly type: 'restore'; readonly reply: number; readonly again?: true }
  /** `withinMs`: it may end its word, when that ends within this time. */
  | {
      readonly type: 'stop';
      readonly reply: number;
      readonly why: 'interrupted' | 'cancelled' | 'failed';
      readonly withinMs?: number;
    }
  | { readonly type: 'say'; readonly phrase: PhraseName; readonly reply: number }
  | { readonly type: 'arm'; readonly timer: TimerName; readonly atSeenMs: number }
  | { readonly type: 'disarm'; readonly timer: TimerName }
  | { readonly type: 'end-call'; readonly reason: string }
  /** The silence goes on: ask the end-of-turn model again. */
  | { readonly type: 'look-again'; readonly turn: number; readonly revision: number; readonly speechEndMs: number }
  /** The reply is silent from now on, as for a stop, and may still be restored. */
  | { readonly type: 'pause'; readonly reply: number; readonly withinMs: number }
  /** The words of the open turn are wanted now, as far as they can be told. */
  | { readonly type: 'look'; readonly turn: number }
  /** The open turn goes on with an earlier one, which was answered too soon: that is no turn of its own. */
  | { readonly type: 'reopen'; readonly turn: number; readonly continues: number }
  /** What the caller said otherwise than by speaking. */
  | { readonly type: 'note'; readonly turn: number; readonly text: string }
  /** Nothing is played until it is released; then what was not heard goes on. */
  | { readonly type: 'hold-output' }
  | { readonly type: 'release-output'; readonly lostMs?: number }
  /** A quiet sign of listening, which is no reply. */
  | { readonly type: 'murmur'; readonly reply: number };
