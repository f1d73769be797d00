import type { LlamaModel, Token } from 'node-llama-cpp';
import type { ChatMessage, PromptPrefix } from '../../ports/language-model.js';

/** A full stop with what a tokeniser may join to it, and the courtesies that end a request. */
const endingTexts = [
  ...['.', '?', '!', '...'].flatMap((mark) => [mark, `${mark}\n`, `${mark}\n\n`]),
  ...['\n', '\n\n', ' please', ' Please', ' thanks', ' Thanks'],
];

/**
 * Renders conversations as ChatML tokens, the format that Qwen2.5 was trained on. What people say is tokenised without
 * special tokens, so a caller (or a prompt) that spells out `<|im_end|>` stays text.
 */
export class ChatMlTokens {
  readonly #model: LlamaModel;
  readonly #start: readonly Token[];
  readonly #end: readonly Token[];
  readonly #endings: readonly Token[];
  readonly #cache = new Map<string, readonly Token[]>();

  constructor(model: LlamaModel) {
    this.#model = model;
    this.#start = model.tokenize('<|im_start|>', true);
    this.#end = model.tokenize('<|im_end|>', true);
    const single = endingTexts.map((text) => model.tokenize(text, false)).filter(({ length }) => length === 1);
    this.#endings = [...this.#end, ...single.flat()];
  }

  prefix(prefix: PromptPrefix): Token[] {
    return [
      ...this.#message('system', prefix.system),
      ...prefix.examples.flatMap((each) => this.#message(each.role, each.text)),
    ];
  }

  message(message: ChatMessage): Token[] {
    return this.#message(message.role, message.text);
  }

  /** How many of a message's tokens there are up to its last word; 0 when it has none. */
  wordTokens(message: ChatMessage): number {
    const words = message.text.replace(/[\s\p{P}]+$/u, '');
    if (words === '') return 0;
    const all = this.message(message);
    const open = this.openMessage({ ...message, text: words });
    const differs = open.findIndex((token, index) => token !== all[index]);
    return differs < 0 ? open.length : differs;
  }

  /** What may follow a last word at the end of a message. */
  get endings(): readonly Token[] {
    return this.#endings;
  }

  /** A message still being spoken: without its end, and without a last word's trailing space. */
  openMessage(message: ChatMessage): Token[] {
    return [...this.#start, ...this.#text(`${message.role}\n`), ...this.#text(message.text.trimEnd())];
  }

  replyBeginning(forcedBeginning: string): Token[] {
    return [...this.#start, ...this.#text('assistant\n'), ...(forcedBeginning ? this.#text(forcedBeginning) : [])];
  }

  #message(role: string, text: string): Token[] {
    return [...this.#start, ...this.#text(`${role}\n`), ...this.#text(text), ...this.#end, ...this.#text('\n')];
  }

  #text(text: string): readonly Token[] {
    const known = this.#cache.get(text);
    if (known) return known;
    const tokens = this.#model.tokenize(text, false);
    if (this.#cache.size > 512) this.#cache.clear();
    this.#cache.set(text, tokens);
    return tokens;
  }
}
