import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';
import type { ChatMessage, LanguageModel, LanguageModelContext, PromptPrefix } from '../ports/language-model.js';
import type { Toolbox, ToolCall } from '../ports/tools.js';
import { delay } from './delay.js';
import { ScriptedContext } from './scripted-context.js';
import { type ScriptedFailure, suffer } from './scripted-failure.js';
import { TokenCache } from './token-cache.js';

/** Where a scripted model may be told to fail. */
export type ScriptedModelRequest = {
  readonly kind: 'open' | 'extend' | 'generate';
  readonly callId: string;
  readonly messages: readonly ChatMessage[];
  /** Of a reply: tokens given so far. It is asked before each. */
  readonly newTokens: number;
};

export type ScriptedLanguageModelOptions = {
  readonly clock: Clock;
  /** The reply to the conversation's last message of the caller: always the same, or worked out. */
  readonly reply: string | ((said: string, messages: readonly ChatMessage[]) => string);
  /** From the request to the first token, when all of the prompt is computed. @defaultValue 200 */
  readonly firstTokenMs?: number;
  /** Each further token; a token is a word with the space before it. @defaultValue 60 */
  readonly tokenMs?: number;
  /** Each token of a prompt that has to be computed. @defaultValue 0 */
  readonly prefillTokenMs?: number;
  /** @defaultValue 4096 */
  readonly contextTokens?: number;
  /** Calls at once. @defaultValue 2 */
  readonly maxCalls?: number;
  /** False for a model that behaves as a remote one: `extend` costs and saves nothing. @defaultValue true */
  readonly prefill?: boolean;
  /** What it makes of the caller's last message where it is to judge it. @defaultValue nothing */
  readonly messageOver?: (said: string) => number | undefined;
  /**
   * For a model with tools of its own: what it calls in place of its reply; nothing where it rather speaks.
   * @defaultValue it has none, and writes its calls
   */
  readonly calls?: (said: string, messages: readonly ChatMessage[], toolbox: Toolbox) => readonly ScriptedToolCall[];
  readonly fail?: (request: ScriptedModelRequest) => ScriptedFailure | undefined;
};

export type ScriptedToolCall = Pick<ToolCall, 'name' | 'arguments'>;

/** Replies as a test has written down, at the pace it says, and counts tokens as a model with a cache would. */
export class ScriptedLanguageModel implements LanguageModel {
  readonly name = 'scripted';
  readonly capabilities: LanguageModel['capabilities'];
  readonly #options: ScriptedLanguageModelOptions;
  readonly #open = new Set<TokenCache>();

  constructor(options: ScriptedLanguageModelOptions) {
    this.#options = options;
    this.capabilities = { prefill: options.prefill ?? true, contextTokens: options.contextTokens ?? 4_096 };
  }

  /** Contexts that are open. */
  get calls(): number {
    return this.#open.size;
  }

  async open(
    prefix: PromptPrefix,
    options: { readonly callId: string; readonly signal: AbortSignal },
  ): Promise<LanguageModelContext> {
    const { clock, maxCalls = 2, prefillTokenMs = 0, fail } = this.#options;
    const { callId, signal } = options;
    signal.throwIfAborted();
    if (this.#open.size >= maxCalls)
      throw new ParleyError(`The scripted language model carries ${maxCalls} calls at once and all are taken.`, {
        code: 'language_model.full',
        retryable: true,
        status: 503,
      });
    const cache = new TokenCache(prefix, this.capabilities.contextTokens);
    this.#open.add(cache);
    try {
      const { computedTokens } = cache.compute([], { open: false });
      await delay(clock, computedTokens * prefillTokenMs, signal);
      await suffer(fail?.({ kind: 'open', callId, messages: [], newTokens: 0 }), signal);
    } catch (error) {
      this.#open.delete(cache);
      throw error;
    }
    const release = (): void => {
      this.#open.delete(cache);
    };
    return new ScriptedContext({ script: this.#options, cache, callId, release });
  }

  async close(): Promise<void> {
    this.#open.clear();
  }
}
