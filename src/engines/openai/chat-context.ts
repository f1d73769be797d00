import { ContextMessages } from '../../ports/context-messages.js';
import { droppedMessages, replyRoomTokens } from '../../ports/context-overflow.js';
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
  readonly #messages: ContextMessages;

  constructor(call: ChatCall, messages = ContextMessages.begin()) {
    this.#call = call;
    this.#messages = messages;
  }

  get mark(): ContextMark {
    return this.#messages.mark;
  }

  async extend(message: ChatMessage, _options: ExtendOptions): Promise<ExtendResult> {
    this.#messages.append(message);
    return { computedTokens: 0, reusedTokens: 0, droppedMessages: this.#call.dropped };
  }

  fork(): LanguageModelContext {
    return new ChatContext(this.#call, this.#messages.fork());
  }

  truncateTo(mark: ContextMark): void {
    this.#messages.truncateTo(mark);
  }

  async *generate(options: GenerateOptions): AsyncIterable<GenerateEvent> {
    this.#messages.assertOpen();
    const schema = jsonSchemaOf(options);
    const signal = this.#messages.signal(options.signal);
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
    const { wasOpen, isRoot } = this.#messages.close();
    if (wasOpen && isRoot) this.#call.release();
  }

  /** The prompt, and the newest messages that fit behind it. */
  #fitting(): readonly ChatMessage[] {
    const { prefix, contextTokens } = this.#call;
    const prompt: ChatMessage[] = [{ role: 'system', text: prefix.system }, ...prefix.examples];
    const limit = contextTokens - tokensOf(prompt) - replyRoomTokens(contextTokens);
    const measured = this.#messages.all.map((message) => ({ role: message.role, tokens: tokensOf([message]) }));
    // A prompt that fills the context is for the server to refuse.
    this.#call.dropped = droppedMessages(measured, {
      limit: Math.max(1, limit),
      reserve: 0,
      dropped: this.#call.dropped,
    });
    return [...prompt, ...this.#messages.all.slice(this.#call.dropped)];
  }
}

/** Estimated, as the server's tokenizer is not known: three characters of English a token is on the safe side. */
function tokensOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { text }) => sum + 4 + Math.ceil(text.length / 3), 0);
}
