import type { LiveEvent } from '../../../platform/layers/transcription/live-events.js';
import type { LiveSettings } from './live-options.js';
import { RedactionLabels } from './redaction-labels.js';
import { sentencesOf } from './sentences.js';
import { secondsOf, utteranceView, wordView } from './stt-views.js';

export type LiveMessage = Readonly<Record<string, unknown>> & { readonly type: string };

type Final = Extract<LiveEvent, { type: 'final' }>;

/**
 * What happens in the audio, in the messages of the Waves API. Words are both `transcript` and `transcription`. A result
 * without words is only sent where a client waits for one: each `finalize` is answered by one final with `from_finalize`,
 * and the session ends with one with `is_last`.
 */
export class LiveMessages {
  readonly #sessionId: string;
  readonly #settings: LiveSettings;
  readonly #labels = new RedactionLabels();
  /** Finals so far. */
  #transcript = '';
  #lastPartial = '';
  #speaking = false;
  #finalizeAnswered = false;
  #closing = false;
  /** Maybe the last one. */
  #held: LiveMessage | undefined;

  constructor(sessionId: string, settings: LiveSettings) {
    this.#sessionId = sessionId;
    this.#settings = settings;
  }

  /** The client sends no more audio: of the finals to come, the last one says that it is. */
  close(): void {
    this.#closing = true;
  }

  /** Something that has no effect, or did not work and was done without. Clients take an `error` for the end. */
  warning(message: string, param: string | null = null): LiveMessage {
    return { type: 'warning', session_id: this.#sessionId, message, param };
  }

  pong(): LiveMessage {
    return { type: 'pong', session_id: this.#sessionId };
  }

  of(event: LiveEvent): readonly LiveMessage[] {
    const held = this.#held;
    this.#held = undefined;
    const messages = this.#translate(event, held);
    return held && event.type !== 'finish' ? [held, ...messages] : messages;
  }

  #translate(event: LiveEvent, held: LiveMessage | undefined): readonly LiveMessage[] {
    switch (event.type) {
      case 'speech-started':
      case 'speech-resumed':
        return this.#voice('speech_started', event.atMs);
      case 'speech-paused':
        return this.#voice('speech_ended', event.atMs);
      case 'partial':
        return this.#partial(event.text);
      case 'final':
        return [...this.#voice('speech_ended', event.speechEndMs), ...this.#final(event)];
      case 'dropped':
        this.#lastPartial = '';
        return this.#voice('speech_ended', event.atMs);
      case 'finalized': {
        const answered = this.#finalizeAnswered;
        this.#finalizeAnswered = false;
        return answered ? [] : [this.#result('', { is_final: true, from_finalize: true, speech_final: true })];
      }
      case 'problem':
        return [this.warning(event.error.message)];
      case 'finish':
        return [{ ...(held ?? this.#result('', { is_final: true, speech_final: true })), is_last: true }];
      // The next partial or final shows it.
      case 'correction':
      case 'end-suspected':
      case 'utterance-end':
        return [];
    }
  }

  #partial(text: string): readonly LiveMessage[] {
    if (!hasWords(text)) return [];
    const shown = this.#labels.relabel(text.split(' '), false).words.join(' ');
    if (shown === this.#lastPartial) return [];
    this.#lastPartial = shown;
    return [this.#result(shown, {})];
  }

  #final({ text, words, ending }: Final): readonly LiveMessage[] {
    this.#lastPartial = '';
    if (!hasWords(text)) return [];
    const { wordTimestamps, sentenceTimestamps, language, transcript } = this.#settings;
    const { words: said, entities } = this.#labels.relabel(text.split(' '), true);
    const relabelled = words.map((word, index) => ({ ...word, text: said[index] ?? word.text }));
    const shown = said.join(' ');
    this.#transcript = this.#transcript === '' ? shown : `${this.#transcript} ${shown}`;
    if (ending === 'finalize') this.#finalizeAnswered = true;
    const result = this.#result(shown, {
      is_final: true,
      from_finalize: ending === 'finalize',
      // The speaker goes on after one that was only too long.
      speech_final: ending !== 'length',
      language,
      languages: [language],
      ...(wordTimestamps ? { words: relabelled.map(wordView) } : {}),
      ...(sentenceTimestamps ? { utterances: sentencesOf(relabelled).map(utteranceView) } : {}),
      ...(transcript.redact?.length ? { redacted_entities: entities } : {}),
    });
    if (!this.#closing) return [result];
    this.#held = result;
    return [];
  }

  #voice(type: 'speech_started' | 'speech_ended', atMs: number): readonly LiveMessage[] {
    const speaking = type === 'speech_started';
    if (!this.#settings.voiceEvents || speaking === this.#speaking) return [];
    this.#speaking = speaking;
    return [{ type, session_id: this.#sessionId, timestamp: secondsOf(Math.max(0, atMs)) }];
  }

  #result(text: string, fields: Readonly<Record<string, unknown>>): LiveMessage {
    return {
      type: 'transcription',
      status: 'success',
      session_id: this.#sessionId,
      transcript: text,
      transcription: text,
      is_final: false,
      is_last: false,
      from_finalize: false,
      ...fields,
      ...(this.#settings.fullTranscript ? { full_transcript: this.#transcript } : {}),
    };
  }
}

/** Punctuation alone is no result. */
function hasWords(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
