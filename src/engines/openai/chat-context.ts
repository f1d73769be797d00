import { droppedMessages, replyRoomTokens } from '../../ports/context-overflow.js';
import { ParleyError } from '../../ports/errors.js';
import { jsonSchemaOf } from '../../ports/json-schema.js';
import type {
  ChatMessage,
  ContextMark,
  ExtendOptions,
  ExtendResult,
  GenerateEvent,
  GenerateOptions,
  LanguageModelContext,
  PromptPrefix,
} from '../../ports/language-model.js';
import type { ChatReplyRequest } from './chat-reply.js';

/** Of one call: what a context shares with its forks. */
export type ChatCall = {
  readonly prefix: PromptPrefix;
  readonly contextTokens: number;
  readonly reply: (request: ChatReplyRequest) => AsyncIterable<GenerateEvent>;
  readonly release: () => void;
  /** Messages left out so far. They never come back. */
  dropped: number;
};

/** A conversation kept on our side: the server is sent all of it for each reply. */
export class ChatContext implements LanguageModelContext {
  readonly #call: ChatCall;
  readonly #parent: ChatContext | undefined;
  /** Ends the replies of this context and its forks. */
  readonly #life = new AbortController();
  #messages: readonly ChatMessage[];

  constructor(call: ChatCall, messages: readonly ChatMessage[] = [], parent?: ChatContext) {
    this.#call = call;
    this.#messages = messages;
    this.#parent = parent;
  }

  get mark(): ContextMark {
    return { messages: this.#messages.length };
  }

  async extend(message: ChatMessage, _options: ExtendOptions): Promise<ExtendResult> {
    this.#assertOpen();
    this.#messages = [...this.#messages, message];
    return { computedTokens: 0, reusedTokens: 0, droppedMessages: this.#call.dropped };
  }

  fork(): LanguageModelContext {
    this.#assertOpen();
    return new ChatContext(this.#call, this.#messages, this);
  }

  truncateTo(mark: ContextMark): void {
    this.#messages = this.#messages.slice(0, mark.messages);
  }

  async *generate(options: GenerateOptions): AsyncIterable<GenerateEvent> {
    this.#assertOpen();
    const schema = jsonSchemaOf(options);
    const lives = [...this.#lineage()].map((context) => context.#life.signal);
    const signal = AbortSignal.any([options.signal, ...lives]);
    signal.throwIfAborted();
    yield* this.#call.reply({
      options,
      schema,
      signal,
      messages: this.#fitting(),
      droppedMessages: this.#call.dropped,
    });
  }

  close(): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort(closedError());
    if (!this.#parent) this.#call.release();
  }

  /** The prompt, and the newest messages that fit behind it. */
  #fitting(): readonly ChatMessage[] {
    const { prefix, contextTokens } = this.#call;
    const prompt: ChatMessage[] = [{ role: 'system', text: prefix.system }, ...prefix.examples];
    const limit = contextTokens - tokensOf(prompt) - replyRoomTokens(contextTokens);
    const measured = this.#messages.map((message) => ({ role: message.role, tokens: tokensOf([message]) }));
    // A prompt that fills the context is for the server to refuse.
    this.#call.dropped = droppedMessages(measured, {
      limit: Math.max(1, limit),
      reserve: 0,
      dropped: this.#call.dropped,
    });
    return [...prompt, ...this.#messages.slice(this.#call.dropped)];
  }

  *#lineage(): Iterable<ChatContext> {
    for (let each: ChatContext | undefined = this; each; each = each.#parent) yield each;
  }

  #assertOpen(): void {
    for (const context of this.#lineage()) if (context.#life.signal.aborted) throw closedError();
  }
}

/** Estimated, as the server's tokenizer is not known: three characters of English a token is on the safe side. */
function tokensOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { text }) => sum + 4 + Math.ceil(text.length / 3), 0);
}

function closedError(): ParleyError {
  return new ParleyError('This context is closed.', { code: 'language_model.closed' });
}
