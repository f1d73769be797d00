import { ContextMessages } from '../ports/context-messages.js';
import { jsonSchemaOf, readJsonReply } from '../ports/json-schema.js';
import type {
  ChatMessage,
  ContextMark,
  ExtendOptions,
  ExtendResult,
  GenerateEvent,
  GenerateOptions,
  LanguageModelContext,
} from '../ports/language-model.js';
import type { NativeToolOptions, ToolReplyEvent } from '../ports/native-tools.js';
import { newCallId } from '../ports/tools.js';
import { delay } from './delay.js';
import { suffer } from './scripted-failure.js';
import type { ScriptedLanguageModelOptions } from './scripted-language-model.js';
import { type TokenCache, tokensOf } from './token-cache.js';

/** What a context shares with its forks. */
export type ScriptedCall = {
  readonly script: ScriptedLanguageModelOptions;
  readonly cache: TokenCache;
  readonly callId: string;
  readonly release: () => void;
};

/** A list of messages over the call's one cache. */
export class ScriptedContext implements LanguageModelContext {
  readonly #call: ScriptedCall;
  readonly #messages: ContextMessages;

  constructor(call: ScriptedCall, messages = ContextMessages.begin()) {
    this.#call = call;
    this.#messages = messages;
  }

  get mark(): ContextMark {
    return this.#messages.mark;
  }

  async extend(message: ChatMessage, options: ExtendOptions): Promise<ExtendResult> {
    const messages = this.#messages.append(message);
    const { script, cache, callId } = this.#call;
    if (options.defer || script.prefill === false)
      return { computedTokens: 0, reusedTokens: 0, droppedMessages: cache.dropped };
    const signal = this.#messages.signal(options.signal);
    signal.throwIfAborted();
    await suffer(script.fail?.({ kind: 'extend', callId, messages, newTokens: 0 }), signal);
    const result = cache.compute(messages, {
      open: options.open ?? false,
      reserveTokens: options.reserveTokens,
    });
    await delay(script.clock, result.computedTokens * (script.prefillTokenMs ?? 0), signal);
    return result;
  }

  fork(): LanguageModelContext {
    return new ScriptedContext(this.#call, this.#messages.fork());
  }

  truncateTo(mark: ContextMark): void {
    this.#messages.truncateTo(mark);
  }

  generate(options: GenerateOptions): AsyncIterable<GenerateEvent> {
    this.#messages.assertOpen();
    return this.#reply(this.#messages.all, options);
  }

  generateWithTools(options: NativeToolOptions): AsyncIterable<ToolReplyEvent> {
    this.#messages.assertOpen();
    if (!this.#call.script.calls) return options.written(this, options);
    return this.#replyWithTools(this.#messages.all, options);
  }

  close(): void {
    const { wasOpen, isRoot } = this.#messages.close();
    if (wasOpen && isRoot) this.#call.release();
  }

  /** Each call takes a token to begin and one to end. */
  async *#replyWithTools(messages: readonly ChatMessage[], options: NativeToolOptions): AsyncIterable<ToolReplyEvent> {
    const { script, cache, callId } = this.#call;
    const { clock, firstTokenMs = 200, tokenMs = 60 } = script;
    const { toolbox } = options;
    const calls = toolbox.choice === 'none' ? [] : (script.calls?.(lastSaid(messages), messages, toolbox) ?? []);
    if (calls.length === 0) return yield* this.#reply(messages, options);
    const signal = this.#messages.signal(options.signal);
    signal.throwIfAborted();
    const prompt = cache.compute(messages, { open: false, beginning: '' });
    let newTokens = 0;
    for (const call of calls) {
      await suffer(script.fail?.({ kind: 'generate', callId, messages, newTokens }), signal);
      await delay(clock, newTokens === 0 ? firstTokenMs : tokenMs, signal);
      newTokens += 1;
      yield { type: 'working' };
      await suffer(script.fail?.({ kind: 'generate', callId, messages, newTokens }), signal);
      await delay(clock, tokenMs, signal);
      newTokens += 1;
      yield { type: 'tool-call', call: { callId: newCallId(), ...call } };
    }
    yield { type: 'finish', reason: 'end', ...prompt, newTokens, firstTokenMs };
  }

  async *#reply(messages: readonly ChatMessage[], options: GenerateOptions): AsyncIterable<GenerateEvent> {
    const { script, cache, callId } = this.#call;
    const { clock, firstTokenMs = 200, tokenMs = 60, prefillTokenMs = 0 } = script;
    const schema = jsonSchemaOf(options);
    const signal = this.#messages.signal(options.signal);
    signal.throwIfAborted();
    const startedMs = clock.nowMs();
    const forced = options.forcedBeginning ?? '';
    const prompt = cache.compute(messages, { open: false, beginning: forced });
    const tokens = tokensOf(this.#replyText(messages, forced));
    let firstAtMs = 0;
    let newTokens = 0;
    let text = '';
    let given = 0;
    let told = { tokens: 0, atMs: startedMs };
    for (;;) {
      await suffer(script.fail?.({ kind: 'generate', callId, messages, newTokens }), signal);
      const waitMs = newTokens === 0 ? firstTokenMs + prompt.computedTokens * prefillTokenMs : tokenMs;
      // The end of a reply is a token too: it takes its time and has no text.
      await delay(clock, waitMs, signal);
      if (newTokens === 0) firstAtMs = clock.nowMs();
      const token = tokens[newTokens];
      if (token !== undefined) {
        newTokens += 1;
        text += token;
      }
      const stopAt = cutAt(text, options);
      const full = newTokens >= options.maxTokens;
      const over = token === undefined || full;
      const until = stopAt ?? (over ? text.length : text.length - heldBack(text, options.stop ?? []));
      if (until > given) {
        const tokens = newTokens - told.tokens;
        const computeMs = clock.nowMs() - told.atMs;
        told = { tokens: newTokens, atMs: clock.nowMs() };
        const over = given === 0 && options.judge ? script.messageOver?.(lastSaid(messages)) : undefined;
        const judged = over === undefined ? {} : { messageOver: over };
        yield { type: 'text', text: text.slice(given, until), tokens, computeMs, ...judged };
        given = until;
        signal.throwIfAborted();
      }
      if (stopAt === undefined && !over) continue;
      const reason = stopAt !== undefined ? 'stop' : token === undefined ? 'end' : 'length';
      const value = schema && reason === 'end' ? { json: readJsonReply(text, schema) } : {};
      return yield { type: 'finish', reason, ...prompt, newTokens, firstTokenMs: firstAtMs - startedMs, ...value };
    }
  }

  /** The scripted reply, less the beginning that was given to it. */
  #replyText(messages: readonly ChatMessage[], forced: string): string {
    const { reply } = this.#call.script;
    const said = lastSaid(messages);
    const text = typeof reply === 'string' ? reply : reply(said, messages);
    if (forced === '') return text;
    if (text.startsWith(forced)) return text.slice(forced.length);
    return /\s$/.test(forced) ? text : ` ${text}`;
  }
}

function cutAt(text: string, options: GenerateOptions): number | undefined {
  const places = (options.stop ?? []).map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  const own = options.endAt?.(text);
  if (own !== undefined) places.push(own);
  return places.length > 0 ? Math.min(...places) : undefined;
}

/** How much of the end may be the beginning of a stop string. */
function heldBack(text: string, stops: readonly string[]): number {
  let held = 0;
  for (const stop of stops)
    for (let length = Math.min(stop.length - 1, text.length); length > held; length--)
      if (stop.startsWith(text.slice(-length))) held = length;
  return held;
}

function lastSaid(messages: readonly ChatMessage[]): string {
  return messages.findLast((message) => message.role === 'user')?.text ?? '';
}
