import type { SpeechToText, SpeechToTextEvent, SpeechToTextOptions } from '../../ports/speech-to-text.js';
import { EngineChain, type FallbackDeadlines, type FallbackOptions } from './engine-chain.js';
import { FallbackListening } from './fallback-listening.js';

/** `firstMs`: from a freeze to its final. */
export const speechToTextDeadlines: FallbackDeadlines = { firstMs: 1_000, idleMs: 1_000 };

/**
 * Recognisers in order: when one fails, the next one is given the utterance from its beginning and asked what the first has
 * not answered.
 */
export class FallbackSpeechToText implements SpeechToText {
  readonly name: string;
  readonly capabilities: SpeechToText['capabilities'];
  readonly #chain: EngineChain<SpeechToText>;

  constructor(options: FallbackOptions<SpeechToText>) {
    this.#chain = new EngineChain(options, speechToTextDeadlines);
    this.name = this.#chain.name;
    this.capabilities = options.engines[0].capabilities;
  }

  listen(options: SpeechToTextOptions): AsyncIterable<SpeechToTextEvent> {
    return new FallbackListening(this.#chain, options).events;
  }

  close(): Promise<void> {
    return this.#chain.close();
  }
}
