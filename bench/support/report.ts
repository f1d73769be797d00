import { writeFile } from 'node:fs/promises';
import { busyShare, describeMachine, type Machine, maxBusyShare } from './machine.js';

export type BenchOptions = { readonly json?: string; readonly busyOk?: true };

export type Row = Readonly<Record<string, string | number>>;

export type BenchResult = {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  /** Everything that was measured, for the JSON. */
  readonly details: unknown;
};

/** Runs one benchmark: machine and load around it, one table, one JSON. Refuses to publish from a busy machine. */
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
  const result = await bench();
  const after = await busyShare(2_000);
  const busy = before !== undefined && before > maxBusyShare;
  process.stdout.write(`${result.title}${busy ? ' (BUSY MACHINE)' : ''}\n`);
  process.stdout.write(`${machineLine(machine)}; busy before ${percent(before)}, after ${percent(after)}\n\n`);
  process.stdout.write(`${table(result.rows)}\n`);
  for (const note of result.notes) process.stdout.write(`${note}\n`);
  if (options.json)
    await writeFile(
      options.json,
      `${JSON.stringify({ ...result, machine, startedAt, busy: { before, after } }, null, 2)}\n`,
    );
}

function machineLine(machine: Machine): string {
  return `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, commit ${machine.commit}`;
}

function percent(share: number | undefined): string {
  return share === undefined ? 'unknown' : `${Math.round(share * 100)} %`;
}

/** A Markdown table: it is pasted into the README as it is. */
function table(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => names.map((name) => String(row[name] ?? '–')));
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |`;
  return [line(names), line(names.map(() => '---')), ...cells.map(line)].join('\n');
}
