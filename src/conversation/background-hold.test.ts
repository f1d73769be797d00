import { expect, it } from 'vitest';
import { BackgroundHold } from './background-hold.js';
import type { TurnCommand } from './turn/events.js';

const suspected: TurnCommand = { type: 'suspect-end', turn: 1, revision: 1, speechEndMs: 900 };
const committed = (reply: number | undefined): TurnCommand => ({
  type: 'commit',
  turn: 1,
  revision: 1,
  text: 'yes',
  reply,
  speechEndMs: 900,
  because: 'test',
});

function rig() {
  let held = 0;
  const background = new BackgroundHold(() => {
    held += 1;
    return () => {
      held -= 1;
    };
  });
  return { background, held: () => held };
}

it('background work waits from a suspected end until the answer is audible', () => {
  const { background, held } = rig();
  background.noteCommand(suspected);
  background.noteCommand({ ...suspected, revision: 2 });
  expect(held()).toBe(1);
  background.noteCommand(committed(0));
  expect(held()).toBe(1);
  background.noteEvent({ type: 'reply-audible', reply: 0 });
  expect(held()).toBe(0);
});

it.each<TurnCommand>([
  { type: 'resume-turn', turn: 1, revision: 1 },
  { type: 'drop-turn', turn: 1, why: 'empty' },
  { type: 'say', phrase: 'filler', reply: 0 },
  committed(undefined),
])('background work goes on when there is nothing to wait for: $type', (command) => {
  const { background, held } = rig();
  background.noteCommand(suspected);
  background.noteCommand(command);
  expect(held()).toBe(0);
  background.release();
  expect(held()).toBe(0);
});
