import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defaultAgent } from '../agents/default-agent.js';
import { answersChats, callPiece, sentChat, streamChat } from '../engines/openai/chat-service-fixture.js';
import { ScriptedService } from '../engines/remote/scripted-service-fixture.js';
import { systemClock } from '../observability/system-clock.js';
import { EngineRegistry } from '../platform/engine-registry.js';
import { createChatLayer } from '../platform/layers/chat/chat.js';
import { defaultLayerLimits } from '../platform/layers/limits.js';
import type { LanguageModel } from '../ports/language-model.js';
import { parseParleyFile } from '../settings/parley-file.js';
import { ScriptedLanguageModel } from '../testing/scripted-language-model.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { agentVoices, enginesInUse, remoteEngines } from './engines-in-use.js';
import type { LocalEngines } from './local-engines.js';

const key = 'sk-groq-0123456789';
const { signal } = new AbortController();
let service: ScriptedService;
let told: Record<string, unknown>[];

beforeEach(async () => {
  service = await ScriptedService.open();
  told = [];
});
afterEach(() => service.close());

function registryOf(llm: string, reply: (asked: string) => string = () => 'I am here.') {
  const text = `providers:
  groq:
    kind: openai
    url: ${service.url}
    key_env: GROQ_API_KEY
    models:
      qwen3: { task: chat }
      orpheus: { task: speak, voices: [tara, leo] }
agent: { llm: ${llm} }
`;
  const file = parseParleyFile(text, 'parley.yaml');
  const remote = remoteEngines(file, { GROQ_API_KEY: key });
  const model = new ScriptedLanguageModel({
    clock: new VirtualClock({ auto: true }),
    reply: (_said, messages) => reply(messages.at(-1)?.text ?? ''),
  });
  const [stt, tts] = [{ name: 'ear' }, { name: 'mouth' }];
  const local = { languageModel: model, stt, tts } as unknown as LocalEngines;
  const log = {
    info: () => {},
    error: () => {},
    words: () => {},
    warn: (fields: Readonly<Record<string, unknown>>) => told.push(fields),
  };
  return { registry: enginesInUse(local, { file, remote, log }), remote, file, model };
}

async function replyOf(model: { open: ScriptedLanguageModel['open'] }): Promise<string> {
  const context = await model.open({ system: 'x', examples: [] }, { callId: 'c', signal });
  await context.extend({ role: 'user', text: 'Hello?' }, { signal });
  let text = '';
  for await (const event of context.generate({ signal, maxTokens: 20 })) if (event.type === 'text') text += event.text;
  context.close();
  return text;
}

describe('the engines in use', () => {
  it('are resolved by name for each request, and the unknown is refused with the names that there are', async () => {
    const { registry, model } = registryOf('local');
    answersChats(service, () => 'From afar.');
    expect(registry.languageModel()).toBe(model);
    expect(registry.languageModel('local')).toBe(model);
    const remote = registry.languageModel('groq/qwen3');
    expect(registry.languageModel('groq/qwen3')).toBe(remote);
    expect(await replyOf(remote)).toBe('From afar.');
    expect(service.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
    const unknown = {
      code: 'model.unknown',
      status: 404,
      message: expect.stringMatching(/there are: scripted, local, .*groq.qwen3/),
    };
    expect(() => registry.languageModel('groq/orpheus')).toThrow(expect.objectContaining(unknown));
    expect(registry.textToSpeech('groq/orpheus').voices).toEqual(['tara', 'leo']);
    expect(registry.languageModel('gpt-4o')).toBe(model);
    expect(registry.speech.entries.map(({ id, ownedBy }) => [id, ownedBy])).toEqual([
      ['mouth', 'parley'],
      ['groq/orpheus', 'groq'],
    ]);
  });

  it('fall back in the order of the file, and say so without the key', async () => {
    const { registry } = registryOf('[groq/qwen3, local]');
    service.answer = (_request, answer) => answer.json({ error: { message: `no such key ${key}` } }, 401);
    expect(await replyOf(registry.languageModel())).toBe('I am here.');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ from: 'groq/qwen3', to: 'scripted' });
    expect(JSON.stringify(told)).not.toContain(key);
    // Its breaker keeps it from being asked again.
    expect(await replyOf(registry.languageModel())).toBe('I am here.');
    expect(service.requests).toHaveLength(1);
  });

  it('call tools with the next engine when the first dies in the middle of a call, and when it has no tools', async () => {
    const { registry } = registryOf('[groq/qwen3, local]', (said) =>
      said.startsWith('Decide what comes next') ? '{"name":"weather","arguments":{"city":"Oslo"}}' : 'I am here.',
    );
    const limits = defaultLayerLimits;
    const layer = createChatLayer({ models: registry.chat, clock: systemClock, limits });
    const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const called = async (): Promise<unknown[]> => {
      const events: unknown[] = [];
      const messages = [{ role: 'user', text: 'The weather?' }] as const;
      for await (const event of layer.reply({ messages, tools: [{ name: 'weather', parameters }], signal }))
        if (event.type !== 'finish') events.push(event);
      return events;
    };
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      await answer.event(callPiece(0, { id: 'a', name: 'weather', arguments: '{"city":"Ber' }));
      answer.breakOff();
    };
    const oslo = { type: 'tool-call', call: { name: 'weather', arguments: '{"city":"Oslo"}' } };
    expect(await called()).toMatchObject([oslo]);
    expect(told).toMatchObject([{ from: 'groq/qwen3', to: 'scripted' }]);

    service.answer = async (request, answer) => {
      const { tools, messages, response_format: format } = sentChat(request);
      if (tools) answer.json({ error: { message: 'qwen3 does not support tools' } }, 400);
      else {
        const bonn = format && messages.at(-1)?.content.startsWith('Decide what comes next');
        await streamChat(answer, request, bonn ? '{"name":"weather","arguments":{"city":"Bonn"}}' : 'In words.');
      }
    };
    const bonn = { type: 'tool-call', call: { name: 'weather', arguments: '{"city":"Bonn"}' } };
    expect(await called()).toMatchObject([bonn]);
    expect(await called()).toMatchObject([bonn]);
    expect(told.slice(1)).toEqual([
      { model: 'groq/qwen3', detail: expect.stringContaining('qwen3 does not support tools') },
    ]);
  });

  it('are made when they are first used', () => {
    const made: string[] = [];
    const make = (name: string) => (): LanguageModel => {
      made.push(name);
      return new ScriptedLanguageModel({ clock: new VirtualClock({ auto: true }), reply: name });
    };
    const entries = ['here', 'a/one', 'a/two'].map((name) => ({ task: 'chat', name, make: make(name) }) as const);
    const usual = { chat: ['a/one', 'here'], transcribe: [], speak: [] };
    const aliases = { chat: ['gpt-4o'], transcribe: [], speak: [] };
    const registry = new EngineRegistry({ entries, usual, aliases, clock: new VirtualClock() });
    expect(registry.chat.entries.map(({ id }) => id)).toEqual(['usual', 'here', 'a/one', 'a/two']);
    expect(made).toEqual([]);
    expect(registry.languageModel('gpt-4o')).toBe(registry.languageModel());
    registry.languageModel('here');
    expect(made).toEqual(['a/one', 'here']);
  });

  it('need the keys that the file names, which the log is told to keep', () => {
    const { remote, file } = registryOf('local');
    expect(remote.secrets).toEqual([key]);
    expect(agentVoices(file)).toEqual([defaultAgent.voice]);
    expect(() => remoteEngines(file, {})).toThrow(/GROQ_API_KEY is empty/);
  });
});
