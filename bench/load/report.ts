import { percentile } from '../../src/analyser/statistics.js';
import {
  type FigureName,
  figureOf,
  figures,
  hasDeadAir,
  intervalText,
  p95Interval,
  rateText,
  rounded,
  summaryOf,
} from '../call/figures.js';
import { isStuck, type MeasuredCall, measuredTurns } from '../call/measured-turn.js';
import type { BenchResult, Row } from '../support/report.js';
import { underFullLoad } from './full-load.js';
import type { Answer } from './knock.js';
import type { LoadOptions } from './levels.js';
import type { LevelRun } from './run-level.js';

const mebibyte = 1024 ** 2;
/** What a turn's time consists of. */
const terms: readonly FigureName[] = ['eou_delay ms', 'handoff ms', 'ready ms', 'transport_out ms'];

export function loadReport(runs: readonly LevelRun[], options: LoadOptions): BenchResult {
  const judged = runs.map(judge);
  return {
    title: `Load: calls at once, ${options.turns} turns each, recorded orders, real ears and voice; callers in a process of their own; seed ${options.seed}`,
    rows: judged.map((each) => latencyRow(each, judged)),
    more: [
      {
        title: 'Where the time goes: ms from the end of speech, behind the first turn of each call',
        rows: judged.map(termRow),
      },
      { title: 'What it costs', rows: judged.map(costRow) },
      { title: 'One caller more than there are places', rows: runs.map(refusalRow) },
    ],
    notes: [
      'Latencies are those of turns at whose end all calls of the level were under way; cut-offs, missed turns and dead air are counted over all turns. Intervals: 95 %, by bootstrap over calls.',
      'Scripted model: first token after 300 ms, then a word every 30 ms; it says the order back. Local model: the one that is shipped.',
      ...runs.flatMap(({ level, failed }) =>
        failed.map((reason) => `${level.model}, ${level.callsAtOnce} at once: no call came about: ${reason}`),
      ),
      ...runs.flatMap(({ level, calls }) =>
        serverErrors(calls.map(({ call }) => call)).map(
          (message) => `${level.model}, ${level.callsAtOnce} at once: the server said: ${message}`,
        ),
      ),
    ],
    details: judged.map(({ run, ...figures }) => ({ ...run, ...figures })),
  };
}

type Judged = {
  readonly run: LevelRun;
  readonly calls: readonly MeasuredCall[];
  readonly turns: number;
  readonly latency: ReturnType<typeof summaryOf>['response_latency_all_turns'];
  readonly p95Ci95: ReturnType<typeof p95Interval>;
};

function judge(run: LevelRun): Judged {
  const calls = run.calls.map(({ call }) => call);
  const wanted = underFullLoad(run.calls, run.level.callsAtOnce);
  return {
    run,
    calls,
    turns: calls.flatMap(measuredTurns).length,
    latency: summaryOf(calls, wanted).response_latency_all_turns,
    p95Ci95: p95Interval(calls, wanted),
  };
}

function latencyRow({ run, calls, turns, latency, p95Ci95 }: Judged, all: readonly Judged[]): Row {
  const { model, callsAtOnce } = run.level;
  const alone = all.find(({ run: { level } }) => level.model === model && level.callsAtOnce === 1)?.latency.p95;
  const summary = summaryOf(calls, () => true);
  const stuck = calls.filter(isStuck).length + run.failed.length;
  return {
    ...named(run),
    turns,
    n: latency.n,
    'response_latency P50 ms': rounded(latency.p50),
    'P50 95 % CI': intervalText(latency.p50Ci95),
    'P95 ms': rounded(latency.p95),
    'P95 95 % CI': intervalText(p95Ci95),
    'P99 ms': rounded(latency.p99),
    'P95 against one call': callsAtOnce > 1 && alone && latency.p95 !== null ? (latency.p95 / alone).toFixed(2) : '–',
    'cut off': rateText(summary.false_cutoff_rate),
    missed: rateText(summary.missed_turn_rate),
    'dead air > 2.5 s': calls.flatMap(measuredTurns).filter(hasDeadAir).length,
    'stuck calls': rateText({ count: stuck, of: calls.length + run.failed.length }),
  };
}

function termRow({ run, calls }: Judged): Row {
  const cells = figures
    .filter(({ name }) => terms.includes(name))
    .map((figure): [string, string] => {
      const { later } = figureOf(figure, calls);
      return [`${figure.name.replace(/ ms$/, '')} P50 / P95`, `${rounded(later.p50)} / ${rounded(later.p95)}`];
    });
  return { ...named(run), ...Object.fromEntries(cells) };
}

function costRow({ run, calls }: Judged): Row {
  const { server, cpuSeconds } = run;
  const callMinutes = calls.reduce((sum, { analysis }) => sum + analysis.durationMs, 0) / 60_000;
  const perMinute = (seconds: number): string => (callMinutes > 0 ? (seconds / callMinutes).toFixed(1) : '–');
  const gaps = calls.flatMap(measuredTurns).flatMap(({ mark }) => mark?.gap_within_reply_ms ?? []);
  const underruns = calls.reduce((sum, { result }) => sum + result.player.underruns, 0);
  return {
    ...named(run),
    'call-minutes': callMinutes.toFixed(1),
    'server CPU s per call-minute': perMinute(server.cpuSeconds),
    "callers' CPU s per call-minute": perMinute(cpuSeconds),
    'gap_within_reply P95 ms': gaps.length > 0 ? rounded(percentile(gaps, 95)) : '–',
    'replies that ran out of audio': underruns,
    'event-loop delay P99 ms': server.eventLoopDelayP99Ms,
    'server memory MiB': rounded(server.bytes / mebibyte),
    'hosts that died': server.hostDeaths,
  };
}

function refusalRow(run: LevelRun): Row {
  const answers = new Map<string, number>();
  for (const knock of run.knocks) answers.set(answerText(knock), (answers.get(answerText(knock)) ?? 0) + 1);
  return {
    ...named(run),
    'called beyond': run.knocks.length,
    refused: run.knocks.filter(({ code }) => code !== null).length,
    answer: [...answers].map(([text, count]) => `${count} × ${text}`).join('; ') || '–',
    'callers of the level refused': run.failed.length,
  };
}

function answerText({ status, code, retryAfter }: Answer): string {
  if (code === null) return 'let in';
  return `${status} ${code}${retryAfter === null ? '' : `, Retry-After ${retryAfter}`}`;
}

function named({ level: { model, callsAtOnce } }: LevelRun): Row {
  return { 'language model': model, 'calls at once': callsAtOnce };
}

/** Each once, with its number. */
function serverErrors(calls: readonly MeasuredCall[]): string[] {
  const counts = new Map<string, number>();
  for (const message of calls.flatMap(({ result }) => result.serverErrors))
    counts.set(message, (counts.get(message) ?? 0) + 1);
  return [...counts].map(([message, count]) => `${message} (${count} ×)`);
}
