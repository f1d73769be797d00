import { ParleyError } from '../../audio/error.js';
import { connectRealtime, type RealtimeClient } from '../../client/realtime-client.js';
import type { ServerEvent } from '../../client/server-events.js';
import type { OpenSocket } from '../../client/socket-like.js';

const settingsTimeoutMs = 10_000;
/** Events between the settings and their confirmation: a greeting may already be under way. */
const mostEarlyEvents = 5_000;

export type SessionOptions = {
  readonly url: string;
  readonly apiKey?: string;
  readonly openSocket: OpenSocket;
  readonly instructions?: string;
  /** What the agent says first; false when the caller begins. @defaultValue what the server's agent does */
  readonly greeting?: string | false;
  /** In writing: the agent's words come as text, and the client says where turns end. @defaultValue false */
  readonly written?: boolean;
  readonly signal?: AbortSignal;
};

export type OpenedSession = {
  readonly client: RealtimeClient;
  /** The agent is expected to speak first. */
  readonly greets: boolean;
  /** Hands over every event, those that have arrived already first. To be called once. */
  listen(listener: (event: ServerEvent) => void): void;
};

/**
 * Connects, asks for the session's settings and waits until the server has confirmed them.
 *
 * @throws ParleyError as `connectRealtime`; `call.refused_settings` when the server answers with an error,
 * `call.no_settings` when it does not answer.
 */
export async function openSession(options: SessionOptions): Promise<OpenedSession> {
  const early: ServerEvent[] = [];
  let listener: ((event: ServerEvent) => void) | undefined;
  let confirm: (event: ServerEvent) => void = () => {};
  const client = await connectRealtime({
    url: options.url,
    openSocket: options.openSocket,
    ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    ...(options.signal ? { signal: options.signal } : {}),
    onEvent(event) {
      if (listener) {
        listener(event);
        return;
      }
      if (early.length < mostEarlyEvents) early.push(event);
      confirm(event);
    },
  });

  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const greets = await new Promise<boolean>((resolve, reject) => {
      timer = setTimeout(() => reject(unconfirmed(options.url)), settingsTimeoutMs);
      options.signal?.addEventListener('abort', () => reject(aborted()), { once: true });
      if (options.signal?.aborted) reject(aborted());
      void client.ended.then((end) => {
        if (end.by === 'server') reject(end.error);
      });
      confirm = (event) => {
        if (event.type === 'error') reject(refused(event.error.message));
        if (event.type !== 'session.updated') return;
        const effective = event.session.parley?.greeting;
        resolve(options.greeting !== false && effective !== false && effective !== null && effective !== '');
      };
      client.send({
        type: 'session.update',
        session: {
          type: 'realtime',
          ...(options.instructions === undefined ? {} : { instructions: options.instructions }),
          ...(options.written ? { output_modalities: ['text'], audio: { input: { turn_detection: null } } } : {}),
          parley: {
            turn_metrics: true,
            ...(options.greeting === undefined ? {} : { greeting: options.greeting }),
          },
        },
      });
    });
    return {
      client,
      greets,
      listen(own) {
        listener = own;
        for (const event of early.splice(0)) own(event);
      },
    };
  } catch (error) {
    await client.close();
    throw error;
  } finally {
    clearTimeout(timer);
    confirm = () => {};
  }
}

function refused(reason: string): ParleyError {
  return new ParleyError(`The server refused the session's settings: ${reason}`, {
    code: 'call.refused_settings',
    status: 502,
  });
}

function unconfirmed(url: string): ParleyError {
  return new ParleyError(`${url} did not confirm the session's settings within ${settingsTimeoutMs / 1000} s.`, {
    code: 'call.no_settings',
    retryable: true,
    status: 504,
  });
}

function aborted(): ParleyError {
  return new ParleyError('The call was given up before it began.', { code: 'client.aborted', status: 499 });
}
