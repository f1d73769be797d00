import { EventLog, type EventLogHeader, type EventLogRecord, eventLogSchema } from './event-log.js';
import type { TurnEventBody } from './turn/events.js';
import { reduceTurn } from './turn/machine.js';
import { initialTurnState } from './turn/state.js';
import { turnSettings } from './turn/turn-fixture.js';

export const header: EventLogHeader = {
  schema: eventLogSchema,
  callId: 'call_1',
  startedAt: '2026-01-01T00:00:00.000Z',
  settings: turnSettings(),
  modelHashes: { vad: 'abc' },
};

/** A short call as a session logs it: events at odd fractions of a millisecond. */
export function logged(): string {
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
  tell({ type: 'end-of-turn', turn: 1, revision: 1, probability: 0.931 });
  tell({ type: 'final', turn: 1, revision: 1, text: 'a “coffee”, please' });
  windows(20, 0.01);
  tell({ type: 'reply-audible', reply: 0 });
  tell({ type: 'reply-done', reply: 0 });
  tell({ type: 'hung-up', reason: 'gone' });
  return `${lines.join('\n')}\n`;
}

/** The same with records changed or left out; each still has its own number. */
export function edited(edit: (record: EventLogRecord) => EventLogRecord | undefined): string {
  const [first, ...rest] = logged().trimEnd().split('\n');
  const records = rest.map((line) => edit(JSON.parse(line) as EventLogRecord)).filter((record) => record !== undefined);
  return `${[first, ...records.map((record) => JSON.stringify(record))].join('\n')}\n`;
}
