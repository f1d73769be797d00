import { Command, InvalidArgumentError } from 'commander';
import { tellCall } from '../conversation/explain/call-story.js';
import { narrate } from '../conversation/explain/narrate.js';
import { ParleyError } from '../ports/errors.js';
import { callArgument, readStoredCall } from './stored-call.js';

/** `parley explain CALL`: what happened in a call, and why. */
export function explainCommand(): Command {
  return new Command('explain')
    .description(
      'tell a recorded call in plain words: who spoke when, why the agent waited, stopped or spoke, what was heard',
    )
    .argument('<call>', callArgument)
    .option('--turn <number>', 'only this turn', wholeNumber)
    .option('--unfinished', 'take a log that stops before its call does')
    .option(
      '--json',
      'one JSON document: {"callId", "turns": [{"turn", "steps": [{"atMs", "what", …}], "replies", "marks"}]}',
    )
    .addHelpText(
      'after',
      `
Each turn is told in the order in which things happened: when the caller spoke and paused, what the end-of-turn model and the
transcript said, how long was waited and why, what was prepared ahead and thrown away, when the agent was lowered, came back
or was stopped, when its first sound left, what was said and what of it was heard, and where the time went.

Examples:
  parley explain last
  parley explain call_5f0c
  parley explain ~/.parley/calls/call_5f0c --turn 3
  parley explain call_5f0c --json | jq '.turns[].steps[] | select(.what == "committed") | .because'`,
    )
    .action(async (call: string, options: { turn?: number; unfinished?: true; json?: true }) => {
      const { log } = await readStoredCall(call, options);
      const story = tellCall(log);
      if (options.turn !== undefined && !story.turns.some(({ turn }) => turn === options.turn))
        throw noTurn(options.turn, story.turns);
      const shown = {
        ...story,
        turns: story.turns.filter(({ turn }) => options.turn === undefined || turn === options.turn),
      };
      process.stdout.write(`${options.json ? JSON.stringify(shown) : narrate(story, options.turn)}\n`);
    });
}

/** What is wrong with a turn that the call does not have. */
export function noTurn(turn: number, turns: readonly { readonly turn: number }[]): ParleyError {
  const numbers = turns.map((each) => each.turn).filter((number) => number > 0);
  const there = numbers.length === 0 ? 'it has none' : `it has ${numbers.join(', ')}`;
  return new ParleyError(`The call has no turn ${turn}; ${there}.`, { code: 'call.no_turn', status: 404 });
}

/** A number of 0 or more from the command line. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number of 0 or more.');
  return Number(text);
}
