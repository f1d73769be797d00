import type { ChatMessage, ExtendResult, PromptPrefix } from '../ports/language-model.js';

/** Cuts text into tokens: words, each with the space before it. Joined they are the text again. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** The tokens that a call's context holds: what a prompt has in common with them need not be computed again. */
export class TokenCache {
  readonly #prefix: readonly string[];
  #held: readonly string[] = [];

  constructor(prefix: PromptPrefix) {
    this.#prefix = [...tokensOf(prefix.system), '<end>', ...prefix.examples.flatMap(messageTokens)];
  }

  /** Makes the cache hold the conversation, its last message without its end when `open`, and says what that took. */
  compute(
    messages: readonly ChatMessage[],
    options: { readonly open: boolean; readonly beginning?: string | undefined },
  ): ExtendResult {
    const wanted = [...this.#prefix, ...messages.flatMap(messageTokens)];
    if (options.open && messages.length > 0) wanted.pop();
    if (options.beginning !== undefined) wanted.push('<assistant>', ...tokensOf(options.beginning));
    let reusedTokens = 0;
    while (reusedTokens < wanted.length && wanted[reusedTokens] === this.#held[reusedTokens]) reusedTokens++;
    this.#held = wanted;
    return { computedTokens: wanted.length - reusedTokens, reusedTokens };
  }
}

function messageTokens(message: ChatMessage): string[] {
  return [`<${message.role}>`, ...tokensOf(message.text.trim()), '<end>'];
}
