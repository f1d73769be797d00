import type { AudioFrame } from '../audio/frame.js';
import type { AsideQuestion, BrainEvent, BrainSession, HistoryEntry, Placed, WrittenMessage } from '../ports/brain.js';
import type { ExpectedAnswer } from '../ports/expected-answer.js';
import type { Toolbox, ToolCall, ToolResult } from '../ports/tools.js';
import type { EventLogNote } from './event-log.js';
import type { Floor } from './floor.js';
import type { CallListener } from './listen/call-listener.js';
import type { TurnEventBody } from './turn/events.js';
import type { TurnSettings } from './turn/settings.js';

/** What a dialect may ask of a running call. Everything takes effect in the order it was asked for. */
export type SessionControls = {
  /** Turn-taking settings from now on. */
  readonly configure: (settings: TurnSettings) => void;
  /** The caller's turn ends here (push to talk, or a client that detects turns itself). */
  readonly commitInput: () => void;
  /** What was said since the last turn is not meant. */
  readonly clearInput: () => void;
  /** Answer the conversation as it stands. Ignored while a reply is under way. */
  readonly respond: () => void;
  readonly cancelReply: () => void;
  /**
   * The client has played this much of a reply: the history is amended to what was heard.
   * @returns what was heard, or undefined when the reply is not known
   */
  readonly truncate: (reply: number, playedMs: number) => string | undefined;
  /** Milliseconds of audio sent for a reply so far. */
  readonly sentMs: (reply: number) => number;
  /** Adds what somebody has written; answered by `respond`. */
  readonly addMessage: (message: WrittenMessage) => void;
  /** Notes down a call that was made elsewhere. */
  readonly addCall: (call: ToolCall & Placed) => void;
  /** What came of a call; answered by `respond`. */
  readonly addResult: (result: ToolResult & Placed) => void;
  /** What the agent may call, from the next reply on. */
  readonly setTools: (toolbox: Toolbox) => void;
  /** Answers something beside the conversation: nobody hears it, and the agent does not remember it. */
  readonly aside: (question: AsideQuestion, signal: AbortSignal) => AsyncIterable<BrainEvent>;
  /** The words of audio that is no turn of the call. */
  readonly transcribe: (audio: AudioFrame, signal: AbortSignal) => Promise<string>;
  /** Takes an entry out of what the agent remembers. */
  readonly forget: (entry: HistoryEntry) => void;
  /** Another prompt from the next turn on; what was said stays. */
  readonly setInstructions: (instructions: string) => void;
  /** The longest reply from the next one on, in tokens; undefined for the agent's own limit. */
  readonly limitReply: (maxTokens: number | undefined) => void;
  /** From the next reply on the agent writes instead of speaking, or speaks again. */
  readonly setWritten: (written: boolean) => void;
  /** Nothing of what the caller's side sends is heard, or it is heard again. What was said before ends as in any silence. */
  readonly setMuted: (muted: boolean) => void;
  /** What the agent waits for, until it is heard again: a flow knows better than the words of its question. */
  readonly expect: (answer: ExpectedAnswer) => void;
  /**
   * The far end cannot be reached for a while: nothing is said until it can. What it has not heard is said then: the last
   * `lostMs` of what was sent, or, where that is not known, what it cannot have played when it was lost.
   */
  readonly setReachable: (reachable: boolean, lostMs?: number) => void;
  readonly hangUp: (reason: string) => void;
};

/** What the controls of a session act on. */
type SessionParts = {
  readonly dispatch: (event: TurnEventBody) => void;
  readonly floor: Floor;
  readonly brain: BrainSession;
  /** Ends with the call. */
  readonly signal: AbortSignal;
  readonly listener: CallListener;
  readonly note: (note: EventLogNote) => void;
  readonly hangUp: (reason: string) => void;
};

export function sessionControls(parts: SessionParts): SessionControls {
  const { dispatch, floor, brain, signal: life, listener, note, hangUp } = parts;
  return {
    configure: (settings) => dispatch({ type: 'configure', settings }),
    commitInput: () => dispatch({ type: 'client-commit', bufferStartMs: listener.bufferStartMs }),
    clearInput: () => {
      listener.clearBuffer();
      dispatch({ type: 'client-clear' });
    },
    respond: () => dispatch({ type: 'client-respond' }),
    cancelReply: () => dispatch({ type: 'client-cancel' }),
    truncate: (reply, playedMs) => floor.truncate(reply, playedMs),
    sentMs: (reply) => floor.sentMs(reply),
    addMessage: (message) => {
      brain.addMessage(message);
      note({ type: 'message-written', ...message });
    },
    addCall: (call) => brain.addCall(call),
    addResult: (result) => {
      brain.addResult(result);
      note({ type: 'tool-answered', ...result });
    },
    setTools: (toolbox) => brain.setTools(toolbox),
    aside: (question, signal) => brain.aside(question, AbortSignal.any([signal, life])),
    transcribe: (audio, signal) => listener.transcribe(audio, AbortSignal.any([signal, life])),
    forget: (entry) => brain.forget(entry),
    setWritten: (written) => dispatch({ type: 'written', written }),
    setMuted: (muted) => dispatch({ type: 'mute', muted }),
    expect: (answer) => dispatch({ type: 'expect', answer, by: 'client' }),
    setReachable: (reachable, lostMs) =>
      dispatch({ type: 'far-end', reachable, ...(lostMs === undefined ? {} : { lostMs }) }),
    setInstructions: (instructions) => brain.instruct(instructions),
    limitReply: (maxTokens) => brain.limitReply(maxTokens),
    hangUp,
  };
}
