import { percentileOfSorted } from '../../analyser/statistics.js';
import type { CallResult, CallTurn, CallUpdate } from './call-result.js';
import type { TurnOutcome } from './floor.js';
import { waterfallLines } from './waterfall.js';

const outcomes: Readonly<Record<TurnOutcome, string>> = {
  answered: '',
  missed: 'no answer',
  cancelled: 'the agent took its answer back',
  interrupted: 'interrupted by the next file',
  unfinished: 'the answer did not end in time',
  open: 'the call ended',
};

/** What an update adds to the printed dialogue; each element is a line. */
export function updateLines(update: CallUpdate): string[] {
  switch (update.type) {
    case 'line': {
      const { who, text, interrupted } = update.line;
      return [`${`${who}:`.padEnd(8)}${text}${interrupted ? ' —' : ''}`];
    }
    case 'turn':
      return turnLines(update.turn).map((line) => `        ${line}`);
    case 'server-error':
      return [`error:  ${update.message}`];
  }
}

function turnLines(turn: CallTurn): string[] {
  const latency = turn.responseLatencyMs === null ? '' : `first sound after ${Math.round(turn.responseLatencyMs)} ms`;
  const facts = [latency, turn.cutOff ? 'the caller was cut off' : '', outcomes[turn.outcome]].filter(
    (fact) => fact !== '',
  );
  return [`turn ${turn.turn}: ${facts.join(', ')}`, ...turn.marks.flatMap(waterfallLines)];
}

/** Median and maximum of the response latency; null when no turn was answered. */
export function latencySummary(turns: readonly CallTurn[]): { n: number; p50Ms: number; maxMs: number } | null {
  const latencies = turns.flatMap(({ responseLatencyMs }) => (responseLatencyMs === null ? [] : [responseLatencyMs]));
  if (latencies.length === 0) return null;
  const sorted = Float64Array.from(latencies).sort();
  return { n: sorted.length, p50Ms: percentileOfSorted(sorted, 50), maxMs: sorted.at(-1) ?? 0 };
}

/** The last lines of a call: latency over its turns, and what makes these figures doubtful. */
export function summaryLines(result: CallResult): string[] {
  const summary = latencySummary(result.turns);
  const lines = [
    summary
      ? `response latency over ${summary.n} ${summary.n === 1 ? 'turn' : 'turns'}: ` +
        `P50 ${Math.round(summary.p50Ms)} ms, max ${Math.round(summary.maxMs)} ms`
      : 'response latency: no turn was answered',
  ];
  const { underruns, underrunMs } = result.player;
  if (underruns > 0)
    lines.push(`audio ran out ${timesOf(underruns)} inside replies (${Math.round(underrunMs)} ms in all)`);
  const { lateSteps, latestMs } = result.pacing;
  if (lateSteps > 0) {
    lines.push(
      `this caller was late ${timesOf(lateSteps)} (by ${Math.round(latestMs)} ms at most): the machine was busy`,
    );
  }
  // A server tells the name of a call with its turns: where there were none, it is at least the newest one.
  lines.push(`why it went so: parley explain ${callIdOf(result) ?? 'last'}`);
  return lines;
}

export function timesOf(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** The name under which the server keeps the call; a server that gives no account of turns does not say it. */
export function callIdOf({ turns }: CallResult): string | undefined {
  for (const { call_id } of turns.flatMap(({ marks }) => marks)) if (call_id !== null) return call_id;
  return undefined;
}
