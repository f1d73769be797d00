import { describe, expect, it } from 'vitest';
import type { BrainEvent } from '../../ports/brain.js';
import type { ToolChoice } from '../../ports/tools.js';
import { ScriptedLanguageModel } from '../../testing/scripted-language-model.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { type AgentDefinition, agentDefaults } from '../definition.js';
import { drafted, said } from '../drafted-fixture.js';
import { PromptBrain, promptPrefix } from '../prompt-brain.js';
import { callText } from './tool-prompt.js';

const weather = {
  name: 'weather',
  description: 'The weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const order = {
  name: 'order',
  description: 'Where an order is.',
  parameters: { type: 'object', properties: { number: { type: 'string' } }, required: ['number'] },
};
const plain: AgentDefinition = {
  ...agentDefaults,
  name: 'test',
  greeting: undefined,
  instructions: 'Be kind.',
  examples: [],
};
const paris = callText({ name: 'weather', arguments: '{"city":"Paris"}' });

/** Each reply of the model is the next of `replies`; the last one stays. */
async function rig(replies: readonly string[], choice: ToolChoice = 'auto') {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const model = new ScriptedLanguageModel({
    clock,
    reply: (_said, messages) => {
      seen.push(messages.map(({ role, text }) => `${role}: ${text}`).join(' | '));
      return replies[Math.min(seen.length, replies.length) - 1] ?? '';
    },
  });
  const agent = { ...plain, toolbox: { tools: [weather, order], choice } };
  const { signal } = new AbortController();
  const brain = await new PromptBrain({ model, agent }).begin({ callId: 'call_1', signal });
  return { clock, brain, seen, model };
}

const callOf = (events: readonly BrainEvent[]) => events.find((event) => event.type === 'call')?.call;

describe('an agent with tools', () => {
  it('calls one where the model begins with a call, and says that it is at work first', async () => {
    const { clock, brain } = await rig([paris]);
    const events = await drafted(clock, brain, { turn: 1, revision: 1, text: 'the weather in Paris' });
    expect(events.map(({ type }) => type)).toEqual(['working', 'call', 'usage']);
    expect(callOf(events)).toEqual({
      callId: expect.stringMatching(/^call_\w+$/),
      name: 'weather',
      arguments: '{"city":"Paris"}',
    });
    expect(brain.history).toEqual([]);
  });

  it('speaks where the model does, at the cost of no token more than without tools', async () => {
    const { clock, brain } = await rig(['Hello to you.']);
    const events = await drafted(clock, brain, { turn: 1, revision: 1, text: 'hello' });
    expect(said(events)).toBe('Hello to you.');
    const model = new ScriptedLanguageModel({ clock, reply: 'Hello to you.' });
    const { signal } = new AbortController();
    const bare = await new PromptBrain({ model, agent: plain }).begin({ callId: 'call_2', signal });
    const usage = (of: readonly BrainEvent[]) => of.find((event) => event.type === 'usage')?.newTokens;
    expect(usage(events)).toBe(usage(await drafted(clock, bare, { turn: 1, revision: 1, text: 'hello' })));
  });

  it('decides before it continues an opener', async () => {
    const { clock, brain } = await rig([paris]);
    const turn = { turn: 1, revision: 1, text: 'the weather in Paris', opener: 'Sure,' };
    expect(callOf(await drafted(clock, brain, turn))?.name).toBe('weather');
    const other = await rig(['Sure, hello.']);
    expect(said(await drafted(other.clock, other.brain, turn))).toBe(' hello.');
  });

  it('tells the caller what came of a call', async () => {
    const { clock, brain, seen } = await rig([paris, paris, 'It is raining.']);
    const call = callOf(await drafted(clock, brain, { turn: 1, revision: 1, text: 'the weather in Paris' }));
    if (!call) throw new Error('a call was expected');
    brain.commit({ turn: 1, revision: 1 });
    brain.addCall(call);
    brain.addResult({ callId: call.callId, output: '{"sky":"rain"}' });
    const events = await drafted(clock, brain, { turn: 2, revision: 0, text: undefined });
    expect(said(events)).toBe('It is raining.');
    expect(seen.at(-1)).toBe(
      `user: the weather in Paris | assistant: ${paris} | user: <tool_response>\n{"sky":"rain"}\n</tool_response>`,
    );
  });

  it('does not call again what was answered, but says it', async () => {
    const { clock, brain } = await rig([paris, paris, '"It is raining."']);
    brain.noteUser('the weather in Paris', 1);
    brain.addCall({ callId: 'call_a', name: 'weather', arguments: '{"city":"Paris"}' });
    brain.addResult({ callId: 'call_a', output: 'rain' });
    const events = await drafted(clock, brain, { turn: 2, revision: 0, text: undefined });
    expect(callOf(events)).toBeUndefined();
    expect(said(events)).toBe('It is raining.');
  });

  it('asks for a number that nobody has said, instead of making it up', async () => {
    const made = callText({ name: 'order', arguments: '{"number":"12345"}' });
    const { clock, brain } = await rig([made, made, 'Could you tell me the order number? Or not?']);
    const events = await drafted(clock, brain, { turn: 1, revision: 1, text: 'where is my order' });
    expect(callOf(events)).toBeUndefined();
    expect(said(events)).toBe('Could you tell me the order number?');
    const right = await rig([made]);
    const turn = { turn: 1, revision: 1, text: 'order one two three four five' };
    expect(callOf(await drafted(right.clock, right.brain, turn))?.arguments).toBe('{"number":"12345"}');
  });

  it('does as it is told: never, always, or this one', async () => {
    const never = await rig([paris, '"Hello."'], 'none');
    const turn = { turn: 1, revision: 1, text: 'hello' };
    expect(said(await drafted(never.clock, never.brain, turn))).toBe('Hello.');
    const always = await rig([paris], 'required');
    expect(callOf(await drafted(always.clock, always.brain, turn))?.name).toBe('weather');
    const this_ = await rig([callText({ name: 'order', arguments: '{"number":"1"}' })], { name: 'order' });
    expect(callOf(await drafted(this_.clock, this_.brain, turn))?.name).toBe('order');
  });

  it('keeps to the names and arguments that there are', async () => {
    const { clock, brain } = await rig([callText({ name: 'fly', arguments: '{}' })]);
    await expect(drafted(clock, brain, { turn: 1, revision: 1, text: 'fly' })).rejects.toThrow(/schema/);
  });

  it('has a prompt that an agent without tools has not', () => {
    expect(promptPrefix(plain)).toEqual({ system: 'Be kind.', examples: [] });
    const { system } = promptPrefix({ ...plain, toolbox: { tools: [weather], choice: 'auto' } });
    expect(system).toMatch(/^Be kind\./);
    expect(system).toContain('"The weather of a city."');
  });

  it('has other tools from the next reply on, with what was said before', async () => {
    const { clock, brain, seen } = await rig(['Hello.']);
    await drafted(clock, brain, { turn: 1, revision: 1, text: 'hello' });
    brain.commit({ turn: 1, revision: 1 });
    brain.setTools({ tools: [], choice: 'auto' });
    await clock.runUntilIdle();
    const events = await drafted(clock, brain, { turn: 2, revision: 1, text: 'and you' });
    expect(said(events)).toBe('Hello.');
    expect(seen.at(-1)).toBe('user: hello and you');
  });

  it('answers beside the conversation, which stays as it was', async () => {
    const { clock, brain, seen, model } = await rig(['A complaint.']);
    brain.noteUser('my tea is cold', 1);
    const events: BrainEvent[] = [];
    const question = { instructions: 'What is it about?', toolbox: { tools: [], choice: 'auto' } as const };
    const reading = (async () => {
      for await (const event of brain.aside(question, new AbortController().signal)) events.push(event);
    })();
    await clock.runUntilIdle();
    await reading;
    expect(said(events)).toBe('A complaint.');
    expect(seen).toEqual(['user: my tea is cold']);
    expect(brain.history).toHaveLength(1);
    expect(model.calls).toBe(1);
  });
});
