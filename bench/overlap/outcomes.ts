import { percentile } from '../../src/analyser/statistics.js';
import { durationMs } from '../../src/audio/frame.js';
import type { Row } from '../support/report.js';
import type { Kind } from './kinds.js';
import type { Happening, Heard } from './rehearsal.js';

export type Outcome = {
  readonly trial: string;
  readonly onsetMs: number;
  readonly happened: readonly Happening[];
  readonly heard: readonly Heard[];
  readonly firstWordMs: number | undefined;
  readonly looks: number;
};

/** A shorter silence inside what the agent says is none. */
export const gapFromMs = 100;

export function rowOf(kind: Kind, outcomes: readonly Outcome[]): Row {
  const after = outcomes.map(({ happened, onsetMs, firstWordMs }) => ({
    onsetMs,
    firstWordMs,
    happened: happened.filter(({ atMs }) => atMs >= onsetMs),
  }));
  const first = (what: readonly Happening['what'][]): number[] =>
    after.flatMap(({ happened, onsetMs }) => {
      const found = happened.find((each) => what.includes(each.what));
      return found ? [found.heardMs - onsetMs] : [];
    });
  const yields = first(['lower', 'pause', 'stop']);
  const stops = after.flatMap(({ happened, onsetMs, firstWordMs }) => {
    const stop = happened.find(({ what }) => what === 'stop');
    const pause = happened.findLast(({ what, atMs }) => what === 'pause' && (!stop || atMs <= stop.atMs));
    const back = happened.some(
      ({ what, atMs }) => what === 'restore' && pause && atMs > pause.atMs && (!stop || atMs < stop.atMs),
    );
    if (!stop) return [];
    const afterOnsetMs = (pause && !back ? pause : stop).heardMs - onsetMs;
    return [{ afterOnsetMs, afterWordMs: firstWordMs === undefined ? undefined : afterOnsetMs - firstWordMs }];
  });
  const silences = stops.map(({ afterOnsetMs }) => afterOnsetMs);
  const afterWords = stops.flatMap(({ afterWordMs }) => afterWordMs ?? []);
  const gaps = after.map(({ happened }) => longestGapMs(happened));
  const disturbed = after.filter(
    ({ happened }, index) => happened.some(({ what }) => what === 'stop') || (gaps[index] ?? 0) > gapFromMs,
  ).length;
  const lowerings = after.map(({ happened }) => {
    let longest = 0;
    let since: number | undefined;
    for (const { what, atMs } of happened) {
      if (what === 'lower') since = atMs;
      else if (since !== undefined) {
        longest = Math.max(longest, atMs - since);
        since = undefined;
      }
    }
    return longest;
  });
  const p = (values: readonly number[], percent: number): string =>
    values.length === 0 ? '–' : percentile(values, percent).toFixed(0);
  const n = outcomes.length;
  return {
    sound: kind.name,
    n,
    lowered: after.filter(({ happened }) => happened.some(({ what }) => what === 'lower')).length,
    lowerings: after.reduce((sum, { happened }) => sum + happened.filter(({ what }) => what === 'lower').length, 0),
    stopped: silences.length,
    'neither stopped nor gapped %': ((100 * (n - disturbed)) / Math.max(1, n)).toFixed(0),
    'yield P50 ms': kind.takesFloor ? p(yields, 50) : '',
    'yield P95 ms': kind.takesFloor ? p(yields, 95) : '',
    'stop P50 ms': kind.takesFloor ? p(silences, 50) : '',
    'stop P95 ms': kind.takesFloor ? p(silences, 95) : '',
    'stop from the end of its first word P50 ms': kind.takesFloor ? p(afterWords, 50) : '',
    'looks per sound': (outcomes.reduce((sum, { looks }) => sum + looks, 0) / Math.max(1, n)).toFixed(1),
    'lowered per agent-minute': kind.alone
      ? (
          after.flatMap(({ happened }) => happened.filter(({ what }) => what === 'lower')).length / spokenMinutes(kind)
        ).toFixed(2)
      : '',
    'longest lowering ms': lowerings.length === 0 ? 0 : Math.max(...lowerings).toFixed(0),
  };
}

/** The agent's longest silence in the middle of what it says, ms; without end when it did not go on. */
function longestGapMs(happened: readonly Happening[]): number {
  let longest = 0;
  for (const [index, { what, heardMs }] of happened.entries()) {
    if (what !== 'pause') continue;
    const back = happened.slice(index).find((later) => later.what === 'restore');
    longest = Math.max(longest, (back?.heardMs ?? Number.POSITIVE_INFINITY) - heardMs);
  }
  return longest;
}

/** How long the agent speaks in all trials. */
function spokenMinutes({ trials }: Kind): number {
  const pieces = trials.flatMap(({ replies }) => replies.flat());
  return pieces.reduce((sum, { samples, rateHz }) => sum + durationMs(samples.length, rateHz), 0) / 60_000;
}
