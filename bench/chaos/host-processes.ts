import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type HostProcessEntry = { readonly pid: number; readonly engine: string };

const run = promisify(execFile);
const hostModule = /\/engines\/([\w-]+)\/host\.js(\s|$)/;

/** The model hosts that run under a server's process at this moment, from the table of processes. */
export async function hostsOf(serverPid: number): Promise<HostProcessEntry[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state = '', args = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    const engine = hostModule.exec(args)?.[1];
    // A zombie has died and is not yet waited for.
    if (Number(parent) !== serverPid || engine === undefined || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), engine }];
  });
}

/** @returns false when the process was gone already */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
