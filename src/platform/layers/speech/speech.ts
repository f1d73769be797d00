import { durationMs } from '../../../audio/frame.js';
import { createResampler, type Resampler } from '../../../audio/resample.js';
import { withDeadline } from '../../../conversation/speak/deadline.js';
import type { Clock } from '../../../ports/clock.js';
import { ParleyError } from '../../../ports/errors.js';
import type { SpokenWord, TextToSpeech } from '../../../ports/text-to-speech.js';
import type { Respell } from '../../pronunciations/respelling.js';
import type { EngineTable } from '../engine-table.js';
import type { LayerLimits } from '../limits.js';
import { Slots } from '../slots.js';
import { assertLength, clausesOfText, type SpeechText } from './clauses-of-text.js';

export type SpeechRequest = {
  /** All of it, or as it comes. */
  readonly text: string | AsyncIterable<SpeechText>;
  /** @defaultValue the first model */
  readonly model?: string | undefined;
  /** @defaultValue the model's first voice */
  readonly voice?: string | undefined;
  /** 1 is the voice's own pace; 0.5..2. @defaultValue 1 */
  readonly speed?: number | undefined;
  /** Of the samples that come out. @defaultValue the model's own */
  readonly rateHz?: number | undefined;
  /** Writes each clause as it is to be read. The words that come out are those that went in. @defaultValue as it is */
  readonly respell?: Respell | undefined;
  readonly signal: AbortSignal;
};

export type SpeechLayerEvent =
  /** `startMs` and the words' times count from the first sample of the whole speech. */
  | {
      readonly type: 'audio';
      readonly samples: Float32Array;
      readonly rateHz: number;
      readonly startMs: number;
      readonly words: readonly SpokenWord[];
    }
  /** All that came before this flush has been spoken; `endMs` is where its audio ends. */
  | { readonly type: 'flushed'; readonly mark: string | undefined; readonly endMs: number }
  | { readonly type: 'finish'; readonly audioMs: number; readonly characters: number; readonly computeMs: number };

export type SpeechLayer = {
  readonly models: EngineTable<TextToSpeech>;
  /**
   * Speaks text clause by clause, each as the continuation of the one before. Nothing is computed before it is asked for,
   * and no text is read ahead: whoever reads slowly slows down the text.
   *
   * @throws ParleyError, on the first event: `layer.full` (503), `model.unknown` (404), `tts.unknown_voice` (400),
   *   `speech.speed` (400), `resample.rate` (400); later also `speech.too_long` (413), `reply.stalled` (503) and what the
   *   engine throws
   */
  speak(request: SpeechRequest): AsyncIterable<SpeechLayerEvent>;
};

export type SpeechLayerOptions = {
  readonly models: EngineTable<TextToSpeech>;
  readonly clock: Clock;
  readonly limits: LayerLimits;
};

/** Outside of these a voice is not understood. */
export const speechSpeeds = { min: 0.5, max: 2 } as const;

const asItIs: Respell = (text) => ({ text, restore: (words) => words });

export function createSpeechLayer(options: SpeechLayerOptions): SpeechLayer {
  const { models, clock, limits } = options;
  const slots = new Slots({ clock, what: 'speeches', atOnce: limits.maxSpeeches });
  return {
    models,
    async *speak(request) {
      const { engine } = models.find(request.model);
      const { speed = 1, signal } = request;
      if (!(speed >= speechSpeeds.min && speed <= speechSpeeds.max))
        throw new ParleyError(`A speed of ${speed} is not between ${speechSpeeds.min} and ${speechSpeeds.max}.`, {
          code: 'speech.speed',
          status: 400,
        });
      const voice = request.voice ?? engine.voices[0] ?? '';
      if (!engine.voices.includes(voice))
        throw new ParleyError(`There is no voice "${voice.slice(0, 100)}"; there are: ${engine.voices.join(', ')}.`, {
          code: 'tts.unknown_voice',
          status: 400,
        });
      const release = await slots.take(signal);
      const rateHz = request.rateHz ?? engine.rateHz;
      let resampler: Resampler | undefined;
      try {
        resampler =
          rateHz === engine.rateHz ? undefined : await createResampler({ fromHz: engine.rateHz, toHz: rateHz });
        const { respell = asItIs } = request;
        yield* speakClauses(request.text, { engine, voice, speed, rateHz, resampler, respell, signal, clock, limits });
      } finally {
        resampler?.close();
        release();
      }
    },
  };
}

type Means = {
  readonly engine: TextToSpeech;
  readonly voice: string;
  readonly speed: number;
  readonly rateHz: number;
  readonly resampler: Resampler | undefined;
  readonly respell: Respell;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly limits: LayerLimits;
};

async function* speakClauses(
  text: SpeechRequest['text'],
  means: Means,
): AsyncGenerator<SpeechLayerEvent, void, undefined> {
  const { engine, voice, speed, rateHz, resampler, respell, signal, clock, limits } = means;
  let givenSamples = 0;
  let characters = 0;
  let computeMs = 0;
  let after = '';
  const audio = (samples: Float32Array, words: readonly SpokenWord[] = []): SpeechLayerEvent => {
    const startMs = durationMs(givenSamples, rateHz);
    givenSamples += samples.length;
    const placed = words.map((word) => ({
      text: word.text,
      startMs: Math.round(word.startMs + startMs),
      endMs: Math.round(word.endMs + startMs),
    }));
    return { type: 'audio', samples, rateHz, startMs, words: placed };
  };
  /** What the resampler still holds belongs to what was said before. */
  function* rest(): Generator<SpeechLayerEvent, void, undefined> {
    const tail = resampler?.flush();
    if (tail && tail.length > 0) yield audio(tail);
  }
  for await (const event of clausesOfText(text, { maxCharacters: limits.maxSpeechCharacters })) {
    signal.throwIfAborted();
    if (event.type === 'flushed') {
      yield* rest();
      yield { type: 'flushed', mark: event.mark, endMs: durationMs(givenSamples, rateHz) };
      after = '';
      continue;
    }
    characters += event.text.length;
    const respelled = respell(event.text);
    assertLength(respelled.text.length, limits.maxSpeechCharacters);
    const spoken = engine.speak({
      text: respelled.text,
      voice,
      speed,
      continues: !event.last,
      after,
      urgency: event.first ? 'first' : 'later',
      signal,
    });
    after = respelled.text;
    for await (const part of withDeadline(spoken, { clock, stallMs: limits.stallMs, what: 'text to speech', signal })) {
      if (part.type === 'finish') computeMs += part.computeMs;
      else if (part.samples.length > 0)
        yield audio(resampler ? resampler.process(part.samples) : part.samples, respelled.restore(part.words));
    }
    if (event.last) {
      yield* rest();
      after = '';
    }
  }
  yield* rest();
  signal.throwIfAborted();
  yield { type: 'finish', audioMs: durationMs(givenSamples, rateHz), characters, computeMs };
}
