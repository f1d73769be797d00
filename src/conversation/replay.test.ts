import { describe, expect, it } from 'vitest';
import { EventLog, type EventLogHeader, type EventLogRecord, eventLogSchema } from './event-log.js';
import { parseEventLog, replay } from './replay.js';
import type { TurnEventBody } from './turn/events.js';
import { reduceTurn } from './turn/machine.js';
import { initialTurnState } from './turn/state.js';
import { turnSettings } from './turn/turn-fixture.js';

const header: EventLogHeader = {
  schema: eventLogSchema,
  callId: 'call_1',
  startedAt: '2026-01-01T00:00:00.000Z',
  settings: turnSettings(),
  modelHashes: { vad: 'abc' },
};

/** A short call as a session logs it: events at odd fractions of a millisecond. */
function logged(): string {
  const lines: string[] = [];
  const log = new EventLog({ write: (line) => lines.push(line) }, header);
  let state = initialTurnState(header.settings);
  let atMs = 0;
  const tell = (body: TurnEventBody): void => {
    const event = { atMs, seenMs: atMs + 0.123_456, ...body };
    const cause = log.write(event.atMs, event.seenMs, { type: 'event', event });
    const step = reduceTurn(state, event);
    state = step.state;
    for (const command of step.commands) {
      const of = log.write(event.atMs, event.seenMs, { type: 'command', cause, command });
      log.write(event.atMs, event.seenMs, { type: 'effect', of, outcome: 'done' });
    }
  };
  const windows = (count: number, probability: number): void => {
    for (let i = 0; i < count; i++) {
      atMs += 32;
      tell({ type: 'window', probability, windowMs: 32 });
    }
  };
  tell({ type: 'begin', greeting: false });
  windows(20, 0.987_654_321);
  windows(3, 0.01);
  tell({ type: 'end-of-turn', turn: 1, revision: 1, probability: 0.99 });
  tell({ type: 'final', turn: 1, revision: 1, text: 'a “coffee”, please' });
  windows(20, 0.01);
  tell({ type: 'reply-audible', reply: 0 });
  tell({ type: 'reply-done', reply: 0 });
  tell({ type: 'hung-up', reason: 'gone' });
  return `${lines.join('\n')}\n`;
}

function edited(edit: (record: EventLogRecord) => EventLogRecord | undefined): string {
  const [first, ...rest] = logged().trimEnd().split('\n');
  const records = rest.map((line) => edit(JSON.parse(line) as EventLogRecord)).filter((record) => record !== undefined);
  return `${[first, ...records.map((record) => JSON.stringify(record))].join('\n')}\n`;
}

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

describe('replay', () => {
  it('a log replays to the same commands', () => {
    const report = replay(parseEventLog(logged()));
    expect(report).toMatchObject({ callId: 'call_1', events: 49, differences: [], disagreements: [] });
    expect(report.commands).toBeGreaterThan(8);
  });

  it('an edited event is reported with the record where the commands came out otherwise', () => {
    let finalSeq = 0;
    const text = edited((record) => {
      if (record.type !== 'event' || record.event.type !== 'final') return record;
      finalSeq = record.seq;
      return { ...record, event: { ...record.event, text: 'a “tea”, please' } };
    });
    const { differences } = replay(parseEventLog(text));
    expect(differences[0]).toMatchObject({
      seq: finalSeq,
      event: 'final',
      logged: [{ type: 'draft', text: 'a “coffee”, please' }],
      replayed: [{ type: 'draft', text: 'a “tea”, please' }],
    });
    expect(differences).toHaveLength(2);
  });

  it('an edited command is reported with the event that caused it', () => {
    let cause = 0;
    const text = edited((record) => {
      if (record.type !== 'command' || record.command.type !== 'commit') return record;
      cause = record.cause;
      return { ...record, command: { ...record.command, text: 'a tea' } };
    });
    expect(replay(parseEventLog(text)).differences.map((each) => each.seq)).toEqual([cause]);
  });

  it('a command that failed, or whose object was gone, is a disagreement', () => {
    const text = edited((record) =>
      record.type === 'effect' && record.of === 2 ? { ...record, outcome: 'stale' } : record,
    );
    expect(replay(parseEventLog(text)).disagreements).toEqual([
      { seq: 2, command: 'arm', why: 'what it was about was gone' },
    ]);
    const failed = edited((record) =>
      record.type === 'effect' && record.of === 2 ? { ...record, outcome: 'failed', detail: 'no clock' } : record,
    );
    expect(replay(parseEventLog(failed)).disagreements).toEqual([{ seq: 2, command: 'arm', why: 'no clock' }]);
  });

  it('a reply that was begun and never heard, stopped or ended is a disagreement', () => {
    const lines = logged().trimEnd().split('\n');
    const commit = lines.findIndex((line) => line.includes('"type":"commit"'));
    const text = `${lines.slice(0, commit + 4).join('\n')}\n`;
    expect(replay(parseEventLog(text)).disagreements).toEqual([
      expect.objectContaining({ command: 'commit', why: 'reply 0 was neither heard nor stopped' }),
    ]);
  });

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
    [`${JSON.stringify({ schema: 1, callId: 'x' })}\nnull\n`, 2],
    [`${JSON.stringify({ schema: 1, callId: 'x' })}\n{"seq":`.concat('\n'), 2],
  ])('what is no log is refused: %j', (text, line) => {
    expect(() => parseEventLog(text)).toThrowError(
      expect.objectContaining({
        code: 'event_log.damaged',
        message: expect.stringContaining(`line ${line}:`) as string,
      }),
    );
  });

  it('a newer schema is refused with what to do', () => {
    const text = logged().replace(`"schema":${eventLogSchema}`, `"schema":${eventLogSchema + 1}`);
    expect(() => parseEventLog(text)).toThrowError(
      expect.objectContaining({ code: 'event_log.newer', message: expect.stringContaining('newer one') as string }),
    );
  });
});
