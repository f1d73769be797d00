import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
