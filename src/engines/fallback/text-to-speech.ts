import { createResampler, type Resampler } from '../../audio/resample.js';
import { ParleyError } from '../../ports/errors.js';
import type { SpeakOptions, SpeechEvent, TextToSpeech } from '../../ports/text-to-speech.js';
import type { Attempt } from './attempt.js';
import { EngineChain, type FallbackDeadlines, type FallbackOptions } from './engine-chain.js';
import { wordsSaid } from './whole-words.js';

export const textToSpeechDeadlines: FallbackDeadlines = { firstMs: 900, idleMs: 600 };

/**
 * Voices in order: when one fails in a clause, the next one speaks the words of which no audio was given, at the first one's
 * rate. A voice that does not exist with an engine is replaced by its first.
 */
export class FallbackTextToSpeech implements TextToSpeech {
  readonly name: string;
  readonly rateHz: number;
  readonly voices: readonly string[];
  readonly voiceTraits: NonNullable<TextToSpeech['voiceTraits']>;
  readonly #chain: EngineChain<TextToSpeech>;
  readonly #usual: TextToSpeech;

  constructor(options: FallbackOptions<TextToSpeech>) {
    this.#chain = new EngineChain(options, textToSpeechDeadlines);
    this.#usual = options.engines[0];
    this.name = this.#chain.name;
    this.rateHz = this.#usual.rateHz;
    this.voices = this.#usual.voices;
    this.voiceTraits = this.#usual.voiceTraits ?? {};
  }

  async *speak(options: SpeakOptions): AsyncIterable<SpeechEvent> {
    const { signal } = options;
    if (!this.voices.includes(options.voice))
      throw new ParleyError(`There is no voice "${options.voice}"; there are: ${this.voices.join(', ')}.`, {
        code: 'tts.unknown_voice',
        status: 400,
      });
    let { text, after = '' } = options;
    for (const attempt of this.#chain.attempts(signal)) {
      const spoken: string[] = [];
      try {
        for await (const event of this.#speech(attempt, { ...options, text, after })) {
          if (event.type === 'finish') {
            yield attempt.link.engine === this.#usual ? event : { ...event, standIn: true };
            return;
          }
          spoken.push(...event.words.map((word) => word.text));
          yield event;
        }
      } catch (error) {
        attempt.failed(error);
        const written = text.split(/\s+/).filter((word) => word !== '');
        const said = wordsSaid(written, spoken);
        after = [after, ...written.slice(0, said)].join(' ').trim();
        text = written.slice(said).join(' ');
        if (text === '' && said > 0) {
          yield { type: 'finish', computeMs: 0, standIn: true };
          return;
        }
      }
    }
  }

  close(): Promise<void> {
    return this.#chain.close();
  }

  /** What one engine says, in our rate. */
  async *#speech(attempt: Attempt<TextToSpeech>, options: SpeakOptions): AsyncGenerator<SpeechEvent, void, undefined> {
    const { engine } = attempt.link;
    const voice = engine.voices.includes(options.voice) ? options.voice : (engine.voices[0] ?? options.voice);
    const events = attempt.untilFinish(engine.speak({ ...options, voice }));
    let resampler: Resampler | undefined;
    try {
      for await (const event of events) {
        if (event.type === 'audio' && event.rateHz !== this.rateHz) {
          resampler ??= await createResampler({ fromHz: event.rateHz, toHz: this.rateHz });
          yield { ...event, samples: resampler.process(event.samples), rateHz: this.rateHz };
          continue;
        }
        if (event.type === 'finish' && resampler) {
          const samples = resampler.flush();
          if (samples.length > 0) yield { type: 'audio', samples, rateHz: this.rateHz, words: [] };
        }
        yield event;
      }
    } finally {
      resampler?.close();
    }
  }
}
