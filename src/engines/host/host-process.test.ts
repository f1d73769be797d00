import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type HostLimits, type HostLogEvent, HostProcess } from './host-process.js';

// The child runs compiled JavaScript: these tests need `npm run build` before them.
const entry = new URL('../../../test/conformance/hosts/small-host.js', import.meta.url);
const built = new URL('../../../dist/engines/host/serve.js', import.meta.url);

const opened: HostProcess[] = [];

function host(start: 'well' | 'fails' | 'exits' | 'hangs' = 'well', limits: Partial<HostLimits> = {}) {
  const log: HostLogEvent[] = [];
  const process = new HostProcess({
    name: 'small',
    entry,
    init: { start },
    log: (event) => log.push(event),
    limits: { firstRestartMs: 10, maxRestartMs: 60_000, ...limits },
  });
  opened.push(process);
  return { host: process, log };
}

async function until(reached: () => boolean): Promise<void> {
  for (let i = 0; i < 3_000 && !reached(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(reached()).toBe(true);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function pidOf(host: HostProcess): number {
  expect(host.pid).toBeTypeOf('number');
  return host.pid as number;
}

function deaths(log: readonly HostLogEvent[]): number[] {
  return log.flatMap((event) => (event.type === 'died' ? [event.restartInMs] : []));
}

beforeAll(() => {
  if (!existsSync(fileURLToPath(built))) throw new Error('dist/ is missing: run `npm run build` before the tests.');
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

describe('a host that works', () => {
  it('answers, with typed arrays as they were', async () => {
    const { host: small } = host();
    const samples = Float32Array.of(0.25, -1);
    await expect(small.request('echo', { samples })).resolves.toEqual({ samples });
  });

  it('hands on the code, status and retryability of what a handler threw', async () => {
    const { host: small } = host();
    await expect(small.request('refuse', null)).rejects.toMatchObject({
      code: 'thing.missing',
      status: 404,
      retryable: false,
      message: 'no such thing',
    });
    await expect(small.request('break', null)).rejects.toMatchObject({ code: 'host.failed', retryable: true });
    await expect(small.request('unheard-of', null)).rejects.toMatchObject({ code: 'host.unknown_op' });
    await expect(small.request('echo', 'still here')).resolves.toBe('still here');
  });

  it('ignores Ctrl-C, which is the main process to act on', async () => {
    const { host: small } = host();
    await small.start();
    process.kill(pidOf(small), 'SIGINT');
    await expect(small.request('echo', 1)).resolves.toBe(1);
    expect(small.generation).toBe(1);
  });

  it('refuses one request more than its bound, those that wait for its start included', async () => {
    const { host: small } = host('well', { maxPending: 2 });
    const first = small.request('wait', 50);
    const second = small.request('echo', 2);
    await expect(small.request('echo', 3)).rejects.toMatchObject({ code: 'host.busy', retryable: true, status: 503 });
    await expect(Promise.all([first, second])).resolves.toEqual(['waited', 2]);
    await expect(small.request('echo', 4)).resolves.toBe(4);
  });
});

describe('a host that dies', () => {
  it('fails what was under way with a retryable error, and is there again for the next request', async () => {
    const { host: small, log } = host();
    await small.start();
    const before = pidOf(small);
    const lost = [small.request('wait', 60_000), small.request('echo', 'queued behind')];
    const outcomes = Promise.allSettled(lost);
    process.kill(before, 'SIGKILL');
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'host.died', retryable: true, status: 503 },
      });
    await expect(small.request('echo', 'back')).resolves.toBe('back');
    expect(small.pid).not.toBe(before);
    expect(small.generation).toBe(2);
    expect(log.map((event) => event.type)).toEqual(['started', 'died', 'started']);
  });

  it('is not waited for by whoever holds a lease', async () => {
    const { host: small } = host('well', { firstRestartMs: 60_000 });
    await small.start();
    expect(small.up).toBe(true);
    await expect(small.request('echo', 1, { atOnce: true })).resolves.toBe(1);
    process.kill(pidOf(small), 'SIGKILL');
    await until(() => !small.up);
    await expect(small.request('echo', 2, { atOnce: true })).rejects.toMatchObject({ code: 'host.died' });
  });

  it('is started again without being asked', async () => {
    const { host: small, log } = host();
    await small.start();
    process.kill(pidOf(small), 'SIGKILL');
    await until(() => log.filter((event) => event.type === 'started').length === 2);
  });

  it('backs off further each time when it dies soon after every start', async () => {
    const { host: small, log } = host();
    for (let i = 0; i < 3; i++) await expect(small.request('exit', 3)).rejects.toMatchObject({ code: 'host.died' });
    await small.start();
    expect(deaths(log)).toEqual([10, 20, 40]);
  });

  it('starts afresh with its back-off when it ran well for longer than the longest one', async () => {
    const { host: small, log } = host('well', { maxRestartMs: 15 });
    for (let i = 0; i < 2; i++) {
      await small.start();
      await small.request('wait', 40);
      await expect(small.request('exit', 3)).rejects.toMatchObject({ code: 'host.died' });
    }
    expect(deaths(log)).toEqual([10, 10]);
  });
});

describe('a host that hangs', () => {
  it('fails the request after its deadline with host.hung, and is killed and started again', async () => {
    const { host: small } = host('well', { requestMs: 300, stallMs: 60_000 });
    await small.start();
    const before = pidOf(small);
    process.kill(before, 'SIGSTOP');
    await expect(small.request('echo', 1)).rejects.toMatchObject({ code: 'host.hung', retryable: true, status: 503 });
    await expect(small.request('echo', 2)).resolves.toBe(2);
    expect(isAlive(before)).toBe(false);
  });

  it('is found out by its missing beats long before a deadline, and while it loads too', async () => {
    const { host: small, log } = host('well', { requestMs: 60_000, healthEveryMs: 60_000, stallMs: 600 });
    await small.start();
    process.kill(pidOf(small), 'SIGSTOP');
    const waiting = small.request('wait', 60_000);
    await expect(waiting).rejects.toMatchObject({ code: 'host.died', retryable: true });
    expect(log.at(-1)).toMatchObject({ type: 'died', detail: expect.stringMatching(/no sign of life/) });
    await expect(small.request('echo', 2)).resolves.toBe(2);
    const { host: loading, log: loadingLog } = host('hangs', { stallMs: 600, firstRestartMs: 60_000 });
    const starting = expect(loading.start()).rejects.toThrow(/no sign of life/);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    process.kill(pidOf(loading), 'SIGSTOP');
    await starting;
    expect(deaths(loadingLog)).toHaveLength(1);
  });

  it('is not mistaken for one whose thread is busy', async () => {
    const { host: small, log } = host('well', { stallMs: 600 });
    await small.start();
    // Longer than the limit, and never without the beats.
    await expect(small.request('block', 2_500)).resolves.toBe('blocked');
    expect(small.generation).toBe(1);
    expect(deaths(log)).toEqual([]);
  });

  it('is found out by the health check when its thread hangs and nobody asks it anything', async () => {
    const { host: small, log } = host('well', { requestMs: 200, healthEveryMs: 30, stallMs: 60_000 });
    await small.start();
    process.kill(pidOf(small), 'SIGSTOP');
    await until(() => log.filter((event) => event.type === 'started').length === 2);
  });

  it('is killed when its start takes too long', async () => {
    const { host: small, log } = host('hangs', { startMs: 300, firstRestartMs: 60_000 });
    await expect(small.start()).rejects.toMatchObject({ code: 'host.start_failed', retryable: true });
    expect(small.pid).toBeUndefined();
    expect(log).toMatchObject([{ type: 'died', detail: 'it had not loaded after 300 ms' }]);
  });
});

describe('a host that cannot start', () => {
  it('says why', async () => {
    const { host: small } = host('fails', { firstRestartMs: 60_000 });
    await expect(small.start()).rejects.toThrow('The small host could not be started: the weights are damaged');
    const { host: other } = host('exits', { firstRestartMs: 60_000 });
    await expect(other.start()).rejects.toThrow('it ended with code 7');
  });

  it('is tried again at growing distances up to the longest', async () => {
    const { host: small, log } = host('exits', { firstRestartMs: 5, maxRestartMs: 12 });
    await expect(small.start()).rejects.toMatchObject({ code: 'host.start_failed' });
    await until(() => deaths(log).length >= 4);
    expect(deaths(log).slice(0, 4)).toEqual([5, 10, 12, 12]);
  });

  it('is not started sooner because somebody asks, and whoever waits is told when it closes', async () => {
    const { host: small } = host('exits', { firstRestartMs: 60_000 });
    await expect(small.start()).rejects.toMatchObject({ code: 'host.start_failed' });
    const waiting = expect(small.request('echo', 1)).rejects.toMatchObject({ code: 'host.closed' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(small.generation).toBe(1);
    await small.close();
    await waiting;
  });

  it('lets go of whoever waits for it when their signal aborts', async () => {
    const { host: small } = host('exits', { firstRestartMs: 60_000 });
    await expect(small.start()).rejects.toMatchObject({ code: 'host.start_failed' });
    const abort = new AbortController();
    const waiting = small.whenReady(abort.signal);
    abort.abort(new Error('the caller hung up'));
    await expect(waiting).rejects.toThrow('the caller hung up');
  });
});

describe('closing a host', () => {
  it('leaves no child, can be done twice, and refuses what comes later', async () => {
    const { host: small } = host();
    await small.start();
    const pid = pidOf(small);
    const under = expect(small.request('wait', 60_000)).rejects.toMatchObject({ code: 'host.died' });
    const both = Promise.all([small.close(), small.close()]);
    await both;
    expect(isAlive(pid)).toBe(false);
    await under;
    await small.close();
    await expect(small.request('echo', 1)).rejects.toMatchObject({ code: 'host.closed' });
    await expect(small.start()).rejects.toMatchObject({ code: 'host.closed' });
    expect(small.generation).toBe(1);
  });

  it('ends one that is still starting', async () => {
    const { host: small } = host('hangs');
    const starting = expect(small.start()).rejects.toMatchObject({ code: 'host.start_failed' });
    const pid = pidOf(small);
    await small.close();
    await starting;
    expect(isAlive(pid)).toBe(false);
  });

  it('ends one that does not listen any more', async () => {
    const { host: small } = host();
    await small.start();
    const pid = pidOf(small);
    process.kill(pid, 'SIGSTOP');
    await small.close();
    expect(isAlive(pid)).toBe(false);
  });

  it('before the start is no trouble', async () => {
    const { host: small } = host();
    await small.close();
    await expect(small.start()).rejects.toMatchObject({ code: 'host.closed' });
  });
});
