import { ParleyError } from '../audio/error.js';
import type { ClientEvent } from './client-events.js';
import type { ServerEvent } from './server-events.js';

/** What a close is said to be that no frame announced, RFC 6455 §7.1.5. */
const abnormal = 1006;
/** Between two attempts, at first; twice as long each time. */
const firstPauseMs = 200;
const longestPauseMs = 2_000;
/** Events that may wait for the connection to be back; audio is dropped. */
const mostKept = 256;

/** Finds a session again whose connection was lost. */
export class Resumption {
  /** Asks the server for a session that can be resumed. */
  readonly firstUrl: string;
  readonly #url: string;
  #token: string | undefined;
  #withinMs = 0;
  #lastEventId: string | undefined;
  /** Armed while there is no connection. */
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = firstPauseMs;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #kept: ClientEvent[] = [];

  constructor(url: string) {
    this.#url = url;
    this.firstUrl = withQuery(url, { resumable: 'true' });
  }

  /** Whether there is no connection at the moment. */
  get lost(): boolean {
    return this.#deadline !== undefined;
  }

  /** Only a connection that neither side has ended is resumed. */
  mayResume(code: number): boolean {
    return code === abnormal && this.#token !== undefined;
  }

  /** Calls back with the address to try next, and, when the connection has been lost for too long, without one. */
  retry(attempt: (url: string | undefined) => void): void {
    const token = this.#token;
    if (token === undefined) return;
    this.#deadline ??= setTimeout(() => attempt(undefined), this.#withinMs);
    const after = this.#lastEventId === undefined ? {} : { after: this.#lastEventId };
    this.#timer = setTimeout(() => attempt(withQuery(this.#url, { resume: token, ...after })), this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, longestPauseMs);
  }

  /** Reads an event of the server. @returns whether it says that the session was resumed */
  note(event: ServerEvent): boolean {
    this.#lastEventId = idOf(event) ?? this.#lastEventId;
    if (event.type !== 'parley.resumable' && event.type !== 'parley.resumed') return false;
    this.#token = event.token;
    this.#withinMs = event.within_ms;
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
    this.#pauseMs = firstPauseMs;
    return event.type === 'parley.resumed';
  }

  /** @throws ParleyError `client.backlog` when too many events wait */
  keep(event: ClientEvent): void {
    if (event.type === 'input_audio_buffer.append') return;
    if (this.#kept.length >= mostKept)
      throw new ParleyError(`The connection is lost, and ${mostKept} events wait for it already.`, {
        code: 'client.backlog',
        retryable: true,
      });
    this.#kept.push(event);
  }

  takeKept(): readonly ClientEvent[] {
    const kept = this.#kept;
    this.#kept = [];
    return kept;
  }

  close(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#timer);
  }
}

function withQuery(url: string, query: Readonly<Record<string, string>>): string {
  if (!URL.canParse(url)) return url;
  const changed = new URL(url);
  for (const [name, value] of Object.entries(query)) changed.searchParams.set(name, value);
  return changed.href;
}

function idOf(event: ServerEvent): string | undefined {
  const raw: object = event.type === 'unknown' ? event.event : event;
  return 'event_id' in raw && typeof raw.event_id === 'string' ? raw.event_id : undefined;
}
