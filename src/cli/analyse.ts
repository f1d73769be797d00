import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { analyseCall } from '../analyser/analyse-call.js';
import type { Interval } from '../analyser/recording.js';
import { jsonReport, type ReportedCall, textReport } from '../analyser/report.js';
import { ParleyError } from '../audio/error.js';
import { readWav } from '../audio/wav.js';
import { inFile, readNamedFile } from './files.js';

const largestRecordingBytes = 1024 ** 3;
const largestTurnsBytes = 16 * 1024 ** 2;
const badInputCode = 'analyse.bad_input';

const turnList = z.array(z.object({ startMs: z.number(), endMs: z.number() })).max(100_000);
/** The document that `parley call` writes beside its recording. */
const callDocument = z.object({ callerTurns: turnList }).transform(({ callerTurns }) => callerTurns);
const turnsFile = z.union([turnList, callDocument, z.record(z.string(), turnList)]);

type Options = { readonly turns?: string; readonly json?: boolean; readonly seed: number };
type TurnLabels = (path: string) => readonly Interval[] | undefined;

/**
 * `parley analyse`: latency and turn-taking of recorded calls, from the recordings alone. It needs no server, model or
 * settings, so that it can run apart from the process that it judges. Exits with 1 and a message when it cannot.
 */
export function analyseCommand(): Command {
  const command = new Command('analyse')
    .description('measure latency and turn-taking of recorded calls (stereo WAV: caller left, agent right)')
    .argument('<recording.wav...>', 'recordings with the caller on the left channel and the agent on the right')
    .option(
      '--turns <file.json>',
      'where the caller speaks, when known: call.json of "parley call", [{startMs, endMs}], or {"file.wav": [...]} for several recordings',
    )
    .option('--json', 'print one JSON document instead of a table')
    .option('--seed <number>', 'seed of the bootstrap intervals', seedOf, 1)
    .addHelpText(
      'after',
      `
Examples:
  parley analyse ~/.parley/calls/*/recording.wav
  parley call order.wav --out out && parley analyse out/call.wav --turns out/call.json
Exit code: 1 when a recording cannot be read, 2 for wrong usage.`,
    );
  return command.action(async (paths: string[], options: Options) => {
    try {
      const report = await analyseFiles(paths, options);
      command.configureOutput().writeOut?.(`${report}\n`);
    } catch (error) {
      if (!ParleyError.isInstance(error)) throw error;
      // Such a recording is no wrong usage: the help would say nothing about it.
      command.showHelpAfterError(false).error(`parley analyse: ${error.message}`, { exitCode: 1, code: error.code });
    }
  });
}

function seedOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number of 0 or more.');
  return Number(text);
}

async function analyseFiles(paths: readonly string[], { seed, ...options }: Options): Promise<string> {
  const labels = options.turns === undefined ? () => undefined : await readTurns(options.turns, paths);
  const calls: ReportedCall[] = [];
  for (const path of paths) calls.push(await analyseFile(path, labels(path)));
  return options.json === true ? JSON.stringify(jsonReport(calls, seed), null, 2) : textReport(calls, seed);
}

async function analyseFile(path: string, callerTurns: readonly Interval[] | undefined): Promise<ReportedCall> {
  const bytes = await readNamedFile(path, {
    largestBytes: largestRecordingBytes,
    code: badInputCode,
    expected: 'a recording of a call in WAV',
  });
  try {
    const recording = readWav(bytes);
    return { name: path, analysis: analyseCall(recording, callerTurns === undefined ? {} : { callerTurns }) };
  } catch (error) {
    throw inFile(path, error);
  }
}

async function readTurns(file: string, paths: readonly string[]): Promise<TurnLabels> {
  const bytes = await readNamedFile(file, {
    largestBytes: largestTurnsBytes,
    code: badInputCode,
    expected: 'the turns of the caller, in JSON',
  });
  const shape = 'expected [{"startMs": 0, "endMs": 1000}, ...], {"callerTurns": [...]} or {"call.wav": [...]}';
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw badInput(`${file} is not JSON; ${shape}.`, cause);
  }
  const parsed = turnsFile.safeParse(json);
  if (!parsed.success) throw badInput(`${file} does not hold caller turns; ${shape}.`, parsed.error);
  const turns = parsed.data;
  if (Array.isArray(turns)) {
    if (paths.length > 1) {
      throw badInput(
        `${file} holds one list of turns for ${paths.length} recordings; expected {"call.wav": [...], ...}.`,
      );
    }
    return () => turns;
  }
  return (path) => {
    const own = turns[path] ?? turns[basename(path)];
    if (own === undefined) throw badInput(`${file} has no turns for ${path}; expected an entry "${basename(path)}".`);
    return own;
  };
}

function badInput(message: string, cause?: unknown): ParleyError {
  return new ParleyError(message, { code: badInputCode, status: 400, cause });
}
