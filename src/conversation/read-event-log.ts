import type { z } from 'zod';
import { ParleyError } from '../ports/errors.js';
import { type EventLogHeader, type EventLogRecord, eventLogSchema } from './event-log.js';
import { eventLogHeaderSchema, eventLogRecordSchema } from './event-log-schema.js';
import { type RawLog, upgrades } from './upgrade-event-log.js';

export type ParsedLog = {
  readonly header: EventLogHeader;
  readonly records: readonly EventLogRecord[];
  /** The schema that the log was written with. */
  readonly writtenSchema: number;
  /** Whether it goes on to the end of the call. */
  readonly finished: boolean;
};

export type ReadOptions = {
  /** Takes a log that stops before its call does: a server that died, or a call under way. @defaultValue false */
  readonly unfinished?: boolean;
};

/** Records give their times to a tenth of a millisecond. */
const roundedMs = 0.051;

/**
 * Reads a log, brings it up to the present schema and checks every record.
 *
 * @throws ParleyError `event_log.damaged` with the line and what was expected there; `event_log.unfinished` for a log
 * that stops before its call does; `event_log.newer` for a schema from the future
 */
export function parseEventLog(text: string, { unfinished = false }: ReadOptions = {}): ParsedLog {
  const lines = text.split('\n');
  // A log ends with a newline; what stands after it was cut off in the middle of being written.
  const torn = lines.pop();
  if (torn && !unfinished)
    throw damaged(lines.length + 1, 'the log was cut off here; pass --unfinished to use what stands before');
  const raw = rawLog(lines);
  const writtenSchema = schemaOf(raw.header);
  const upgraded = upgrade(raw, writtenSchema);
  const header = checked(eventLogHeaderSchema, upgraded.header, 1) as EventLogHeader;
  const records: EventLogRecord[] = [];
  const order = new RecordOrder();
  for (const [index, value] of upgraded.records.entries()) {
    const line = index + 2;
    // JSON knows no undefined: a field that is absent reads as one.
    const record = checked(eventLogRecordSchema, value, line) as EventLogRecord;
    const wrong = order.problemOf(record);
    if (wrong) throw damaged(line, wrong);
    records.push(record);
  }
  const finished = order.ended && !torn;
  if (!finished && !unfinished)
    throw new ParleyError(
      `The event log stops at line ${lines.length}, before its call ends (the last event is to be "hung-up"): it was cut short, its server died, or the call is still under way. Pass --unfinished to use what is there.`,
      { code: 'event_log.unfinished', status: 400 },
    );
  return { header, records, writtenSchema, finished };
}

function rawLog(lines: readonly string[]): RawLog {
  const [header, ...records] = lines.map((line, index) => {
    try {
      return JSON.parse(line) as unknown;
    } catch {
      throw damaged(index + 1, 'this is not JSON');
    }
  });
  if (typeof header !== 'object' || header === null) throw damaged(1, 'no header was found');
  return { header: header as Record<string, unknown>, records };
}

function schemaOf({ schema }: RawLog['header']): number {
  if (typeof schema !== 'number' || !Number.isInteger(schema) || schema < 1) throw damaged(1, 'no header was found');
  if (schema > eventLogSchema)
    throw new ParleyError(
      `This log has schema ${schema}; this version of Parley knows up to ${eventLogSchema}. Use a newer one.`,
      { code: 'event_log.newer', status: 400 },
    );
  return schema;
}

function upgrade(log: RawLog, from: number): RawLog {
  let upgraded = log;
  for (let schema = from; schema < eventLogSchema; schema++) upgraded = upgrades[schema]?.(upgraded) ?? upgraded;
  return upgraded;
}

/** The value as the schema has it. @throws ParleyError `event_log.damaged` */
function checked<T>(schema: z.ZodType<T>, value: unknown, line: number): T {
  const { data, error } = schema.safeParse(value);
  if (!error) return data;
  const [issue] = error.issues;
  const where = issue?.path.join('.');
  throw damaged(line, `${where ? `${where}: ` : ''}${issue?.message ?? 'it has another shape'}`);
}

/** What has to hold between records. */
class RecordOrder {
  #count = 0;
  #seenMs = Number.NEGATIVE_INFINITY;
  #windowMs = Number.NEGATIVE_INFINITY;
  #event: number | undefined;
  readonly #awaited = new Set<number>();
  ended = false;

  /** @returns what is wrong with this record after those before it, or undefined */
  problemOf(record: EventLogRecord): string | undefined {
    this.#count += 1;
    if (record.seq !== this.#count) return `record ${this.#count} was expected, and this is ${record.seq}`;
    switch (record.type) {
      case 'event':
        return this.#eventProblem(record);
      case 'command':
        if (record.cause !== this.#event)
          return `the command names record ${record.cause} as its cause; expected ${this.#event ?? 'an event before it'}`;
        this.#awaited.add(record.seq);
        return undefined;
      case 'effect':
        return this.#awaited.delete(record.of)
          ? undefined
          : `the effect is of record ${record.of}, which is no command that waits for one`;
      case 'note':
        return undefined;
    }
  }

  #eventProblem(record: Extract<EventLogRecord, { type: 'event' }>): string | undefined {
    const { event } = record;
    this.#event = record.seq;
    if (Math.abs(event.atMs - record.atMs) > roundedMs || Math.abs(event.seenMs - record.seenMs) > roundedMs)
      return `the times of the event (${event.atMs}, ${event.seenMs}) are not those of its record (${record.atMs}, ${record.seenMs})`;
    if (event.seenMs < this.#seenMs) return `time goes back from ${this.#seenMs} to ${event.seenMs} ms (seenMs)`;
    this.#seenMs = event.seenMs;
    if (event.type === 'window') {
      if (event.atMs <= this.#windowMs)
        return `the window at ${event.atMs} ms comes after that at ${this.#windowMs} ms`;
      this.#windowMs = event.atMs;
    }
    if (event.type === 'hung-up') this.ended = true;
    return undefined;
  }
}

function damaged(line: number, detail: string): ParleyError {
  return new ParleyError(`The event log is damaged at line ${line}: ${detail}.`, {
    code: 'event_log.damaged',
    status: 400,
  });
}
