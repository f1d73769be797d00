import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { getLlama, type LlamaContext, LlamaLogLevel, type LlamaModel, type Token } from 'node-llama-cpp';
import { ParleyError } from '../../ports/errors.js';
import type { PromptPrefix } from '../../ports/language-model.js';
import { serveHost } from '../host/serve.js';
import { PrefixStore } from './prefix-store.js';
import { ChatMlTokens } from './prompt-tokens.js';
import { TokenSequence } from './sequence.js';
import type {
  CloseContext,
  Conversation,
  LlamaInit,
  NextState,
  NextTokens,
  PrefillSlice,
  PrefillState,
  PreparePrefix,
  ReplySlice,
  SliceSize,
} from './wire.js';

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
  const contexts = new Contexts(
    model,
    context,
    new PrefixStore(init.stateDir, `${basename(init.modelPath)}:${size}`),
    init,
  );
  const withThreads = (threads: number): void => {
    llama.maxThreads = Math.max(1, Math.min(threads, init.maxThreads));
  };
  const warmUp = await contexts.of(-1);
  await warmUp.compute(model.tokenize('Hello.', false));
  await contexts.close(-1);

  return {
    'prepare-prefix': async (payload) => {
      const request = payload as PreparePrefix;
      withThreads(request.threads);
      return contexts.preparePrefix(request);
    },
    prefill: async (payload) => {
      const request = payload as PrefillSlice;
      withThreads(request.threads);
      return contexts.prefill(request, contexts.tokensOf(request));
    },
    'prefill-reply': async (payload) => {
      const request = payload as ReplySlice;
      withThreads(request.threads);
      return contexts.prefill(request, contexts.replyTokens(request));
    },
    next: async (payload): Promise<NextState> => {
      const request = payload as NextTokens;
      withThreads(request.threads);
      const sequence = await contexts.of(request.context);
      if (request.first) {
        const tokens = contexts.replyTokens(request);
        // A reply starts from at least one token that is computed now.
        const held = await sequence.align(tokens.slice(0, -1));
        await sequence.beginReply(tokens.slice(held));
      }
      return sequence.continueReply(request.budgetMs, request.maxTokens);
    },
    close: async (payload) => {
      await contexts.close((payload as CloseContext).context);
      return null;
    },
  };
});

/** Which sequence belongs to which context, and what it should hold. */
class Contexts {
  readonly #model: LlamaModel;
  readonly #context: LlamaContext;
  readonly #store: PrefixStore;
  readonly #init: LlamaInit;
  readonly #tokens: ChatMlTokens;
  readonly #sequences = new Map<number, TokenSequence>();
  readonly #idle: TokenSequence[] = [];

  constructor(model: LlamaModel, context: LlamaContext, store: PrefixStore, init: LlamaInit) {
    this.#model = model;
    this.#context = context;
    this.#store = store;
    this.#init = init;
    this.#tokens = new ChatMlTokens(model);
  }

  async of(context: number): Promise<TokenSequence> {
    const known = this.#sequences.get(context);
    if (known) return known;
    const sequence =
      this.#idle.pop() ??
      (this.#context.sequencesLeft > 0 ? new TokenSequence(this.#context.getSequence(), this.#model) : undefined);
    if (!sequence)
      throw new ParleyError(`The language model holds ${this.#init.sequences} calls and has no room for another.`, {
        code: 'language_model.full',
        retryable: true,
        status: 503,
      });
    this.#sequences.set(context, sequence);
    return sequence;
  }

  async close(context: number): Promise<void> {
    const sequence = this.#sequences.get(context);
    if (!sequence) return;
    this.#sequences.delete(context);
    await sequence.clear();
    this.#idle.push(sequence);
  }

  async preparePrefix(request: PreparePrefix): Promise<PrefillState> {
    const sequence = await this.of(request.context);
    const tokens = this.#prefixTokens(request.prefix);
    const held = await sequence.align(tokens);
    if (held === tokens.length) return { computed: 0, reused: held, remaining: 0 };
    const file = this.#store.fileOf(tokens);
    if (held === 0 && (await this.#store.has(file))) {
      try {
        await sequence.load(file);
        const loaded = await sequence.align(tokens);
        if (loaded === tokens.length) return { computed: 0, reused: loaded, remaining: 0 };
      } catch {
        // A state that this build cannot read is no loss: it is computed again and replaced.
        await sequence.clear();
      }
      await this.#store.remove(file);
    }
    const state = await this.#advance(sequence, tokens, request.maxTokens, 0);
    if (state.remaining === 0) await this.#store.save(file, (temporary) => sequence.save(temporary));
    return state;
  }

  async prefill(request: Conversation & SliceSize, tokens: readonly Token[]): Promise<PrefillState> {
    return this.#advance(await this.of(request.context), tokens, request.maxTokens, request.leave);
  }

  tokensOf(conversation: Conversation): Token[] {
    const { messages, open } = conversation;
    const last = open ? messages.at(-1) : undefined;
    const closed = last ? messages.slice(0, -1) : messages;
    return this.#fitted(
      conversation.prefix,
      closed.map((message) => this.#tokens.message(message)),
      last ? this.#tokens.openMessage(last) : [],
    );
  }

  replyTokens(request: Conversation & { readonly forcedBeginning: string }): Token[] {
    const messages = request.messages.map((message) => this.#tokens.message(message));
    return this.#fitted(request.prefix, messages, this.#tokens.replyBeginning(request.forcedBeginning));
  }

  /** The oldest exchanges go when the context is full; the prompt and the newest message never do. */
  #fitted(prefix: PromptPrefix, messages: readonly Token[][], tail: readonly Token[]): Token[] {
    const head = this.#prefixTokens(prefix);
    const room = this.#init.contextTokens - replyRoomTokens - head.length - tail.length;
    let total = messages.reduce((sum, message) => sum + message.length, 0);
    let from = 0;
    while (total > room && from < messages.length - 1) {
      total -= messages[from]?.length ?? 0;
      from += 1;
    }
    return [...head, ...messages.slice(from).flat(), ...tail];
  }

  #prefixTokens(prefix: PromptPrefix): Token[] {
    const tokens = this.#tokens.prefix(prefix);
    const limit = this.#init.contextTokens - 2 * replyRoomTokens;
    if (tokens.length > limit)
      throw new ParleyError(
        `The prompt has ${tokens.length} tokens; this model's context leaves room for ${limit}. Shorten it.`,
        {
          code: 'language_model.prompt_too_long',
          status: 400,
        },
      );
    return tokens;
  }

  async #advance(
    sequence: TokenSequence,
    tokens: readonly Token[],
    maxTokens: number,
    leave: number,
  ): Promise<PrefillState> {
    const held = await sequence.align(tokens);
    if (tokens.length - held <= leave) return { computed: 0, reused: held, remaining: tokens.length - held };
    const slice = tokens.slice(held, held + maxTokens);
    await sequence.compute(slice);
    return { computed: slice.length, reused: held, remaining: tokens.length - held - slice.length };
  }
}

/** Kept free for the reply and for a long last message. */
const replyRoomTokens = 256;
