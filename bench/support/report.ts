import { writeFile } from 'node:fs/promises';
import { busyShare, doubtsAbout, type LoadAround, maxBusyShare, percent, startLoadMeter } from './load.js';
import { describeMachine, type Machine } from './machine.js';

export type BenchOptions = { readonly json?: string; readonly busyOk?: true };

export type Row = Readonly<Record<string, string | number>>;

export type BenchResult = {
  readonly title: string;
  readonly rows: readonly Row[];
  /** Further tables. */
  readonly more?: readonly { readonly title: string; readonly rows: readonly Row[] }[];
  readonly notes: readonly string[];
  /** Everything that was measured, for the JSON. */
  readonly details: unknown;
};

/**
 * Runs one benchmark: machine and load around it, its tables, one JSON. It does not begin on a busy machine. When the
 * machine became busy meanwhile, the figures are marked as not for publication, and the exit code is 1.
 */
export async function runBench(options: BenchOptions, bench: () => Promise<BenchResult>): Promise<void> {
  const machine = describeMachine();
  const before = await busyShare(2_000);
  if (before !== undefined && before > maxBusyShare && !options.busyOk) {
    process.stderr.write(
      `The machine is ${percent(before)} busy; figures would be fiction. Wait, or measure anyway with --busy-ok (marked as such).\n`,
    );
    process.exitCode = 1;
    return;
  }
  const startedAt = new Date().toISOString();
  const startMs = performance.now();
  const readLoad = startLoadMeter();
  const result = await bench();
  const load = { before, meanwhile: readLoad(), after: await busyShare(2_000) };
  const wallSeconds = Math.round((performance.now() - startMs) / 1000);
  const doubts = doubtsAbout(load);
  if (doubts.length > 0 && !options.busyOk) process.exitCode = 1;
  process.stdout.write(`${result.title}${doubts.length > 0 ? ' (BUSY MACHINE, not for publication)' : ''}\n`);
  process.stdout.write(`${machineLine(machine)}; ${loadLine(load)}; ${wallTime(wallSeconds)} in all\n`);
  for (const doubt of doubts) process.stdout.write(`${doubt}\n`);
  for (const { title, rows } of [{ title: '', rows: result.rows }, ...(result.more ?? [])])
    process.stdout.write(`\n${title === '' ? '' : `${title}\n\n`}${table(rows)}\n`);
  process.stdout.write('\n');
  for (const note of result.notes) process.stdout.write(`${note}\n`);
  if (options.json)
    await writeFile(
      options.json,
      `${JSON.stringify({ ...result, machine, startedAt, wallSeconds, load, doubts, publishable: doubts.length === 0 }, null, 2)}\n`,
    );
}

function loadLine({ before, meanwhile, after }: LoadAround): string {
  const during = meanwhile
    ? `others meanwhile ${percent(meanwhile.others)}, stolen ${percent(meanwhile.stolen)}`
    : 'meanwhile unknown';
  return `busy before ${percent(before)}, ${during}, after ${percent(after)}`;
}

function wallTime(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 6) / 10} min`;
}

function machineLine(machine: Machine): string {
  return `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, commit ${machine.commit}`;
}

/** A Markdown table: it is pasted into the README as it is. */
function table(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => names.map((name) => String(row[name] ?? '–')));
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
  return [line(names), line(names.map(() => '---')), ...cells.map(line)].join('\n');
}
