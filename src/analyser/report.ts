import type { CallAnalysis } from './analyse-call.js';
import { type MetricName, metricDefinitions } from './metrics.js';
import type { Distribution } from './statistics.js';
import { type Rate, type Summary, summarise } from './summary.js';
import type { TurnMeasurement } from './turn-measurement.js';

/** A named call of a report. */
export type ReportedCall = { readonly name: string; readonly analysis: CallAnalysis };

/**
 * The machine-readable report: plain JSON, metric names as in `metricDefinitions`, times in ms rounded to 0.1.
 * `schema` changes when a field changes its meaning.
 */
export function jsonReport(calls: readonly ReportedCall[], seed = 1): unknown {
  return rounded({
    schema: 'parley.analysis.v1',
    seed,
    options: calls[0]?.analysis.options ?? null,
    definitions: metricDefinitions,
    summary: summarise(
      calls.map((call) => call.analysis),
      seed,
    ),
    calls: calls.map(({ name, analysis }) => ({
      name,
      duration_ms: analysis.durationMs,
      turn_source: analysis.turnSource,
      greeting:
        analysis.greeting === null ? null : { start_ms: analysis.greeting.startMs, end_ms: analysis.greeting.endMs },
      turns: analysis.turns.map(jsonTurn),
      replies: analysis.replies.map((reply) => ({
        start_ms: reply.startMs,
        end_ms: reply.endMs,
        gap_within_reply: reply.gaps.map((gap) => ({
          start_ms: gap.startMs,
          pause_ms: gap.pauseMs,
          excess_ms: gap.excessMs,
        })),
        digital_silence_within_reply: reply.digitalSilenceMs,
      })),
    })),
  });
}

function jsonTurn(turn: TurnMeasurement): Record<string, unknown> {
  return {
    turn: turn.turn,
    start_ms: turn.startMs,
    t_eos_ms: turn.endMs,
    source: turn.source,
    disagreement:
      turn.disagreement === null ? null : { start_ms: turn.disagreement.startMs, t_eos_ms: turn.disagreement.endMs },
    end_uncertainty_ms: turn.endUncertaintyMs,
    reply_start_ms: turn.replyStartMs,
    response_latency: turn.responseLatencyMs,
    discard: turn.discard,
    false_cutoff: turn.falseCutoff,
    agent_segments_in_turn: turn.agentSegmentsInTurn,
    missed_turn: turn.missed,
    dead_air: turn.deadAirMs,
    talk_over_ms: {
      total: turn.agentTalkOverMs + turn.callerTalkOverMs,
      caused_by_agent: turn.agentTalkOverMs,
      caused_by_caller: turn.callerTalkOverMs,
    },
    barge_in:
      turn.bargeIn === null
        ? null
        : {
            onset_ms: turn.bargeIn.onsetMs,
            barge_in_stop_latency: turn.bargeIn.stopLatencyMs,
            barge_in_success: turn.bargeIn.success,
          },
  };
}

/** Times to 0.1 ms (the boundaries are no finer than 2.5 ms), ratios and other fractions below 1 to 0.0001. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') {
    if (Number.isInteger(value)) return value;
    const scale = Math.abs(value) < 1 ? 10_000 : 10;
    return Math.round(value * scale) / scale;
  }
  if (Array.isArray(value)) return value.map(rounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, rounded(entry)]));
}

/** The same report as a table for people. */
export function textReport(calls: readonly ReportedCall[], seed = 1): string {
  const summary = summarise(
    calls.map((call) => call.analysis),
    seed,
  );
  const header = ['', 'n', 'P50', 'P90', 'P95', 'P99', 'max', 'P50 95 % CI'];
  const rows = (
    [
      'response_latency',
      'response_latency_first_turn',
      'barge_in_stop_latency',
      'gap_within_reply',
      'digital_silence_within_reply',
      'dead_air',
    ] as const satisfies readonly MetricName[]
  ).map((name) => [`${name} ms`, ...distributionCells(summary[name])]);
  const rates = (
    ['false_cutoff_rate', 'missed_turn_rate', 'barge_in_success'] as const satisfies readonly MetricName[]
  ).map((name) => [name, rateText(summary[name])]);
  const discards = Object.entries(summary.discards)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${count}`);
  return [
    ...calls.map(callLine),
    '',
    aligned([header, ...rows]),
    '',
    aligned([...rates, ['talk_over_ms', talkOverText(summary)]]),
    `discarded from response_latency: ${discards.length > 0 ? discards.join(', ') : 'none'}`,
    summary.publishable ? '' : 'fewer than 100 usable turns after the first of each call: not for publication',
  ]
    .join('\n')
    .trimEnd();
}

function callLine({ name, analysis }: ReportedCall): string {
  const seconds = (analysis.durationMs / 1000).toFixed(1);
  const greeting = analysis.greeting === null ? 'no greeting' : `greeting at ${ms(analysis.greeting.startMs)} ms`;
  return `${name}: ${seconds} s, ${analysis.turns.length} caller turns from ${analysis.turnSource}, ${analysis.replies.length} agent replies, ${greeting}`;
}

function distributionCells(d: Distribution): string[] {
  const interval = d.p50Ci95 === null ? '-' : `${ms(d.p50Ci95.low)}..${ms(d.p50Ci95.high)}`;
  return [String(d.n), ...[d.p50, d.p90, d.p95, d.p99, d.max].map(ms), interval];
}

function rateText({ count, of, ratio }: Rate): string {
  return ratio === null ? '- (0 of 0)' : `${(ratio * 100).toFixed(1)} % (${count} of ${of})`;
}

function talkOverText({ talk_over_ms: talkOver }: Summary): string {
  return `${ms(talkOver.total)} (agent ${ms(talkOver.caused_by_agent)}, caller ${ms(talkOver.caused_by_caller)})`;
}

function ms(value: number | null): string {
  return value === null ? '-' : String(Math.round(value));
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
