import fc from 'fast-check';
import type { LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { guessNext } from './prompt-lookup.js';
import { TokenSequence } from './sequence.js';

const end = 0 as Token;
const tokens = (...ids: number[]): Token[] => ids as Token[];

/** A model whose next token is a function of the tokens before it, over a KV cache that is checked for gaps. */
function setup(next: (before: readonly Token[]) => Token, contextSize = 1_000) {
  let held: Token[] = [];
  const evaluated: number[] = [];
  const sequence = {
    contextSize,
    get nextTokenIndex() {
      return held.length;
    },
    get contextTokens() {
      return [...held];
    },
    compareContextTokens: (wanted: Token[]) => {
      let index = 0;
      while (index < wanted.length && wanted[index] === held[index]) index++;
      return { firstDifferentIndex: index };
    },
    eraseContextTokenRanges: async ([range]: { start: number; end: number }[]) => {
      expect(range?.end).toBe(held.length);
      held = held.slice(0, range?.start);
    },
    controlledEvaluate: async (input: (Token | [Token, { generateNext: { probabilities?: boolean } }])[]) => {
      evaluated.push(input.length);
      return input.map((item) => {
        held.push(Array.isArray(item) ? item[0] : item);
        if (!Array.isArray(item)) return undefined;
        // As surely as a model can, but for one in ten of whatever token 9 is.
        if (item[1].generateNext.probabilities)
          return { next: { probabilities: new Map([[next(held), 0.9] as const, [9 as Token, 0.1] as const]) } };
        return { next: { token: next(held) } };
      });
    },
    evaluateWithoutGeneratingNewTokens: async (more: Token[]) => {
      held.push(...more);
    },
  };
  const model = {
    isEogToken: (token: Token) => token === end,
    detokenize: (all: readonly Token[]) => all.map((token) => String.fromCharCode(64 + token)).join(''),
  };
  return {
    sequence: new TokenSequence(sequence as unknown as LlamaContextSequence, model as unknown as LlamaModel),
    evaluated,
    held: () => held,
  };
}

/** Says tokens of a script after a prompt of the given length. */
const saying = (prompt: number, script: readonly Token[]) => (before: readonly Token[]) =>
  script[before.length - prompt] ?? end;

async function reply(
  made: ReturnType<typeof setup>,
  prompt: readonly Token[],
  options: { lookAhead: boolean; maxTokens?: number },
) {
  const maxTokens = options.maxTokens ?? 100;
  const held = await made.sequence.align(prompt.slice(0, -1));
  await made.sequence.beginReply(prompt.slice(held));
  let text = '';
  let count = 0;
  for (;;) {
    const state = await made.sequence.continueReply(0, maxTokens - count, options.lookAhead);
    text += state.text;
    count += state.tokens;
    if (state.over || count >= maxTokens) return { text, count, over: state.over };
  }
}

describe('a guess from the prompt', () => {
  it('is what followed the same tokens last', () => {
    expect(guessNext(tokens(1, 2, 3, 4, 9, 1, 2, 5, 6, 9, 1, 2), 2)).toEqual([5, 6]);
    expect(guessNext(tokens(7, 1, 2, 3, 9, 8, 1, 2, 4, 9, 7, 1, 2), 1)).toEqual([3]);
  });

  it('is nothing where nothing, or only one token, is the same, or where none is wanted', () => {
    expect(guessNext(tokens(1, 2, 3), 2)).toEqual([]);
    expect(guessNext(tokens(5, 1, 2, 6, 1), 2)).toEqual([]);
    expect(guessNext(tokens(1, 2, 3, 1, 2), 0)).toEqual([]);
    expect(guessNext(tokens(), 2)).toEqual([]);
  });
});

describe('a reply that repeats its prompt', () => {
  const prompt = tokens(1, 2, 3, 4, 5, 6, 7, 8, 20);

  it('takes fewer steps when it may look ahead, and says the same', async () => {
    const script = tokens(9, 2, 3, 4, 5, 6, 7, 8);
    const one = setup(saying(prompt.length, script));
    const other = setup(saying(prompt.length, script));
    const slow = await reply(one, prompt, { lookAhead: false });
    const fast = await reply(other, prompt, { lookAhead: true });
    expect(fast).toEqual(slow);
    expect(fast).toEqual({ text: 'IBCDEFGH', count: 8, over: 'end' });
    expect(other.evaluated.length).toBeLessThan(one.evaluated.length - 3);
  });

  it('leaves nothing in the cache that it has not said', async () => {
    const script = tokens(9, 2, 3, 9, 9, 4, 5, 9);
    const made = setup(saying(prompt.length, script));
    await reply(made, prompt, { lookAhead: true });
    expect(made.held()).toEqual([...prompt, ...script]);
  });

  it('gives no more tokens than it may', async () => {
    for (const maxTokens of [1, 2, 3, 4, 5]) {
      const made = setup(saying(prompt.length, tokens(1, 2, 3, 4, 5, 6, 7, 8)));
      expect((await reply(made, prompt, { lookAhead: true, maxTokens })).count).toBe(maxTokens);
    }
  });

  it('is the same with and without looking ahead, whatever prompt and reply are', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 25 }),
        async (said, answer, maxTokens) => {
          const next = saying(said.length, answer as Token[]);
          const slow = await reply(setup(next), said as Token[], { lookAhead: false, maxTokens });
          const fast = await reply(setup(next), said as Token[], { lookAhead: true, maxTokens });
          // One that is cut just before its end may learn of the end with its last token.
          expect({ ...fast, over: undefined }).toEqual({ ...slow, over: undefined });
        },
      ),
    ));

  it('tells once how likely an ending was behind a token of its prompt', async () => {
    const made = setup(saying(prompt.length, tokens(5, 6)));
    const endings = tokens(9, 8);
    await made.sequence.beginReply(prompt, { judged: { index: 1, endings } });
    expect((await made.sequence.continueReply(0, 1, false)).ending).toBeCloseTo(0.1);
    expect((await made.sequence.continueReply(0, 1, false)).ending).toBeUndefined();
    await made.sequence.beginReply(tokens(1));
    expect((await made.sequence.continueReply(0, 1, false)).ending).toBeUndefined();
  });

  it('ends when the context is full', async () => {
    const made = setup(() => tokens(3)[0] ?? end, 30);
    const said = await reply(made, prompt, { lookAhead: true });
    expect(said.over).toBe('full');
    expect(made.held().length).toBeLessThan(30);
  });
});
