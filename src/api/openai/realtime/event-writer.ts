import type { NewId } from './ids.js';

/** What went wrong, in the terms of an `error` event. */
export type Problem = {
  /** @defaultValue invalid_request_error */
  readonly type?: 'invalid_request_error' | 'server_error';
  readonly code: string;
  readonly message: string;
  /** Path of the field that is to blame. */
  readonly param?: string;
};

export type EventWriter = {
  /** Sends a server event; `event_id` is added. */
  write(type: string, fields: Readonly<Record<string, unknown>>): void;
  /** Sends a server event that the protocol defines without an `event_id`. */
  writeBare(type: string, fields: Readonly<Record<string, unknown>>): void;
  /** Sends an `error`. `clientEventId` is the id of the client event that caused it. */
  error(problem: Problem, clientEventId?: string): void;
};

/** An event as text, and what it is known by. Ids of one session sort in the order of the events. */
export type WrittenEvent = { readonly id: string; readonly type: string; readonly text: string };

export function createEventWriter(send: (event: WrittenEvent) => void, newId: NewId): EventWriter {
  const write = (type: string, fields: Readonly<Record<string, unknown>>): void => {
    const id = newId('event');
    send({ id, type, text: JSON.stringify({ type, event_id: id, ...fields }) });
  };
  return {
    write,
    writeBare: (type, fields) => send({ id: newId('event'), type, text: JSON.stringify({ type, ...fields }) }),
    error: ({ type = 'invalid_request_error', code, message, param }, clientEventId) =>
      write('error', { error: { type, code, message, param: param ?? null, event_id: clientEventId ?? null } }),
  };
}
