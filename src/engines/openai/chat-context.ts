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
import type { NativeToolOptions, ToolReplyEvent } from '../../ports/native-tools.js';
import { nativeMessages, writtenMessages } from './chat-messages.js';
import type { ChatReplyRequest, NativeTools } from './chat-reply.js';
import { demandOf, type ToolDemand } from './tool-request.js';

/** What is known of the server's tools. */
export type ServerTools = {
  readonly refused: (demand: ToolDemand) => boolean;
  /** @returns whether the error says that the server has none: it is not asked again */
  readonly learnFrom: (error: unknown, demand: ToolDemand) => boolean;
};

/** Of one call: what a context shares with its forks. */
export type ChatCall = {
  readonly prefix: PromptPrefix;
  readonly contextTokens: number;
  readonly reply: (request: ChatReplyRequest) => AsyncIterable<ToolReplyEvent>;
  readonly tools: ServerTools;
  readonly release: () => void;
  /** Messages left out so far. They never come back. */
  dropped: number;
};

/** A conversation kept on our side: the server is sent all of it for each reply. */
export class ChatContext implements LanguageModelContext {
  readonly #call: ChatCall;
  readonly #messages: ContextMessages;
  /** Calls and results are sent as the protocol has them, or as text. */
  readonly #native: boolean;

  constructor(call: ChatCall, { messages = ContextMessages.begin(), native = true } = {}) {
    this.#call = call;
    this.#messages = messages;
    this.#native = native;
  }

  get mark(): ContextMark {
    return this.#messages.mark;
  }

  async extend(message: ChatMessage, _options: ExtendOptions): Promise<ExtendResult> {
    this.#messages.append(message);
    return { computedTokens: 0, reusedTokens: 0, droppedMessages: this.#call.dropped };
  }

  fork(): LanguageModelContext {
    return new ChatContext(this.#call, { messages: this.#messages.fork(), native: this.#native });
  }

  truncateTo(mark: ContextMark): void {
    this.#messages.truncateTo(mark);
  }

  async *generate(options: GenerateOptions): AsyncIterable<GenerateEvent> {
    for await (const event of this.#reply(options, undefined)) if (isGenerated(event)) yield event;
  }

  async *generateWithTools(options: NativeToolOptions): AsyncIterable<ToolReplyEvent> {
    const { toolbox, parallel = true, callTokens = 0 } = options;
    const { tools } = this.#call;
    const demand = demandOf(toolbox);
    let began = false;
    if (!tools.refused(demand))
      try {
        for await (const event of this.#reply(options, { toolbox, parallel, callTokens })) {
          began = true;
          yield event;
        }
        return;
      } catch (error) {
        if (began || !tools.learnFrom(error, demand)) throw error;
      }
    yield* this.#written(options);
  }

  close(): void {
    const { wasOpen, isRoot } = this.#messages.close();
    if (wasOpen && isRoot) this.#call.release();
  }

  async *#written(options: NativeToolOptions): AsyncIterable<ToolReplyEvent> {
    const context = new ChatContext(this.#call, { messages: this.#messages.fork(), native: false });
    try {
      yield* options.written(context, options);
    } finally {
      context.close();
    }
  }

  async *#reply(options: GenerateOptions, native: NativeTools | undefined): AsyncIterable<ToolReplyEvent> {
    this.#messages.assertOpen();
    const schema = jsonSchemaOf(options);
    const signal = this.#messages.signal(options.signal);
    signal.throwIfAborted();
    const messages = this.#fitting();
    yield* this.#call.reply({
      options,
      schema,
      signal,
      messages: this.#native ? nativeMessages(messages) : writtenMessages(messages),
      droppedMessages: this.#call.dropped,
      native,
    });
  }

  /** The prompt, and the newest messages that fit behind it. */
  #fitting(): readonly ChatMessage[] {
    const { prefix, contextTokens } = this.#call;
    const { system, examples } = (this.#native ? prefix.native : undefined) ?? prefix;
    const prompt: ChatMessage[] = [{ role: 'system', text: system }, ...examples];
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

function isGenerated(event: ToolReplyEvent): event is GenerateEvent {
  return event.type === 'text' || event.type === 'finish';
}

/** Estimated, as the server's tokenizer is not known: three characters of English a token is on the safe side. */
function tokensOf(messages: readonly ChatMessage[]): number {
  return messages.reduce((sum, { text }) => sum + 4 + Math.ceil(text.length / 3), 0);
}
