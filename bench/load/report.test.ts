import { expect, it } from 'vitest';
import { measuredCall } from '../call/measured-call-fixture.js';
import type { LoadedCall } from './callers-job.js';
import { defaultLoad } from './levels.js';
import { loadReport } from './report.js';
import type { LevelRun } from './run-level.js';

const minuteMs = 60_000;

function loaded(gapsMs: readonly number[]): LoadedCall {
  return { call: measuredCall(gapsMs.map((gapMs) => ({ gapMs }))), fromMs: 0, toMs: minuteMs };
}

function run(callsAtOnce: number, calls: readonly LoadedCall[], changed: Partial<LevelRun> = {}): LevelRun {
  return {
    level: { model: 'scripted', callsAtOnce, callsEach: 1 },
    calls,
    failed: [],
    knocks: [],
    cpuSeconds: 0,
    server: { cpuSeconds: 0, bytes: 0, eventLoopDelayP99Ms: 0, hostDeaths: 0 },
    ...changed,
  };
}

const table = (report: ReturnType<typeof loadReport>, title: string) =>
  report.more?.find((each) => each.title.startsWith(title))?.rows;

it('a level is held against one call with the same language model', () => {
  const alone = run(1, [loaded([500, 500])]);
  const together = run(2, [loaded([1_000, 1_000]), loaded([1_000, 1_000])]);
  const { rows } = loadReport([alone, together], defaultLoad);
  const [one, two] = rows.map((row) => ({ n: row.n, ratio: Number(row['P95 against one call']) }));
  expect(one).toEqual({ n: 2, ratio: Number.NaN });
  expect(two?.n).toBe(4);
  expect(two?.ratio).toBeCloseTo(2, 1);
});

it('processor time is per minute of call, the callers apart from the server', () => {
  const calls = [loaded([500, 500, 500]), loaded([500, 500, 500])];
  const callMinutes = calls.reduce((sum, { call }) => sum + call.analysis.durationMs, 0) / minuteMs;
  const server = { cpuSeconds: 10 * callMinutes, bytes: 3 * 1024 ** 2, eventLoopDelayP99Ms: 4, hostDeaths: 0 };
  const report = loadReport([run(2, calls, { cpuSeconds: 2 * callMinutes, server })], defaultLoad);
  expect(table(report, 'What it costs')).toMatchObject([
    { 'server CPU s per call-minute': '10.0', "callers' CPU s per call-minute": '2.0', 'server memory MiB': '3' },
  ]);
});

it('who called beyond the last place is told of with the answer, and who was let in is no refusal', () => {
  const refused = { status: 503, code: 'calls.full', retryAfter: '5' };
  const knocks = [refused, refused, { status: 101, code: null, retryAfter: null }];
  const report = loadReport([run(1, [loaded([500])], { knocks })], defaultLoad);
  expect(table(report, 'One caller more')).toMatchObject([
    { 'called beyond': 3, refused: 2, answer: '2 × 503 calls.full, Retry-After 5; 1 × let in' },
  ]);
});

it('calls that did not come about count as stuck and are named', () => {
  const report = loadReport([run(2, [loaded([500])], { failed: ['no room'] })], defaultLoad);
  expect(report.rows[0]).toMatchObject({ 'stuck calls': '1 of 2' });
  expect(report.notes).toContainEqual('scripted, 2 at once: no call came about: no room');
});
