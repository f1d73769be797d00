import { describe, expect, it } from 'vitest';
import { analyseCall } from './analyse-call.js';
import { metricDefinitions } from './metrics.js';
import { jsonReport, textReport } from './report.js';
import { summarise } from './summary.js';
import { syntheticCall } from './synthetic-call.js';

/** A call of three turns with the given gaps; a `null` gap is a turn without an answer. */
function call(gapsMs: readonly (number | null)[], seed: number) {
  const caller = gapsMs.map((_, i) => ({ startMs: 1000 + 9000 * i, endMs: 2000 + 9000 * i }));
  const agent = gapsMs.flatMap((gapMs, i) => {
    const eosMs = 2000 + 9000 * i;
    return gapMs === null ? [] : [{ startMs: eosMs + gapMs, endMs: eosMs + gapMs + 1000 }];
  });
  const recording = syntheticCall({ rateHz: 16_000, durationMs: 9000 * gapsMs.length + 1000, caller, agent, seed });
  return analyseCall(recording, { callerTurns: caller });
}

const calls = [call([2500, 400, null], 1), call([2600, 500, -300], 2), call([2700, 600, 700], 3)];
const reported = calls.map((analysis, i) => ({ name: `call-${i + 1}.wav`, analysis }));

describe('summarise', () => {
  const summary = summarise(calls);

  it('keeps the first turn of each call apart', () => {
    expect(summary.response_latency.n).toBe(4);
    expect(Math.abs((summary.response_latency.p50 ?? 0) - 550)).toBeLessThanOrEqual(10);
    expect(summary.response_latency_first_turn.n).toBe(3);
    expect(Math.abs((summary.response_latency_first_turn.p50 ?? 0) - 2600)).toBeLessThanOrEqual(10);
    expect(summary.response_latency_all_turns.n).toBe(7);
  });

  it('counts every discarded turn under its reason, and the rates over all judged turns', () => {
    expect(summary.discards).toMatchObject({ false_cutoff: 1, missed_turn: 1, recording_ended: 0 });
    expect(summary.false_cutoff_rate).toEqual({ count: 1, of: 9, ratio: 1 / 9 });
    expect(summary.missed_turn_rate).toEqual({ count: 1, of: 9, ratio: 1 / 9 });
    expect(summary.turns).toBe(9);
  });

  it('gives an interval by bootstrap over calls, the same for the same seed', () => {
    const interval = summary.response_latency.p50Ci95;
    expect(interval?.low).toBeLessThanOrEqual(summary.response_latency.p50 ?? Number.NaN);
    expect(interval?.high).toBeGreaterThanOrEqual(summary.response_latency.p50 ?? Number.NaN);
    expect(summarise(calls)).toEqual(summary);
    expect(summarise(calls.slice(0, 1)).response_latency.p50Ci95).toBeNull();
  });

  it('of nothing is empty, not an error', () => {
    const none = summarise([]);
    expect(none.response_latency.n).toBe(0);
    expect(none.missed_turn_rate.ratio).toBeNull();
    expect(none.talk_over_ratio).toBeNull();
  });

  it('holds every defined metric under its name', () => {
    for (const name of Object.keys(metricDefinitions)) expect(summary).toHaveProperty(name);
  });
});

describe('jsonReport', () => {
  const report = JSON.parse(JSON.stringify(jsonReport(reported))) as Record<string, never>;

  it('is plain JSON with snake_case names, definitions and the options that were used', () => {
    expect(report).toMatchObject({
      schema: 'parley.analysis.v1',
      options: { agentThresholdDb: -45 },
      definitions: { response_latency: { unit: 'ms' } },
      summary: { calls: 3, response_latency: { n: 4 } },
    });
    expect(report).toMatchObject({
      calls: [
        {
          name: 'call-1.wav',
          turn_source: 'label',
          turns: [{ turn: 1, t_eos_ms: 2000 }, {}, { missed_turn: 'timeout' }],
        },
        {},
        {},
      ],
    });
  });
});

describe('textReport', () => {
  it('shows the headline, the rates and what was discarded', () => {
    const text = textReport(reported);
    expect(text).toMatch(/response_latency ms +4 +5[45]\d /);
    expect(text).toMatch(/missed_turn_rate +11\.1 % \(1 of 9\)/);
    expect(text).toContain('discarded from response_latency: false_cutoff 1, missed_turn 1');
    expect(text).toContain('not for publication');
  });
});
