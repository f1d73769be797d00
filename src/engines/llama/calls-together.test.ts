import { describe, expect, it } from 'vitest';
import type { LanguageModelContext } from '../../ports/language-model.js';
import { ComputeGovernor } from '../host/governor.js';
import type { HostProcess } from '../host/host-process.js';
import { CallContext } from './call-context.js';
import { ContextView } from './context-view.js';
import { TokenPace } from './pace.js';
import type { PrefillSlice, ReplySlice, ReplyState } from './wire.js';

type Slice = { readonly context: number; readonly does: 'prompt' | 'token'; readonly promptTokens: number };

/** A host whose prompts have as many tokens as their text says, and whose replies never end. */
function setup(cores: number) {
  const governor = new ComputeGovernor({ cores });
  const pace = new TokenPace();
  const slices: Slice[] = [];
  const held = new Map<number, number>();
  let underWay = 0;
  let mostUnderWay = 0;
  let onSlice = (): void => {};
  const host = {
    whenReady: async (signal: AbortSignal) => signal.throwIfAborted(),
    request: async (op: string, payload: unknown): Promise<ReplyState> => {
      const request = payload as PrefillSlice & ReplySlice;
      const { context, promptTokens } = request;
      underWay += 1;
      mostUnderWay = Math.max(mostUnderWay, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      const nothing = { computed: 0, reused: 0, remaining: 0, dropped: 0, spentMs: 0, text: '', tokens: 0 };
      if (op === 'reply' && !request.begin) {
        slices.push({ context, does: 'token', promptTokens: 0 });
        onSlice();
        return { ...nothing, text: 'word ', tokens: 1 };
      }
      const have = held.get(context) ?? 0;
      const computed = Math.min(promptTokens, Number(request.prefix.system) - have);
      held.set(context, have + computed);
      const remaining = Number(request.prefix.system) - have - computed;
      slices.push({ context, does: 'prompt', promptTokens: computed });
      onSlice();
      const starts = op === 'reply' && remaining === 0;
      // Neither faster nor slower than is guessed before anything was measured.
      const spentMs = computed * pace.tokenMs(request.threads);
      return {
        ...nothing,
        computed,
        remaining,
        spentMs,
        reused: have,
        ...(starts ? { text: 'word ', tokens: 1 } : {}),
      };
    },
  };
  let contexts = 0;
  return {
    slices,
    mostUnderWay: () => mostUnderWay,
    /** Called after each slice. */
    watch: (listener: () => void) => {
      onSlice = listener;
    },
    call: (promptTokens: number) => {
      const call = new CallContext({
        host: host as unknown as HostProcess,
        governor,
        pace,
        context: ++contexts,
        prefix: { system: String(promptTokens), examples: [] },
        release: () => {},
      });
      return { call, root: new ContextView(call) };
    },
  };
}

async function reply(context: LanguageModelContext, maxTokens: number, onText = (): void => {}): Promise<void> {
  const { signal } = new AbortController();
  for await (const event of context.generate({ signal, maxTokens })) if (event.type === 'text') onText();
}

/** The longest run of slices of a call, as long as both are at it. */
function longestRun(slices: readonly Slice[], context: number): number {
  const together = slices.slice(0, slices.findLastIndex((slice) => slice.context !== context) + 1);
  let longest = 0;
  let run = 0;
  for (const slice of together) {
    run = slice.context === context ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

const { signal } = new AbortController();

describe.each([1, 2])('two calls on %i cores', (cores) => {
  it('share one host: it never has more than one slice to do', async () => {
    const { call, mostUnderWay } = setup(cores);
    const calls = [call(30), call(40)];
    const options = { signal, open: true, urgency: 'partial' } as const;
    await Promise.all(calls.map(({ root }) => root.extend({ role: 'user', text: 'hello' }, options)));
    expect(mostUnderWay()).toBe(1);
  });

  it('a new prompt in the background waits for the reply of another call', async () => {
    const { call, slices } = setup(cores);
    const speaking = call(12);
    const arriving = call(2_000);
    let words = 0;
    await reply(speaking.root, 30, () => {
      words += 1;
      if (words === 2) arriving.call.prepare(signal);
    });
    const last = slices.findLastIndex((slice) => slice.context === 1);
    expect(slices.slice(0, last).filter((slice) => slice.context === 2)).toEqual([]);
    arriving.call.release();
  });

  it('a prompt that is being computed stops for a turn of another call after the slice it is at', async () => {
    const { call, slices, watch } = setup(cores);
    const arriving = call(2_000);
    const speaking = call(12);
    let answered: Promise<void> | undefined;
    let from = 0;
    const asked = new Promise<void>((resolve) => {
      watch(() => {
        if (slices.length !== 5) return;
        from = slices.length;
        answered = reply(speaking.root, 12);
        resolve();
      });
    });
    arriving.call.prepare(signal);
    await asked;
    await answered;
    const until = slices.findLastIndex((slice) => slice.context === 2);
    expect(slices.slice(from, until).filter((slice) => slice.context === 1).length).toBeLessThanOrEqual(1);
    arriving.call.release();
  });

  it('a long prompt that a caller waits for takes turns with the reply of another call', async () => {
    const { call, slices } = setup(cores);
    const speaking = call(12);
    const arriving = call(2_000);
    let other: Promise<void> | undefined;
    let words = 0;
    await reply(speaking.root, 40, () => {
      words += 1;
      if (words === 10) other = reply(arriving.root, 3);
    });
    // Its first tokens are as urgent as any turn's; then every slice is followed by one of the reply.
    const run = longestRun(slices, 2);
    expect(run * Math.max(...slices.map(({ promptTokens }) => promptTokens))).toBeLessThanOrEqual(48 + 24);
    const prompt = slices.filter(({ context, does }) => context === 2 && does === 'prompt');
    expect(prompt.length).toBeGreaterThan(20);
    await other;
  });

  it('two replies get slices in turn', async () => {
    const { call, slices } = setup(cores);
    const calls = [call(12), call(12)];
    await Promise.all(calls.map(({ root }) => reply(root, 40)));
    expect(longestRun(slices, 1)).toBeLessThanOrEqual(3);
    expect(longestRun(slices, 2)).toBeLessThanOrEqual(3);
  });

  it('a prompt that is given up is computed no further than the slice it is at', async () => {
    const { call, slices, watch } = setup(cores);
    const { root } = call(2_000);
    const abort = new AbortController();
    watch(() => {
      if (slices.length === 4) abort.abort(new Error('the caller goes on'));
    });
    await expect(
      root.extend({ role: 'user', text: 'hello' }, { signal: abort.signal, urgency: 'partial' }),
    ).rejects.toThrow('the caller goes on');
    expect(slices).toHaveLength(4);
    for (const { promptTokens } of slices) expect(promptTokens).toBeLessThanOrEqual(6);
  });
});
