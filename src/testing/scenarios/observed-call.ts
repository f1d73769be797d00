import type { LineRole } from './caller-lines.js';
import type { StepMark } from './director.js';

/** Something that was said, and when. */
export type TimedText = { readonly atMs: number; readonly text: string };

/** How a reply of the agent ended; `open` when the call ended first. */
export type ReplyEnd = 'completed' | 'interrupted' | 'failed' | 'open';

/** A call as its caller has observed it, whatever kind of call it was. All times are on the recording's clock. */
export type ObservedCall = {
  readonly rateHz: number;
  /** What the caller sent and what they heard: equal lengths, one clock. */
  readonly caller: Float32Array;
  readonly agent: Float32Array;
  /** What was heard of the caller, in order: the truth. `place` counts the steps that were gone through. */
  readonly lines: readonly {
    readonly place: number;
    readonly role: LineRole;
    readonly startMs: number;
    readonly endMs: number;
  }[];
  readonly marks: readonly StepMark[];
  /** Words of the agent, each when it began to be heard. */
  readonly words: readonly TimedText[];
  /** What the agent understood, turn by turn. */
  readonly heard: readonly TimedText[];
  readonly problems: readonly TimedText[];
  /** Replies that were audible, and how they ended. */
  readonly replies: readonly { readonly startMs: number; readonly endMs: number; readonly end: ReplyEnd }[];
  /** Times that sound of a reply came after a later one had begun. */
  readonly overlaps: number;
  /** When the agent's side ended the call; undefined when the caller did. */
  readonly endedByAgentMs: number | undefined;
};
