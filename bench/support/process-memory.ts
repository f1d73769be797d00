import { readdirSync, readFileSync } from 'node:fs';

export type ProcessMemory = { readonly pid: number; readonly name: string; readonly bytes: number };

/**
 * Memory of a process and of all it has started: PSS, in which pages that several share count once in all; RSS where the
 * system does not tell PSS. Empty where there is no /proc.
 */
export function memoryOfTree(rootPid: number, rootName: string): ProcessMemory[] {
  return [rootPid, ...descendants(rootPid)].flatMap((pid) => {
    const bytes = memoryOf(pid);
    return bytes === undefined ? [] : [{ pid, name: pid === rootPid ? rootName : nameOf(pid), bytes }];
  });
}

export function descendants(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number),
    );
    return children.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

function memoryOf(pid: number): number | undefined {
  const read = (file: string, field: string): number | undefined => {
    try {
      const text = readFileSync(`/proc/${pid}/${file}`, 'utf8');
      const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
      return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
    } catch {
      return undefined;
    }
  };
  return read('smaps_rollup', 'Pss') ?? read('status', 'VmRSS');
}

/** The engine whose host it is, or the program's name. */
function nameOf(pid: number): string {
  try {
    const [program = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const engine = args.map((arg) => /engines\/([^/]+)\/host\.js$/.exec(arg)?.[1]).find(Boolean);
    return engine ?? program.split('/').at(-1) ?? String(pid);
  } catch {
    return String(pid);
  }
}
