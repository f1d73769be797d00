import { Command, InvalidArgumentError } from 'commander';
import { eventLogSchema } from '../conversation/event-log.js';
import { CallerAudio } from '../conversation/explain/caller-audio.js';
import { type HeardAgain, hearAgain, hearingFrom } from '../conversation/explain/hear-again.js';
import { type RecordedCall, recordedCall } from '../conversation/explain/recorded-turns.js';
import type { Question } from '../conversation/explain/simulate-turn.js';
import { assertReplayable, type Hearing, isReplayable, type WhatIf, whatIf } from '../conversation/explain/what-if.js';
import { type ReplayReport, replay } from '../conversation/replay.js';
import { changeSettings, parseSettingChange, type SettingChange } from '../conversation/turn/change-settings.js';
import { ParleyError } from '../ports/errors.js';
import { type StartedEars, startEars } from './ears.js';
import { misused } from './fail.js';
import { createProgressLine } from './progress-line.js';
import { heardAgainText } from './replay/heard-again-text.js';
import { whatIfText } from './replay/what-if-text.js';
import { callArgument, callerAudio, readStoredCall, type StoredCall } from './stored-call.js';

type Options = {
  readonly ears?: true;
  readonly set: readonly SettingChange[];
  readonly unfinished?: true;
  readonly json?: true;
};

/** `parley replay CALL`: a call again, from its log and its recording. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('run a recorded call again: through the turn machine, through the ears, or with other settings')
    .argument('<call>', callArgument)
    .option('--ears', 'also run voice activity, end of turn and speech to text on the recorded caller, and compare')
    .option(
      '--set <name=value>',
      'what would have happened with another setting of endpointing or interruption; may be given several times',
      (text: string, before: readonly SettingChange[]) => [...before, settingOf(text)],
      [],
    )
    .option('--unfinished', 'take a log that stops before its call does')
    .option('--json', 'one JSON document: {"replay", "ears", "whatIf"}')
    .addHelpText(
      'after',
      `
Without options every command of the log is compared with what the turn machine commands now, and with what became of it.
With --set each turn is judged by itself, from how it began to where it would have ended: how much earlier or later, and
whether the caller would have been cut off. What was heard comes from the log where it has it, else from the recording;
what would have been said afterwards is not known, and is not made up.

Examples:
  parley replay call_5f0c
  parley replay ~/.parley/calls/call_5f0c --ears
  parley replay call_5f0c --set endpointing.minWaitMs=400 --set endpointing.maxWaitMs=1200
Exit code: 0 when the replay is equal to what was logged, else 1; with --set, 0 when the log could be used; 2 for wrong usage.`,
    )
    .action(replayCall);
}

function settingOf(text: string): SettingChange {
  return asUsage(
    () => {
      const change = parseSettingChange(text, isReplayable);
      assertReplayable([change]);
      return change;
    },
    (message) => new InvalidArgumentError(message),
  );
}

/** What cannot be asked for is wrong usage, not a replay that failed. */
function asUsage<T>(read: () => T, refusal: (message: string) => Error): T {
  try {
    return read();
  } catch (error) {
    throw ParleyError.isInstance(error) ? refusal(error.message) : error;
  }
}

async function replayCall(name: string, options: Options): Promise<void> {
  const stored = await readStoredCall(name, options);
  // Before anything is started: settings that contradict each other, and a recording that is not there.
  asUsage(() => changeSettings(stored.log.header.settings, options.set), misused);
  const ears = new LazyEars(stored);
  if (options.ears) await ears.audio();
  try {
    const report = replay(stored.log);
    const call = recordedCall(stored.log);
    const heard = options.ears ? await earsAgain(call, ears) : undefined;
    const changed = options.set.length > 0 ? await whatIf(call, options.set, ears.hearing(call)) : undefined;
    const result = { replay: report, ears: heard, whatIf: changed };
    process.stdout.write(`${options.json ? JSON.stringify(result) : textOf(result, stored)}\n`);
    if (!changed && !isFaithful(report)) process.exitCode = 1;
  } finally {
    await ears.close();
  }
}

async function earsAgain(call: RecordedCall, ears: LazyEars): Promise<HeardAgain> {
  const line = createProgressLine(process.stderr, 'listening');
  try {
    return await hearAgain(call, await ears.callerAudio(), (done, all) => line.update(done, all));
  } finally {
    line.close();
  }
}

/** The recording and the engines, when they are needed. */
class LazyEars {
  readonly #stored: StoredCall;
  readonly #abort = new AbortController();
  #samples: Promise<Float32Array> | undefined;
  #ears: Promise<StartedEars> | undefined;
  #caller: Promise<CallerAudio> | undefined;

  constructor(stored: StoredCall) {
    this.#stored = stored;
  }

  audio(): Promise<Float32Array> {
    this.#samples ??= callerAudio(this.#stored);
    return this.#samples;
  }

  callerAudio(): Promise<CallerAudio> {
    this.#caller ??= this.audio().then(async (samples) => {
      this.#ears ??= startEars();
      return new CallerAudio(samples, await this.#ears, this.#abort.signal);
    });
    return this.#caller;
  }

  /** Without a recording nothing but the log can answer. */
  hearing(call: RecordedCall): Hearing {
    return async (question: Question) => {
      try {
        return await hearingFrom(call, await this.callerAudio())(question);
      } catch (error) {
        if (ParleyError.isInstance(error) && error.code === 'call.no_recording') return undefined;
        throw error;
      }
    };
  }

  async close(): Promise<void> {
    this.#abort.abort(new Error('the replay is over'));
    await (await this.#ears?.catch(() => undefined))?.close();
  }
}

function isFaithful({ differences, disagreements }: ReplayReport): boolean {
  return differences.length === 0 && disagreements.length === 0;
}

type Result = {
  readonly replay: ReplayReport;
  readonly ears: HeardAgain | undefined;
  readonly whatIf: WhatIf | undefined;
};

function textOf(result: Result, { log }: StoredCall): string {
  const { callId, events, commands, differences, disagreements } = result.replay;
  const lines = [`${callId}: ${events} events, ${commands} commands`];
  for (const { seq, event, logged, replayed } of differences)
    lines.push(`record ${seq} (${event}): logged ${JSON.stringify(logged)}, replayed ${JSON.stringify(replayed)}`);
  for (const { seq, command, why } of disagreements) lines.push(`record ${seq} (${command}): ${why}`);
  if (differences.length > 0 && log.writtenSchema < eventLogSchema)
    lines.push(
      `The log was written by an earlier Parley (schema ${log.writtenSchema}): its turn machine may have decided otherwise.`,
    );
  if (isFaithful(result.replay)) lines.push('The replay is equal, and every command agrees with its recorded effect.');
  if (result.ears) lines.push(heardAgainText(result.ears));
  if (result.whatIf) lines.push(whatIfText(result.whatIf));
  return lines.join('\n');
}
