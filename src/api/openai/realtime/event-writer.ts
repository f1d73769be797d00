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
  /** Sends an `error`. `clientEventId` is the id of the client event that caused it. */
  error(problem: Problem, clientEventId?: string): void;
};

export function createEventWriter(send: (text: string) => void, newId: NewId): EventWriter {
  const write = (type: string, fields: Readonly<Record<string, unknown>>): void =>
    send(JSON.stringify({ type, event_id: newId('event'), ...fields }));
  return {
    write,
    error: ({ type = 'invalid_request_error', code, message, param }, clientEventId) =>
      write('error', { error: { type, code, message, param: param ?? null, event_id: clientEventId ?? null } }),
  };
}
