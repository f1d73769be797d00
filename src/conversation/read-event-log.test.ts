import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type EventLogRecord, eventLogSchema } from './event-log.js';
import { edited, header, logged } from './event-log-fixture.js';
import { tellCall } from './explain/call-story.js';
import { narrate } from './explain/narrate.js';
import { parseEventLog } from './read-event-log.js';
import { replay } from './replay.js';
import { defaultTurnSettings } from './turn/settings.js';
import { upgrades } from './upgrade-event-log.js';

type Edit = (record: EventLogRecord) => unknown;

/** The first event of that type, changed. */
function event(type: string, change: object): Edit {
  let found = false;
  return (record) => {
    if (found || record.type !== 'event' || record.event.type !== type) return record;
    found = true;
    return { ...record, event: { ...record.event, ...change } };
  };
}

const record =
  (seq: number, change: object): Edit =>
  (each) =>
    each.seq === seq ? { ...each, ...change } : each;

const edits: readonly (readonly [RegExp, Edit])[] = [
  [/line 2: event: there is no event of type "windw"; expected begin, window/, event('begin', { type: 'windw' })],
  [/line \d+: event\.text: .*expected string/, event('final', { text: undefined })],
  [/line \d+: event\.probability: .*<=1/, event('window', { probability: 1.5 })],
  [/line \d+: event\.turn: .*expected int/, event('final', { turn: 1.5 })],
  [/line 3: command: there is no command of type "explode"/, record(2, { command: { type: 'explode' } })],
  [/line 3: command\.timer: /, record(2, { command: { type: 'arm', timer: 'egg', atSeenMs: 1 } })],
  [/line 3: the command names record 7 as its cause; expected 1/, record(2, { cause: 7 })],
  [/line 4: the effect is of record 1, which is no command/, record(3, { of: 1 })],
  [/line 6: the effect is of record 2, which is no command that waits for one/, record(5, { of: 2 })],
  [/line 4: outcome: /, record(3, { outcome: 'splendid' })],
  [/line 2: there is no record of type "evnt"/, record(1, { type: 'evnt' })],
  [/line 2: v: /, record(1, { v: 2 })],
  [/line 3: record 2 was expected, and this is 9/, record(2, { seq: 9 })],
  [/line \d+: the times of the event .* are not those of its record/, event('final', { atMs: 1 })],
  [
    /line \d+: time goes back from .* to 0 ms/,
    (each) =>
      each.type === 'event' && each.event.type === 'hung-up'
        ? { ...each, seenMs: 0, event: { ...each.event, seenMs: 0 } }
        : each,
  ],
  [
    /line \d+: the window at 32 ms comes after that at /,
    (each) =>
      each.type === 'event' && each.event.type === 'window' && each.event.atMs === 320
        ? { ...each, atMs: 32, event: { ...each.event, atMs: 32 } }
        : each,
  ],
];

describe('event log', () => {
  it('numbers its records and gives times to a tenth of a millisecond beside the exact event', () => {
    const { records } = parseEventLog(logged());
    expect(records.map((record) => record.seq)).toEqual(records.map((_, index) => index + 1));
    expect(records[0]).toMatchObject({ seq: 1, atMs: 0, seenMs: 0.1, v: 1, type: 'event' });
    expect(records[0]).toHaveProperty('event.seenMs', 0.123_456);
  });

  it('begins with a header that names schema, call, settings and models', () => {
    expect(parseEventLog(logged()).header).toEqual(header);
  });
});

describe('reading an event log', () => {
  it('a log that is cut short is refused, saying where', () => {
    const text = logged();
    const lines = text.split('\n').length - 1;
    expect(() => parseEventLog(text.slice(0, -5))).toThrowError(
      expect.objectContaining({
        code: 'event_log.damaged',
        message: expect.stringContaining(`line ${lines}: the log was cut off here`) as string,
      }),
    );
  });

  it('a log that lacks a record is refused, saying which', () => {
    const text = edited((record) => (record.seq === 5 ? undefined : record));
    expect(() => parseEventLog(text)).toThrowError(/line 6: record 5 was expected/);
  });

  it.each([
    ['', 1],
    ['{"schema":1}\n', 1],
    ['null\n', 1],
    ['not json\n', 1],
    [`${JSON.stringify({ schema: 1, callId: 'x' })}\n`, 1],
    [`${JSON.stringify({ ...header, schema: 0 })}\n`, 1],
    [`${JSON.stringify(header)}\nnull\n`, 2],
    [`${JSON.stringify(header)}\n{"seq":`.concat('\n'), 2],
    [`${JSON.stringify({ ...header, settings: {} })}\n`, 1],
  ])('what is no log is refused: %j', (text, line) => {
    expect(() => parseEventLog(text)).toThrowError(
      expect.objectContaining({
        code: 'event_log.damaged',
        message: expect.stringContaining(`line ${line}:`) as string,
      }),
    );
  });

  it.each([
    { role: 'nobody', text: 'Two teas.' },
    { role: 'user' },
    { role: 'user', text: 'Two teas.', after: 'the end' },
  ])('a written message of another shape is refused: %j', (message) => {
    const line = (id: string, fields: object): string =>
      JSON.stringify({
        seq: 1,
        atMs: 0,
        seenMs: 0,
        v: 1,
        type: 'note',
        note: { type: 'message-written', id, ...fields },
      });
    const text = (fields: object): string => `${JSON.stringify(header)}\n${line('a', fields)}\n`;
    expect(() => parseEventLog(text(message), { unfinished: true })).toThrowError(/line 2: note\./);
    const whole = { ...message, role: 'user', text: 'Two teas.', after: { turn: 1 } };
    expect(parseEventLog(text(whole), { unfinished: true }).records).toHaveLength(1);
  });

  it('a newer schema is refused with what to do', () => {
    const text = logged().replace(`"schema":${eventLogSchema}`, `"schema":${eventLogSchema + 1}`);
    expect(() => parseEventLog(text)).toThrowError(
      expect.objectContaining({ code: 'event_log.newer', message: expect.stringContaining('newer one') as string }),
    );
  });

  it('an edited record is refused with its line and what was expected there', () => {
    const refusals = edits.map(([, edit]) => {
      try {
        parseEventLog(edited((record) => edit(record) as EventLogRecord));
        return 'taken';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(refusals).toEqual(edits.map(([expected]) => expect.stringMatching(expected) as string));
  });

  it('a log that stops between two records before its call does is refused, and can be used all the same', () => {
    const lines = logged().trimEnd().split('\n');
    const text = `${lines.slice(0, 40).join('\n')}\n`;
    expect(() => parseEventLog(text)).toThrowError(
      expect.objectContaining({
        code: 'event_log.unfinished',
        message: expect.stringContaining('stops at line 40') as string,
      }),
    );
    expect(parseEventLog(text, { unfinished: true })).toMatchObject({ finished: false, records: { length: 39 } });
    const torn = `${text}{"seq":40,"atM`;
    expect(parseEventLog(torn, { unfinished: true })).toMatchObject({ finished: false, records: { length: 39 } });
  });

  it('a setting that a log does not name has its default', () => {
    const settings = { ...header.settings, silence: { maxSilenceMs: 1_000 } };
    const text = logged().replace(JSON.stringify(header.settings), JSON.stringify(settings));
    expect(parseEventLog(text).header.settings.silence).toEqual({
      ...defaultTurnSettings.silence,
      maxSilenceMs: 1_000,
    });
  });

  it('a setting out of bounds is refused with the bounds', () => {
    const text = logged().replace('"minWaitMs":420', '"minWaitMs":-1');
    expect(() => parseEventLog(text)).toThrowError(
      /line 1: settings\.endpointing\.minWaitMs: expected from 0 to 10000/,
    );
  });

  it('every schema before this one can be upgraded', () => {
    for (let schema = 1; schema < eventLogSchema; schema++) expect(upgrades[schema]).toBeTypeOf('function');
    const older = logged().replace(`"schema":${eventLogSchema}`, '"schema":1');
    expect(parseEventLog(older)).toMatchObject({ header: { schema: eventLogSchema }, writtenSchema: 1 });
  });

  it('a log written by an earlier Parley is read, upgraded and told', async () => {
    const text = await readFile(new URL('../../test/fixtures/logs/schema-1.jsonl', import.meta.url), 'utf8');
    const log = parseEventLog(text);
    expect(log).toMatchObject({ writtenSchema: 1, finished: true, header: { schema: eventLogSchema } });
    // It was written before this setting was there.
    expect(text).not.toContain('manualIdleHangUpMs');
    expect(log.header.settings.silence.manualIdleHangUpMs).toBe(defaultTurnSettings.silence.manualIdleHangUpMs);
    expect(replay(log).events).toBe(log.records.filter(({ type }) => type === 'event').length);
    expect(narrate(tellCall(log))).toContain('waited 1200 ms: end-of-turn 0.94, but the words are unfinished');
  });

  it('a log of schema 3 replays exactly, and that what was written is not in it is told', async () => {
    const log = parseEventLog(
      await readFile(new URL('../../test/fixtures/logs/schema-3.jsonl', import.meta.url), 'utf8'),
    );
    expect(log).toMatchObject({ writtenSchema: 3, finished: true, header: { schema: eventLogSchema } });
    expect(replay(log)).toMatchObject({ differences: [], disagreements: [] });
    const words = narrate(tellCall(log));
    expect(words).toContain('Reply 1 was asked for by the client.');
    expect(words).toContain('This log is older than schema 4: what was written, and what tools gave, is not in it.');
  });
});
