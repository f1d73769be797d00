import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fitsJsonSchema, readJsonSchema } from '../../src/ports/json-schema.js';
import type {
  GenerateEvent,
  GenerateOptions,
  LanguageModel,
  LanguageModelContext,
} from '../../src/ports/language-model.js';

export type LanguageModelUnderTest = {
  readonly engine: LanguageModel;
  /** Contexts that it opens at once before it is full; undefined where there is no bound to be met. */
  readonly maxCalls: number | undefined;
  readonly dispose: () => Promise<void>;
};

const prefix = { system: 'You are a helpful assistant.', examples: [] };
/** What a model answers at some length, and the same each time. */
const question = { role: 'user', text: 'Count from one to twenty in words.' } as const;
/** Fills a context. */
const story = 'Every morning the old baker lights his oven and sings about bread.';
const jsonQuestion = 'Two large lattes with oat milk, please. Answer with the order as JSON.';
const order = {
  type: 'object',
  properties: {
    drink: { enum: ['latte', 'espresso', 'tea'] },
    size: { enum: ['small', 'medium', 'large'] },
    count: { type: 'integer' },
    extras: { type: 'array', items: { type: 'string', maxLength: 20 }, maxItems: 3 },
    name: { type: ['string', 'null'] },
  },
  required: ['drink', 'size', 'count'],
};
/** Generation is kept short: a real model takes its time for each token. */
const maxTokens = 8;

/** What every {@link LanguageModel} that answers deterministically keeps to. */
export function describeLanguageModelConformance(name: string, make: () => Promise<LanguageModelUnderTest>): void {
  describe(`${name} as a language model`, () => {
    const { signal } = new AbortController();
    let made: LanguageModelUnderTest;
    let answer: string;
    let calls = 0;
    const opened: LanguageModelContext[] = [];

    async function open(): Promise<LanguageModelContext> {
      const context = await made.engine.open(prefix, { callId: `call-${++calls}`, signal });
      opened.push(context);
      return context;
    }

    /** A context that was asked the question. */
    async function asked(): Promise<LanguageModelContext> {
      const context = await open();
      await context.extend(question, { signal });
      return context;
    }

    const generate = (context: LanguageModelContext, options: Partial<GenerateOptions> = {}) =>
      context.generate({ signal, maxTokens, ...options });

    beforeAll(async () => {
      made = await make();
      const context = await asked();
      answer = (await read(generate(context))).text;
      context.close();
    });
    afterEach(() => {
      for (const context of opened.splice(0)) context.close();
    });
    afterAll(() => made?.dispose());

    it('gives text, then one finish that accounts for it', async () => {
      const context = await asked();
      const { text, pieces, finish } = await read(generate(context));
      expect(text.trim()).not.toBe('');
      expect(pieces).not.toContain('');
      expect(finish.newTokens).toBeGreaterThanOrEqual(1);
      expect(finish.newTokens).toBeLessThanOrEqual(maxTokens);
      expect(finish.firstTokenMs).toBeGreaterThanOrEqual(0);
      if (made.engine.capabilities.prefill) {
        expect(finish.reusedTokens).toBeGreaterThan(0);
        expect(finish.computedTokens).toBeGreaterThan(0);
      }
    });

    it('gives no more tokens than it may, and says that it was cut', async () => {
      const context = await asked();
      for (const few of [1, 3]) {
        const { finish, text } = await read(generate(context, { maxTokens: few }));
        expect(finish).toMatchObject({ reason: 'length', newTokens: few });
        expect(answer.startsWith(text)).toBe(true);
      }
    });

    it('ends before a stop string, none of which it gives out', async () => {
      const context = await asked();
      const stop = answer.slice(answer.length >> 1, (answer.length >> 1) + 3);
      const { text, finish } = await read(generate(context, { stop: ['never said', stop] }));
      expect(finish.reason).toBe('stop');
      expect(text).toBe(answer.slice(0, answer.indexOf(stop)));
    });

    it('gives out what looked like a stop string and was none', async () => {
      const context = await asked();
      const last = answer.slice(-2);
      const { text } = await read(generate(context, { stop: [`${last}\u0001`, `${answer.slice(0, 3)}\u0001`] }));
      expect(text).toBe(answer);
    });

    it('ends where the caller says that the reply is complete', async () => {
      const context = await asked();
      const cut = answer.length >> 1;
      const endAt = (said: string): number | undefined => (said.length > cut ? cut : undefined);
      const { text, finish } = await read(generate(context, { endAt }));
      expect(answer.slice(0, cut).startsWith(text)).toBe(true);
      expect(finish.reason).toBe('stop');
    });

    it('is not changed by what it has generated', async () => {
      const context = await asked();
      const { mark } = context;
      await read(generate(context));
      expect(context.mark).toEqual(mark);
      expect((await read(generate(context))).text).toBe(answer);
    });

    it('ends or rejects when aborted on the way, and can be used again', async () => {
      const context = await asked();
      const abort = new AbortController();
      const said = await readUntilOver(generate(context, { signal: abort.signal }), () =>
        abort.abort(new Error('stop')),
      );
      expect(said.length).toBeLessThan(answer.length);
      expect((await read(generate(context))).text).toBe(answer);
    });

    it('can be used again after an aborted reply whose reader never comes back', async () => {
      const context = await asked();
      const abort = new AbortController();
      const abandoned = generate(context, { signal: abort.signal })[Symbol.asyncIterator]();
      await abandoned.next();
      abort.abort(new Error('stop'));
      expect((await read(generate(context))).text).toBe(answer);
    });

    it('rejects with the reason when aborted before', async () => {
      const context = await asked();
      const aborted = AbortSignal.abort(new Error('stop'));
      await expect(read(generate(context, { signal: aborted }))).rejects.toThrow('stop');
      if (made.engine.capabilities.prefill)
        await expect(context.fork().extend(question, { signal: aborted })).rejects.toThrow('stop');
      expect((await read(generate(context))).text).toBe(answer);
    });

    it('lets a reader stop in the middle', async () => {
      const context = await asked();
      for await (const event of generate(context)) {
        expect(event.type).toBe('text');
        break;
      }
      expect((await read(generate(context))).text).toBe(answer);
    });

    it('forks a draft that does not change its parent', async () => {
      const context = await asked();
      const { mark } = context;
      const draft = context.fork();
      await draft.extend({ role: 'assistant', text: 'No.' }, { signal });
      await draft.extend({ role: 'user', text: 'Why not?' }, { signal });
      await read(generate(draft, { maxTokens: 2 }));
      expect(draft.mark.messages).toBe(mark.messages + 2);
      expect(context.mark).toEqual(mark);
      expect((await read(generate(context))).text).toBe(answer);
      draft.close();
      expect((await read(generate(context))).text).toBe(answer);
    });

    it('is cut back to a mark', async () => {
      const context = await asked();
      const { mark } = context;
      await context.extend({ role: 'assistant', text: 'No.' }, { signal, defer: true });
      await context.extend({ role: 'user', text: 'Say something else.' }, { signal, defer: true });
      context.truncateTo(mark);
      expect(context.mark).toEqual(mark);
      expect((await read(generate(context))).text).toBe(answer);
    });

    it('goes on from a forced beginning without repeating it', async () => {
      const context = await asked();
      const { text } = await read(generate(context, { forcedBeginning: 'Sure, here you are:' }));
      expect(text.trim()).not.toBe('');
      expect(text).not.toContain('Sure, here');
    });

    it('computes nothing for a message that is put off', async () => {
      const context = await open();
      const result = await context.extend(question, { signal, defer: true });
      expect(result).toEqual({ computedTokens: 0, reusedTokens: 0, droppedMessages: 0 });
      expect(context.mark.messages).toBe(1);
      expect((await read(generate(context))).text).toBe(answer);
    });

    it('reuses what it has computed of a message that is still being spoken', async () => {
      if (!made.engine.capabilities.prefill) return;
      const context = await open();
      const { mark } = context;
      // Not asked before: what another call has left behind is reused too.
      const spoken = { role: 'user', text: 'Name the seven colours of the rainbow in order.' } as const;
      const words = spoken.text.split(' ');
      const parts = [6, 8, 9].map((count) => words.slice(0, count).join(' '));
      const results = [];
      for (const text of parts) {
        context.truncateTo(mark);
        results.push(await context.extend({ role: 'user', text }, { signal, open: true, urgency: 'partial' }));
      }
      const [first, second, third] = results;
      if (!first || !second || !third) throw new Error('three parts were sent');
      expect(first.computedTokens).toBeGreaterThan(second.computedTokens);
      expect(second.reusedTokens).toBeGreaterThan(first.reusedTokens);
      expect(third.reusedTokens).toBeGreaterThan(second.reusedTokens);
      context.truncateTo(mark);
      await context.extend(spoken, { signal, defer: true });
      const { text, finish } = await read(generate(context));
      expect(finish.reusedTokens).toBeGreaterThanOrEqual(third.reusedTokens);
      const atOnce = await open();
      await atOnce.extend(spoken, { signal });
      expect(text).toBe((await read(generate(atOnce))).text);
    });

    it('drops a block of the oldest messages when its context is full, never the prompt, and then nothing for long', async () => {
      if (!made.engine.capabilities.prefill) return;
      const context = await open();
      const dropped: number[] = [];
      const computed: number[] = [];
      for (let turn = 1; dropped.filter((count) => count > 0).length < 2; turn++) {
        expect(turn).toBeLessThan(60);
        const said = `${story} That was part ${turn}.`;
        await context.extend({ role: 'user', text: said }, { signal, defer: true });
        const { finish } = await read(generate(context, { maxTokens: 1 }));
        await context.extend({ role: 'assistant', text: 'I see.' }, { signal });
        dropped.push(finish.droppedMessages);
        computed.push(finish.computedTokens);
      }
      const at = dropped.findIndex((count) => count > 0);
      const [before = 0, first = 0, second = 0] = computed.slice(at - 1);
      expect(dropped[at]).toBeGreaterThan(1);
      // Turns that follow compute what is new in them, as those before did.
      expect(new Set(dropped.slice(at)).size).toBe(1);
      expect(first).toBeGreaterThan(1.5 * before);
      expect(second).toBeLessThanOrEqual(before + 2);
    });

    it('drops them while nobody waits when room is to be kept, so that the turn computes only what is new', async () => {
      if (!made.engine.capabilities.prefill) return;
      const context = await open();
      let droppedAhead = 0;
      for (let turn = 1; droppedAhead === 0; turn++) {
        expect(turn).toBeLessThan(60);
        await context.extend({ role: 'user', text: `${story} That was part ${turn}.` }, { signal, defer: true });
        const reply = { role: 'assistant', text: 'I see.' } as const;
        droppedAhead = (await context.extend(reply, { signal, urgency: 'partial', reserveTokens: 40 })).droppedMessages;
      }
      await context.extend({ role: 'user', text: 'Go on, please.' }, { signal, defer: true });
      const { finish } = await read(generate(context, { maxTokens: 1 }));
      expect(finish.droppedMessages).toBe(droppedAhead);
      expect(finish.computedTokens).toBeLessThanOrEqual(16);
    });

    it('replies in JSON of a schema, which always parses and fits', async () => {
      const context = await open();
      await context.extend({ role: 'user', text: jsonQuestion }, { signal, defer: true });
      const { finish, text } = await read(generate(context, { maxTokens: 60, json: order }));
      expect(finish.reason).toBe('end');
      expect(JSON.parse(text)).toEqual(finish.json);
      expect(fitsJsonSchema(finish.json, readJsonSchema(order))).toBe(true);
    });

    it('says that JSON was cut, and gives no value then', async () => {
      const context = await open();
      await context.extend({ role: 'user', text: jsonQuestion }, { signal, defer: true });
      const { finish } = await read(generate(context, { maxTokens: 3, json: order }));
      expect(finish).toMatchObject({ reason: 'length', newTokens: 3 });
      expect(finish).not.toHaveProperty('json');
    });

    it('refuses a schema that it cannot keep to, and what does not go with JSON', async () => {
      const context = await open();
      await context.extend({ role: 'user', text: jsonQuestion }, { signal, defer: true });
      const pattern = { type: 'string', pattern: '^[A-Z]+$' };
      const refusal = { code: 'language_model.json_schema', status: 400 };
      await expect(read(generate(context, { json: pattern }))).rejects.toMatchObject(refusal);
      await expect(read(generate(context, { json: order, stop: ['}'] }))).rejects.toMatchObject(refusal);
    });

    it('refuses one call more than it carries with a retryable error, until one has ended', async () => {
      const { maxCalls } = made;
      if (maxCalls === undefined) return;
      const contexts: LanguageModelContext[] = [];
      for (let i = 0; i < maxCalls; i++) contexts.push(await open());
      await expect(open()).rejects.toMatchObject({ code: 'language_model.full', retryable: true, status: 503 });
      contexts[0]?.close();
      const next = await open();
      await next.extend(question, { signal });
      expect((await read(generate(next))).text).toBe(answer);
    });

    it('keeps two calls apart', async () => {
      const [one, two] = [await open(), await open()];
      await one.extend(question, { signal });
      await two.extend({ role: 'user', text: 'Say goodbye.' }, { signal });
      const [first] = await Promise.all([read(generate(one)), read(generate(two, { maxTokens: 3 }))]);
      expect(first.text).toBe(answer);
    });

    it('can be closed twice, with its forks, and then refuses everything', async () => {
      const context = await asked();
      const draft = context.fork();
      context.close();
      context.close();
      for (const closed of [context, draft]) {
        const attempts = [
          async () => closed.extend(question, { signal }),
          async () => read(generate(closed)),
          async () => closed.fork(),
        ];
        for (const attempt of attempts)
          await expect(attempt()).rejects.toMatchObject({ code: 'language_model.closed' });
      }
    });

    it('ends a reply that is under way when it is closed, and gives its room back', async () => {
      const context = await asked();
      const events = generate(context)[Symbol.asyncIterator]();
      await events.next();
      context.close();
      const drained = (async () => {
        while (!(await events.next()).done);
      })();
      await drained.catch((error: unknown) => expect(error).toMatchObject({ code: 'language_model.closed' }));
      for (let i = 0; i < (made.maxCalls ?? 1) + 1; i++) {
        const next = await asked();
        expect((await read(generate(next, { maxTokens: 1 }))).text).not.toBe('');
        next.close();
      }
    });
  });
}

type Finish = Extract<GenerateEvent, { type: 'finish' }>;

async function read(events: AsyncIterable<GenerateEvent>): Promise<{ text: string; pieces: string[]; finish: Finish }> {
  const pieces: string[] = [];
  let finish: Finish | undefined;
  for await (const event of events) {
    if (finish) throw new Error(`There was ${event.type} after the finish.`);
    if (event.type === 'text') pieces.push(event.text);
    else finish = event;
  }
  if (!finish) throw new Error('The reply ended without a finish event.');
  return { text: pieces.join(''), pieces, finish };
}

/** The text until the stream ends or rejects with "stop"; `onFirst` is called with the first piece. */
async function readUntilOver(events: AsyncIterable<GenerateEvent>, onFirst: () => void): Promise<string> {
  let text = '';
  try {
    for await (const event of events) {
      if (event.type !== 'text') continue;
      if (text === '') onFirst();
      text += event.text;
    }
  } catch (error) {
    expect((error as Error).message).toBe('stop');
  }
  return text;
}
