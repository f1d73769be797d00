import { ParleyError } from '../../ports/errors.js';
import type { LanguageModel, LanguageModelContext, PromptPrefix } from '../../ports/language-model.js';
import { entryBeside } from '../host/entry.js';
import type { ComputeGovernor } from '../host/governor.js';
import { type HostLogEvent, HostProcess } from '../host/host-process.js';
import { CallContext } from './call-context.js';
import { ContextView } from './context-view.js';
import { TokenPace } from './pace.js';
import type { LlamaInit } from './wire.js';

export type LlamaOptions = {
  readonly modelPath: string;
  readonly stateDir: string;
  readonly governor: ComputeGovernor;
  /** Tokens per call: prompt, history and reply. @defaultValue 4096 */
  readonly contextTokens?: number;
  /** Calls that this machine carries on the local model. @defaultValue 2 */
  readonly maxCalls?: number;
  readonly log?: (event: HostLogEvent) => void;
};

/** llama.cpp behind the {@link LanguageModel} port: one host process, one KV sequence per call. */
export class LlamaLanguageModel implements LanguageModel {
  readonly name = 'qwen2.5-coder-1.5b-instruct';
  readonly capabilities: { readonly prefill: true; readonly contextTokens: number };
  readonly #host: HostProcess;
  readonly #governor: ComputeGovernor;
  readonly #pace = new TokenPace();
  readonly #maxCalls: number;
  readonly #open = new Set<number>();
  #nextContext = 1;

  constructor(options: LlamaOptions) {
    const contextTokens = options.contextTokens ?? 4_096;
    this.capabilities = { prefill: true, contextTokens };
    this.#governor = options.governor;
    this.#maxCalls = options.maxCalls ?? 2;
    const init: LlamaInit = {
      modelPath: options.modelPath,
      stateDir: options.stateDir,
      contextTokens,
      // One more than there are calls: prompts are computed beside them.
      sequences: this.#maxCalls + 1,
      maxThreads: options.governor.cores,
    };
    this.#host = new HostProcess({
      name: 'language-model',
      entry: entryBeside(import.meta.url, 'host'),
      init,
      ...(options.log ? { log: options.log } : {}),
      // A cold model file, and two threads that meet at barriers on a loaded machine, take their time.
      limits: { startMs: 120_000, requestMs: 30_000 },
    });
  }

  start(): Promise<void> {
    return this.#host.start();
  }

  get pid(): number | undefined {
    return this.#host.pid;
  }

  /** Computes a prompt's state and keeps it on disk, so that calls that use it start in milliseconds. */
  async warm(prefix: PromptPrefix, signal: AbortSignal): Promise<void> {
    const context = this.#nextContext++;
    try {
      const call = this.#call(context, prefix, () => {});
      await call.compute([], { signal, kind: 'job', allCores: true });
    } finally {
      await this.#host.request('close', { context }).catch(() => {});
    }
  }

  async open(
    prefix: PromptPrefix,
    options: { readonly callId: string; readonly signal: AbortSignal },
  ): Promise<LanguageModelContext> {
    if (this.#open.size >= this.#maxCalls)
      throw new ParleyError(
        `The local language model carries ${this.#maxCalls} calls at once on this machine and all are taken; try again when one has ended.`,
        { code: 'language_model.full', retryable: true, status: 503 },
      );
    const context = this.#nextContext++;
    this.#open.add(context);
    const call = this.#call(context, prefix, () => {
      if (this.#open.delete(context)) void this.#host.request('close', { context }).catch(() => {});
    });
    call.prepare(options.signal);
    return new ContextView(call);
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  #call(context: number, { system, examples }: PromptPrefix, release: () => void): CallContext {
    return new CallContext({
      host: this.#host,
      governor: this.#governor,
      pace: this.#pace,
      context,
      // It goes to the host with every slice.
      prefix: { system, examples },
      release,
    });
  }
}
