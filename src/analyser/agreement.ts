import type { CallAnalysis } from './analyse-call.js';
import { percentile } from './statistics.js';

/** Two clocks that differ by no more than this agree. */
export const agreementToleranceMs = 20;

/**
 * What the server says of a turn: the time of the first audio heard on the recording's clock, or the latency it
 * measured itself. `turn` is 1 for the caller's first turn.
 */
export type ServerTurn = { readonly turn: number } & (
  | { readonly firstAudioHeardMs: number; readonly responseLatencyMs?: never }
  | { readonly responseLatencyMs: number; readonly firstAudioHeardMs?: never }
);

export type TurnAgreement = {
  readonly turn: number;
  /** `first_audio_heard` compares times on one clock, `response_latency` durations. */
  readonly compared: 'first_audio_heard' | 'response_latency';
  readonly recordingMs: number | null;
  readonly serverMs: number | null;
  /** Server minus recording. */
  readonly differenceMs: number | null;
  readonly verdict: 'agrees' | 'differs' | 'not_in_recording' | 'not_in_server';
};

export type Agreement = {
  readonly toleranceMs: number;
  readonly turns: readonly TurnAgreement[];
  readonly compared: number;
  readonly medianDifferenceMs: number | null;
  readonly maxAbsoluteDifferenceMs: number | null;
  /** `agrees` only if every turn that either side saw answered agrees; `nothing_to_compare` without any. */
  readonly verdict: 'agrees' | 'differs' | 'nothing_to_compare';
};

/**
 * Sets the server's own marks beside the recording, turn by turn. The recording is the judge: a server whose marks
 * differ measures something other than what the caller hears.
 */
export function compareWithServerMarks(analysis: CallAnalysis, serverTurns: readonly ServerTurn[]): Agreement {
  const inRecording = new Map(analysis.turns.map((turn) => [turn.turn, turn]));
  const inServer = new Map(serverTurns.map((turn) => [turn.turn, turn]));
  const answered = analysis.turns.filter((turn) => turn.replyStartMs !== null).map((turn) => turn.turn);
  const numbers = [...new Set([...answered, ...inServer.keys()])].sort((a, b) => a - b);
  const turns = numbers.map((turn): TurnAgreement => {
    const server = inServer.get(turn);
    const recorded = inRecording.get(turn);
    const byTime = server?.firstAudioHeardMs !== undefined;
    const serverMs = server?.firstAudioHeardMs ?? server?.responseLatencyMs ?? null;
    const recordingMs = (byTime ? recorded?.replyStartMs : recorded?.responseLatencyMs) ?? null;
    const differenceMs = serverMs === null || recordingMs === null ? null : serverMs - recordingMs;
    return {
      turn,
      compared: byTime ? 'first_audio_heard' : 'response_latency',
      recordingMs,
      serverMs,
      differenceMs,
      verdict:
        differenceMs !== null
          ? Math.abs(differenceMs) <= agreementToleranceMs
            ? 'agrees'
            : 'differs'
          : recordingMs === null
            ? 'not_in_recording'
            : 'not_in_server',
    };
  });
  const differences = turns.flatMap((turn) => turn.differenceMs ?? []);
  return {
    toleranceMs: agreementToleranceMs,
    turns,
    compared: differences.length,
    medianDifferenceMs: differences.length > 0 ? percentile(differences, 50) : null,
    maxAbsoluteDifferenceMs: differences.length > 0 ? percentile(differences.map(Math.abs), 100) : null,
    verdict:
      turns.length === 0
        ? 'nothing_to_compare'
        : turns.every((turn) => turn.verdict === 'agrees')
          ? 'agrees'
          : 'differs',
  };
}
