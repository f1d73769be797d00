import { expect, it } from 'vitest';
import type { TurnEvent } from './turn/events.js';
import { initialTurnState } from './turn/state.js';
import { turnSettings } from './turn/turn-fixture.js';
import { TurnLoop } from './turn-loop.js';

const at = { atMs: 0, seenMs: 0 };

it('all that an event commands is done before the event that a command causes', () => {
  const done: string[] = [];
  const loop = new TurnLoop(initialTurnState(turnSettings()), (event, commands) => {
    for (const command of commands) {
      done.push(`${event.type}: ${command.type}`);
      if (command.type === 'say') loop.dispatch({ ...at, type: 'client-cancel' });
      if (command.type === 'say') done.push('said');
    }
  });
  loop.dispatch({ ...at, type: 'begin', greeting: true });
  expect(done.indexOf('said')).toBe(done.indexOf('begin: say') + 1);
  const stopped = done.indexOf('client-cancel: stop');
  expect(stopped).toBeGreaterThan(done.findLastIndex((each) => each.startsWith('begin')));
});

it('a command that throws does not keep the next event waiting', () => {
  const seen: TurnEvent['type'][] = [];
  const loop = new TurnLoop(initialTurnState(turnSettings()), (event) => {
    seen.push(event.type);
    if (event.type === 'begin') throw new Error('no');
  });
  expect(() => loop.dispatch({ ...at, type: 'begin', greeting: false })).toThrow('no');
  loop.dispatch({ ...at, type: 'hung-up', reason: 'done' });
  expect(seen).toEqual(['begin', 'hung-up']);
  expect(loop.state.ended).toBe(true);
});
