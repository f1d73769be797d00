import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ComputeGovernor, revocableKinds, type WorkKind, workKinds } from './governor.js';

const { signal } = new AbortController();

/** A piece of work that runs until the test says so. */
function held(governor: ComputeGovernor, kind: WorkKind, maxThreads = 1, abort: AbortSignal = signal) {
  let release = (): void => {};
  let threads: number | undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const done = governor.slice({ kind, signal: abort, maxThreads }, async (given) => {
    threads = given;
    await gate;
  });
  return {
    done,
    release: async (): Promise<void> => {
      release();
      await done;
    },
    get threads(): number | undefined {
      return threads;
    },
  };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('compute governor', () => {
  it('tells how long urgent work has waited for a core, and nothing of work that can wait', async () => {
    const governor = new ComputeGovernor({ cores: 1 });
    expect(governor.queueMs()).toBe(0);
    const running = held(governor, 'tts-first');
    await settle();
    expect(governor.queueMs()).toBeLessThan(5);
    const urgent = held(governor, 'llm-turn');
    const job = held(governor, 'job');
    await new Promise((resolve) => setTimeout(resolve, 40));
    await running.release();
    await settle();
    const before = governor.queueMs();
    // Of two waits, one of none and one of 40 ms or more.
    expect(before).toBeGreaterThan(15);
    await urgent.release();
    await job.release();
    expect(governor.queueMs()).toBe(before);
  });

  it('gives a core that becomes free to the most urgent kind, whoever asked first', async () => {
    const governor = new ComputeGovernor({ cores: 1 });
    const running = held(governor, 'job');
    const started: WorkKind[] = [];
    const waiting = [...workKinds].reverse().map((kind) =>
      governor.slice({ kind, signal }, async () => {
        started.push(kind);
      }),
    );
    await running.release();
    await Promise.all(waiting);
    expect(started).toEqual(workKinds);
  });

  it('serves equals in the order in which they asked', async () => {
    const governor = new ComputeGovernor({ cores: 1 });
    const running = held(governor, 'stt-final');
    const started: number[] = [];
    const waiting = [1, 2, 3].map((n) => governor.slice({ kind: 'tts-first', signal }, async () => started.push(n)));
    await running.release();
    await Promise.all(waiting);
    expect(started).toEqual([1, 2, 3]);
  });

  it('grants as many threads as are wanted and free', async () => {
    const governor = new ComputeGovernor({ cores: 4 });
    const first = held(governor, 'llm-turn', 3);
    const second = held(governor, 'llm-turn', 3);
    await settle();
    expect([first.threads, second.threads]).toEqual([3, 1]);
    const third = held(governor, 'llm-turn', 99);
    await settle();
    expect(third.threads).toBeUndefined();
    await first.release();
    await settle();
    expect(third.threads).toBe(3);
    await Promise.all([second.release(), third.release()]);
  });

  it('gives at least one thread to work that asks for none', async () => {
    const governor = new ComputeGovernor({ cores: 2 });
    await expect(governor.slice({ kind: 'job', signal, maxThreads: 0 }, async (threads) => threads)).resolves.toBe(1);
  });

  it('keeps revocable kinds waiting while it is held, and no others', async () => {
    const governor = new ComputeGovernor({ cores: 2 });
    const release = governor.hold();
    const alsoRelease = governor.hold();
    const kept = revocableKinds.map((kind) => held(governor, kind));
    for (const kind of workKinds.filter((each) => !revocableKinds.includes(each)))
      await governor.slice({ kind, signal }, async () => {});
    release();
    release();
    await settle();
    expect(kept.map((each) => each.threads)).toEqual([undefined, undefined, undefined]);
    alsoRelease();
    await settle();
    expect(kept.filter((each) => each.threads === 1)).toHaveLength(2);
    await Promise.all(kept.map((each) => each.release()));
  });

  it('runs one slice of a lane at a time, the most urgent next, and leaves the other cores to others', async () => {
    const governor = new ComputeGovernor({ cores: 2 });
    const lane = 'host';
    const started: string[] = [];
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = governor.slice({ kind: 'llm-partial', signal, lane }, () => gate);
    const later = (['job', 'llm-turn'] as const).map((kind) =>
      governor.slice({ kind, signal, lane, maxThreads: 2 }, async (threads) => started.push(`${kind} ${threads}`)),
    );
    const other = governor.slice({ kind: 'job', signal }, async () => started.push('other'));
    const failing = governor.slice({ kind: 'job', signal, lane }, () => Promise.reject(new Error('no')));
    await other;
    expect(started).toEqual(['other']);
    release();
    await Promise.all([first, ...later]);
    await expect(failing).rejects.toThrow('no');
    expect(started).toEqual(['other', 'llm-turn 2', 'job 2']);
    await governor.slice({ kind: 'job', signal, lane }, async () => started.push('free'));
    expect(started.at(-1)).toBe('free');
  });

  it('rejects with the reason when aborted while waiting, and passes the core to the next', async () => {
    const governor = new ComputeGovernor({ cores: 1 });
    const running = held(governor, 'job');
    const abort = new AbortController();
    const given = held(governor, 'stt-final', 1, abort.signal);
    const next = held(governor, 'job');
    abort.abort(new Error('the turn went on'));
    await expect(given.done).rejects.toThrow('the turn went on');
    expect(given.threads).toBeUndefined();
    await running.release();
    await settle();
    expect(next.threads).toBe(1);
    await next.release();
  });

  it('rejects at once, and runs nothing, when the signal has aborted before', async () => {
    const governor = new ComputeGovernor({ cores: 1 });
    await expect(
      governor.slice({ kind: 'job', signal: AbortSignal.abort(new Error('over')) }, async () => {
        throw new Error('it ran');
      }),
    ).rejects.toThrow('over');
  });

  it('lets work that runs already finish when its signal aborts', async () => {
    const governor = new ComputeGovernor({ cores: 1 });
    const abort = new AbortController();
    const running = held(governor, 'job', 1, abort.signal);
    await settle();
    abort.abort();
    await running.release();
    await expect(running.done).resolves.toBeUndefined();
  });

  it('loses no core to work that throws, at once or later', async () => {
    const governor = new ComputeGovernor({ cores: 2 });
    for (let i = 0; i < 5; i++) {
      const atOnce = governor.slice({ kind: 'job', signal, maxThreads: 2 }, () => {
        throw new Error('at once');
      });
      await expect(atOnce).rejects.toThrow('at once');
      const later = governor.slice({ kind: 'job', signal }, () => Promise.reject(new Error('later')));
      await expect(later).rejects.toThrow('later');
    }
    await expect(governor.slice({ kind: 'job', signal, maxThreads: 2 }, async (threads) => threads)).resolves.toBe(2);
  });

  it('accounts for what each kind was leased', async () => {
    const governor = new ComputeGovernor({ cores: 2 });
    await governor.slice({ kind: 'tts-first', signal }, settle);
    expect(governor.usage()['tts-first']).toBeGreaterThan(0);
    expect(governor.usage().job).toBeUndefined();
  });

  type Step =
    | { readonly do: 'ask'; readonly kind: WorkKind; readonly maxThreads: number; readonly fails: boolean }
    | { readonly do: 'finish' | 'abort'; readonly which: number }
    | { readonly do: 'hold' }
    | { readonly do: 'unhold' };

  const steps = fc.array(
    fc.oneof<fc.Arbitrary<Step>[]>(
      fc.record({
        do: fc.constant('ask' as const),
        kind: fc.constantFrom(...workKinds),
        maxThreads: fc.integer({ min: 1, max: 6 }),
        fails: fc.boolean(),
      }),
      fc.record({ do: fc.constantFrom('finish' as const, 'abort' as const), which: fc.nat(20) }),
      fc.constantFrom<Step>({ do: 'hold' }, { do: 'unhold' }),
    ),
    { maxLength: 60 },
  );

  it('never leases more than its cores, and everything is served or aborted in the end, in any order of events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), steps, async (cores, script) => {
        const governor = new ComputeGovernor({ cores });
        let leased = 0;
        let most = 0;
        let asked = 0;
        let settled = 0;
        const running: (() => void)[] = [];
        const aborts: AbortController[] = [];
        const releases: (() => void)[] = [];
        for (const step of script) {
          if (step.do === 'ask') {
            const abort = new AbortController();
            aborts.push(abort);
            asked += 1;
            governor
              .slice({ kind: step.kind, signal: abort.signal, maxThreads: step.maxThreads }, async (threads) => {
                if (threads < 1 || threads > step.maxThreads) throw new Error(`granted ${threads} threads`);
                leased += threads;
                most = Math.max(most, leased);
                await new Promise<void>((resolve) => running.push(resolve));
                leased -= threads;
                if (step.fails) throw new Error('it fails');
              })
              .catch(() => {})
              .finally(() => {
                settled += 1;
              });
          } else if (step.do === 'hold') releases.push(governor.hold());
          else if (step.do === 'unhold') releases.pop()?.();
          else if (step.do === 'abort') aborts[step.which]?.abort(new Error('given up'));
          else running.splice(step.which % Math.max(1, running.length), 1)[0]?.();
          await settle();
          expect(leased).toBeLessThanOrEqual(cores);
        }
        for (const release of releases) release();
        // What waits is served once nothing new comes, however little urgent it is.
        for (let i = 0; i <= asked && settled < asked; i++) {
          for (const finish of running.splice(0)) finish();
          await settle();
        }
        expect(settled).toBe(asked);
        expect(most).toBeLessThanOrEqual(cores);
        const all = await governor.slice({ kind: 'job', signal, maxThreads: cores }, async (threads) => threads);
        expect(all).toBe(cores);
      }),
      { numRuns: 100 },
    );
  });
});
