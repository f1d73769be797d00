import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { ParleyError } from '../audio/error.js';

export type LockOptions = {
  /** How long to wait for another process. @defaultValue 3600000 */
  readonly waitMs: number;
  /** A lock not renewed for so long belongs to a process that is gone. @defaultValue 20000 */
  readonly staleMs: number;
  readonly signal: AbortSignal;
  /** Called once if another process holds the lock. */
  readonly onWait: () => void;
  /** Called if the lock is lost while held, for example after this computer slept. */
  readonly onLost: (error: ParleyError) => void;
};

export const defaultLockWaitMs = 3_600_000;
export const defaultLockStaleMs = 20_000;

const retryMs = 500;

/**
 * Takes the lock of a folder, which must exist, and returns what releases it.
 *
 * @throws {ParleyError} `models.locked` when the other process does not finish in time
 */
export async function lockFolder(folder: string, options: LockOptions): Promise<() => Promise<void>> {
  const deadlineMs = performance.now() + options.waitMs;
  for (let attempt = 0; ; attempt++) {
    options.signal.throwIfAborted();
    try {
      const release = await lockfile.lock(folder, {
        lockfilePath: join(folder, '.lock'),
        stale: options.staleMs,
        update: options.staleMs / 4,
        onCompromised: (cause) =>
          options.onLost(
            new ParleyError(
              `The lock on ${folder} was lost while models were being fetched, so another process may write there too. Run the same command again; it continues where this one stopped.`,
              { code: 'models.lock_lost', retryable: true, status: 503, cause },
            ),
          ),
      });
      // A lock that was lost cannot be released, which its loss has already said.
      return () => release().catch(() => undefined);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ELOCKED')) throw error;
      if (attempt === 0) options.onWait();
      if (performance.now() > deadlineMs) {
        throw new ParleyError(
          `Another process has been fetching models into ${folder} for ${Math.round(options.waitMs / 1000)} s. Wait for it or end it, then try again.`,
          { code: 'models.locked', retryable: true, status: 503, cause: error },
        );
      }
      await sleep(Math.min(retryMs, options.waitMs), undefined, { signal: options.signal }).catch((reason: unknown) => {
        options.signal.throwIfAborted();
        throw reason;
      });
    }
  }
}
