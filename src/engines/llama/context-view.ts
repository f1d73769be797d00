import { ContextMessages } from '../../ports/context-messages.js';
import type {
  ChatMessage,
  ContextMark,
  ExtendOptions,
  ExtendResult,
  GenerateEvent,
  GenerateOptions,
  LanguageModelContext,
} from '../../ports/language-model.js';
import type { CallContext } from './call-context.js';

/**
 * A list of messages over the call's one sequence. The host keeps whatever beginning two views share, so a draft that
 * is adopted costs nothing more and one that is thrown away is simply overwritten.
 */
export class ContextView implements LanguageModelContext {
  readonly #call: CallContext;
  readonly #messages: ContextMessages;

  constructor(call: CallContext, messages = ContextMessages.begin()) {
    this.#call = call;
    this.#messages = messages;
  }

  get mark(): ContextMark {
    return this.#messages.mark;
  }

  extend(message: ChatMessage, options: ExtendOptions): Promise<ExtendResult> {
    const messages = this.#messages.append(message);
    if (options.defer)
      return Promise.resolve({ computedTokens: 0, reusedTokens: 0, droppedMessages: this.#call.dropped });
    return this.#call.extend(messages, options);
  }

  fork(): LanguageModelContext {
    return new ContextView(this.#call, this.#messages.fork());
  }

  truncateTo(mark: ContextMark): void {
    this.#messages.truncateTo(mark);
  }

  generate(options: GenerateOptions): AsyncIterable<GenerateEvent> {
    this.#messages.assertOpen();
    return this.#call.generate(this.#messages.all, options);
  }

  close(): void {
    const { wasOpen, isRoot } = this.#messages.close();
    if (wasOpen && isRoot) this.#call.release();
  }
}
