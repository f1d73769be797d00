import type { ParleyError } from '../../audio/error.js';
import type { ParleyTurnEvent } from '../../client/server-events.js';
import type { TurnOutcome } from './floor.js';
import type { PacerCounts } from './pacer.js';
import type { PlayerCounts } from './player.js';

/** One line of the dialogue. `atMs` is recording time. */
export type DialogueLine = {
  readonly atMs: number;
  readonly who: 'caller' | 'agent';
  /** What the server understood, or what it says it has said. */
  readonly text: string;
  /** The agent's line was broken off. */
  readonly interrupted: boolean;
};

/** One turn of the caller and what came of it. Times are recording time: 0 = first sample that was sent. */
export type CallTurn = {
  /** Counts from 1. */
  readonly turn: number;
  readonly file: string;
  /** When the file began to play. */
  readonly fileStartMs: number;
  /** Where the caller speaks: truth if the file came with labels. */
  readonly startMs: number;
  readonly endMs: number;
  readonly speechFrom: 'label' | 'energy' | 'whole file';
  /** When the rest of the file, behind the caller's speech, was cut; null when it was played to its end. */
  readonly cutMs: number | null;
  readonly outcome: TurnOutcome;
  /** The agent was audible with a new reply before the caller had finished. */
  readonly cutOff: boolean;
  /** First audible 10 ms of the answer; null without an answer. */
  readonly agentOnsetMs: number | null;
  /** `agentOnsetMs - endMs`, as heard by the caller. */
  readonly responseLatencyMs: number | null;
  /** What the server understood. */
  readonly transcript: string;
  /** What the agent said. */
  readonly reply: string;
  /** The server's own account; several when it took the file for several turns, none when it gives no account. */
  readonly marks: readonly ParleyTurnEvent[];
};

export type CallResult = {
  readonly rateHz: 24_000;
  /** The caller as sent and the agent as played: equal lengths, one clock. */
  readonly caller: Float32Array;
  readonly agent: Float32Array;
  readonly turns: readonly CallTurn[];
  readonly dialogue: readonly DialogueLine[];
  readonly player: PlayerCounts;
  readonly pacing: PacerCounts;
  /** Errors that the server reported without ending the session; the first 100. */
  readonly serverErrors: readonly string[];
  /** `aborted` on request, `failed` with the reason in `failure`. What was recorded until then is here in any case. */
  readonly ended: 'completed' | 'aborted' | 'failed';
  readonly failure: ParleyError | null;
};

/** What happens during a call, as it happens. */
export type CallUpdate =
  | { readonly type: 'line'; readonly line: DialogueLine }
  | { readonly type: 'turn'; readonly turn: CallTurn }
  | { readonly type: 'server-error'; readonly message: string };
