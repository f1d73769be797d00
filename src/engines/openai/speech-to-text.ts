import { z } from 'zod';
import { concatSamples, samplesOf } from '../../audio/frame.js';
import { peak } from '../../audio/loudness.js';
import { writeWav } from '../../audio/wav.js';
import { ParleyError } from '../../ports/errors.js';
import type { EventQueue } from '../../ports/event-queue.js';
import type {
  SpeechToText,
  SpeechToTextEvent,
  SpeechToTextOptions,
  TranscribedWord,
} from '../../ports/speech-to-text.js';
import { remoteLimits } from '../remote/limits.js';
import { rubbish } from '../remote/refusals.js';
import { RemoteApi, type RemoteApiOptions } from '../remote/remote-api.js';
import { type FrozenUtterance, listeningRateHz, listenWith, type UtteranceSink } from '../remote/utterances.js';

export type OpenAiSpeechToTextOptions = RemoteApiOptions & {
  readonly model: string;
  /** ISO 639-1. @defaultValue 'en' */
  readonly language?: string | undefined;
  /** Whether the model gives words with their times (`verbose_json`), as Whisper models do. @defaultValue false */
  readonly wordTimes?: boolean | undefined;
};

/** Less is refused by OpenAI's servers. */
const shortestMs = 100;
/** Models of this kind make words up for silence. */
const inaudiblePeak = 0.002;

const transcriptSchema = z.object({
  text: z.string(),
  words: z.array(z.object({ word: z.string(), start: z.number(), end: z.number() })).nullish(),
});

/**
 * Speech to text behind any server that speaks `POST /audio/transcriptions`: each freeze sends all of the utterance. There
 * are no partials, so what needs them (drafts from half a sentence, quick judgement of interruptions) does without.
 */
export class OpenAiSpeechToText implements SpeechToText {
  readonly name: string;
  readonly capabilities: SpeechToText['capabilities'];
  readonly #api: RemoteApi;
  readonly #options: OpenAiSpeechToTextOptions;

  constructor(options: OpenAiSpeechToTextOptions) {
    this.#api = new RemoteApi(options);
    this.#options = options;
    this.name = `${options.provider}/${options.model}`;
    this.capabilities = {
      partials: false,
      wordTimes: options.wordTimes ? 'estimated' : 'none',
      languages: [options.language ?? 'en'],
    };
  }

  listen(options: SpeechToTextOptions): AsyncIterable<SpeechToTextEvent> {
    return listenWith(options, (events) => this.#sink(events, options.signal));
  }

  async close(): Promise<void> {}

  #sink(events: EventQueue<SpeechToTextEvent>, signal: AbortSignal): UtteranceSink {
    const life = new AbortController();
    const either = AbortSignal.any([signal, life.signal]);
    let parts: Float32Array[] = [];
    let length = 0;
    return {
      start: () => {
        parts = [];
        length = 0;
      },
      audio: (samples) => {
        length += samples.length;
        // What is too long is refused as a whole when it is asked for.
        if (length <= longestSamples) parts.push(samples);
      },
      freeze: async (request) => {
        const startedMs = this.#api.clock.nowMs();
        try {
          const heard = await this.#transcribe(parts, request, either);
          const computeMs = this.#api.clock.nowMs() - startedMs;
          events.push({ type: 'final', ...request, ...heard, computeMs });
        } catch (error) {
          events.push({ type: 'error', ...request, error: error as Error });
        }
      },
      look: () => {},
      end: () => {
        parts = [];
      },
      close: () => life.abort(new Error('nobody listens any more')),
    };
  }

  async #transcribe(
    parts: readonly Float32Array[],
    { audioMs }: FrozenUtterance,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly words: readonly TranscribedWord[] }> {
    if (audioMs > remoteLimits.maxUtteranceMs)
      throw new ParleyError(`An utterance may last ${remoteLimits.maxUtteranceMs / 1_000} s.`, {
        code: 'stt.too_long',
      });
    const samples = concatSamples(parts);
    if (audioMs < shortestMs || peak(samples) < inaudiblePeak) return { text: '', words: [] };
    const response = await this.#api.exchange({ path: '/audio/transcriptions', body: this.#form(samples), signal });
    const { data, error } = transcriptSchema.safeParse(await response.json());
    if (!data)
      throw rubbish(this.#api.provider, `a transcript whose ${error.issues[0]?.path.join('.')} is of another kind`);
    if (!this.#options.wordTimes) return { text: data.text.trim(), words: [] };
    const words = (data.words ?? []).flatMap(({ word, start, end }) => {
      const text = word.trim();
      return text === ''
        ? []
        : [{ text, startMs: start * 1_000, endMs: Math.min(end * 1_000, audioMs), confidence: 1 }];
    });
    // The list has no punctuation, the text has.
    const written = data.text.split(/\s+/).filter((word) => word !== '');
    const named =
      written.length === words.length ? words.map((word, index) => ({ ...word, text: written[index] ?? '' })) : words;
    return { text: named.map(({ text }) => text).join(' '), words: named };
  }

  #form(samples: Float32Array): FormData {
    const { model, language = 'en', wordTimes } = this.#options;
    const wav = writeWav([samples], listeningRateHz);
    const form = new FormData();
    form.set('file', new Blob([wav], { type: 'audio/wav' }), 'utterance.wav');
    form.set('model', model);
    form.set('language', language);
    form.set('response_format', wordTimes ? 'verbose_json' : 'json');
    if (wordTimes) form.append('timestamp_granularities[]', 'word');
    return form;
  }
}

const longestSamples = samplesOf(remoteLimits.maxUtteranceMs, listeningRateHz);
