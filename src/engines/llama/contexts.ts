import type { LlamaContext, LlamaModel, Token } from 'node-llama-cpp';
import { droppedMessages, replyRoomTokens } from '../../ports/context-overflow.js';
import { ParleyError } from '../../ports/errors.js';
import type { PromptPrefix } from '../../ports/language-model.js';
import type { GrammarCache } from './grammar-cache.js';
import type { PrefixStore } from './prefix-store.js';
import { ChatMlTokens } from './prompt-tokens.js';
import { TokenSequence } from './sequence.js';
import type { Conversation, LlamaInit, PrefillSlice, PrefillState, ReplySlice, ReplyState } from './wire.js';

export type ContextsOptions = {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly store: PrefixStore;
  readonly grammars: GrammarCache;
  readonly limits: Pick<LlamaInit, 'sequences' | 'contextTokens'>;
};

/** The tokens that a sequence should hold. */
type Wanted = {
  readonly tokens: readonly Token[];
  /** How many of them are the prompt, which is kept on disk when it is computed. */
  readonly prefixLength: number;
  readonly dropped: number;
};

/** Every prompt begins with the same markup: a sequence that holds no more of one is not worth keeping for it. */
const worthKeepingTokens = 16;

/** Which sequence belongs to which context, and what it should hold. */
export class Contexts {
  readonly #options: ContextsOptions;
  readonly #replyRoom: number;
  readonly #tokens: ChatMlTokens;
  readonly #sequences = new Map<number, TokenSequence>();
  /** They keep what they hold: who goes on with a conversation, or begins another with the same prompt, has it computed. */
  #idle: TokenSequence[] = [];

  constructor(options: ContextsOptions) {
    this.#options = options;
    this.#tokens = new ChatMlTokens(options.model);
    this.#replyRoom = replyRoomTokens(options.limits.contextTokens);
  }

  /** @param wanted what it is going to hold: of those that are free, the sequence that holds most of it is taken */
  of(context: number, wanted: readonly Token[]): TokenSequence {
    const known = this.#sequences.get(context);
    if (known) return known;
    const { context: kv, model, limits } = this.#options;
    const [nearest] = this.#idle
      .map((sequence) => ({ sequence, held: sequence.holds(wanted) }))
      .sort((a, b) => b.held - a.held);
    const fresh = kv.sequencesLeft > 0 && (nearest?.held ?? 0) < worthKeepingTokens;
    const sequence = fresh ? new TokenSequence(kv.getSequence(), model) : nearest?.sequence;
    if (!sequence)
      throw new ParleyError(`The language model holds ${limits.sequences} calls and has no room for another.`, {
        code: 'language_model.full',
        retryable: true,
        status: 503,
      });
    this.#idle = this.#idle.filter((each) => each !== sequence);
    this.#sequences.set(context, sequence);
    return sequence;
  }

  async close(context: number): Promise<void> {
    const sequence = this.#sequences.get(context);
    if (!sequence) return;
    this.#sequences.delete(context);
    await sequence.rest();
    // Those that rested longest come first: where none of them is of use, the oldest goes.
    this.#idle.push(sequence);
  }

  async prefill(request: PrefillSlice): Promise<PrefillState> {
    const last = request.open ? request.messages.at(-1) : undefined;
    const closed = last ? request.messages.slice(0, -1) : request.messages;
    const tail = last ? this.#tokens.openMessage(last) : [];
    const wanted = this.#wanted({ ...request, messages: closed }, tail, request.reserveTokens);
    const sequence = this.of(request.context, wanted.tokens);
    // It may hold more of this conversation: that is kept until something else is wanted behind.
    if (sequence.holds(wanted.tokens) === wanted.tokens.length)
      return { ...nothingComputed, reused: wanted.tokens.length, dropped: wanted.dropped };
    const held = await this.#hold(sequence, wanted, wanted.tokens.length);
    return this.#advance(sequence, wanted, held, request.promptTokens);
  }

  async reply(request: ReplySlice): Promise<ReplyState> {
    const begun = request.begin ? await this.#begin(request) : nothingComputed;
    if (begun.remaining > 0) return { ...begun, text: '', tokens: 0 };
    const sequence = this.of(request.context, []);
    const startedMs = performance.now();
    const next = await sequence.continueReply(request.budgetMs, request.maxTokens, request.threads > 1);
    const { ending, ...told } = next;
    const messageOver = ending === undefined ? {} : { messageOver: ending };
    return { ...begun, ...told, ...messageOver, spentMs: begun.spentMs + performance.now() - startedMs };
  }

  async #begin(request: ReplySlice): Promise<PrefillState> {
    const wanted = this.#wanted(request, this.#tokens.replyBeginning(request.forcedBeginning), 0);
    const { tokens, prefixLength, dropped } = wanted;
    const sequence = this.of(request.context, tokens);
    // A reply starts from at least one token that is computed now, and is judged from the last word on.
    const lastWord = request.judge ? this.#lastWord(request, tokens.length) : undefined;
    const from = lastWord ?? tokens.length - 1;
    const held = await this.#hold(sequence, wanted, from);
    const missing = tokens.length - held;
    // What is behind the last word is always computed in one go.
    const ahead = held < from ? Math.min(request.promptTokens, from - held) : 0;
    if (held < prefixLength || (missing > request.promptTokens && ahead > 0))
      return this.#advance(sequence, wanted, held, Math.max(1, ahead));
    const grammar = request.json ? await this.#options.grammars.of(request.json) : undefined;
    const judged = lastWord === undefined ? undefined : { index: lastWord - held, endings: this.#tokens.endings };
    await sequence.beginReply(tokens.slice(held), { grammar, judged });
    return { computed: missing, reused: held, remaining: 0, dropped, spentMs: 0 };
  }

  /** Where the last word of the user's last message is among all tokens; undefined where it has no words. */
  #lastWord({ messages, forcedBeginning }: ReplySlice, length: number): number | undefined {
    const last = messages.at(-1);
    if (last?.role !== 'user') return undefined;
    const words = this.#tokens.wordTokens(last);
    if (words === 0) return undefined;
    const behind = this.#tokens.message(last).length + this.#tokens.replyBeginning(forcedBeginning).length;
    return length - behind + words - 1;
  }

  /** Brings the sequence to a beginning of what is wanted, by a prompt from disk if need be; returns its length. */
  async #hold(sequence: TokenSequence, { tokens, prefixLength }: Wanted, limit: number): Promise<number> {
    const upToLimit = tokens.slice(0, limit);
    const held = await sequence.align(upToLimit);
    if (held >= prefixLength) return held;
    const { store } = this.#options;
    const prefix = tokens.slice(0, prefixLength);
    const file = store.fileOf(prefix);
    if (!(await store.has(file))) return held;
    try {
      await sequence.load(file);
      if ((await sequence.align(prefix)) === prefixLength) return prefixLength;
    } catch {
      // A state that this build cannot read is no loss: it is computed again and replaced.
      await sequence.clear();
    }
    await store.remove(file);
    return sequence.align(upToLimit);
  }

  /** Computes the next tokens, and keeps the prompt on disk when that completes it. */
  async #advance(sequence: TokenSequence, wanted: Wanted, held: number, maxTokens: number): Promise<PrefillState> {
    const { tokens, prefixLength, dropped } = wanted;
    const end = Math.min(held + maxTokens, held < prefixLength ? prefixLength : tokens.length);
    const startedMs = performance.now();
    await sequence.compute(tokens.slice(held, end));
    const spentMs = performance.now() - startedMs;
    if (held < prefixLength && end === prefixLength) {
      const { store } = this.#options;
      await store.save(store.fileOf(tokens.slice(0, prefixLength)), (temporary) => sequence.save(temporary));
    }
    return { computed: end - held, reused: held, remaining: tokens.length - end, dropped, spentMs };
  }

  /** The prompt, the messages that fit, and the tail. */
  #wanted(conversation: Conversation, tail: readonly Token[], reserve: number): Wanted {
    const head = this.#prefixTokens(conversation.prefix);
    const messages = conversation.messages.map((message) => this.#tokens.message(message));
    const limit = this.#options.limits.contextTokens - this.#replyRoom - head.length - tail.length;
    const sizes = messages.map((tokens, index) => ({
      role: conversation.messages[index]?.role ?? 'user',
      tokens: tokens.length,
    }));
    const dropped = droppedMessages(sizes, { limit, reserve, dropped: conversation.dropped });
    const kept = messages.slice(dropped).flat();
    if (kept.length > limit + this.#replyRoom / 2)
      throw new ParleyError(
        `The newest message has ${kept.length + tail.length} tokens; beside the prompt there is room for ${limit}. Send less at once.`,
        { code: 'language_model.message_too_long', status: 400 },
      );
    return { tokens: [...head, ...kept, ...tail], prefixLength: head.length, dropped };
  }

  #prefixTokens(prefix: PromptPrefix): Token[] {
    const tokens = this.#tokens.prefix(prefix);
    const limit = this.#options.limits.contextTokens - 2 * this.#replyRoom;
    if (tokens.length > limit)
      throw new ParleyError(
        `The prompt has ${tokens.length} tokens; this model's context leaves room for ${limit}. Shorten it.`,
        { code: 'language_model.prompt_too_long', status: 400 },
      );
    return tokens;
  }
}

const nothingComputed: PrefillState = { computed: 0, reused: 0, remaining: 0, dropped: 0, spentMs: 0 };
