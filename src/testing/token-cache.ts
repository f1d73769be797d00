import { droppedMessages, replyRoomTokens } from '../ports/context-overflow.js';
import type { ChatMessage, ExtendResult, PromptPrefix } from '../ports/language-model.js';

/** Cuts text into tokens: words, each with the space before it. Joined they are the text again. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** The tokens that a call's context holds: what a prompt has in common with them need not be computed again. */
export class TokenCache {
  readonly #prefix: readonly string[];
  readonly #contextTokens: number;
  #held: readonly string[] = [];
  /** Messages that are left out because the context is full. */
  #dropped = 0;

  constructor(prefix: PromptPrefix, contextTokens: number) {
    this.#contextTokens = contextTokens;
    this.#prefix = [...tokensOf(prefix.system), '<end>', ...prefix.examples.flatMap(messageTokens)];
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Makes the cache hold the conversation, its last message without its end when `open`, and says what that took. */
  compute(
    messages: readonly ChatMessage[],
    options: {
      readonly open: boolean;
      readonly beginning?: string | undefined;
      readonly reserveTokens?: number | undefined;
    },
  ): ExtendResult {
    const limit = this.#contextTokens - replyRoomTokens(this.#contextTokens) - this.#prefix.length;
    this.#dropped = droppedMessages(
      messages.map((message) => ({ role: message.role, tokens: messageTokens(message).length })),
      { limit, reserve: options.reserveTokens ?? 0, dropped: this.#dropped },
    );
    const wanted = [...this.#prefix, ...messages.slice(this.#dropped).flatMap(messageTokens)];
    if (options.open && messages.length > 0) wanted.pop();
    if (options.beginning !== undefined) wanted.push('<assistant>', ...tokensOf(options.beginning));
    let reusedTokens = 0;
    while (reusedTokens < wanted.length && wanted[reusedTokens] === this.#held[reusedTokens]) reusedTokens++;
    this.#held = wanted;
    return { computedTokens: wanted.length - reusedTokens, reusedTokens, droppedMessages: this.#dropped };
  }
}

function messageTokens(message: ChatMessage): string[] {
  return [`<${message.role}>`, ...tokensOf(message.text.trim()), '<end>'];
}
