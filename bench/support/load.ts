import { readFileSync } from 'node:fs';

/** Shares of the time of all cores, 0..1. */
export type Load = {
  /** Taken by the host for other machines. */
  readonly stolen: number;
  /** Spent by processes that are neither this one nor its ended children. */
  readonly others: number;
};

/** The machine before, during and after a benchmark; undefined where the system does not tell. */
export type LoadAround = {
  readonly before: number | undefined;
  readonly meanwhile: Load | undefined;
  readonly after: number | undefined;
};

/** More than this, and times are fiction. */
export const maxBusyShare = 0.12;
const maxStolenShare = 0.02;

/** What speaks against figures that were measured under such a load; empty when nothing does. */
export function doubtsAbout({ before, meanwhile, after }: LoadAround): string[] {
  const over = (share: number | undefined, most: number): share is number => share !== undefined && share > most;
  return [
    ...(over(before, maxBusyShare) ? [`The machine was ${percent(before)} busy before the benchmark began.`] : []),
    ...(over(meanwhile?.others, maxBusyShare)
      ? [`Other processes took ${percent(meanwhile?.others)} of the cores meanwhile.`]
      : []),
    ...(over(meanwhile?.stolen, maxStolenShare)
      ? [`The host gave ${percent(meanwhile?.stolen)} of the cores to others meanwhile.`]
      : []),
    ...(over(after, maxBusyShare) ? [`The machine was ${percent(after)} busy after the benchmark had ended.`] : []),
  ];
}

export function percent(share: number | undefined): string {
  return share === undefined ? 'unknown' : `${Math.round(share * 100)} %`;
}

/** Share of all cores that was busy or stolen over `ms`, 0..1; undefined where the system does not tell. */
export async function busyShare(ms: number): Promise<number | undefined> {
  const before = cpuTicks();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = cpuTicks();
  if (!before || !after) return undefined;
  const total = after.total - before.total;
  return total > 0 ? (total - (after.idle - before.idle)) / total : 0;
}

/**
 * Begins to watch the machine; the function that it returns says what happened since. Children count as our own once
 * they have ended: read it when all of them have.
 */
export function startLoadMeter(): () => Load | undefined {
  const start = readTicks();
  return () => {
    const end = readTicks();
    return start && end ? loadBetween(start, end) : undefined;
  };
}

/** Time that the cores and this process have spent since they began, in the system's ticks. */
export type Ticks = { readonly total: number; readonly idle: number; readonly stolen: number; readonly own: number };

export function loadBetween(start: Ticks, end: Ticks): Load {
  const spent = (name: keyof Ticks): number => end[name] - start[name];
  const total = spent('total');
  if (total <= 0) return { stolen: 0, others: 0 };
  const others = total - spent('idle') - spent('stolen') - spent('own');
  return { stolen: spent('stolen') / total, others: Math.max(0, others / total) };
}

/** Undefined where the system does not tell. */
export function readTicks(): Ticks | undefined {
  const cpu = cpuTicks();
  const own = ownTicks();
  return cpu && own !== undefined ? { ...cpu, own } : undefined;
}

type CpuTicks = Omit<Ticks, 'own'>;

/** The first line of proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal. */
function cpuTicks(): CpuTicks | undefined {
  const fields = numbersOf('/proc/stat', (text) => (text.split('\n')[0] ?? '').split(/\s+/).slice(1, 9));
  if (!fields) return undefined;
  const total = fields.reduce((sum, value) => sum + value, 0);
  return { total, idle: (fields[3] ?? 0) + (fields[4] ?? 0), stolen: fields[7] ?? 0 };
}

/** utime, stime, cutime, cstime of proc_pid_stat(5), which follow the name in parentheses: fields 14 to 17. */
function ownTicks(): number | undefined {
  const fields = numbersOf('/proc/self/stat', (text) =>
    text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15),
  );
  return fields?.reduce((sum, value) => sum + value, 0);
}

function numbersOf(file: string, pick: (text: string) => readonly string[]): number[] | undefined {
  try {
    return pick(readFileSync(file, 'utf8')).map(Number);
  } catch {
    return undefined;
  }
}
