import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../ports/language-model.js';
import { ScriptedLanguageModel } from '../../../testing/scripted-language-model.js';
import { VirtualClock } from '../../../testing/virtual-clock.js';
import { EngineTable } from '../engine-table.js';
import { defaultLayerLimits } from '../limits.js';
import { createChatLayer } from './chat.js';
import type { ChatEvent, ChatLayer, ChatRequest, ChatTool } from './chat-types.js';

type Script = (said: string, messages: readonly ChatMessage[]) => string;

function made(
  reply: Script | string,
  limits = {},
): { readonly model: ScriptedLanguageModel; readonly layer: ChatLayer } {
  const clock = new VirtualClock({ auto: true });
  const model = new ScriptedLanguageModel({ clock, reply, contextTokens: 1_000 });
  const models = new EngineTable('chat', [{ id: 'small', ownedBy: 'somebody', aliases: ['gpt-4o'], engine: model }]);
  return { model, layer: createChatLayer({ models, clock, limits: { ...defaultLayerLimits, ...limits } }) };
}

async function answered(layer: ChatLayer, request: Omit<ChatRequest, 'signal'>): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of layer.reply({ ...request, signal: new AbortController().signal })) events.push(event);
  return events;
}

const textOf = (events: readonly ChatEvent[]): string =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

const hello = [{ role: 'user', text: 'Hello there.' }] as const;

const weather: ChatTool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', minLength: 1, pattern: '^[A-Z]' } },
    required: ['city'],
    additionalProperties: false,
  },
};

/** What the model says when it is asked to choose, and what else. */
const choosing =
  (choice: string, otherwise = 'Fine, thanks.'): Script =>
  (_, messages) =>
    messages.at(-1)?.text.startsWith('Decide what comes next') ? choice : otherwise;

describe('the chat layer', () => {
  it('answers in pieces, and counts tokens', async () => {
    const events = await answered(made('I am well, thank you.').layer, { messages: hello });
    expect(events.filter(({ type }) => type === 'text').length).toBeGreaterThan(2);
    expect(textOf(events)).toBe('I am well, thank you.');
    expect(events.at(-1)).toMatchObject({
      type: 'finish',
      reason: 'stop',
      usage: { inputTokens: expect.any(Number), outputTokens: 5 },
      droppedMessages: 0,
    });
  });

  it('ends at the number of tokens and at a stop text', async () => {
    const { layer } = made('one two three four');
    expect((await answered(layer, { messages: hello, maxTokens: 2 })).at(-1)).toMatchObject({ reason: 'length' });
    const stopped = await answered(layer, { messages: hello, stop: [' three'] });
    expect(textOf(stopped)).toBe('one two');
    expect(stopped.at(-1)).toMatchObject({ reason: 'stop' });
  });

  it('keeps to a JSON schema, or to any JSON object', async () => {
    const { layer } = made('{"count":2}');
    const schema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] };
    expect(textOf(await answered(layer, { messages: hello, format: { type: 'json-schema', schema } }))).toBe(
      '{"count":2}',
    );
    expect(textOf(await answered(layer, { messages: hello, format: { type: 'json' } }))).toBe('{"count":2}');
    const wrong = made('Two.').layer;
    await expect(answered(wrong, { messages: hello, format: { type: 'json' } })).rejects.toMatchObject({
      code: 'language_model.json_invalid',
    });
  });

  it('calls a tool with arguments that fit, although its schema says more than can be kept to', async () => {
    const { layer } = made(choosing('{"name":"get_weather","arguments":{"city":"Oslo"}}'));
    const events = await answered(layer, { messages: hello, tools: [weather] });
    expect(events).toMatchObject([
      { type: 'tool-call', call: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
      { type: 'finish', reason: 'tool-calls' },
    ]);
  });

  it('answers in words where no tool is needed, and does not remember that it was asked', async () => {
    const seen: (readonly ChatMessage[])[] = [];
    const choose = choosing('{"name":"none"}');
    const { layer } = made((said, messages) => {
      seen.push(messages);
      return choose(said, messages);
    });
    const events = await answered(layer, { messages: hello, tools: [weather] });
    expect(textOf(events)).toBe('Fine, thanks.');
    expect(seen.at(-1)).toEqual([{ role: 'user', text: 'Hello there.' }]);
  });

  it('does not ask about tools that may not be called, and must call the one that is named', async () => {
    const { layer } = made(choosing('{"name":"get_weather","arguments":{"city":"Rome"}}', 'In words.'));
    expect(textOf(await answered(layer, { messages: hello, tools: [weather], toolChoice: 'none' }))).toBe('In words.');
    const named = { messages: hello, tools: [weather], toolChoice: { name: 'get_weather' } };
    expect((await answered(layer, named))[0]?.type).toBe('tool-call');
    const none = made(choosing('{"name":"none"}')).layer;
    await expect(answered(none, { ...named, toolChoice: 'required' })).rejects.toMatchObject({
      code: 'language_model.json_invalid',
    });
  });

  it('lets the model read what tools have answered', async () => {
    const seen: (readonly ChatMessage[])[] = [];
    const { layer } = made((_, messages) => {
      seen.push(messages);
      return 'Sunny.';
    });
    await answered(layer, {
      messages: [
        ...hello,
        { role: 'assistant', text: '', toolCalls: [{ id: 'a', name: 'get_weather', arguments: '{"city":"Oslo"}' }] },
        { role: 'tool', callId: 'a', text: '21 degrees' },
      ],
    });
    expect(seen[0]?.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'Hello there.'],
      ['assistant', '<tool_call>\n{"name": "get_weather", "arguments": {"city":"Oslo"}}\n</tool_call>'],
      ['user', '<tool_response>\n21 degrees\n</tool_response>'],
    ]);
  });

  it('lets a model with tools of its own call several, without asking it to choose', async () => {
    const clock = new VirtualClock({ auto: true });
    const seen: unknown[] = [];
    const engine = new ScriptedLanguageModel({
      clock,
      reply: 'Fine, thanks.',
      calls: (said, messages, toolbox) => {
        seen.push({ messages, toolbox });
        return said.includes('Hello') ? [{ name: 'get_weather', arguments: '{"city":"oslo"}' }] : [];
      },
    });
    const models = new EngineTable('chat', [{ id: 'big', ownedBy: 'somebody', aliases: [], engine }]);
    const layer = createChatLayer({ models, clock, limits: defaultLayerLimits });
    const strict = { ...weather, strict: true };
    const events = await answered(layer, { messages: hello, tools: [strict] });
    expect(events).toMatchObject([
      { type: 'tool-call', call: { name: 'get_weather', arguments: '{"city":"oslo"}' } },
      { type: 'finish', reason: 'tool-calls' },
    ]);
    expect(seen).toEqual([
      { messages: [{ role: 'user', text: 'Hello there.' }], toolbox: { tools: [strict], choice: 'auto' } },
    ]);
    const spoken = await answered(layer, { messages: [{ role: 'user', text: 'Well.' }], tools: [weather] });
    expect(textOf(spoken)).toBe('Fine, thanks.');
    expect(spoken.at(-1)).toMatchObject({ reason: 'stop' });
  });

  it.each([
    ['no message', { messages: [] }, 'chat.messages'],
    ['only a system message', { messages: [{ role: 'system', text: 'Be kind.' }] }, 'chat.messages'],
    ['a tool that is not there', { messages: hello, tools: [weather], toolChoice: { name: 'x' } }, 'chat.tools'],
    ['a required tool without tools', { messages: hello, toolChoice: 'required' }, 'chat.tools'],
    ['two tools of one name', { messages: hello, tools: [weather, weather] }, 'chat.tools'],
    ['JSON with a stop text', { messages: hello, format: { type: 'json' }, stop: ['x'] }, 'chat.stop'],
    [
      'more than fits',
      { messages: [hello[0], { role: 'assistant', text: 'a '.repeat(900) }, ...hello] },
      'chat.too_long',
    ],
    [
      'a strict tool that cannot be kept to',
      { messages: hello, tools: [{ ...weather, strict: true }] },
      'language_model.json_schema',
    ],
  ] as const)('refuses %s', async (_, request, code) => {
    await expect(answered(made('Yes.').layer, request)).rejects.toMatchObject({ code, status: 400 });
  });

  it('takes turns, and refuses when too many wait, without ever holding more contexts than it may', async () => {
    const { model, layer } = made('one two three', { maxChats: 1, maxWaiting: 2 });
    let most = 0;
    const open = model.open.bind(model);
    model.open = async (...args) => {
      const context = await open(...args);
      most = Math.max(most, model.calls);
      return context;
    };
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => answered(layer, { messages: hello })));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'layer.full', status: 503, retryAfterMs: 2_000 });
    expect(most).toBe(1);
    expect(model.calls).toBe(0);
  });

  it('lets go of its context when nobody reads on', async () => {
    const { model, layer } = made('one two three four');
    for await (const _ of layer.reply({ messages: hello, signal: new AbortController().signal })) break;
    expect(model.calls).toBe(0);
  });
});
