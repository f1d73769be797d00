import {
  type LlamaContextSequence,
  type LlamaGrammar,
  LlamaGrammarEvaluationState,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { ParleyError } from '../../ports/errors.js';

export type Continuation = { readonly text: string; readonly tokens: number; readonly over?: 'end' | 'full' };

/** One KV sequence, addressed by the tokens it should hold: only what differs is computed. */
export class TokenSequence {
  readonly #sequence: LlamaContextSequence;
  readonly #model: LlamaModel;
  #reply: Reply | undefined;

  constructor(sequence: LlamaContextSequence, model: LlamaModel) {
    this.#sequence = sequence;
    this.#model = model;
  }

  /** Drops what follows the common beginning with `tokens`; returns how many of them are held. */
  async align(tokens: readonly Token[]): Promise<number> {
    await this.#endReply();
    const common = this.#sequence.compareContextTokens([...tokens]).firstDifferentIndex;
    const held = this.#sequence.nextTokenIndex;
    if (common < held) await this.#sequence.eraseContextTokenRanges([{ start: common, end: held }]);
    return common;
  }

  async compute(tokens: readonly Token[]): Promise<void> {
    if (tokens.length > 0) await this.#sequence.evaluateWithoutGeneratingNewTokens([...tokens]);
  }

  /** Begins to generate after `lastTokens`, of which there is at least one; what the grammar allows, if there is one. */
  async beginReply(lastTokens: readonly Token[], grammar?: LlamaGrammar): Promise<void> {
    await this.#endReply();
    const iterator = this.#sequence.evaluate([...lastTokens], {
      temperature: 0,
      yieldEogToken: true,
      ...(grammar ? { grammarEvaluationState: new LlamaGrammarEvaluationState({ model: this.#model, grammar }) } : {}),
    });
    this.#reply = { iterator, tokens: [], emitted: 0 };
  }

  /**
   * Generates until the reply ends, the budget is spent or `maxTokens` are there. At least one token, unless the
   * context is full.
   * @throws ParleyError `host.lost_state` (retryable) when there is no reply to go on with
   */
  async continueReply(budgetMs: number, maxTokens: number): Promise<Continuation> {
    const reply = this.#reply;
    if (!reply)
      throw new ParleyError('The reply was begun by a host that is gone; ask for it again.', {
        code: 'host.lost_state',
        retryable: true,
        status: 503,
      });
    const until = performance.now() + budgetMs;
    let count = 0;
    let over: 'end' | 'full' | undefined;
    do {
      // The library would make room by itself, at the cost of the prompt.
      if (this.#sequence.nextTokenIndex >= this.#sequence.contextSize - 2) {
        over = 'full';
        break;
      }
      const { value, done } = await reply.iterator.next();
      if (done || value === undefined || this.#model.isEogToken(value)) {
        over = 'end';
        break;
      }
      reply.tokens.push(value);
      count += 1;
    } while (count < maxTokens && performance.now() < until);
    const whole = this.#model.detokenize(reply.tokens);
    // A character of several bytes may be half there: it waits for its other tokens.
    const complete = over ? whole : whole.replace(/\uFFFD+$/u, '');
    const text = complete.slice(reply.emitted);
    reply.emitted = complete.length;
    if (over) await this.#endReply();
    return { text, tokens: count, ...(over ? { over } : {}) };
  }

  async save(file: string): Promise<void> {
    await this.#sequence.saveStateToFile(file);
  }

  async load(file: string): Promise<void> {
    await this.#endReply();
    await this.#sequence.clearHistory();
    await this.#sequence.loadStateFromFile(file, { acceptRisk: true });
  }

  async clear(): Promise<void> {
    await this.#endReply();
    await this.#sequence.clearHistory();
  }

  async #endReply(): Promise<void> {
    const reply = this.#reply;
    this.#reply = undefined;
    await reply?.iterator.return();
  }
}

type Reply = {
  readonly iterator: ReturnType<LlamaContextSequence['evaluate']>;
  readonly tokens: Token[];
  /** Characters of the detokenised reply that were given out. */
  emitted: number;
};
