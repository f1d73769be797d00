import { Command } from 'commander';
import {
  acceptPin,
  checkPin,
  type Pin,
  type PinDifference,
  parsePin,
  pinTurn,
  writePin,
} from '../conversation/explain/pin.js';
import { recordedCall } from '../conversation/explain/recorded-turns.js';
import { ParleyError } from '../ports/errors.js';
import { noTurn, wholeNumber } from './explain.js';
import { misused } from './fail.js';
import { inFile, readNamedFile, writeWhole } from './files.js';
import { callArgument, readStoredCall } from './stored-call.js';

export const pinLimits = { maxPinBytes: 16 * 1024 ** 2 } as const;

type Options = {
  readonly turn?: number;
  readonly out?: string;
  readonly check?: true;
  readonly accept?: true;
  readonly unfinished?: true;
  readonly json?: true;
};

/** `parley pin CALL --turn N`: a turn that went right, or wrong, as a test. */
export function pinCommand(): Command {
  return new Command('pin')
    .description('make a regression test of a recorded turn, or check such tests')
    .argument('<call-or-pin...>', `${callArgument}; with --check, the files of pins`)
    .option('--turn <number>', 'the turn to pin', wholeNumber)
    .option('--out <file>', 'where the pin goes (default: CALL-turn-N.json in this folder)')
    .option('--check', 'run pins through the turn machine and compare what it decides')
    .option('--accept', 'with --check: let the pins expect what the machine decides now')
    .option('--unfinished', 'take a log that stops before its call does')
    .option('--json', 'one JSON document: {"file", "events", "expected"}, with --check [{"file", "differences"}]')
    .addHelpText(
      'after',
      `
A pin holds the settings, the turn machine as it was before the turn, all events up to the turn's end, and what was decided:
when the turn was opened, suspected to end, gone on with, committed or dropped, and when the agent was lowered or stopped.
It holds the caller's words, and no audio.

Examples:
  parley pin call_5f0c --turn 3 --out test/pins/long-number.json
  parley pin --check test/pins/*.json
  parley pin --check --accept test/pins/long-number.json
Exit code: 1 when a turn cannot be pinned or, with --check, a pin does not hold; 2 for wrong usage.`,
    )
    .action((names: string[], options: Options) => (options.check ? check(names, options) : make(names, options)));
}

async function make(names: readonly string[], { turn, out, unfinished, json, accept }: Options): Promise<void> {
  const [name] = names;
  if (accept) throw misused('parley pin: --accept belongs to --check.');
  if (name === undefined || names.length > 1)
    throw misused('parley pin: one call is pinned at a time; expected CALL --turn N.');
  if (turn === undefined) throw misused('parley pin: expected --turn N; "parley explain CALL" shows the turns.');
  const call = recordedCall((await readStoredCall(name, unfinished ? { unfinished } : {})).log);
  const recorded = call.turns.find((each) => each.turn === turn);
  if (!recorded) throw noTurn(turn, call.turns);
  const pin = pinTurn(call, recorded);
  const [difference] = checkPin(pin);
  if (difference)
    throw new ParleyError(
      `Turn ${turn} does not come out as it was recorded, so a pin of it would not hold: ${describe(difference)}. "parley replay" shows all differences.`,
      { code: 'pin.does_not_hold', status: 409 },
    );
  const file = out ?? `${call.callId}-turn-${turn}.json`;
  await write(file, pin);
  const made = { file, events: pin.events.length, expected: pin.expected.length };
  process.stdout.write(
    json ? `${JSON.stringify(made)}\n` : `${file}: ${made.events} events, ${made.expected} decisions. It holds.\n`,
  );
}

async function check(files: readonly string[], { turn, out, accept, json }: Options): Promise<void> {
  if (turn !== undefined || out !== undefined)
    throw misused('parley pin: --turn and --out make a pin; --check checks pins.');
  const results: { readonly file: string; readonly differences: readonly PinDifference[] }[] = [];
  for (const file of files) {
    const pin = await read(file);
    const differences = checkPin(pin);
    if (accept && differences.length > 0) await write(file, acceptPin(pin));
    results.push({ file, differences });
  }
  const lines = results.map(({ file, differences }) => {
    const [first] = differences;
    if (!first) return `${file}: holds.`;
    return `${file}: ${accept ? 'expects something else now' : 'DOES NOT HOLD'}: ${describe(first)}${differences.length > 1 ? ` (and ${differences.length - 1} more)` : ''}.`;
  });
  process.stdout.write(json ? `${JSON.stringify(results)}\n` : `${lines.join('\n')}\n`);
  if (!accept && results.some(({ differences }) => differences.length > 0)) process.exitCode = 1;
}

function describe({ type, atMs, expected, got }: PinDifference): string {
  const words = (commands: PinDifference['got']): string =>
    commands.length === 0 ? 'nothing' : commands.map((command) => JSON.stringify(command)).join(', ');
  return `at ${(atMs / 1_000).toFixed(2)} s (${type}) expected ${words(expected)}, got ${words(got)}`;
}

async function read(file: string): Promise<Pin> {
  const largestBytes = pinLimits.maxPinBytes;
  const bytes = await readNamedFile(file, { largestBytes, code: 'pin.damaged', expected: 'a pin of "parley pin"' });
  try {
    return parsePin(new TextDecoder().decode(bytes));
  } catch (error) {
    throw inFile(file, error);
  }
}

async function write(file: string, pin: Pin): Promise<void> {
  await writeWhole(file, writePin(pin));
}
