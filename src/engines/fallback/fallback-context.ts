import { ContextMessages } from '../../ports/context-messages.js';
import { beforeDeadline } from '../../ports/deadline.js';
import type {
  ChatMessage,
  ContextMark,
  ExtendOptions,
  ExtendResult,
  GenerateEvent,
  GenerateOptions,
  LanguageModel,
  LanguageModelContext,
  PromptPrefix,
} from '../../ports/language-model.js';
import { generateWithTools, type NativeToolOptions, type ToolReplyEvent } from '../../ports/native-tools.js';
import { type Attempt, lateError } from './attempt.js';
import type { EngineChain, Link } from './engine-chain.js';
import { wholeWords } from './whole-words.js';

/** Of one call: what a context shares with its forks. */
export type FallbackCall = {
  readonly chain: EngineChain<LanguageModel>;
  readonly prefix: PromptPrefix;
  readonly callId: string;
  readonly signal: AbortSignal;
  /** The context of the call that each engine has opened, which holds no messages. */
  readonly opened: Map<Link<LanguageModel>, LanguageModelContext>;
};

/** One engine's context for ours, and the messages that it holds: those that ours has had some time before. */
type Copy = { readonly context: LanguageModelContext; messages: readonly ChatMessage[] };

/** How an engine is asked for a reply. */
type Ask<Event> = (context: LanguageModelContext, options: GenerateOptions) => AsyncIterable<Event>;

const plainly: Ask<GenerateEvent> = (context, options) => context.generate(options);

/** A conversation that each engine is given when it is asked. */
export class FallbackContext implements LanguageModelContext {
  readonly #call: FallbackCall;
  readonly #messages: ContextMessages;
  readonly #copies: Map<Link<LanguageModel>, Copy>;

  constructor(call: FallbackCall, parent?: FallbackContext) {
    this.#call = call;
    this.#messages = parent ? parent.#messages.fork() : ContextMessages.begin();
    this.#copies = new Map();
    if (!parent) return;
    for (const [link, { context, messages }] of parent.#copies)
      this.#copies.set(link, { context: context.fork(), messages });
  }

  get mark(): ContextMark {
    return this.#messages.mark;
  }

  /** Opens the first engine that has room. @throws what the last one says */
  async openFirst(): Promise<void> {
    const { signal } = this.#call;
    await this.#withAny(signal, async ({ link }) => {
      await this.#copyOf(link, signal);
    });
  }

  async extend(message: ChatMessage, options: ExtendOptions): Promise<ExtendResult> {
    const before = this.#messages.all;
    const all = this.#messages.append(message);
    const none = { computedTokens: 0, reusedTokens: 0, droppedMessages: 0 };
    const [link] = this.#call.chain.order();
    // What cannot be computed ahead is given with the request for a reply; so is what fails here.
    if (options.defer || !link?.engine.capabilities.prefill || !this.#copies.has(link)) return none;
    const copy = await this.#copyOf(link, options.signal, before);
    if (this.#messages.all !== all) return none;
    copy.messages = all;
    return copy.context.extend(message, options);
  }

  fork(): LanguageModelContext {
    return new FallbackContext(this.#call, this);
  }

  truncateTo(mark: ContextMark): void {
    this.#messages.truncateTo(mark);
  }

  generate(options: GenerateOptions): AsyncIterable<GenerateEvent> {
    this.#messages.assertOpen();
    return options.json === undefined ? this.#reply(options, plainly) : this.#value(options, plainly);
  }

  /** Each engine calls tools in its own way. Calls are given out when the reply is whole: nobody else could go on with half of one. */
  generateWithTools(options: NativeToolOptions): AsyncIterable<ToolReplyEvent> {
    this.#messages.assertOpen();
    const ask: Ask<ToolReplyEvent> = (context, part) => generateWithTools(context, { ...options, ...part });
    return options.json === undefined ? this.#reply(options, ask) : this.#value(options, ask);
  }

  close(): void {
    const { wasOpen, isRoot } = this.#messages.close();
    if (!wasOpen) return;
    for (const { context } of this.#copies.values()) context.close();
    if (!isRoot) return;
    for (const context of this.#call.opened.values()) context.close();
  }

  /** JSON is given out when it is whole: nobody else could go on with half of it. */
  async *#value<Event extends { readonly type: string }>(
    options: GenerateOptions,
    ask: Ask<Event>,
  ): AsyncIterable<Event> {
    const events: Event[] = [];
    await this.#withAny(options.signal, async (attempt) => {
      events.length = 0;
      const { context } = await this.#copyOf(attempt.link, options.signal);
      for await (const event of attempt.untilFinish(ask(context, options))) events.push(event);
    });
    yield* events;
  }

  async *#reply<Event extends ToolReplyEvent>(
    options: GenerateOptions,
    ask: Ask<Event>,
  ): AsyncIterable<Event | GenerateEvent> {
    const { signal, endAt } = options;
    /** What was given out; ends with a whole word while others could go on. */
    let said = '';
    let saidTokens = 0;
    for (const attempt of this.#call.chain.attempts(signal)) {
      const before = said;
      let text = '';
      let tokens = 0;
      const calls: Event[] = [];
      try {
        const { context } = await this.#copyOf(attempt.link, signal);
        const part: GenerateOptions = {
          ...options,
          maxTokens: Math.max(1, options.maxTokens - saidTokens),
          forcedBeginning: (options.forcedBeginning ?? '') + before,
          ...(endAt ? { endAt: (written) => shifted(endAt(before + written), before.length) } : {}),
        };
        for await (const event of attempt.untilFinish(ask(context, part))) {
          if (event.type === 'finish') {
            const rest = text.slice(said.length - before.length);
            if (rest !== '') yield { type: 'text', text: rest, tokens };
            yield* calls;
            yield { ...event, newTokens: event.newTokens + saidTokens };
            return;
          }
          if (event.type !== 'text') {
            if (event.type === 'working' || !attempt.next) yield event;
            else if (event.type === 'tool-call') calls.push(event);
            continue;
          }
          text += event.text;
          tokens += event.tokens ?? 1;
          const whole = attempt.next ? wholeWords(text) : text;
          const given = said.length - before.length;
          if (whole.length <= given) continue;
          said = before + whole;
          yield { ...event, text: whole.slice(given), tokens };
          saidTokens += tokens;
          tokens = 0;
        }
      } catch (error) {
        attempt.failed(error);
      }
    }
  }

  /** Asks one engine after the other until one answers. */
  async #withAny(signal: AbortSignal, ask: (attempt: Attempt<LanguageModel>) => Promise<void>): Promise<void> {
    for (const attempt of this.#call.chain.attempts(signal))
      try {
        await ask(attempt);
        attempt.succeeded();
        return;
      } catch (error) {
        attempt.failed(error);
      }
  }

  /** The engine's context, holding `messages`. */
  async #copyOf(link: Link<LanguageModel>, signal: AbortSignal, messages = this.#messages.all): Promise<Copy> {
    let copy = this.#copies.get(link);
    if (!copy) {
      copy = { context: (await this.#openedBy(link, signal)).fork(), messages: [] };
      this.#copies.set(link, copy);
      if (this.#messages.closed) copy.context.close();
    }
    const differs = messages.findIndex((message, index) => copy?.messages[index] !== message);
    const same = differs === -1 ? messages.length : differs;
    if (same < copy.messages.length) copy.context.truncateTo({ messages: same });
    copy.messages = messages;
    for (const message of messages.slice(same)) await copy.context.extend(message, { signal, defer: true });
    return copy;
  }

  async #openedBy(link: Link<LanguageModel>, signal: AbortSignal): Promise<LanguageModelContext> {
    const { chain, opened, prefix, callId, signal: ofCall } = this.#call;
    const known = opened.get(link);
    if (known) return known;
    const opening = link.engine.open(prefix, { callId, signal: ofCall });
    const { firstMs } = chain.deadlines;
    const late = (): Error => {
      // Nobody would close it.
      void opening.then((context) => context.close()).catch(() => {});
      return lateError(link.engine.name, firstMs);
    };
    const context = await beforeDeadline(opening, { clock: chain.clock, ms: firstMs, late, signal });
    opened.set(link, context);
    return context;
  }
}

function shifted(at: number | undefined, by: number): number | undefined {
  return at === undefined ? undefined : Math.max(0, at - by);
}
