import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { durationMs } from '../audio/frame.js';
import { HibariTextToSpeech } from '../engines/hibari/client.js';
import { ComputeGovernor } from '../engines/host/governor.js';
import { ensureModels } from '../models/fetch.js';
import { ParleyError } from '../ports/errors.js';
import type { TextToSpeech } from '../ports/text-to-speech.js';
import { dataDirOf, readSettings } from '../settings/settings.js';
import { judge } from '../testing/scenarios/judge.js';
import type { ObservedCall } from '../testing/scenarios/observed-call.js';
import { type ReadScenario, readScenario } from '../testing/scenarios/read-scenario.js';
import { spokenCaller } from '../testing/scenarios/spoken-caller.js';
import { leftOutInVirtualTime } from '../testing/scenarios/surroundings.js';
import { gathered, type Verdict } from '../testing/scenarios/verdict.js';
import { virtualCall } from '../testing/scenarios/virtual-call.js';
import { prepareFolder } from './call/call-files.js';
import { nodeSockets } from './call/node-socket.js';
import { ensureServer, type ServerOptions } from './call/server.js';
import { type CommandEnv, certificateOption, serverUrlOption } from './call/server-options.js';
import { trustedCertificates } from './call/trusted-certificates.js';
import { createProgressRenderer } from './progress.js';
import { keepCall } from './simulate/keep-call.js';
import { prepareCaller, realTimeCall } from './simulate/real-time-call.js';
import { verdictLines } from './simulate/report-lines.js';

const mostRuns = 10_000;

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

type Flags = {
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
  readonly kept?: string;
};

/**
 * `parley simulate`: plays scenarios, in real time to a server or in virtual time to scripted engines, and prints for each
 * expectation whether it was met. Exit code 1 when one was not, 2 for wrong usage, 130 after Ctrl-C.
 */
export function simulateCommand(options: SimulateCommandOptions = {}): Command {
  const exit = options.exit ?? ((code) => process.exit(code));
  return new Command('simulate')
    .description('let simulated callers talk to the agent as scenario files say, and check what they expect')
    .argument('<scenario...>', 'scenario files (YAML), or names of those that come with Parley, such as interrupt')
    .option('--virtual', 'in virtual time: the real turn-taking with scripted engines, seconds of call in milliseconds')
    .option('--runs <n>', 'calls of each scenario, each with the next seed', wholeNumber(1, mostRuns), 1)
    .option('--seed <n>', "seed of the first call (default: the scenario's own)", wholeNumber(0, 2 ** 31))
    .option('--json', 'print one JSON document; progress goes to stderr')
    .option('--keep <dir>', 'keep each call: call.wav (caller left, agent right), call.json, events.jsonl')
    .addOption(serverUrlOption(options.env ?? process.env))
    .addOption(certificateOption())
    .addHelpText(
      'after',
      `
A scenario says what a caller does and what is to come of it:
  name: hello
  steps:
    - say: What are your opening hours?
      expect:
        - { event: agent_starts, within_ms: 1500 }
    - say: Stop please
      send_after: { event: agent_starts, delay_ms: 800 }
      expect:
        - agent_stops_within_ms: 800
All that can be in one: docs/scenarios.md.

Examples:
  parley simulate smooth --virtual
  parley simulate interrupt backchannel --keep calls
  parley simulate my-scenario.yaml --virtual --runs 100 --json
  parley simulate my-scenario.yaml --url ws://127.0.0.1:8787/v1/realtime?model=parley
Exit code: 0 when all is met, 1 when something is not or a call cannot be made, 2 for wrong usage, 130 after Ctrl-C.`,
    )
    .exitOverride((error) => exit(error.exitCode === 0 ? 0 : 2))
    .action((files: string[], flags: Flags) => command(files, flags, options));
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return value;
  };
}

async function command(files: readonly string[], flags: Flags, options: SimulateCommandOptions): Promise<void> {
  const stdout = options.stdout ?? process.stdout;
  const stderr = options.stderr ?? process.stderr;
  const setExitCode =
    options.setExitCode ??
    ((code) => {
      process.exitCode = code;
    });
  const controller = new AbortController();
  const stop = (): void => controller.abort(new ParleyError('Stopped.', { code: 'client.aborted', status: 499 }));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    // Every mistake in every scenario is found before the first call is made.
    const scenarios = await readAll(files.map(scenarioFile));
    if (flags.keep !== undefined) await prepareFolder(flags.keep);
    const print = (line: string): unknown => (flags.json ? stderr : stdout).write(`${line}\n`);
    const results = flags.virtual
      ? await inVirtualTime(scenarios, flags, print, controller.signal)
      : await inRealTime(scenarios, flags, options, print, controller.signal);
    const failed = results.filter(({ runs }) => runs.some(({ passed }) => !passed));
    if (flags.json) stdout.write(`${JSON.stringify({ schema: 'parley.simulation/1', scenarios: results }, null, 2)}\n`);
    if (results.length > 1)
      print(`${results.length - failed.length} of ${results.length} scenarios met all expectations.`);
    if (failed.length > 0) setExitCode(1);
  } catch (error) {
    if (!ParleyError.isInstance(error)) throw error;
    stderr.write(`parley simulate: ${error.message}\n`);
    if (flags.json) stdout.write(`${JSON.stringify({ error: { code: error.code, message: error.message } })}\n`);
    setExitCode(controller.signal.aborted ? 130 : 1);
  } finally {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
}

/** A file, or the name of a scenario that comes with the package. */
function scenarioFile(named: string): string {
  if (existsSync(named) || named.includes('/') || named.includes('.')) return named;
  // The same depth below the package's root in src/ and in dist/.
  const shipped = fileURLToPath(new URL(`../../scenarios/${named}.yaml`, import.meta.url));
  return existsSync(shipped) ? shipped : named;
}

async function readAll(files: readonly string[]): Promise<ReadScenario[]> {
  const read = await Promise.allSettled(files.map(readScenario));
  const problems = read.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []));
  const [first] = problems;
  if (first && !problems.every(ParleyError.isInstance)) throw first;
  if (first)
    throw new ParleyError(problems.map(({ message }) => message).join('\n'), { code: 'scenario.invalid', status: 400 });
  return read.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
}

type ScenarioResult = {
  readonly name: string;
  readonly file: string;
  readonly kind: 'virtual' | 'real_time';
  readonly runs: readonly Run[];
};

async function inVirtualTime(
  scenarios: readonly ReadScenario[],
  flags: Flags,
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

async function inRealTime(
  scenarios: readonly ReadScenario[],
  flags: Flags,
  options: SimulateCommandOptions,
  print: (line: string) => unknown,
  signal: AbortSignal,
): Promise<ScenarioResult[]> {
  const env = options.env ?? process.env;
  const stderr = options.stderr ?? process.stderr;
  const progress = (message: string): unknown => stderr.write(`${message}\n`);
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
        runs.push({ ...run, lateSteps: call.lateSteps });
        report(scenario, runs, 'real time', print);
        if (call.lateSteps > 0) print(`  this caller was late ${call.lateSteps} times: the machine was busy`);
      }
      results.push({ name: scenario.name, file, kind: 'real_time', runs });
    }
  } finally {
    await voice.stop();
    await server?.stop();
  }
  return results;
}

function seedsOf(own: number, { seed, runs }: Flags): number[] {
  return Array.from({ length: runs }, (_, index) => (seed ?? own) + index);
}

async function judged(
  name: string,
  seed: number,
  call: ObservedCall,
  verdicts: readonly Verdict[],
  flags: Flags,
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

/** The engine that gives the caller a voice: started when the first text is to be spoken. */
function lazyVoice(): { readonly start: () => Promise<TextToSpeech>; readonly stop: () => Promise<void> } {
  let running: Promise<HibariTextToSpeech> | undefined;
  const begin = async (): Promise<HibariTextToSpeech> => {
    const progress = createProgressRenderer(process.stderr);
    const { cacheDir } = readSettings(process.env);
    const models = await ensureModels({ cacheDir, models: ['hibari'], onProgress: progress.onProgress });
    progress.close();
    const tts = new HibariTextToSpeech({ modelDir: models.hibari.dir, governor: new ComputeGovernor() });
    await tts.start();
    return tts;
  };
  return {
    start: () => {
      running ??= begin();
      return running;
    },
    stop: async () => {
      const started = running;
      running = undefined;
      await (await started?.catch(() => undefined))?.close();
    },
  };
}
