import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { type CheckResult, note, ok } from './check-result.js';

const run = promisify(execFile);
const gigabyte = 1e9;
/** A server with two calls, its engines and the pages that they read. */
export const neededMemoryBytes = 4 * gigabyte;
/** With fewer cores one engine waits for another in every turn. */
const wantedCores = 2;
const commandTimeoutMs = 3_000;

export type Machine = {
  readonly nodeVersion: string;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  /** The machine's memory, or what this process may use of it. */
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** Undefined where it does not matter, or cannot be told. */
  readonly avx2: boolean | undefined;
};

export async function readMachine(): Promise<Machine> {
  const limitBytes = process.constrainedMemory();
  return {
    nodeVersion: process.versions.node,
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() || 'unknown processor',
    cores: availableParallelism(),
    memoryBytes: limitBytes > 0 ? Math.min(limitBytes, totalmem()) : totalmem(),
    freeMemoryBytes: process.availableMemory(),
    avx2: await hasAvx2(),
  };
}

export function judgeMachine(machine: Machine): CheckResult[] {
  return [
    ok('Node', machine.nodeVersion),
    judgeProcessor(machine),
    machine.cores >= wantedCores
      ? ok('cores', String(machine.cores))
      : note('cores', `${machine.cores}; with fewer than ${wantedCores} answers come late`),
    judgeMemory(machine),
  ];
}

function judgeProcessor({ system, processor, avx2 }: Machine): CheckResult {
  const found = `${processor}, ${system}`;
  if (avx2 === false) return note('processor', `${found}; without AVX2 the language model is several times slower`);
  return ok('processor', avx2 ? `${found}, AVX2` : found);
}

/** Systems count what is free differently, and pages can be freed: what is short at the moment need not fail. */
function judgeMemory({ memoryBytes, freeMemoryBytes }: Machine): CheckResult {
  const found = `${gigabytes(freeMemoryBytes)} free of ${gigabytes(memoryBytes)}`;
  const needed = `about ${gigabytes(neededMemoryBytes)} is needed`;
  if (memoryBytes < neededMemoryBytes)
    return note('memory', `${found}; ${needed}`, 'give this machine or container more memory, or PARLEY_MAX_CALLS=1');
  if (freeMemoryBytes < neededMemoryBytes) return note('memory', `${found}; ${needed}`, 'end other large programs');
  return ok('memory', `${found}; ${needed}`);
}

function gigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}

async function hasAvx2(): Promise<boolean | undefined> {
  if (arch() !== 'x64') return undefined;
  try {
    if (platform() === 'linux') return /\bavx2\b/.test(await readFile('/proc/cpuinfo', 'utf8'));
    if (platform() !== 'darwin') return undefined;
    const { stdout } = await run('sysctl', ['-n', 'machdep.cpu.leaf7_features'], { timeout: commandTimeoutMs });
    return /\bAVX2\b/.test(stdout);
  } catch {
    return undefined;
  }
}
