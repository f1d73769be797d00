import type { CallerSide, CallerTurn } from './caller-turns.js';
import type { AnalyserOptions } from './options.js';
import { clip, type Interval, overlapMs } from './recording.js';
import type { Reply } from './replies.js';

/** Why a turn has no `response_latency`; every discarded turn is published under its reason. */
export type DiscardReason =
  /** The agent began before the turn ended: counted in `false_cutoff_rate`. */
  | 'false_cutoff'
  /** No reply came: counted in `missed_turn_rate`. */
  | 'missed_turn'
  /** The recording ends before a reply, and before a missed turn could be told. */
  | 'recording_ended'
  /** An earlier reply went on past the end of this turn and no new one followed: nothing tells what answers what. */
  | 'agent_still_speaking'
  /** The label says the caller speaks, the channel holds nothing there. */
  | 'label_without_speech'
  /** Energy only: the end of the turn depends on the threshold. */
  | 'uncertain_end';

/** An interruption: the caller began while the agent was speaking. */
export type BargeIn = {
  readonly onsetMs: number;
  /** Onset to the last audible sample of the interrupted reply. */
  readonly stopLatencyMs: number;
  readonly success: boolean;
};

/** Everything measured of one turn of the caller. Times are on the recording's clock. */
export type TurnMeasurement = CallerTurn & {
  /** 1 for the first turn of the call. */
  readonly turn: number;
  /** First audible sample of the reply; `null` when there is none. */
  readonly replyStartMs: number | null;
  /** `replyStartMs` minus `t_eos`: negative when the agent cut in; `null` when there is no reply. */
  readonly responseLatencyMs: number | null;
  readonly discard: DiscardReason | null;
  readonly falseCutoff: boolean;
  readonly missed: 'caller_spoke_again' | 'timeout' | null;
  /** Simultaneous speech that the agent caused by cutting in. */
  readonly agentTalkOverMs: number;
  /** Simultaneous speech that the caller caused by speaking while the agent did. */
  readonly callerTalkOverMs: number;
  /** Audible agent stretches that began before the turn had ended. */
  readonly agentSegmentsInTurn: number;
  readonly bargeIn: BargeIn | null;
  /** Silence of both after `t_eos`, if it is dead air; else 0. */
  readonly deadAirMs: number;
};

/** Measures every turn. `replies` and the caller's turns and segments are sorted by time. */
export function measureTurns(
  caller: CallerSide,
  replies: readonly Reply[],
  durationMs: number,
  options: AnalyserOptions,
): TurnMeasurement[] {
  return caller.turns.map((turn, index) => {
    const nextStartMs = caller.turns[index + 1]?.startMs ?? null;
    return measureTurn(turn, index + 1, nextStartMs, caller.segments, replies, durationMs, options);
  });
}

function measureTurn(
  turn: CallerTurn,
  number: number,
  nextStartMs: number | null,
  callerSegments: readonly Interval[],
  replies: readonly Reply[],
  durationMs: number,
  options: AnalyserOptions,
): TurnMeasurement {
  const tolerance = options.boundaryToleranceMs;
  const interrupted = replies.find((reply) => reply.startMs < turn.startMs && reply.endMs > turn.startMs + tolerance);
  const limitMs = Math.min(nextStartMs ?? Number.POSITIVE_INFINITY, turn.endMs + options.missedAfterMs);
  const reply = replies.find(
    (candidate) => candidate !== interrupted && candidate.startMs >= turn.startMs && candidate.startMs < limitMs,
  );
  const falseCutoff = reply !== undefined && reply.startMs < turn.endMs - tolerance;
  const speech = clip(callerSegments, turn);
  const cutIn = replies.filter((other) => other.startMs >= turn.startMs && other.startMs < turn.endMs - tolerance);
  const stillSpeaking = interrupted !== undefined && interrupted.endMs > turn.endMs + tolerance;
  const unanswered = reply === undefined && !stillSpeaking;
  const cannotTell = durationMs < limitMs && nextStartMs === null;
  const missed =
    !unanswered || cannotTell || !turn.audible
      ? null
      : nextStartMs !== null && nextStartMs <= turn.endMs + options.missedAfterMs
        ? 'caller_spoke_again'
        : 'timeout';
  const uncertain = turn.endUncertaintyMs !== null && turn.endUncertaintyMs > options.maxEndUncertaintyMs;
  const discard: DiscardReason | null = !turn.audible
    ? 'label_without_speech'
    : falseCutoff
      ? 'false_cutoff'
      : missed !== null
        ? 'missed_turn'
        : reply === undefined
          ? stillSpeaking
            ? 'agent_still_speaking'
            : 'recording_ended'
          : uncertain
            ? 'uncertain_end'
            : null;
  return {
    ...turn,
    turn: number,
    replyStartMs: reply?.startMs ?? null,
    responseLatencyMs: reply === undefined ? null : reply.startMs - turn.endMs,
    discard,
    falseCutoff: falseCutoff && turn.audible,
    missed,
    agentTalkOverMs: overlapMs(
      speech,
      cutIn.flatMap((other) => other.segments),
    ),
    callerTalkOverMs: interrupted === undefined ? 0 : overlapMs(speech, interrupted.segments),
    agentSegmentsInTurn: cutIn.flatMap((other) => clip(other.segments, turn)).length,
    bargeIn: interrupted === undefined || !turn.audible ? null : bargeIn(turn.startMs, interrupted, options),
    deadAirMs: deadAirAfter(turn, nextStartMs, replies, durationMs, options),
  };
}

function bargeIn(onsetMs: number, interrupted: Reply, options: AnalyserOptions): BargeIn {
  const stopLatencyMs = interrupted.endMs - onsetMs;
  return { onsetMs, stopLatencyMs, success: stopLatencyMs <= options.bargeInSuccessMs };
}

/** Only the silence after a caller's turn is the agent's to fill; after the agent has spoken it is the caller's. */
function deadAirAfter(
  turn: CallerTurn,
  nextStartMs: number | null,
  replies: readonly Reply[],
  durationMs: number,
  options: AnalyserOptions,
): number {
  const segments = replies.flatMap((reply) => reply.segments);
  if (segments.some(({ startMs, endMs }) => startMs <= turn.endMs && endMs > turn.endMs)) return 0;
  const nextSegmentMs = segments.find(({ startMs }) => startMs > turn.endMs)?.startMs ?? durationMs;
  const silenceMs = Math.min(nextSegmentMs, nextStartMs ?? durationMs) - turn.endMs;
  return silenceMs > options.deadAirMs ? silenceMs : 0;
}
