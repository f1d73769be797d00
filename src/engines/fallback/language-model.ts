import type { LanguageModel, LanguageModelContext, PromptPrefix } from '../../ports/language-model.js';
import { EngineChain, type FallbackDeadlines, type FallbackOptions } from './engine-chain.js';
import { FallbackContext } from './fallback-context.js';

export const languageModelDeadlines: FallbackDeadlines = { firstMs: 1_500, idleMs: 700 };

/**
 * Language models in order: when one fails, is full or stops answering, the next one goes on from the words that were given
 * out. Prompts are computed ahead by the first only.
 */
export class FallbackLanguageModel implements LanguageModel {
  readonly name: string;
  readonly capabilities: LanguageModel['capabilities'];
  readonly #chain: EngineChain<LanguageModel>;

  constructor(options: FallbackOptions<LanguageModel>) {
    this.#chain = new EngineChain(options, languageModelDeadlines);
    this.name = this.#chain.name;
    this.capabilities = options.engines[0].capabilities;
  }

  async open(
    prefix: PromptPrefix,
    options: { readonly callId: string; readonly signal: AbortSignal },
  ): Promise<LanguageModelContext> {
    const context = new FallbackContext({ chain: this.#chain, prefix, ...options, opened: new Map() });
    try {
      await context.openFirst();
    } catch (error) {
      context.close();
      throw error;
    }
    return context;
  }

  close(): Promise<void> {
    return this.#chain.close();
  }
}
