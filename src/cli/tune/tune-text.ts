import {
  fewestTurns,
  fewestTurnsWithPauses,
  type TunePoint,
  type TuneReport,
} from '../../conversation/explain/tune.js';

/** What tuning found, for people. */
export function tuneText(report: TuneReport): string {
  const { calls, turns, turnsWithPauses, leftOut, curve, shipped, recommended } = report;
  const paths = Object.keys(shipped.settings);
  const rows = [
    ['', 'cut off', 'mean delay', 'P95', ...paths.map((path) => path.replace(/^endpointing\./, ''))],
    rowOf('shipped', shipped, turns),
    ...curve.map((point) => rowOf(point === recommended ? '->' : '', point, turns)),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '));
  return [
    `${counted(turns, 'turn')} in ${counted(calls, 'call')} (${leftOut} could not be judged); in ${turnsWithPauses} the caller paused and went on.`,
    'The least delay for each number of callers cut off:',
    ...table.map((line) => `  ${line}`),
    ...(report.tooFew ? [tooFewText(report)] : []),
    ...recommendation(report),
    heldOutText(report),
  ].join('\n');
}

function rowOf(name: string, point: TunePoint, turns: number): string[] {
  return [
    name,
    `${point.cutOff} of ${turns}`,
    `${Math.round(point.meanDelayMs)} ms`,
    `${Math.round(point.p95DelayMs)} ms`,
    ...Object.values(point.settings).map(String),
  ];
}

function tooFewText({ turns, turnsWithPauses }: TuneReport): string {
  return `TOO FEW TURNS: ${turns}, in ${turnsWithPauses} of which the caller paused and went on; expected at least ${fewestTurns} and ${fewestTurnsWithPauses}. This shows a direction and is no recommendation.`;
}

function recommendation({ shipped, recommended, tooFew, maxCutOffShare }: TuneReport): string[] {
  const limit = `${100 * maxCutOffShare} % cut off`;
  const within = recommended.cutOffShare <= maxCutOffShare;
  const gainedMs = Math.round(shipped.meanDelayMs - recommended.meanDelayMs);
  const fewer = shipped.cutOff - recommended.cutOff;
  // Settings that are slower are worth it only where the shipped ones cut off too many.
  if (recommended.settings === shipped.settings || (gainedMs <= 0 && fewer <= 0))
    return [
      within
        ? `Keep the shipped settings: nothing else is faster at no more than ${limit}.`
        : `Keep the shipped settings: none has no more than ${limit}, and none of those that cut off as few is faster.`,
    ];
  const set = Object.entries(recommended.settings).filter(([path, value]) => shipped.settings[path] !== value);
  const title = tooFew ? 'Best here' : 'Recommended';
  const basis = within ? `at no more than ${limit}` : `though none has no more than ${limit}`;
  const speed = gainedMs < 0 ? `${-gainedMs} ms slower` : `${gainedMs} ms faster`;
  const cuts = fewer > 0 ? ` and ${fewer} fewer cut off` : '';
  return [
    `${title} ${basis}, ${speed}${cuts} than with the shipped settings:`,
    ...set.map(([path, value]) => `      ${path}: ${value}`),
    `Try it on a call: parley replay CALL ${set.map(([path, value]) => `--set ${path}=${value}`).join(' ')}`,
    'To use it, put those lines into parley.yaml, under "agent:" and "  turns:".',
  ];
}

function heldOutText({ heldOut, shipped, turns }: TuneReport): string {
  const told = ({ cutOff, meanDelayMs }: TuneReport['heldOut']): string =>
    `${cutOff} of ${turns} cut off, ${Math.round(meanDelayMs)} ms`;
  return `Chosen on one half of the turns and judged on the other: ${told(heldOut)}; the shipped settings: ${told(shipped)}.`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
