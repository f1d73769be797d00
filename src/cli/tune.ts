import { Command, InvalidArgumentError } from 'commander';
import { type RecordedCall, recordedCall } from '../conversation/explain/recorded-turns.js';
import { fewestTurns, fewestTurnsWithPauses, tune } from '../conversation/explain/tune.js';
import { ParleyError } from '../ports/errors.js';
import { callArgument, readStoredCall } from './stored-call.js';
import { tuneText } from './tune/tune-text.js';

/** `parley tune CALL…`: endpointing settings for one's own callers. */
export function tuneCommand(): Command {
  return new Command('tune')
    .description('search the endpointing settings over recorded calls: how long to wait, and whom that cuts off')
    .argument('<call...>', callArgument)
    .option('--max-cut <percent>', 'the largest share of turns that may be cut off', percent, 5)
    .option('--unfinished', 'take logs that stop before their call does')
    .option('--json', 'one JSON document: {"turns", "shipped", "curve", "recommended", "heldOut", "tooFew"}')
    .addHelpText(
      'after',
      `
Every turn of the calls is judged again under each combination of settings, from what its log holds. A turn counts as cut
off where it would have ended before the caller went on; its delay is the silence before it is taken to be over. Fewer than
${fewestTurns} turns, or ${fewestTurnsWithPauses} in which the caller paused and went on, give no recommendation, only a direction.

Examples:
  parley tune ~/.parley/calls/*
  parley tune call_5f0c call_71aa --max-cut 2
Then see what a setting would have done to one call:
  parley replay call_5f0c --set endpointing.minWaitMs=400`,
    )
    .action((names: string[], options: { maxCut: number; unfinished?: true; json?: true }) =>
      tuneCalls(names, options),
    );
}

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 100)) throw new InvalidArgumentError('Expected 0 to 100.');
  return value;
}

async function tuneCalls(
  names: readonly string[],
  options: { maxCut: number; unfinished?: true; json?: true },
): Promise<void> {
  const calls: RecordedCall[] = [];
  for (const name of names)
    try {
      calls.push(recordedCall((await readStoredCall(name, options)).log));
    } catch (error) {
      if (!ParleyError.isInstance(error)) throw error;
      process.stderr.write(`left out: ${error.message}\n`);
    }
  if (calls.length === 0)
    throw new ParleyError('No call could be read; why is said above.', { code: 'tune.no_calls', status: 400 });
  const report = tune(calls, options.maxCut / 100);
  if (!report)
    throw new ParleyError(
      `None of the calls has a turn that can be judged; expected calls in which silence decided where turns end.`,
      { code: 'tune.no_turns', status: 400 },
    );
  process.stdout.write(`${options.json ? JSON.stringify(report) : tuneText(report)}\n`);
}
