import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ComputeGovernor } from '../../src/engines/host/governor.js';
import { LlamaLanguageModel } from '../../src/engines/llama/client.js';
import { answersChats } from '../../src/engines/openai/chat-service-fixture.js';
import { OpenAiLanguageModel } from '../../src/engines/openai/language-model.js';
import { ScriptedService } from '../../src/engines/remote/scripted-service-fixture.js';
import { modelPath } from '../../src/models/cache.js';
import { ScriptedLanguageModel } from '../../src/testing/scripted-language-model.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { describeLanguageModelConformance } from './language-model.js';
import { cacheDir, describeRealEngine } from './real-engine.js';

const counted = 'One, two, three, four, five, six, seven, eight, nine, ten, and so on.';
const reply = (said: string): string =>
  said.includes('JSON') ? '{"drink": "latte", "size": "large", "count": 2}' : counted;
/** Small, so that it is full soon. */
const contextTokens = 256;

for (const prefill of [true, false])
  describeLanguageModelConformance(`the scripted engine ${prefill ? 'with' : 'without'} prefill`, async () => {
    const clock = new VirtualClock({ auto: true });
    const engine = new ScriptedLanguageModel({ clock, reply, prefill, prefillTokenMs: 5, contextTokens });
    return { engine, maxCalls: 2, dispose: () => engine.close() };
  });

describeLanguageModelConformance('the remote engine over a scripted server', async () => {
  const service = await ScriptedService.open();
  answersChats(service, reply);
  const engine = new OpenAiLanguageModel({ ...service.api(), model: 'counts' });
  const dispose = async (): Promise<void> => {
    await engine.close();
    await service.close();
  };
  return { engine, maxCalls: undefined, dispose };
});

describeRealEngine('llama', ['qwen2.5-coder-1.5b-instruct'], () => {
  it('tells whether a message is complete, whatever punctuation it has and however much is computed ahead', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'parley-kv-'));
    const engine = new LlamaLanguageModel({
      modelPath: modelPath(cacheDir, 'qwen2.5-coder-1.5b-instruct', 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf'),
      stateDir,
      governor: new ComputeGovernor(),
    });
    try {
      await engine.start();
      const { signal } = new AbortController();
      const system = 'You take orders in a coffee shop.';
      const context = await engine.open({ system, examples: [] }, { callId: 'judged', signal });
      const over = async (text: string, ahead = ''): Promise<number | undefined> => {
        const view = context.fork();
        const mark = view.mark;
        if (ahead !== '') {
          await view.extend({ role: 'user', text: ahead }, { signal, open: true });
          view.truncateTo(mark);
        }
        await view.extend({ role: 'user', text }, { signal, defer: true });
        for await (const event of view.generate({ signal, maxTokens: 2, judge: true }))
          if (event.type === 'text') return event.messageOver;
        return undefined;
      };
      const whole = (await over('I would like a large coffee with milk')) ?? Number.NaN;
      const part = (await over('I would like a large coffee with')) ?? Number.NaN;
      expect(part).toBeLessThan(0.1);
      expect(whole).toBeGreaterThan(4 * part);
      expect(await over('I would like a large coffee with milk.', 'I would like a large coffee')).toBeCloseTo(whole, 1);
      expect(await over('I would like a large coffee with.', 'I would like a large coffee')).toBeCloseTo(part, 1);
      // All of it is computed already.
      expect(await over('I would like a large coffee with.')).toBeCloseTo(part, 1);
    } finally {
      await engine.close();
      await rm(stateDir, { recursive: true, force: true });
    }
  });

  describeLanguageModelConformance('llama', async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'parley-kv-'));
    const engine = new LlamaLanguageModel({
      modelPath: modelPath(cacheDir, 'qwen2.5-coder-1.5b-instruct', 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf'),
      stateDir,
      governor: new ComputeGovernor(),
      contextTokens,
    });
    await engine.start();
    return {
      engine,
      maxCalls: 2,
      dispose: async () => {
        await engine.close();
        await rm(stateDir, { recursive: true, force: true });
      },
    };
  });
});
