import { describe, expect, it } from 'vitest';
import { LogPen, logged } from '../event-log-fixture.js';
import { parseEventLog } from '../read-event-log.js';
import { acceptPin, checkPin, type Pin, parsePin, pinTurn, writePin } from './pin.js';
import { recordedCall } from './recorded-turns.js';

function pinOf(text: string, turn = 0): Pin {
  const call = recordedCall(parseEventLog(text));
  const recorded = call.turns[turn];
  if (!recorded) throw new Error('the call has no such turn');
  return pinTurn(call, recorded);
}

describe('a pinned turn', () => {
  it('holds as it was recorded, and survives being written and read', () => {
    const pin = pinOf(logged());
    expect(pin.expected.flatMap(({ commands }) => commands.map(({ type }) => type))).toEqual([
      'open-turn',
      'suspect-end',
      'draft',
      'commit',
    ]);
    expect(checkPin(pin)).toEqual([]);
    const read = parsePin(writePin(pin));
    expect(checkPin(read)).toEqual([]);
    expect(read.events).toHaveLength(pin.events.length);
  });

  it('of a later turn needs nothing of the turns before it', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    for (const text of ['a coffee', 'a tea']) {
      pen.speech(640);
      pen.silence(480, { probability: 1, text });
      pen.reply(960);
    }
    pen.tell({ type: 'hung-up', reason: 'gone' });
    const pin = pinOf(pen.text, 1);
    expect(JSON.stringify(pin)).not.toContain('a coffee');
    expect(pin.events.length).toBeLessThan(50);
    expect(checkPin(parsePin(writePin(pin)))).toEqual([]);
  });

  it('does not hold when the machine decides otherwise, says where, and can be told to expect that', () => {
    const pin = pinOf(logged());
    const { endpointing } = pin.settings;
    const slower: Pin = { ...pin, settings: { ...pin.settings, endpointing: { ...endpointing, minWaitMs: 500 } } };
    const differences = checkPin(slower);
    expect(differences).toEqual([
      expect.objectContaining({ type: 'window', expected: [expect.objectContaining({ type: 'commit' })], got: [] }),
    ]);
    expect(checkPin(acceptPin(slower))).toEqual([]);
  });

  it('does not depend on the words of a reason', () => {
    expect(JSON.stringify(pinOf(logged()).expected)).not.toContain('waited');
  });

  it('of a turn without an end is refused', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(() => pinOf(pen.text)).toThrowError(expect.objectContaining({ code: 'pin.open_turn' }));
  });

  it('of a turn behind keys, which take a number of their own, holds', () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    for (const digit of ['4', '2', '#']) pen.tell({ type: 'key', digit });
    pen.reply(640);
    pen.speech(640);
    pen.silence(1_600, { probability: 1, text: 'a coffee and a tea for my friend' });
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(checkPin(pinOf(pen.text))).toEqual([]);
  });

  const whole = JSON.parse(writePin(pinOf(logged()))) as Record<string, unknown>;
  it.each([
    ['not JSON', 'pin.damaged', 'it is not JSON'],
    ['[]', 'pin.damaged', 'This is no pin'],
    [JSON.stringify({ ...whole, schema: 99 }), 'pin.newer', 'Use a newer one'],
    [
      JSON.stringify({ ...whole, events: [{ type: 'windw' }] }),
      'pin.damaged',
      'events.0: there is no event of type "windw"',
    ],
    [JSON.stringify({ ...whole, events: [] }), 'pin.damaged', 'events'],
    [JSON.stringify({ ...whole, state: {} }), 'pin.damaged', 'state.listening'],
    [
      JSON.stringify({ ...whole, settings: { ...(whole.settings as object), endpointing: { minWaitMs: -1 } } }),
      'pin.damaged',
      'settings.endpointing.minWaitMs: expected from 0 to 10000',
    ],
    [
      JSON.stringify({ ...whole, expected: [{ event: 0, commands: [{ type: 'explode' }] }] }),
      'pin.damaged',
      'there is no command of type "explode"',
    ],
    [
      JSON.stringify({ ...whole, expected: [{ event: 9_999, commands: [] }] }),
      'pin.damaged',
      'something is expected of event 9999',
    ],
  ])('that is damaged is refused, saying what is wrong (%#)', (text, code, message) => {
    expect(() => parsePin(text)).toThrowError(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    );
  });
});
