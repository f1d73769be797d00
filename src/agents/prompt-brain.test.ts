import { describe, expect, it } from 'vitest';
import type { BrainEvent, BrainSession, DraftTurn } from '../ports/brain.js';
import { ScriptedLanguageModel, type ScriptedLanguageModelOptions } from '../testing/scripted-language-model.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { type AgentDefinition, agentDefaults } from './definition.js';
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

async function drafted(
  clock: VirtualClock,
  brain: BrainSession,
  turn: DraftTurn,
  signal = new AbortController().signal,
): Promise<BrainEvent[]> {
  const events: BrainEvent[] = [];
  const reading = (async () => {
    for await (const event of brain.draft(turn, signal)) events.push(event);
  })();
  reading.catch(() => {});
  await clock.runUntilIdle();
  await reading;
  return events;
}

function said(events: readonly BrainEvent[]): string {
  return events.map((event) => (event.type === 'say' ? event.text : '')).join('');
}

const completely = { complete: true, heardBasis: 'estimated' } as const;

describe('prompt brain', () => {
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
    // The last word, the end of the message and the beginning of the reply.
    expect(usage.computedTokens).toBeLessThanOrEqual(3);
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

  it('another prompt takes effect with the next draft and keeps what was said', async () => {
    const systems: string[] = [];
    const { clock, brain, model, prompts } = await rig();
    const open = model.open.bind(model);
    model.open = (prefix, options) => {
      systems.push(prefix.system);
      return open(prefix, options);
    };
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'a coffee' });
    brain.commit({ turn: 1, revision: 1 });
    brain.heard({ reply: 0, text: 'Sure, that.', generated: 'Sure, that.', ...completely });
    brain.instruct('You sell tea.');
    await drafted(clock, brain, { turn: 2, revision: 1, text: 'tea' });
    expect(systems).toEqual(['You sell tea.']);
    expect(prompts.at(-1)).toBe('user: a coffee | assistant: Sure, that. | user: tea');
    expect(model.calls).toBe(1);
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
