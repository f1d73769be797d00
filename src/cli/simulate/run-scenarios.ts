import { join } from 'node:path';
import { durationMs } from '../../audio/frame.js';
import { nodeSockets } from '../../client/node-socket.js';
import { dataDirOf } from '../../settings/settings.js';
import { judge } from '../../testing/scenarios/judge.js';
import type { ObservedCall } from '../../testing/scenarios/observed-call.js';
import type { ReadScenario } from '../../testing/scenarios/read-scenario.js';
import { spokenCaller } from '../../testing/scenarios/spoken-caller.js';
import { leftOutInVirtualTime } from '../../testing/scenarios/surroundings.js';
import { gathered, type Verdict } from '../../testing/scenarios/verdict.js';
import { virtualCall } from '../../testing/scenarios/virtual-call.js';
import { timesOf } from '../call/call-text.js';
import { addressOf } from '../call/probe-server.js';
import { ensureServer, type ServerOptions } from '../call/server.js';
import type { CommandEnv } from '../call/server-options.js';
import { trustedCertificates } from '../call/trusted-certificates.js';
import { lazyVoice } from './caller-voice.js';
import { keepCall } from './keep-call.js';
import { prepareCaller, realTimeCall } from './real-time-call.js';
import { verdictLines } from './report-lines.js';

/** What the command touches, all of it replaceable. */
export type SimulateCommandOptions = {
  readonly env?: CommandEnv;
  readonly stdout?: { write(text: string): unknown };
  readonly stderr?: { write(text: string): unknown };
  /** @defaultValue sets `process.exitCode` */
  readonly setExitCode?: (code: number) => void;
  /** @defaultValue `process.exit`, for usage errors */
  readonly exit?: (code: number) => void;
  readonly server?: Pick<ServerOptions, 'command' | 'readyTimeoutMs'>;
};

export type SimulateFlags = {
  readonly virtual?: true;
  readonly url: string;
  readonly ca?: string;
  readonly runs: number;
  readonly seed?: number;
  readonly json?: true;
  readonly keep?: string;
};

/** One call of one scenario, judged. */
type Run = {
  readonly seed: number;
  readonly passed: boolean;
  readonly durationMs: number;
  readonly verdicts: readonly Verdict[];
  readonly lateSteps?: number;
  /** Of a call to a server, for `parley explain`. */
  readonly callId?: string;
  readonly kept?: string;
};

type ScenarioResult = {
  readonly name: string;
  readonly file: string;
  readonly kind: 'virtual' | 'real_time';
  readonly runs: readonly Run[];
};

export async function inVirtualTime(
  scenarios: readonly ReadScenario[],
  flags: SimulateFlags,
  print: (line: string) => unknown,
  signal: AbortSignal,
): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const { scenario, file } of scenarios) {
    const runs: Run[] = [];
    const leftOut = leftOutInVirtualTime(scenario);
    for (const seed of seedsOf(scenario.seed, flags)) {
      signal.throwIfAborted();
      const call = await virtualCall(scenario, { seed });
      const { verdicts } = judge(scenario, call, 'virtual');
      const always = call.broken.map(({ name, seen }) => ({ step: undefined, expected: name, met: false, seen }));
      runs.push(await judged(scenario.name, seed, call, [...gathered(verdicts), ...always], flags, call.log));
      report(scenario, runs, 'virtual time', print);
    }
    if (leftOut.length > 0) print(`  not in virtual time: ${leftOut.join(', ')}`);
    results.push({ name: scenario.name, file, kind: 'virtual', runs });
  }
  return results;
}

export async function inRealTime(
  scenarios: readonly ReadScenario[],
  flags: SimulateFlags,
  options: SimulateCommandOptions,
  print: (line: string) => unknown,
  signal: AbortSignal,
): Promise<ScenarioResult[]> {
  const env = options.env ?? process.env;
  const stderr = options.stderr ?? process.stderr;
  const progress = (message: string): unknown => stderr.write(`${message}\n`);
  // An address that is none, before the caller's voice is made.
  addressOf(flags.url);
  const voice = lazyVoice();
  const results: ScenarioResult[] = [];
  const trust = trustedCertificates({ url: flags.url, file: flags.ca, dataDir: dataDirOf(env) });
  let server: Awaited<ReturnType<typeof ensureServer>> | undefined;
  try {
    for (const read of scenarios) {
      const { scenario, file } = read;
      const runs: Run[] = [];
      for (const seed of seedsOf(scenario.seed, flags)) {
        const source = spokenCaller({ tts: voice.start, resolve: read.resolve, signal });
        progress(`${scenario.name}: making the caller's voice…`);
        const prepared = await prepareCaller({ scenario, source, seed });
        // The caller's own voice must not compete with the agent's.
        await voice.stop();
        server ??= await ensureServer({ ...options.server, url: flags.url, trust, onProgress: progress, signal });
        progress(`${scenario.name}: calling…`);
        const call = await realTimeCall(prepared, {
          scenario,
          seed,
          source,
          url: flags.url,
          openSocket: nodeSockets(env.PARLEY_API_KEY, trust),
          signal,
          onLine: (who, text) => progress(`  ${`${who}:`.padEnd(8)}${text}`),
        });
        const { verdicts } = judge(scenario, call, 'real_time');
        const run = await judged(scenario.name, seed, call, gathered(verdicts), flags, undefined);
        const { callId, lateSteps } = call;
        runs.push({ ...run, lateSteps, ...(callId === undefined ? {} : { callId }) });
        report(scenario, runs, 'real time', print);
        if (lateSteps > 0) print(`  this caller was late ${timesOf(lateSteps)}: the machine was busy`);
        if (callId !== undefined) print(`  why it went so: parley explain ${callId}`);
      }
      results.push({ name: scenario.name, file, kind: 'real_time', runs });
    }
  } finally {
    await voice.stop();
    await server?.stop();
  }
  return results;
}

function seedsOf(own: number, { seed, runs }: SimulateFlags): number[] {
  return Array.from({ length: runs }, (_, index) => (seed ?? own) + index);
}

async function judged(
  name: string,
  seed: number,
  call: ObservedCall,
  verdicts: readonly Verdict[],
  flags: SimulateFlags,
  log: readonly string[] | undefined,
): Promise<Run> {
  const run = {
    seed,
    passed: verdicts.every(({ met }) => met !== false),
    durationMs: Math.round(durationMs(call.caller.length, call.rateHz)),
    verdicts,
  };
  if (flags.keep === undefined) return run;
  return { ...run, kept: await keepCall(join(flags.keep, `${name}-${seed}`), call, verdicts, log) };
}

/** Prints the last run. */
function report(
  scenario: ReadScenario['scenario'],
  runs: readonly Run[],
  kind: string,
  print: (line: string) => unknown,
): void {
  const run = runs.at(-1);
  if (!run) return;
  const { seed, passed, verdicts, kept } = run;
  print(
    `${scenario.name}, seed ${seed}, ${kind}, ${(run.durationMs / 1000).toFixed(1)} s: ${passed ? 'all met' : 'NOT ALL MET'}${kept === undefined ? '' : ` (${kept})`}`,
  );
  for (const line of verdictLines(scenario, verdicts)) print(line);
}
