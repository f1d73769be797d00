import { ParleyError } from '../../ports/errors.js';
import type { LanguageModel, LanguageModelContext, PromptPrefix } from '../../ports/language-model.js';
import { entryBeside } from '../host/entry.js';
import type { ComputeGovernor } from '../host/governor.js';
import { type HostLogEvent, HostProcess } from '../host/host-process.js';
import { CallContext } from './call-context.js';
import type { LlamaInit, PrefillState, PreparePrefix } from './wire.js';

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

/** A whole prompt is computed in pieces of this size, so that a call that talks gets in between. */
const prefixSliceTokens = 12;

/** llama.cpp behind the {@link LanguageModel} port: one host process, one KV sequence per call. */
export class LlamaLanguageModel implements LanguageModel {
  readonly name = 'qwen2.5-coder-1.5b-instruct';
  readonly capabilities: { readonly prefill: true; readonly contextTokens: number };
  readonly #host: HostProcess;
  readonly #governor: ComputeGovernor;
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
      await this.#preparePrefix(context, prefix, 'job', signal);
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
    const released = new AbortController();
    const release = (): void => {
      released.abort();
      if (this.#open.delete(context)) void this.#host.request('close', { context }).catch(() => {});
    };
    // The call is not kept waiting: a greeting can be heard while a prompt that is new here is computed. Should this
    // fail, the first reply computes what is missing.
    const signal = AbortSignal.any([options.signal, released.signal]);
    let preparedIn = this.#host.generation;
    const prepared = this.#preparePrefix(context, prefix, 'llm-turn', signal).catch(() => {});
    const restore = async (wanted: AbortSignal): Promise<void> => {
      await this.#host.whenReady(wanted);
      const { generation } = this.#host;
      if (generation === preparedIn) return;
      await this.#preparePrefix(context, prefix, 'llm-turn', wanted);
      preparedIn = generation;
    };
    const governor = this.#governor;
    return new CallContext({ host: this.#host, governor, context, prefix, prepared, restore, release }).root();
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  async #preparePrefix(
    context: number,
    prefix: PromptPrefix,
    kind: 'job' | 'llm-turn',
    signal: AbortSignal,
  ): Promise<void> {
    let remaining = 1;
    while (remaining > 0) {
      await this.#host.whenReady(signal);
      const state = await this.#governor.slice({ kind, signal, maxThreads: this.#governor.cores }, (threads) => {
        signal.throwIfAborted();
        const request: PreparePrefix = { context, prefix, maxTokens: prefixSliceTokens, threads };
        return this.#host.request<PrefillState>('prepare-prefix', request, { atOnce: true });
      });
      remaining = state.remaining;
    }
  }
}
