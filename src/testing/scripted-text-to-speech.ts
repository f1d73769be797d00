import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';
import type { SpeakOptions, SpeechEvent, TextToSpeech } from '../ports/text-to-speech.js';
import { delay } from './delay.js';
import { type ScriptedFailure, suffer } from './scripted-failure.js';
import { speakTones, ToneVocabulary } from './tone-words.js';

export type ScriptedTextToSpeechOptions = {
  readonly clock: Clock;
  /** Shared with whoever decodes the audio. @defaultValue a new one */
  readonly vocabulary?: ToneVocabulary;
  /** From the request to the clause's audio. @defaultValue 25 */
  readonly latencyMs?: number;
  /** @defaultValue ['tones'] */
  readonly voices?: readonly string[];
  /** Asked for each clause, counted from 0. */
  readonly fail?: (clause: { readonly request: number; readonly text: string }) => ScriptedFailure | undefined;
};

/** What was asked of the engine, and when. */
export type SpokenClause = { readonly text: string; readonly voice: string; readonly atMs: number };

/** Speaks in tones, one for each word, so that a recording tells which words were heard. */
export class ScriptedTextToSpeech implements TextToSpeech {
  readonly name = 'scripted';
  readonly rateHz = 24_000;
  readonly voices: readonly string[];
  readonly vocabulary: ToneVocabulary;
  readonly #options: ScriptedTextToSpeechOptions;
  readonly #clauses: SpokenClause[] = [];

  constructor(options: ScriptedTextToSpeechOptions) {
    this.#options = options;
    this.voices = options.voices ?? ['tones'];
    this.vocabulary = options.vocabulary ?? new ToneVocabulary();
  }

  get clauses(): readonly SpokenClause[] {
    return this.#clauses;
  }

  async *speak(options: SpeakOptions): AsyncIterable<SpeechEvent> {
    const { clock, latencyMs = 25, fail } = this.#options;
    const { text, voice, signal } = options;
    if (!this.voices.includes(voice))
      throw new ParleyError(`There is no voice "${voice}"; installed: ${this.voices.join(', ')}.`, {
        code: 'tts.unknown_voice',
        status: 400,
      });
    const startedMs = clock.nowMs();
    const request = this.#clauses.length;
    this.#clauses.push({ text, voice, atMs: startedMs });
    await delay(clock, latencyMs, signal);
    await suffer(fail?.({ request, text }), signal);
    const { rateHz, vocabulary } = this;
    const speed = Math.min(2, Math.max(0.5, options.speed ?? 1));
    const { samples, words } = speakTones(text, { rateHz, vocabulary, speed });
    if (samples.length > 0) yield { type: 'audio', samples, rateHz, words };
    yield { type: 'finish', computeMs: clock.nowMs() - startedMs };
  }

  async close(): Promise<void> {}
}
