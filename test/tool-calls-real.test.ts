import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agentDefaults } from '../src/agents/definition.js';
import { PromptBrain } from '../src/agents/prompt-brain.js';
import { ComputeGovernor } from '../src/engines/host/governor.js';
import { LlamaLanguageModel } from '../src/engines/llama/client.js';
import { modelPath } from '../src/models/cache.js';
import type { BrainSession } from '../src/ports/brain.js';
import type { ToolCall } from '../src/ports/tools.js';
import { cacheDir, describeRealEngine } from './conformance/real-engine.js';

const model = 'qwen2.5-coder-1.5b-instruct';
const tools = [
  {
    name: 'order_status',
    description: 'Looks up where an order is, by its number.',
    parameters: { type: 'object', properties: { number: { type: 'string' } }, required: ['number'] },
  },
  {
    name: 'get_weather',
    description: 'Tells the current weather in a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
];
const agent = {
  ...agentDefaults,
  name: 'test',
  greeting: undefined,
  instructions:
    'You are Mia, a friendly assistant of the restaurant Blue Door, talking on the phone. Everything you write is spoken aloud: plain words, at most two short sentences.',
  examples: [],
  toolbox: { tools, choice: 'auto' },
} as const;

describeRealEngine('tools of the local model', [model], () => {
  let engine: LlamaLanguageModel;
  let stateDir: string;
  const { signal } = new AbortController();

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'parley-kv-'));
    engine = new LlamaLanguageModel({
      modelPath: modelPath(cacheDir, model, `${model}-q4_k_m.gguf`),
      stateDir,
      governor: new ComputeGovernor(),
    });
    await engine.start();
  });
  afterAll(async () => {
    await engine?.close();
    await rm(stateDir, { recursive: true, force: true });
  });

  async function answer(brain: BrainSession, text: string | undefined, turn = 1) {
    let said = '';
    let call: ToolCall | undefined;
    for await (const event of brain.draft({ turn, revision: 1, text }, signal)) {
      if (event.type === 'say') said += event.text;
      else if (event.type === 'call') call = event.call;
    }
    return { said, call };
  }
  const open = () => new PromptBrain({ model: engine, agent }).begin({ callId: 'call_1', signal });

  it('calls one for what needs it, with what was said, and says what came of it', async () => {
    const brain = await open();
    const { call } = await answer(brain, 'Could you check on order 90210 for me please?');
    expect(call).toMatchObject({ name: 'order_status', arguments: '{"number":"90210"}' });
    if (!call) return;
    brain.commit({ turn: 1, revision: 1 });
    brain.addCall(call);
    brain.addResult({ callId: call.callId, output: '{"status":"shipped","arrives":"Tuesday"}' });
    const told = await answer(brain, undefined, 2);
    expect(told.call).toBeUndefined();
    expect(told.said).toMatch(/Tuesday/);
    brain.close();
  });

  it.each(['Thank you so much, that was very helpful.', 'Who am I speaking with?', 'Where is my order?'])(
    'calls nothing for "%s"',
    async (text) => {
      const brain = await open();
      const { said, call } = await answer(brain, text);
      expect(call).toBeUndefined();
      expect(said).not.toBe('');
      brain.close();
    },
  );
});
