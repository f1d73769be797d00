import { readFileSync } from 'node:fs';
import { descendants } from './process-memory.js';

/** Linux counts in ticks of 10 ms wherever it runs on a processor that Node supports. */
const ticksPerSecond = 100;

/** Processor time of everything that a process has started and that still runs, in seconds; 0 where there is no /proc. */
export function cpuSecondsOfChildren(rootPid: number): number {
  return descendants(rootPid).reduce((total, pid) => total + cpuSecondsOf(pid), 0);
}

/** The same with the process itself. */
export function cpuSecondsOfTree(rootPid: number): number {
  return cpuSecondsOf(rootPid) + cpuSecondsOfChildren(rootPid);
}

function cpuSecondsOf(pid: number): number {
  try {
    // The name stands in parentheses and may hold anything; utime and stime are fields 14 and 15 of the line.
    const [, behind = ''] = /\) (.*)$/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8').trimEnd()) ?? [];
    const fields = behind.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return 0;
  }
}
