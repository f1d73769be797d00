import { describe, expect, it } from 'vitest';
import { FallbackLanguageModel } from '../../engines/fallback/language-model.js';
import type { BrainEvent } from '../../ports/brain.js';
import { ParleyError } from '../../ports/errors.js';
import type { ChatMessage } from '../../ports/language-model.js';
import { ScriptedLanguageModel, type ScriptedLanguageModelOptions } from '../../testing/scripted-language-model.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { agentDefaults } from '../definition.js';
import { drafted, said } from '../drafted-fixture.js';
import { PromptBrain } from '../prompt-brain.js';
import { callText } from './tool-prompt.js';

const tools = ['weather', 'order'].map((name) => ({
  name,
  description: '',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
}));
const agent = {
  ...agentDefaults,
  name: 'test',
  greeting: undefined,
  instructions: 'Be kind.',
  examples: [],
  toolbox: { tools, choice: 'auto' as const },
};
const paris = { name: 'weather', arguments: '{"city":"Paris"}' };
const dead = new ParleyError('The server died.', { code: 'remote.cut_off', retryable: true, status: 502 });

type Script = Partial<Omit<ScriptedLanguageModelOptions, 'clock'>>;

/** An agent whose model has tools of its own, and behind it one that writes its calls where `local` says so. */
async function rig(native: Script, local?: Script) {
  const clock = new VirtualClock();
  const made = (script: Script) => new ScriptedLanguageModel({ clock, reply: 'Hello.', ...script });
  const first = made({ calls: () => [], prefill: false, ...native });
  const model = local ? new FallbackLanguageModel({ engines: [first, made(local)], clock }) : first;
  const { signal } = new AbortController();
  const brain = await new PromptBrain({ model, agent }).begin({ callId: 'call_1', signal });
  return { clock, brain };
}

const asked = { turn: 1, revision: 1, text: 'the weather there' };
const callsOf = (events: readonly BrainEvent[]) =>
  events.flatMap((event) => (event.type === 'call' ? [event.call] : []));

describe('an agent whose model has tools of its own', () => {
  it('calls several at once, with arguments that it may infer, and says that it is at work once', async () => {
    const order = { name: 'order', arguments: '{}' };
    const { clock, brain } = await rig({ calls: () => [paris, order] });
    const events = await drafted(clock, brain, asked);
    expect(events.map(({ type }) => type)).toEqual(['working', 'call', 'call', 'usage']);
    expect(callsOf(events)).toMatchObject([paris, order]);
    expect(brain.history).toEqual([]);
  });

  it('speaks where it does', async () => {
    const { clock, brain } = await rig({ reply: 'Hello to you.' });
    expect(said(await drafted(clock, brain, asked))).toBe('Hello to you.');
  });

  it('gets back what it called and what came of it as such, and as text too', async () => {
    const seen: (readonly ChatMessage[])[] = [];
    const { clock, brain } = await rig({
      reply: 'It rains.',
      calls: (_said, messages) => {
        seen.push(messages);
        return [];
      },
    });
    brain.noteUser('the weather in Paris', 1);
    brain.addCall({ callId: 'a', ...paris });
    brain.addResult({ callId: 'a', output: 'rain' });
    expect(said(await drafted(clock, brain, { turn: 2, revision: 0, text: undefined }))).toBe('It rains.');
    expect(seen.at(-1)).toEqual([
      { role: 'user', text: 'the weather in Paris' },
      { role: 'assistant', text: callText(paris), parts: [{ type: 'call', call: { callId: 'a', ...paris } }] },
      {
        role: 'user',
        text: '<tool_response>\nrain\n</tool_response>',
        parts: [{ type: 'result', result: { callId: 'a', output: 'rain' } }],
      },
    ]);
  });

  it.each([0, 1, 2, 3])(
    'still calls when its server dies after %i tokens and the next model writes its calls',
    async (tokens) => {
      const { clock, brain } = await rig(
        {
          calls: () => [paris, paris],
          fail: ({ kind, newTokens }) => (kind === 'generate' && newTokens === tokens ? dead : undefined),
        },
        { reply: callText({ name: 'weather', arguments: '{"city":"Rome"}' }) },
      );
      const events = await drafted(clock, brain, { ...asked, text: 'the weather in Rome' });
      expect(callsOf(events)).toMatchObject([{ name: 'weather', arguments: '{"city":"Rome"}' }]);
    },
  );

  it('keeps what it said when its server dies, and does not say it again', async () => {
    const { clock, brain } = await rig(
      {
        reply: 'One moment please, I will look.',
        fail: ({ kind, newTokens }) => (kind === 'generate' && newTokens === 3 ? dead : undefined),
      },
      { reply: 'One moment please, here it is.' },
    );
    expect(said(await drafted(clock, brain, asked))).toBe('One moment please, here it is.');
  });
});
