import { ParleyError } from './errors.js';
import type { ChatMessage, ContextMark } from './language-model.js';

/** The messages of a context or of a fork of one, and whether it is open: what every language model keeps the same way. */
export class ContextMessages {
  readonly #parent: ContextMessages | undefined;
  readonly #life = new AbortController();
  #all: readonly ChatMessage[] = [];

  private constructor(parent?: ContextMessages) {
    this.#parent = parent;
    if (parent) this.#all = parent.#all;
  }

  static begin(): ContextMessages {
    return new ContextMessages();
  }

  get all(): readonly ChatMessage[] {
    return this.#all;
  }

  get mark(): ContextMark {
    return { messages: this.#all.length };
  }

  /** @throws ParleyError `language_model.closed`, as all that needs it open */
  append(message: ChatMessage): readonly ChatMessage[] {
    this.assertOpen();
    this.#all = [...this.#all, message];
    return this.#all;
  }

  fork(): ContextMessages {
    this.assertOpen();
    return new ContextMessages(this);
  }

  truncateTo({ messages }: ContextMark): void {
    this.#all = this.#all.slice(0, messages);
  }

  /** @returns whether it was open, and whether it is no fork: then there is something to give back */
  close(): { readonly wasOpen: boolean; readonly isRoot: boolean } {
    const wasOpen = !this.#life.signal.aborted;
    if (wasOpen) this.#life.abort(closedError());
    return { wasOpen, isRoot: this.#parent === undefined };
  }

  get closed(): boolean {
    return this.#life.signal.aborted;
  }

  /** Aborts with `signal`, and when this context is closed or what it was forked from. */
  signal(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, ...[...this.#lineage()].map((each) => each.#life.signal)]);
  }

  assertOpen(): void {
    for (const each of this.#lineage()) if (each.closed) throw closedError();
  }

  *#lineage(): Iterable<ContextMessages> {
    for (let each: ContextMessages | undefined = this; each; each = each.#parent) yield each;
  }
}

function closedError(): ParleyError {
  return new ParleyError('This context is closed.', { code: 'language_model.closed' });
}
