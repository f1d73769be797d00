import { ParleyError } from '../../ports/errors.js';
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
  readonly #parent: ContextView | undefined;
  #messages: readonly ChatMessage[];
  #closed = false;

  constructor(call: CallContext, messages: readonly ChatMessage[] = [], parent?: ContextView) {
    this.#call = call;
    this.#messages = messages;
    this.#parent = parent;
  }

  get mark(): ContextMark {
    return { messages: this.#messages.length };
  }

  extend(message: ChatMessage, options: ExtendOptions): Promise<ExtendResult> {
    this.#assertOpen();
    this.#messages = [...this.#messages, message];
    if (options.defer)
      return Promise.resolve({ computedTokens: 0, reusedTokens: 0, droppedMessages: this.#call.dropped });
    return this.#call.extend(this.#messages, options);
  }

  fork(): LanguageModelContext {
    this.#assertOpen();
    return new ContextView(this.#call, this.#messages, this);
  }

  truncateTo(mark: ContextMark): void {
    this.#messages = this.#messages.slice(0, mark.messages);
  }

  generate(options: GenerateOptions): AsyncIterable<GenerateEvent> {
    this.#assertOpen();
    return this.#call.generate(this.#messages, options);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#parent) this.#call.release();
  }

  #assertOpen(): void {
    for (let view: ContextView | undefined = this; view; view = view.#parent)
      if (view.#closed) throw new ParleyError('This context is closed.', { code: 'language_model.closed' });
  }
}
