import { Worker } from 'node:worker_threads';
import { ParleyError } from '../../ports/errors.js';
import { type HostFailure, type HostInit, type HostMessage, type HostRequest, pingOp } from './protocol.js';

export type HostHandlers = Readonly<Record<string, (payload: unknown) => Promise<unknown> | unknown>>;

/**
 * Runs the child side of a host: waits for the init message, calls `start` (which loads models and warms them up), then
 * answers requests one after another in arrival order. Exits when the parent goes away.
 */
export function serveHost<Init>(start: (init: Init) => Promise<HostHandlers>): void {
  // Little memory: this thread only counts time.
  new Worker(new URL('./beat.js', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref();
  const send = (message: HostMessage): void => {
    // The parent may be gone already: then there is nobody to tell.
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  };
  let handlers: HostHandlers | undefined;
  let chain: Promise<void> = Promise.resolve();

  const answer = async (request: HostRequest): Promise<void> => {
    try {
      const handler = handlers?.[request.op];
      if (request.op === pingOp) send({ id: request.id, ok: true, value: null });
      else if (!handler) throw new ParleyError(`host has no operation "${request.op}"`, { code: 'host.unknown_op' });
      else send({ id: request.id, ok: true, value: await handler(request.payload) });
    } catch (error) {
      send({ id: request.id, ok: false, error: failureOf(error) });
    }
  };

  process.once('message', (first: HostInit) => {
    void (async () => {
      try {
        handlers = await start(first.init as Init);
      } catch (error) {
        send({ type: 'start-failed', error: failureOf(error) });
        setTimeout(() => process.exit(1), 50);
        return;
      }
      process.on('message', (request: HostRequest) => {
        chain = chain.then(() => answer(request));
      });
      send({ type: 'ready' });
    })();
  });
  process.on('disconnect', () => process.exit(0));
  // Ctrl-C reaches the whole process group: the parent decides when a host ends.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
}

function failureOf(error: unknown): HostFailure {
  if (ParleyError.isInstance(error))
    return { code: error.code, message: error.message, retryable: error.retryable, status: error.status };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'host.failed', message, retryable: true, status: 500 };
}
