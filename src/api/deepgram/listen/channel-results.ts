import type { LiveEvent } from '../../../platform/layers/transcription/live-events.js';
import type { TranscribedWord } from '../../../ports/speech-to-text.js';
import { alternativeOf, seconds } from './words.js';

export type ChannelResultsOptions = {
  /** Of this channel, and how many there are. */
  readonly channel: readonly [index: number, count: number];
  readonly interimResults: boolean;
  readonly vadEvents: boolean;
  /** Whether words are also given with capital letters and punctuation. */
  readonly written: boolean;
  readonly metadata: object;
};

type Result = {
  readonly text: string;
  readonly words: readonly TranscribedWord[];
  readonly untilMs: number;
  readonly isFinal: boolean;
  readonly speechFinal?: boolean;
  readonly fromFinalize?: boolean;
};

/**
 * The messages of one channel of a live transcription. Results follow one another in the audio without a gap: each begins
 * where the last final one has ended. `is_final`: the words stay. `speech_final`: they stay because the speaker has
 * paused. `from_finalize`: because the client has asked for them.
 */
export class ChannelResults {
  readonly #options: ChannelResultsOptions;
  /** Where the next result begins. */
  #fromMs = 0;
  #shown = '';
  /** A final result has come that the client has asked for. */
  #finalized = false;

  constructor(options: ChannelResultsOptions) {
    this.#options = options;
  }

  messagesOf(event: LiveEvent): object[] {
    const { channel, vadEvents } = this.#options;
    switch (event.type) {
      case 'speech-started':
        return vadEvents ? [{ type: 'SpeechStarted', channel, timestamp: seconds(event.atMs) }] : [];
      case 'partial':
        // The recogniser has no times for words that may change.
        return this.#interim({ text: event.text, words: [], untilMs: event.atMs });
      case 'end-suspected':
        return this.#interim({ text: event.text, words: event.words, untilMs: event.speechEndMs });
      case 'final': {
        const { text, words, endMs, ending } = event;
        const fromFinalize = ending === 'finalize';
        this.#finalized ||= fromFinalize;
        return [
          this.#result({
            text,
            words,
            untilMs: endMs,
            isFinal: true,
            speechFinal: ending === 'endpoint',
            fromFinalize,
          }),
        ];
      }
      case 'finalized': {
        const answered = this.#finalized;
        this.#finalized = false;
        if (answered) return [];
        return [this.#result({ text: '', words: [], untilMs: event.atMs, isFinal: true, fromFinalize: true })];
      }
      case 'utterance-end':
        return [{ type: 'UtteranceEnd', channel, last_word_end: seconds(event.lastWordEndMs) }];
      default:
        return [];
    }
  }

  #interim(result: Omit<Result, 'isFinal'>): object[] {
    if (!this.#options.interimResults || result.text === '' || result.text === this.#shown) return [];
    return [this.#result({ ...result, isFinal: false })];
  }

  #result({ text, words, untilMs, isFinal, speechFinal = false, fromFinalize = false }: Result): object {
    const { channel, written, metadata } = this.#options;
    const fromMs = this.#fromMs;
    const endMs = Math.max(fromMs, untilMs);
    this.#shown = isFinal ? '' : text;
    if (isFinal) this.#fromMs = endMs;
    return {
      type: 'Results',
      channel_index: channel,
      start: seconds(fromMs),
      duration: seconds(endMs - fromMs),
      is_final: isFinal,
      speech_final: speechFinal,
      from_finalize: fromFinalize,
      channel: { alternatives: [alternativeOf(text, words, { written })] },
      metadata,
    };
  }
}
