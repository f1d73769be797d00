import type { CallAnalysis } from './analyse-call.js';
import { type Distribution, describe } from './statistics.js';
import type { DiscardReason, TurnMeasurement } from './turn-measurement.js';

/** A share of counted things; `ratio` is `null` when there were none. */
export type Rate = { readonly count: number; readonly of: number; readonly ratio: number | null };

/** The figures of one or more calls, under the names of `metricDefinitions`. */
export type Summary = {
  readonly calls: number;
  readonly turns: number;
  /** Turns left out of `response_latency`, by reason. */
  readonly discards: Readonly<Record<DiscardReason, number>>;
  /** Whether `response_latency` rests on 100 turns and more, the field's bar for publishing. */
  readonly publishable: boolean;
  readonly response_latency: Distribution;
  readonly response_latency_first_turn: Distribution;
  readonly response_latency_all_turns: Distribution;
  readonly false_cutoff_rate: Rate;
  readonly missed_turn_rate: Rate;
  readonly dead_air: Distribution;
  readonly talk_over_ms: {
    readonly total: number;
    readonly caused_by_agent: number;
    readonly caused_by_caller: number;
  };
  readonly talk_over_ratio: number | null;
  readonly barge_in_stop_latency: Distribution;
  readonly barge_in_success: Rate;
  readonly gap_within_reply: Distribution;
  readonly digital_silence_within_reply: Distribution;
};

/** Pools calls; `seed` makes the bootstrap intervals reproducible. */
export function summarise(calls: readonly CallAnalysis[], seed = 1): Summary {
  const perCall = (pick: (turn: TurnMeasurement) => number | null | undefined) =>
    calls.map((call) => call.turns.map(pick).filter((value) => value !== null && value !== undefined));
  const usable = (turn: TurnMeasurement) => (turn.discard === null ? turn.responseLatencyMs : null);
  const turns = calls.flatMap((call) => call.turns);
  const judged = turns.filter((turn) => turn.audible && turn.discard !== 'recording_ended');
  const bargeIns = turns.flatMap((turn) => turn.bargeIn ?? []);
  const byAgentMs = sum(turns.map((turn) => turn.agentTalkOverMs));
  const byCallerMs = sum(turns.map((turn) => turn.callerTalkOverMs));
  const durationMs = sum(calls.map((call) => call.durationMs));
  const latency = describe(
    perCall((turn) => (turn.turn > 1 ? usable(turn) : null)),
    seed,
  );
  return {
    calls: calls.length,
    turns: turns.length,
    discards: countDiscards(turns),
    publishable: latency.n >= 100,
    response_latency: latency,
    response_latency_first_turn: describe(
      perCall((turn) => (turn.turn === 1 ? usable(turn) : null)),
      seed,
    ),
    response_latency_all_turns: describe(perCall(usable), seed),
    false_cutoff_rate: rate(judged.filter((turn) => turn.falseCutoff).length, judged.length),
    missed_turn_rate: rate(judged.filter((turn) => turn.missed !== null).length, judged.length),
    dead_air: describe(
      perCall((turn) => (turn.deadAirMs > 0 ? turn.deadAirMs : null)),
      seed,
    ),
    talk_over_ms: { total: byAgentMs + byCallerMs, caused_by_agent: byAgentMs, caused_by_caller: byCallerMs },
    talk_over_ratio: durationMs > 0 ? (byAgentMs + byCallerMs) / durationMs : null,
    barge_in_stop_latency: describe(
      perCall((turn) => turn.bargeIn?.stopLatencyMs),
      seed,
    ),
    barge_in_success: rate(bargeIns.filter(({ success }) => success).length, bargeIns.length),
    gap_within_reply: describe(
      calls.map((call) => call.replies.flatMap((reply) => reply.pauseExcessMs)),
      seed,
    ),
    digital_silence_within_reply: describe(
      calls.map((call) => call.replies.map((reply) => reply.digitalSilenceMs)),
      seed,
    ),
  };
}

function countDiscards(turns: readonly TurnMeasurement[]): Record<DiscardReason, number> {
  const counts: Record<DiscardReason, number> = {
    false_cutoff: 0,
    missed_turn: 0,
    recording_ended: 0,
    agent_still_speaking: 0,
    label_without_speech: 0,
    uncertain_end: 0,
  };
  for (const { discard } of turns) if (discard !== null) counts[discard]++;
  return counts;
}

function rate(count: number, of: number): Rate {
  return { count, of, ratio: of > 0 ? count / of : null };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
