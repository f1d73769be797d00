import { ParleyError } from '../../ports/errors.js';
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
import type { ComputeGovernor, WorkKind } from '../host/governor.js';
import type { HostProcess } from '../host/host-process.js';
import { continuedReply } from './continued-reply.js';
import type { Conversation, NextState, NextTokens, PrefillSlice, PrefillState, ReplySlice, SliceSize } from './wire.js';

/** The tail of an ordinary turn (the last word or two and the reply's beginning) fits in one slice. */
const turnSliceTokens = 10;
/** A partial must get out of the way within a tenth of a second or two, on one thread. */
const partialSliceTokens = 4;
const decodeBudgetMs = 45;
/** Tokens of the first clause: they come before any later speech is computed. */
const urgentTokens = 8;

export type CallContextOptions = {
  readonly host: HostProcess;
  readonly governor: ComputeGovernor;
  readonly context: number;
  readonly prefix: PromptPrefix;
  /** Resolves when the prefix is in the sequence, or could not be brought there. */
  readonly prepared: Promise<void>;
  /** Brings the prefix back into the sequence of a host that was started again; returns at once for the same host. */
  readonly restore: (signal: AbortSignal) => Promise<void>;
  readonly release: () => void;
};

/**
 * One call's KV sequence. Forks are views of it: a list of messages each. The host keeps whatever beginning two views
 * share, so a draft that is adopted costs nothing more and one that is thrown away is simply overwritten.
 */
export class CallContext {
  readonly #options: CallContextOptions;
  /** The sequence is worked on by one owner at a time: a reply keeps it until it has ended or was aborted. */
  #owner: Promise<void>;
  closed = false;

  constructor(options: CallContextOptions) {
    this.#options = options;
    this.#owner = options.prepared;
  }

  root(): LanguageModelContext {
    return new ContextView(this, [], undefined);
  }

  release(): void {
    if (this.closed) return;
    this.closed = true;
    this.#options.release();
  }

  async prefill(messages: readonly ChatMessage[], options: ExtendOptions): Promise<ExtendResult> {
    const partial = options.urgency === 'partial';
    const conversation = this.#conversation(messages, options.open ?? false);
    const disown = await this.#own(options.signal);
    try {
      await this.#options.restore(options.signal);
      return await this.#slices('prefill', conversation, {
        kind: partial ? 'llm-partial' : 'llm-turn',
        maxTokens: partial ? partialSliceTokens : turnSliceTokens,
        leave: 0,
        maxThreads: partial ? 1 : this.#options.governor.cores,
        signal: options.signal,
      });
    } finally {
      disown();
    }
  }

  async *generate(messages: readonly ChatMessage[], options: GenerateOptions): AsyncIterable<GenerateEvent> {
    const startedAt = performance.now();
    const disown = await this.#own(options.signal);
    // An aborted reply asks for nothing more, also when whoever read it never comes back.
    options.signal.addEventListener('abort', disown, { once: true });
    try {
      yield* continuedReply(options, (part) => this.#reply(messages, part, startedAt));
    } finally {
      options.signal.removeEventListener('abort', disown);
      disown();
    }
  }

  async *#reply(
    messages: readonly ChatMessage[],
    options: GenerateOptions,
    startedAt: number,
  ): AsyncIterable<GenerateEvent> {
    const { signal } = options;
    await this.#options.restore(signal);
    const conversation = { ...this.#conversation(messages, false), forcedBeginning: options.forcedBeginning ?? '' };
    const prompt = await this.#slices('prefill-reply', conversation, {
      kind: 'llm-turn',
      maxTokens: turnSliceTokens,
      // What fits in one slice is computed together with the first new token.
      leave: turnSliceTokens,
      maxThreads: this.#options.governor.cores,
      signal,
    });
    let newTokens = 0;
    let firstTokenMs = 0;
    let text = '';
    let given = 0;
    const finish = (reason: 'end' | 'length' | 'stop'): GenerateEvent => ({
      type: 'finish',
      reason,
      computedTokens: prompt.computedTokens + prompt.remainingTokens,
      reusedTokens: prompt.reusedTokens,
      newTokens,
      firstTokenMs,
    });
    for (;;) {
      const first = newTokens === 0;
      const kind: WorkKind = newTokens < urgentTokens ? 'llm-turn' : 'llm-decode';
      const state = await this.#slice(kind, this.#options.governor.cores, signal, (threads) => {
        const maxTokens = options.maxTokens - newTokens;
        const request: NextTokens = {
          ...conversation,
          first,
          budgetMs: first ? 0 : decodeBudgetMs,
          maxTokens,
          threads,
        };
        return this.#options.host.request<NextState>('next', request, { atOnce: true });
      });
      if (first) firstTokenMs = performance.now() - startedAt;
      newTokens += state.tokens;
      text += state.text;
      const stopAt = earlier(stopIndex(text, options.stop ?? []), options.endAt?.(text));
      const over = state.ended || newTokens >= options.maxTokens;
      const until = stopAt ?? (over ? text.length : text.length - heldBack(text, options.stop ?? []));
      if (until > given) {
        yield { type: 'text', text: text.slice(given, until) };
        given = until;
      }
      if (stopAt !== undefined) return yield finish('stop');
      if (state.ended) return yield finish('end');
      if (over) return yield finish('length');
    }
  }

  async #slices(
    op: 'prefill' | 'prefill-reply',
    conversation: Conversation | Omit<ReplySlice, keyof SliceSize>,
    options: { kind: WorkKind; maxTokens: number; leave: number; maxThreads: number; signal: AbortSignal },
  ): Promise<ExtendResult & { readonly remainingTokens: number }> {
    let computedTokens = 0;
    let reusedTokens: number | undefined;
    for (;;) {
      const state = await this.#slice(options.kind, options.maxThreads, options.signal, (threads) => {
        const request: PrefillSlice | ReplySlice = {
          ...conversation,
          maxTokens: options.maxTokens,
          leave: options.leave,
          threads,
        };
        return this.#options.host.request<PrefillState>(op, request, { atOnce: true });
      });
      computedTokens += state.computed;
      reusedTokens ??= state.reused;
      if (state.remaining <= options.leave) return { computedTokens, reusedTokens, remainingTokens: state.remaining };
    }
  }

  async #slice<T>(
    kind: WorkKind,
    maxThreads: number,
    signal: AbortSignal,
    work: (threads: number) => Promise<T>,
  ): Promise<T> {
    await this.#options.host.whenReady(signal);
    return this.#options.governor.slice({ kind, signal, maxThreads }, (threads) => {
      // The host would open the context again, and nobody would close it.
      this.#assertOpen();
      return work(threads);
    });
  }

  #assertOpen(): void {
    if (this.closed)
      throw new ParleyError('This context is closed: its call has ended.', { code: 'language_model.closed' });
  }

  #conversation(messages: readonly ChatMessage[], open: boolean): Conversation {
    this.#assertOpen();
    return { context: this.#options.context, prefix: this.#options.prefix, messages: [...messages], open };
  }

  /** Waits for the sequence; the returned function gives it on. */
  async #own(signal: AbortSignal): Promise<() => void> {
    const before = this.#owner;
    let disown = (): void => {};
    const done = new Promise<void>((resolve) => {
      disown = resolve;
    });
    this.#owner = before.then(() => done);
    // Who gives up waiting is told at once; the sequence still passes from hand to hand in order.
    let wake = (): void => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    signal.addEventListener('abort', wake, { once: true });
    void before.then(wake);
    if (!signal.aborted) await woken;
    signal.removeEventListener('abort', wake);
    if (signal.aborted) {
      disown();
      throw signal.reason;
    }
    return disown;
  }
}

/** A list of messages over the call's one sequence. */
class ContextView implements LanguageModelContext {
  readonly #call: CallContext;
  readonly #parent: ContextView | undefined;
  #messages: ChatMessage[];
  #closed = false;

  constructor(call: CallContext, messages: ChatMessage[], parent: ContextView | undefined) {
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
    if (options.defer) return Promise.resolve({ computedTokens: 0, reusedTokens: 0 });
    return this.#call.prefill(this.#messages, options);
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

function stopIndex(text: string, stops: readonly string[]): number | undefined {
  let found: number | undefined;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at >= 0 && (found === undefined || at < found)) found = at;
  }
  return found;
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b < a) ? b : a;
}

/** How much of the end may be the beginning of a stop string, and so is not given out yet. */
function heldBack(text: string, stops: readonly string[]): number {
  let held = 0;
  for (const stop of stops)
    for (let length = Math.min(stop.length - 1, text.length); length > held; length--)
      if (stop.startsWith(text.slice(text.length - length))) {
        held = length;
        break;
      }
  return held;
}
