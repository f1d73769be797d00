import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { ParleyError } from '../ports/errors.js';
import { scenarioLimits } from '../testing/scenarios/limits.js';
import { type ReadScenario, readScenario } from '../testing/scenarios/read-scenario.js';
import { certificateOption, serverUrlOption } from './call/server-options.js';
import { exitCodeOf } from './fail.js';
import { prepareFolder } from './files.js';
import {
  inRealTime,
  inVirtualTime,
  type SimulateCommandOptions,
  type SimulateFlags,
} from './simulate/run-scenarios.js';

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
    .option('--runs <n>', 'calls of each scenario, each with the next seed', wholeNumber(1, scenarioLimits.maxRuns), 1)
    .option('--seed <n>', "seed of the first call (default: the scenario's own)", wholeNumber(0, 2 ** 31))
    .option('--json', 'print one JSON document; progress goes to stderr')
    .option(
      '--keep <dir>',
      'keep each call: call.wav (caller left, agent right), call.json; of a virtual one events.jsonl too',
    )
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
    .exitOverride((error) => exit(exitCodeOf(error)))
    .action((files: string[], flags: SimulateFlags) => command(files, flags, options));
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return value;
  };
}

async function command(files: readonly string[], flags: SimulateFlags, options: SimulateCommandOptions): Promise<void> {
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

/** The same depth below the package's root in src/ and in dist/. */
const shippedFolder = fileURLToPath(new URL('../../scenarios', import.meta.url));

/** A file, or the name of a scenario that comes with the package. */
function scenarioFile(named: string): string {
  if (existsSync(named) || named.includes('/') || named.includes('.')) return named;
  const shipped = join(shippedFolder, `${named}.yaml`);
  if (existsSync(shipped)) return shipped;
  throw new ParleyError(
    `There is no scenario "${named}"; expected a file, or one of those that come with Parley: ${shippedNames().join(', ')}.`,
    { code: 'scenario.invalid', status: 400 },
  );
}

function shippedNames(): string[] {
  return readdirSync(shippedFolder)
    .flatMap((name) => (name.endsWith('.yaml') ? [basename(name, '.yaml')] : []))
    .sort();
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
