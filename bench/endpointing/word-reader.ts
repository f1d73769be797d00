import { join } from 'node:path';
import { defaultAgent } from '../../src/agents/default-agent.js';
import { promptPrefix } from '../../src/agents/prompt-brain.js';
import { ComputeGovernor } from '../../src/engines/host/governor.js';
import { LlamaLanguageModel } from '../../src/engines/llama/client.js';
import { ensureModels } from '../../src/models/fetch.js';
import { readSettings } from '../../src/settings/settings.js';

export type WordReader = {
  /** How likely a caller's words, 0..1, are all that they want to say, to the default agent that has greeted them. */
  readonly read: (text: string) => Promise<number | undefined>;
  readonly close: () => Promise<void>;
};

/** The language model as the default agent has it at the beginning of a call. */
export async function startWordReader(): Promise<WordReader> {
  const { cacheDir } = readSettings(process.env);
  const models = await ensureModels({ cacheDir, models: ['qwen2.5-coder-1.5b-instruct'] });
  const model = new LlamaLanguageModel({
    modelPath: models['qwen2.5-coder-1.5b-instruct'].files['qwen2.5-coder-1.5b-instruct-q4_k_m.gguf'],
    stateDir: join(cacheDir, 'prompts'),
    governor: new ComputeGovernor(),
  });
  await model.start();
  const { signal } = new AbortController();
  const context = await model.open(promptPrefix(defaultAgent), { callId: 'endpointing', signal });
  await context.extend({ role: 'assistant', text: defaultAgent.greeting ?? '' }, { signal, defer: true });
  const read = async (text: string): Promise<number | undefined> => {
    if (text.trim() === '') return undefined;
    const view = context.fork();
    try {
      await view.extend({ role: 'user', text }, { signal, defer: true });
      for await (const event of view.generate({ signal, maxTokens: 1, judge: true }))
        if (event.type === 'text' && event.messageOver !== undefined) return event.messageOver;
      return undefined;
    } finally {
      view.close();
    }
  };
  return { read, close: () => model.close() };
}
