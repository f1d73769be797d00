import { ParleyError } from '../../ports/errors.js';
import { type JsonSchema, jsonSchemaOf, readJsonReply } from '../../ports/json-schema.js';
import type {
  ChatMessage,
  ExtendOptions,
  ExtendResult,
  GenerateEvent,
  GenerateOptions,
  PromptPrefix,
} from '../../ports/language-model.js';
import { cutAt, heldBack } from '../../ports/stop-text.js';
import type { ComputeGovernor, WorkKind } from '../host/governor.js';
import type { HostProcess } from '../host/host-process.js';
import { continuedReply } from './continued-reply.js';
import type { TokenPace } from './pace.js';
import type { Conversation, PrefillSlice, PrefillState, ReplySlice, ReplyState } from './wire.js';

/**
 * What a slice of a turn's prompt may take. With the smallest slice of four tokens, work that is given up is out of the
 * way within a third of a second even on one thread of a busy machine. On all cores an ordinary turn is computed in one
 * go: a slice costs 30 ms before its first token (8 tokens take 101 ms on two cores, 16 take 167).
 */
const turnSliceMs = (threads: number): number => (threads > 1 ? 240 : 150);
/** A partial must get out of the way within a tenth of a second or so. */
const backgroundSliceMs = (): number => 80;
const decodeBudgetMs = 45;
/** Tokens of the first clause: they come before any later speech is computed. */
const urgentTokens = 8;
/**
 * Prompt tokens that an ordinary turn may have: they are as urgent as its first clause. What goes beyond takes turns
 * with the replies of other calls.
 */
const urgentPromptTokens = 48;

export type CallContextOptions = {
  readonly host: HostProcess;
  readonly governor: ComputeGovernor;
  readonly pace: TokenPace;
  readonly context: number;
  readonly prefix: PromptPrefix;
  readonly release: () => void;
};

/** One call's KV sequence: who may work on it, and the slices of that work. */
export class CallContext {
  readonly #options: CallContextOptions;
  /** The sequence is worked on by one owner at a time: a reply keeps it until it has ended or was aborted. */
  #owner: Promise<void> = Promise.resolve();
  #preparing: AbortController | undefined;
  /** How many of the oldest messages the model no longer sees. */
  dropped = 0;
  closed = false;
  /** What its slices have taken of the cores. */
  #coreMs = 0;

  constructor(options: CallContextOptions) {
    this.#options = options;
  }

  release(): void {
    if (this.closed) return;
    this.closed = true;
    this.#preparing?.abort(this.#closedError());
    this.#options.release();
  }

  /**
   * Brings the prompt into the sequence in the background. The call is not kept waiting: a greeting can be heard while a
   * prompt that is new here is computed, and the first reply takes over what is missing.
   */
  prepare(signal: AbortSignal): void {
    const preparing = new AbortController();
    this.#preparing = preparing;
    const options = {
      signal: AbortSignal.any([signal, preparing.signal]),
      kind: 'llm-partial',
      allCores: true,
    } as const;
    // Who says at once how the conversation goes on asks for all of it: its sequence is found by more than the prompt.
    setImmediate(() => {
      if (options.signal.aborted || this.closed) return;
      this.compute([], options).catch(() => {
        // A reply computes what is missing, and reports what fails.
      });
    });
  }

  async extend(messages: readonly ChatMessage[], options: ExtendOptions): Promise<ExtendResult> {
    const partial = options.urgency === 'partial';
    if (!partial) this.#takeOver();
    return this.compute(messages, { ...options, kind: partial ? 'llm-partial' : 'llm-turn', allCores: !partial });
  }

  /** Computes what is missing of a conversation. */
  async compute(
    messages: readonly ChatMessage[],
    options: {
      readonly signal: AbortSignal;
      readonly kind: 'llm-turn' | 'llm-partial' | 'job';
      readonly allCores: boolean;
      readonly open?: boolean;
      readonly reserveTokens?: number;
    },
  ): Promise<ExtendResult> {
    this.#assertOpen();
    const { signal, open = false, reserveTokens = 0 } = options;
    const sliceMs = options.kind === 'llm-turn' ? turnSliceMs : backgroundSliceMs;
    const disown = await this.#own(signal);
    try {
      let computedTokens = 0;
      let reusedTokens: number | undefined;
      for (;;) {
        const kind = options.kind === 'llm-turn' ? promptKind(computedTokens) : options.kind;
        const state = await this.#slice({ kind, signal, allCores: options.allCores }, sliceMs, (slice) => {
          const request: PrefillSlice = { ...this.#conversation(messages), ...slice, open, reserveTokens };
          return this.#options.host.request<PrefillState>('prefill', request, { atOnce: true });
        });
        computedTokens += state.computed;
        reusedTokens ??= state.reused;
        if (state.remaining === 0) return { computedTokens, reusedTokens, droppedMessages: this.dropped };
      }
    } finally {
      disown();
    }
  }

  async *generate(messages: readonly ChatMessage[], options: GenerateOptions): AsyncIterable<GenerateEvent> {
    const startedAt = performance.now();
    const schema = jsonSchemaOf(options);
    this.#takeOver();
    const disown = await this.#own(options.signal);
    // An aborted reply asks for nothing more, also when whoever read it never comes back.
    options.signal.addEventListener('abort', disown, { once: true });
    try {
      // Half a document cannot be gone on with: the grammar begins anew.
      if (schema) yield* this.#reply(messages, options, schema, startedAt);
      else yield* continuedReply(options, (part) => this.#reply(messages, part, undefined, startedAt));
    } finally {
      options.signal.removeEventListener('abort', disown);
      disown();
    }
  }

  async *#reply(
    messages: readonly ChatMessage[],
    options: GenerateOptions,
    json: JsonSchema | undefined,
    startedAt: number,
  ): AsyncIterable<GenerateEvent> {
    const { signal, stop = [] } = options;
    const { host } = this.#options;
    const usage = { computedTokens: 0, reusedTokens: 0, newTokens: 0, firstTokenMs: 0 };
    let begin = true;
    let text = '';
    let told = { tokens: 0, coreMs: this.#coreMs };
    let given = 0;
    let judged: { readonly messageOver: number } | undefined;
    for (;;) {
      const kind = begin
        ? promptKind(usage.computedTokens)
        : usage.newTokens < urgentTokens
          ? 'llm-turn'
          : 'llm-decode';
      const state = await this.#slice({ kind, signal, allCores: true }, turnSliceMs, (slice) => {
        const request: ReplySlice = {
          ...this.#conversation(messages),
          ...slice,
          forcedBeginning: options.forcedBeginning ?? '',
          ...(json ? { json } : {}),
          begin,
          judge: options.judge ?? false,
          budgetMs: begin ? 0 : decodeBudgetMs,
          maxTokens: options.maxTokens - usage.newTokens,
        };
        return host.request<ReplyState>('reply', request, { atOnce: true });
      });
      if (begin) {
        if (usage.computedTokens === 0) usage.reusedTokens = state.reused;
        usage.computedTokens += state.computed;
        if (state.remaining > 0) continue;
        usage.firstTokenMs = performance.now() - startedAt;
        begin = false;
      }
      usage.newTokens += state.tokens;
      if (state.messageOver !== undefined) judged = { messageOver: state.messageOver };
      text += state.text;
      const stopAt = cutAt(text, stop, options.endAt?.(text));
      const over = state.over !== undefined || usage.newTokens >= options.maxTokens;
      const until = stopAt ?? (over ? text.length : text.length - heldBack(text, stop));
      if (until > given) {
        const tokens = usage.newTokens - told.tokens;
        const computeMs = this.#coreMs - told.coreMs;
        told = { tokens: usage.newTokens, coreMs: this.#coreMs };
        yield { type: 'text', text: text.slice(given, until), tokens, computeMs, ...judged };
        judged = undefined;
        given = until;
      }
      if (stopAt === undefined && !over) continue;
      const reason = stopAt !== undefined ? 'stop' : state.over === 'end' ? 'end' : 'length';
      const value = json && reason === 'end' ? { json: readJsonReply(text, json) } : {};
      return yield { type: 'finish', reason, ...usage, droppedMessages: this.dropped, ...value };
    }
  }

  /** A slice of work when the governor grants it, as large as the threads that it is given allow. */
  async #slice<State extends PrefillState>(
    lease: { readonly kind: WorkKind; readonly signal: AbortSignal; readonly allCores: boolean },
    sliceMs: (threads: number) => number,
    work: (slice: { readonly promptTokens: number; readonly threads: number }) => Promise<State>,
  ): Promise<State> {
    const { host, governor, pace } = this.#options;
    const { kind, signal } = lease;
    await host.whenReady(signal);
    const maxThreads = lease.allCores ? governor.cores : 1;
    return governor.slice({ kind, signal, maxThreads, lane: 'language-model' }, async (threads) => {
      // The host would open the context again, and nobody would close it.
      this.#assertOpen();
      const startedAt = performance.now();
      const state = await work({ promptTokens: pace.sliceTokens(threads, sliceMs(threads)), threads });
      this.#coreMs += (performance.now() - startedAt) * threads;
      pace.note(threads, state.computed, state.spentMs);
      this.dropped = Math.max(this.dropped, state.dropped);
      return state;
    });
  }

  #assertOpen(): void {
    if (this.closed) throw this.#closedError();
  }

  #closedError(): ParleyError {
    return new ParleyError('This context is closed: its call has ended.', { code: 'language_model.closed' });
  }

  #conversation(messages: readonly ChatMessage[]): Conversation {
    const { context, prefix } = this.#options;
    return { context, prefix, messages, dropped: this.dropped };
  }

  /** Somebody waits: what the preparation has not computed yet is part of a turn now. */
  #takeOver(): void {
    this.#preparing?.abort(new Error('a turn needs the prompt'));
    this.#preparing = undefined;
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

function promptKind(computedTokens: number): WorkKind {
  return computedTokens < urgentPromptTokens ? 'llm-turn' : 'llm-decode';
}
