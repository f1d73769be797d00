import { describe, expect, it } from 'vitest';
import type { PromptPrefix } from '../ports/language-model.js';
import { ScriptedLanguageModel, type ScriptedLanguageModelOptions } from '../testing/scripted-language-model.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { defaultAgent } from './default-agent.js';
import { type AgentDefinition, agentDefaults } from './definition.js';
import { drafted, said } from './drafted-fixture.js';
import { PromptBrain, promptPrefix } from './prompt-brain.js';

const agent: AgentDefinition = {
  ...agentDefaults,
  name: 'test',
  greeting: undefined,
  instructions: 'You sell coffee.',
  examples: [
    { role: 'user', text: 'Tea?' },
    { role: 'assistant', text: 'Sure, tea.' },
  ],
};

async function rig(options: Partial<ScriptedLanguageModelOptions> = {}) {
  const clock = new VirtualClock();
  const prompts: string[] = [];
  const model = new ScriptedLanguageModel({
    clock,
    reply: (_said, messages) => {
      prompts.push(messages.map((message) => `${message.role}: ${message.text}`).join(' | '));
      return 'Sure, that. Anything else? Or not?';
    },
    ...options,
  });
  const abort = new AbortController();
  const brain = await new PromptBrain({ model, agent }).begin({ callId: 'call_1', signal: abort.signal });
  return { clock, model, brain, prompts, abort };
}

const completely = { complete: true, heardBasis: 'estimated' } as const;

describe('prompt brain', () => {
  it('tells with its first words how likely the caller has said all', async () => {
    const { clock, brain } = await rig({ messageOver: (said) => (said.endsWith('a') ? 0.1 : 0.8) });
    const over = async (turn: number, text: string): Promise<readonly (number | undefined)[]> =>
      (await drafted(clock, brain, { turn, revision: 1, text })).flatMap((event) =>
        event.type === 'say' ? [event.messageOver] : [],
      );
    const [first, ...later] = await over(1, 'I would like a');
    expect(first).toBe(0.1);
    expect(new Set(later)).toEqual(new Set([undefined]));
    expect((await over(2, 'A large tea please')).at(0)).toBe(0.8);
  });

  it('says what the model writes, in spoken length, and tells what it cost', async () => {
    const { clock, brain } = await rig();
    const events = await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
    expect(said(events)).toBe('Sure, that. Anything else?');
    expect(events.at(-1)).toMatchObject({ type: 'usage', firstTokenMs: 200 });
  });

  it('a draft leaves no trace in the history before its commit', async () => {
    const { clock, brain, prompts } = await rig();
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
    expect(brain.history).toEqual([]);
    brain.discard({ turn: 1, revision: 1 });
    brain.commit({ turn: 1, revision: 1 });
    expect(brain.history).toEqual([]);
    await drafted(clock, brain, { turn: 1, revision: 2, text: 'a coffee with milk' });
    brain.commit({ turn: 1, revision: 1 });
    expect(brain.history).toEqual([]);
    brain.commit({ turn: 1, revision: 2 });
    expect(brain.history).toEqual([{ role: 'user', turn: 1, text: 'a coffee with milk' }]);
    expect(prompts).toEqual(['user: a coffee', 'user: a coffee with milk']);
  });

  it('the model sees what was heard, not what was generated', async () => {
    const { clock, brain, prompts } = await rig();
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
    brain.commit({ turn: 1, revision: 1 });
    const generated = 'Sure, that. Anything else?';
    brain.heard({ reply: 0, text: 'Sure,', generated, complete: false, heardBasis: 'estimated' });
    await drafted(clock, brain, { turn: 2, revision: 1, text: 'no, tea' });
    expect(prompts.at(-1)).toBe('user: a coffee | assistant: Sure,… | user: no, tea');
  });

  it('a turn that follows a reply which nobody heard is one with the turn before', async () => {
    const { clock, brain, prompts } = await rig();
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
    brain.commit({ turn: 1, revision: 1 });
    brain.heard({ reply: 0, text: '', generated: 'Sure,', complete: false, heardBasis: 'estimated' });
    await drafted(clock, brain, { turn: 2, revision: 1, text: 'with milk' });
    expect(prompts.at(-1)).toBe('user: a coffee with milk');
  });

  it('a draft that is made anew after the commit does not say the turn twice', async () => {
    const { clock, brain, prompts } = await rig();
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
    brain.commit({ turn: 1, revision: 1 });
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
    expect(prompts).toEqual(['user: a coffee', 'user: a coffee']);
  });

  it('answers the conversation as it stands', async () => {
    const { clock, brain, prompts } = await rig();
    brain.noteUser('Tell me about tea.', 2);
    await drafted(clock, brain, { turn: 3, revision: 0, text: undefined });
    brain.commit({ turn: 3, revision: 0 });
    expect(prompts).toEqual(['user: Tell me about tea.']);
    expect(brain.history).toHaveLength(1);
  });

  it('partials are computed ahead, so that the turn begins with little left to compute', async () => {
    const { clock, brain } = await rig();
    await clock.runUntilIdle();
    brain.hear('a large coffee');
    await clock.runUntilIdle();
    brain.hear('a large coffee with milk and');
    await clock.runUntilIdle();
    const events = await drafted(clock, brain, { turn: 1, revision: 1, text: 'a large coffee with milk and sugar' });
    const usage = events.at(-1);
    if (usage?.type !== 'usage') throw new Error('usage was expected');
    // The last word of the partial, the new word, the end of the message and the beginning of the reply.
    expect(usage.computedTokens).toBeLessThanOrEqual(4);
  });

  it('partials of a turn that goes on after an unheard reply are computed as the same message', async () => {
    const { clock, brain } = await rig();
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'a large coffee with milk and sugar' });
    brain.commit({ turn: 1, revision: 1 });
    brain.heard({ reply: 0, text: '', generated: 'Sure,', complete: false, heardBasis: 'estimated' });
    brain.hear('and a slice of the');
    await clock.runUntilIdle();
    const usage = (await drafted(clock, brain, { turn: 2, revision: 1, text: 'and a slice of the cake' })).at(-1);
    // "the", "cake", the end of the message and the beginning of the reply.
    expect(usage).toMatchObject({ type: 'usage', computedTokens: 4 });
  });

  it('what was heard is computed while nobody waits', async () => {
    const { clock, brain } = await rig();
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
    brain.commit({ turn: 1, revision: 1 });
    brain.heard({ reply: 0, text: 'Sure, that.', generated: 'Sure, that.', ...completely });
    await clock.runUntilIdle();
    const usage = (await drafted(clock, brain, { turn: 2, revision: 1, text: 'tea' })).at(-1);
    if (usage?.type !== 'usage') throw new Error('usage was expected');
    expect(usage.computedTokens).toBeLessThanOrEqual(4);
  });

  it('the last word of a partial is not computed: it may be half of one', async () => {
    const asked: string[] = [];
    const { clock, brain } = await rig({
      fail: ({ kind, messages }) => {
        if (kind === 'extend') asked.push(messages.at(-1)?.text ?? '');
        return undefined;
      },
    });
    for (const partial of ['A', 'A large', 'A large, cof', ' ']) {
      brain.hear(partial);
      await clock.runUntilIdle();
    }
    expect(asked).toEqual(['A', 'A large']);
  });

  it('a long call forgets its oldest turns between two turns, and says so', async () => {
    const { clock, brain } = await rig({ contextTokens: 300 });
    const computed: number[] = [];
    const dropped: number[] = [];
    for (let turn = 1; turn <= 40; turn++) {
      const events = await drafted(clock, brain, { turn, revision: 1, text: `turn ${turn} a coffee` });
      const usage = events.at(-1);
      if (usage?.type !== 'usage') throw new Error('usage was expected');
      computed.push(usage.computedTokens);
      dropped.push(usage.droppedMessages ?? 0);
      brain.commit({ turn, revision: 1 });
      brain.heard({ reply: turn, text: 'Sure, that.', generated: 'Sure, that.', ...completely });
      await clock.runUntilIdle();
    }
    expect(dropped[0]).toBe(0);
    expect(new Set(dropped).size).toBeGreaterThan(2);
    expect(new Set(dropped).size).toBeLessThan(10);
    // The words of the turn, the markers around them, the beginning of the reply: the same for every turn.
    expect(Math.max(...computed)).toBe(computed[0]);
    expect(brain.history).toHaveLength(80);
  });

  it('a model that cannot compute ahead is not asked to', async () => {
    const kinds: string[] = [];
    const { clock, brain } = await rig({
      prefill: false,
      fail: ({ kind }) => {
        kinds.push(kind);
        return undefined;
      },
    });
    brain.hear('a coffee');
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
    expect(new Set(kinds)).toEqual(new Set(['open', 'generate']));
  });

  it('computing ahead may fail: the draft computes what is missing', async () => {
    const { clock, brain } = await rig({
      fail: ({ kind }) => (kind === 'extend' ? new Error('no room') : undefined),
    });
    brain.hear('a coffee');
    await clock.runUntilIdle();
    expect(said(await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' }))).toContain('Sure');
  });

  it('a failing model fails the draft and nothing else', async () => {
    let failing = true;
    const { clock, brain } = await rig({
      fail: ({ kind }) => (failing && kind === 'generate' ? new Error('the model is gone') : undefined),
    });
    await expect(drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' })).rejects.toThrow(
      'the model is gone',
    );
    failing = false;
    expect(said(await drafted(clock, brain, { turn: 1, revision: 2, text: 'a coffee' }))).toContain('Sure');
  });

  it('an aborted draft ends', async () => {
    const { clock, brain } = await rig();
    const abort = new AbortController();
    clock.at(250, () => abort.abort(new Error('discarded')));
    await expect(drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' }, abort.signal)).rejects.toThrow(
      'discarded',
    );
  });

  describe('another prompt', () => {
    async function instructed() {
      const prefixes: PromptPrefix[] = [];
      const made = await rig();
      const open = made.model.open.bind(made.model);
      made.model.open = (prefix, options) => {
        prefixes.push(prefix);
        return open(prefix, options);
      };
      return { ...made, prefixes };
    }

    it('takes effect with the next draft, without the examples of the old one, and keeps what was said', async () => {
      const { clock, brain, model, prompts, prefixes } = await instructed();
      await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
      brain.commit({ turn: 1, revision: 1 });
      brain.heard({ reply: 0, text: 'Sure, that.', generated: 'Sure, that.', ...completely });
      brain.instruct('You sell tea.');
      await drafted(clock, brain, { turn: 2, revision: 1, text: 'tea' });
      expect(prefixes).toEqual([{ system: 'You sell tea.', examples: [] }]);
      expect(prompts.at(-1)).toBe('user: a coffee | assistant: Sure, that. | user: tea');
      expect(model.calls).toBe(1);
    });

    it('is computed at once while nobody waits, with what was said', async () => {
      const { clock, brain, prefixes } = await instructed();
      brain.noteUser('A coffee.', 1);
      brain.instruct('You sell tea.');
      await clock.runUntilIdle();
      expect(prefixes).toHaveLength(1);
      const usage = (await drafted(clock, brain, { turn: 3, revision: 0, text: undefined })).at(-1);
      expect(usage).toMatchObject({ type: 'usage', computedTokens: 1 });
    });

    it('waits until a reply to the old one has been generated', async () => {
      const { clock, brain, prefixes } = await instructed();
      const events = brain.draft({ turn: 1, revision: 1, text: 'a coffee' }, new AbortController().signal);
      const reading = events[Symbol.asyncIterator]();
      const first = reading.next();
      await clock.runUntilIdle();
      await first;
      brain.instruct('You sell tea.');
      expect(prefixes).toHaveLength(0);
      const rest = (async () => {
        while (!(await reading.next()).done);
      })();
      await clock.runUntilIdle();
      await rest;
      expect(prefixes).toHaveLength(1);
    });

    it('that is the same changes nothing; of several the last one counts; the first brings its examples back', async () => {
      const { clock, brain, model, prefixes } = await instructed();
      brain.instruct('You sell coffee.');
      expect(prefixes).toHaveLength(0);
      brain.instruct('You sell tea.');
      brain.instruct('You sell milk.');
      await clock.runUntilIdle();
      expect(prefixes.at(-1)?.system).toBe('You sell milk.');
      brain.instruct('You sell coffee.');
      await clock.runUntilIdle();
      expect(prefixes.at(-1)).toEqual(promptPrefix(agent));
      expect(model.calls).toBe(1);
    });

    it('that cannot be opened is tried again by the draft', async () => {
      const { clock, brain, model } = await rig();
      const open = model.open.bind(model);
      let failing = true;
      model.open = (prefix, options) => (failing ? Promise.reject(new Error('no room')) : open(prefix, options));
      brain.instruct('You sell tea.');
      await clock.runUntilIdle();
      await expect(drafted(clock, brain, { turn: 1, revision: 1, text: 'tea' })).rejects.toThrow('no room');
      failing = false;
      expect(said(await drafted(clock, brain, { turn: 1, revision: 2, text: 'tea' }))).toContain('Sure');
    });

    it('opens nothing for a call that has ended meanwhile', async () => {
      const { clock, brain, model } = await instructed();
      brain.instruct('You sell tea.');
      brain.close();
      await clock.runUntilIdle();
      expect(model.calls).toBe(0);
    });
  });

  describe('asked whether it is a machine', () => {
    it('says so in code, and asks the model nothing', async () => {
      const { clock, brain, prompts } = await rig({ reply: 'No, I am a human.' });
      expect(said(await drafted(clock, brain, { turn: 1, revision: 1, text: 'Are you a robot?' }))).toBe(
        "I'm an AI assistant, not a person. How can I help?",
      );
      expect(prompts).toEqual([]);
    });

    it('says so before it answers the rest', async () => {
      const { clock, brain } = await rig();
      const turn = { turn: 1, revision: 1, text: 'I would like a latte. Are you a robot?' };
      expect(said(await drafted(clock, brain, turn))).toBe(
        "I'm an AI assistant, not a person. Sure, that. Anything else?",
      );
    });
  });

  it('the default agent does not pass for a person', () => {
    expect(defaultAgent.instructions).toContain('an AI assistant');
    expect(`${defaultAgent.instructions} ${defaultAgent.greeting}`).not.toMatch(/\bhuman\b/i);
  });

  it('closing frees the model for another call', async () => {
    const { clock, brain, model } = await rig();
    brain.hear('a coffee');
    brain.close();
    await clock.runUntilIdle();
    expect(model.calls).toBe(0);
  });

  it('the prefix is what stays the same over all calls', () => {
    expect(promptPrefix(agent)).toEqual({ system: 'You sell coffee.', examples: agent.examples });
  });
});
