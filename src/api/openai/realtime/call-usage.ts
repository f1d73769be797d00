import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import type { Usage } from '../../../platform/access/access.js';
import type { ResponseTokens } from './response-view.js';

/** What the language model read from its cache counts as input, as in `usage` of a response. */
export function tokenUsage({ computed, reused, generated }: ResponseTokens): Usage {
  return { inputTokens: computed + reused, outputTokens: generated };
}

/** What a call uses, in pieces as they are counted. */
export class CallUsage {
  readonly #heardMs: () => number;
  #countedMs = 0;
  #saidMs = 0;
  #inputTokens = 0;
  #outputTokens = 0;

  /** @param heardMs how much of the caller's audio the call has heard so far */
  constructor(heardMs: () => number) {
    this.#heardMs = heardMs;
  }

  said({ samples, rateHz }: AudioFrame): void {
    this.#saidMs += durationMs(samples.length, rateHz);
  }

  thought(tokens: ResponseTokens): void {
    const { inputTokens = 0, outputTokens = 0 } = tokenUsage(tokens);
    this.#inputTokens += inputTokens;
    this.#outputTokens += outputTokens;
  }

  /** What has been used since the last time. */
  take(): Usage {
    const heardMs = this.#heardMs();
    const usage = {
      audioInSeconds: (heardMs - this.#countedMs) / 1_000,
      audioOutSeconds: this.#saidMs / 1_000,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
    };
    this.#countedMs = heardMs;
    this.#saidMs = 0;
    this.#inputTokens = 0;
    this.#outputTokens = 0;
    return usage;
  }
}
