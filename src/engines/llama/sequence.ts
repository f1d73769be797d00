import {
  type LlamaContextSequence,
  type LlamaGrammar,
  LlamaGrammarEvaluationState,
  type LlamaModel,
  type Token,
} from 'node-llama-cpp';
import { ParleyError } from '../../ports/errors.js';
import { guessNext, lookAheadTokens } from './prompt-lookup.js';

export type Continuation = {
  readonly text: string;
  readonly tokens: number;
  readonly over?: 'end' | 'full';
  /** Asked for with `judged`: how likely one of the endings was. Told once. */
  readonly ending?: number;
};

/** Asks how likely one of `endings` is behind the token at `index` of the last tokens of a prompt. */
export type Judged = { readonly index: number; readonly endings: readonly Token[] };

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
  async beginReply(lastTokens: readonly Token[], options: BeginOptions = {}): Promise<void> {
    await this.#endReply();
    const { grammar, judged } = options;
    const reply: Reply = {
      // A grammar's steps do not show what else was likely.
      step: grammar
        ? this.#grammarSteps(lastTokens, grammar)
        : this.#greedySteps(lastTokens, judged, (probability) => {
            reply.ending = probability;
          }),
      tokens: [],
      emitted: 0,
      ending: undefined,
    };
    this.#reply = reply;
  }

  /**
   * Generates until the reply ends, the budget is spent or `maxTokens` are there. At least one token, unless the
   * context is full. With `lookAhead`, tokens that can be guessed are computed together.
   * @throws ParleyError `host.lost_state` (retryable) when there is no reply to go on with
   */
  async continueReply(budgetMs: number, maxTokens: number, lookAhead: boolean): Promise<Continuation> {
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
      if (this.#sequence.nextTokenIndex >= this.#sequence.contextSize - lookAheadTokens - 2) {
        over = 'full';
        break;
      }
      const room = maxTokens - count;
      const next = await reply.step.next(lookAhead ? Math.min(lookAheadTokens, room - 1) : 0);
      for (const token of next) {
        if (this.#model.isEogToken(token)) {
          over = 'end';
          break;
        }
        reply.tokens.push(token);
        count += 1;
      }
      if (next.length === 0) over = 'end';
    } while (!over && count < maxTokens && performance.now() < until);
    const whole = this.#model.detokenize(reply.tokens);
    // A character of several bytes may be half there: it waits for its other tokens.
    const complete = over ? whole : whole.replace(/\uFFFD+$/u, '');
    const text = complete.slice(reply.emitted);
    reply.emitted = complete.length;
    const { ending } = reply;
    reply.ending = undefined;
    if (over) await this.#endReply();
    return { text, tokens: count, ...(over ? { over } : {}), ...(ending === undefined ? {} : { ending }) };
  }

  async save(file: string): Promise<void> {
    await this.#sequence.saveStateToFile(file);
  }

  async load(file: string): Promise<void> {
    await this.#endReply();
    await this.#sequence.clearHistory();
    await this.#sequence.loadStateFromFile(file, { acceptRisk: true });
  }

  /** How many of these tokens it holds. */
  holds(tokens: readonly Token[]): number {
    return this.#sequence.compareContextTokens([...tokens]).firstDifferentIndex;
  }

  /** Nobody uses it for now. */
  async rest(): Promise<void> {
    await this.#endReply();
  }

  async clear(): Promise<void> {
    await this.#endReply();
    await this.#sequence.clearHistory();
  }

  async #endReply(): Promise<void> {
    const reply = this.#reply;
    this.#reply = undefined;
    await reply?.step.end();
  }

  /** The most likely tokens, and as many of the guessed ones as they turn out to be. */
  #greedySteps(
    lastTokens: readonly Token[],
    judged: Judged | undefined,
    onEnding: (probability: number) => void,
  ): Steps {
    const sequence = this.#sequence;
    let pending = [...lastTokens];
    let begun = false;
    const next = async (lookAhead: number): Promise<Token[]> => {
      // How a reply begins cannot be guessed, and its first token is what the caller waits for.
      const guess = begun ? guessNext([...sequence.contextTokens, ...pending], lookAhead) : [];
      const asked = begun ? undefined : judged;
      begun = true;
      const before = sequence.nextTokenIndex;
      const first = pending.length - 1;
      // All of the vocabulary would take 75 ms to be listed.
      const likely = {
        generateNext: { probabilities: true, options: { temperature: 1, topK: 40, topP: 1 } },
      } as const;
      const greedy = { generateNext: { token: true, options: { temperature: 0 } } } as const;
      const input = [...pending, ...guess];
      const output = await sequence.controlledEvaluate(
        input.map((token, index) =>
          index === asked?.index ? [token, likely] : index < first ? token : [token, greedy],
        ),
      );
      if (asked) {
        const probabilities = output[asked.index]?.next.probabilities;
        if (probabilities) onEnding(asked.endings.reduce((sum, token) => sum + (probabilities.get(token) ?? 0), 0));
      }
      const found: Token[] = [];
      for (let index = first; index < input.length; index++) {
        const token = output[index]?.next.token;
        if (token === undefined || token === null) break;
        found.push(token);
        if (token !== guess[index - first]) break;
      }
      const kept = before + pending.length + Math.max(0, found.length - 1);
      if (kept < sequence.nextTokenIndex)
        await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
      pending = found.slice(-1);
      return found;
    };
    return { next, end: async () => {} };
  }

  /** The most likely tokens that the grammar allows, one by one. */
  #grammarSteps(lastTokens: readonly Token[], grammar: LlamaGrammar): Steps {
    const iterator = this.#sequence.evaluate([...lastTokens], {
      temperature: 0,
      yieldEogToken: true,
      grammarEvaluationState: new LlamaGrammarEvaluationState({ model: this.#model, grammar }),
    });
    return {
      next: async () => {
        const { value, done } = await iterator.next();
        return done || value === undefined ? [] : [value];
      },
      end: async () => {
        await iterator.return();
      },
    };
  }
}

/** The next tokens of a reply, one and at most `lookAhead` more; none when there is nothing to go on with. */
type Steps = {
  readonly next: (lookAhead: number) => Promise<Token[]>;
  readonly end: () => Promise<void>;
};

export type BeginOptions = { readonly grammar?: LlamaGrammar | undefined; readonly judged?: Judged | undefined };

type Reply = {
  ending: number | undefined;
  readonly step: Steps;
  readonly tokens: Token[];
  /** Characters of the detokenised reply that were given out. */
  emitted: number;
};
