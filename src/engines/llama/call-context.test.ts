import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../ports/errors.js';
import type { GenerateEvent } from '../../ports/language-model.js';
import { ComputeGovernor } from '../host/governor.js';
import type { HostProcess } from '../host/host-process.js';
import { CallContext } from './call-context.js';
import { ContextView } from './context-view.js';
import { TokenPace } from './pace.js';
import type { PrefillSlice, PrefillState, ReplySlice, ReplyState } from './wire.js';

const prefix = { system: 'You are brief.', examples: [] };

type Asked = { readonly op: string; readonly payload: PrefillSlice & ReplySlice };

/** A host whose replies are the given slices of text, and which answers only when it is let to. */
function setup(replySlices: readonly string[], options: { tokensPerSlice?: number } = {}) {
  const asked: Asked[] = [];
  let gate: Promise<void> = Promise.resolve();
  let released = 0;
  let dies = false;
  let left: string[] = [];
  const answer = (op: string, payload: ReplySlice): PrefillState | ReplyState => {
    const state = { computed: 0, reused: 0, remaining: 0, dropped: 0, spentMs: 1 };
    if (op !== 'reply') return { ...state, computed: 5, reused: 7 };
    if (payload.begin) left = [...replySlices];
    const text = left.shift() ?? '';
    return {
      ...state,
      ...(payload.begin ? { computed: 5, reused: 7 } : {}),
      text,
      tokens: Math.min(options.tokensPerSlice ?? 1, payload.maxTokens),
      ...(left.length === 0 ? { over: 'end' } : {}),
    };
  };
  const host = {
    whenReady: async (signal: AbortSignal) => signal.throwIfAborted(),
    request: async (op: string, payload: unknown) => {
      asked.push({ op, payload: payload as Asked['payload'] });
      await gate;
      if (dies) {
        dies = false;
        throw new ParleyError('gone', { code: 'host.died', retryable: true, status: 503 });
      }
      return answer(op, payload as ReplySlice);
    },
  };
  const call = new CallContext({
    host: host as unknown as HostProcess,
    governor: new ComputeGovernor({ cores: 2 }),
    pace: new TokenPace(),
    context: 1,
    prefix,
    release: () => {
      released += 1;
    },
  });
  return {
    call,
    root: new ContextView(call),
    asked,
    ops: () => asked.map(({ op }) => op),
    /** The next slice finds that its host is gone. */
    die: (): void => {
      dies = true;
    },
    released: () => released,
    /** The host answers nothing until the returned function is called. */
    block: (): (() => void) => {
      let open = (): void => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
  };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

async function read(events: AsyncIterable<GenerateEvent>) {
  let text = '';
  let finish: Extract<GenerateEvent, { type: 'finish' }> | undefined;
  for await (const event of events) {
    if (event.type === 'text') text += event.text;
    else finish = event;
  }
  return { text, finish };
}

const { signal } = new AbortController();

describe('a reply', () => {
  it('whose host dies goes on on the next one, behind what was given out', async () => {
    const { root, ops, asked, die } = setup(['Sure,', ' a coffee.', ' Anything else?']);
    const events = root.generate({ signal, maxTokens: 50 })[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: 'text', text: 'Sure,', tokens: 1 });
    die();
    expect((await events.next()).value).toMatchObject({ type: 'text' });
    await events.return?.(undefined);
    expect(ops()).toEqual(['reply', 'reply', 'reply']);
    expect(asked.at(-1)?.payload).toMatchObject({ begin: true, forcedBeginning: 'Sure,' });
  });

  it('gives out no text that may be the beginning of a stop string', async () => {
    const { root } = setup(['Sure', '\n', '\nUser', ': no']);
    const events: GenerateEvent[] = [];
    for await (const event of root.generate({ signal, maxTokens: 50, stop: ['\n\nUser:'] })) events.push(event);
    expect(events.map((event) => (event.type === 'text' ? event.text : event.reason))).toEqual(['Sure', 'stop']);
  });

  it('gives out what was held back when the stop string does not come', async () => {
    const { root } = setup(['one\n', 'two\n']);
    const { text, finish } = await read(root.generate({ signal, maxTokens: 50, stop: ['\n\n'] }));
    expect(text).toBe('one\ntwo\n');
    expect(finish?.reason).toBe('end');
  });

  it('gives out what was held back when it ends for its length', async () => {
    const { root } = setup(['one\n', 'two']);
    const { text, finish } = await read(root.generate({ signal, maxTokens: 1, stop: ['\n\n'] }));
    expect(text).toBe('one\n');
    expect(finish?.reason).toBe('length');
  });

  it('never asks the host for more tokens than are left', async () => {
    const { root, asked } = setup(['a', 'b', 'c', 'd'], { tokensPerSlice: 4 });
    const { finish } = await read(root.generate({ signal, maxTokens: 6 }));
    expect(asked.filter(({ op }) => op === 'reply').map(({ payload }) => payload.maxTokens)).toEqual([6, 2]);
    expect(finish).toMatchObject({ reason: 'length', newTokens: 6 });
  });

  it('ends where `endAt` says, before a later stop string', async () => {
    const { root } = setup(['Yes. ', 'And then STOP']);
    const { text, finish } = await read(
      root.generate({ signal, maxTokens: 9, stop: ['STOP'], endAt: (said) => (said.includes('And') ? 4 : undefined) }),
    );
    expect(text.trimEnd()).toBe('Yes.');
    expect(finish?.reason).toBe('stop');
  });

  it('counts what was computed for its prompt and what was reused', async () => {
    const { root } = setup(['Hi']);
    const { finish } = await read(root.generate({ signal, maxTokens: 9 }));
    expect(finish).toMatchObject({ reason: 'end', computedTokens: 5, reusedTokens: 7, newTokens: 1 });
  });
});

describe('the sequence of a call', () => {
  it('is worked on by one at a time: a prefill waits until the reply has ended', async () => {
    const { root, ops } = setup(['a', 'b']);
    const reply = root.generate({ signal, maxTokens: 9 })[Symbol.asyncIterator]();
    await reply.next();
    const extended = root.extend({ role: 'user', text: 'more' }, { signal });
    await settle();
    expect(ops()).not.toContain('prefill');
    while (!(await reply.next()).done);
    await extended;
    expect(ops().at(-1)).toBe('prefill');
  });

  it('is free again when a reply is aborted whose reader never comes back', async () => {
    const { root } = setup(['a', 'b', 'c']);
    const abort = new AbortController();
    const reply = root.generate({ signal: abort.signal, maxTokens: 9 })[Symbol.asyncIterator]();
    await reply.next();
    abort.abort(new Error('interrupted'));
    await expect(root.extend({ role: 'user', text: 'next' }, { signal })).resolves.toMatchObject({ reusedTokens: 7 });
    await expect(reply.next()).rejects.toThrow('interrupted');
  });

  it('tells whoever waits for it at once that they were aborted, and keeps the order of the others', async () => {
    const { root, ops } = setup(['a', 'b']);
    const reply = root.generate({ signal, maxTokens: 9 })[Symbol.asyncIterator]();
    await reply.next();
    const abort = new AbortController();
    const given = root.extend({ role: 'user', text: 'given up' }, { signal: abort.signal });
    const after = root.fork().extend({ role: 'user', text: 'after' }, { signal });
    abort.abort(new Error('not needed'));
    await expect(given).rejects.toThrow('not needed');
    await settle();
    expect(ops()).not.toContain('prefill');
    await reply.return?.();
    await after;
    expect(ops().filter((op) => op === 'prefill')).toHaveLength(1);
  });

  it('that is told at once how the conversation goes on asks for nothing less than all of it', async () => {
    const { call, root, asked } = setup(['a']);
    call.prepare(signal);
    for (let turn = 1; turn <= 9; turn++)
      await root.extend({ role: turn % 2 === 1 ? 'user' : 'assistant', text: `${turn}` }, { signal, defer: turn < 9 });
    await settle();
    expect(asked.map(({ op, payload }) => [op, payload.messages.length])).toEqual([['prefill', 9]]);
  });

  it('is taken over from the preparation of the prompt by the first turn, but not by a partial', async () => {
    const { call, root, asked, block } = setup(['a']);
    const open = block();
    call.prepare(signal);
    await settle();
    const partial = root.fork().extend({ role: 'user', text: 'hel' }, { signal, open: true, urgency: 'partial' });
    await settle();
    expect(asked.map(({ op, payload }) => [op, payload.messages.length])).toEqual([['prefill', 0]]);
    const reply = read(root.generate({ signal, maxTokens: 9 }));
    open();
    await Promise.all([partial, reply]);
    expect(asked.map(({ op }) => op)).toEqual(['prefill', 'prefill', 'reply']);
  });

  it('is asked for nothing more once the call is closed, so that the host does not open it again', async () => {
    const { root, ops, block } = setup(['a', 'b', 'c']);
    const reply = root.generate({ signal, maxTokens: 9 })[Symbol.asyncIterator]();
    await reply.next();
    const open = block();
    const next = reply.next();
    await settle();
    root.close();
    open();
    await next;
    const before = ops().length;
    await expect(reply.next()).rejects.toMatchObject({ code: 'language_model.closed' });
    expect(ops()).toHaveLength(before);
  });
});

describe('a context', () => {
  it('computes nothing for a deferred message, and sends it with the reply', async () => {
    const { root, asked } = setup(['a']);
    await root.extend({ role: 'user', text: 'hello' }, { signal, defer: true });
    expect(asked).toEqual([]);
    await read(root.generate({ signal, maxTokens: 9, forcedBeginning: 'Sure,' }));
    expect(asked[0]).toMatchObject({
      op: 'reply',
      payload: { messages: [{ role: 'user', text: 'hello' }], forcedBeginning: 'Sure,', begin: true },
    });
  });

  it('forks without changing the parent, and is cut back to a mark', async () => {
    const { root, asked } = setup(['a']);
    await root.extend({ role: 'user', text: 'one' }, { signal });
    const { mark } = root;
    const fork = root.fork();
    await fork.extend({ role: 'user', text: 'two' }, { signal });
    expect(root.mark).toEqual(mark);
    await root.extend({ role: 'user', text: 'three' }, { signal, open: true });
    root.truncateTo(mark);
    await root.extend({ role: 'user', text: 'three four' }, { signal });
    expect(asked.map(({ payload }) => payload.messages.map((message) => message.text).join('|'))).toEqual([
      'one',
      'one|two',
      'one|three',
      'one|three four',
    ]);
    expect(asked.map(({ payload }) => payload.open)).toEqual([false, false, true, false]);
  });

  it('closes its forks with it, is released once, and outlives a fork', () => {
    const { root, released } = setup([]);
    const fork = root.fork();
    fork.close();
    expect(released()).toBe(0);
    const other = root.fork();
    root.close();
    root.close();
    expect(released()).toBe(1);
    expect(() => other.generate({ signal, maxTokens: 1 })).toThrowError(
      expect.objectContaining({ code: 'language_model.closed' }),
    );
    expect(() => root.fork()).toThrowError(expect.objectContaining({ code: 'language_model.closed' }));
  });
});
