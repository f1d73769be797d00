import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import { serveHost } from '../host/serve.js';
import { Contexts } from './contexts.js';
import { GrammarCache } from './grammar-cache.js';
import { PrefixStore } from './prefix-store.js';
import type { CloseContext, LlamaInit, PrefillSlice, ReplySlice } from './wire.js';

serveHost<LlamaInit>(async (init) => {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    logLevel: LlamaLogLevel.error,
    maxThreads: init.maxThreads,
  });
  const model = await llama.loadModel({ modelPath: init.modelPath });
  const context = await model.createContext({
    contextSize: init.contextTokens,
    sequences: init.sequences,
    threads: { ideal: init.maxThreads, min: 1 },
    batchSize: 128,
  });
  const { size } = await stat(init.modelPath);
  const store = new PrefixStore(init.stateDir, `${basename(init.modelPath)}:${size}:${init.sequences}`);
  const contexts = new Contexts({ model, context, store, grammars: new GrammarCache(llama), limits: init });
  const withThreads = (threads: number): void => {
    llama.maxThreads = Math.max(1, Math.min(threads, init.maxThreads));
  };
  await contexts.of(-1, []).compute(model.tokenize('Hello.', false));
  await contexts.close(-1);

  return {
    prefill: async (payload) => {
      const request = payload as PrefillSlice;
      withThreads(request.threads);
      return contexts.prefill(request);
    },
    reply: async (payload) => {
      const request = payload as ReplySlice;
      withThreads(request.threads);
      return contexts.reply(request);
    },
    close: async (payload) => {
      await contexts.close((payload as CloseContext).context);
      return null;
    },
  };
});
