import type { SpeechToTextEvent, TranscribedWord } from '../../../ports/speech-to-text.js';
import type { RedactionKind } from '../../text-forms/findings.js';
import { contextBefore, redactApart, redactGrowing } from '../../text-forms/redact-parts.js';
import { applyTextForms, type TextFormOptions, type Transcript, wordsOf } from '../../text-forms/text-forms.js';
import type { TimedWord } from '../../text-forms/words.js';

type Partial = Extract<SpeechToTextEvent, { type: 'partial' }>;
type Correction = Extract<SpeechToTextEvent, { type: 'correction' }>;

/**
 * How the words of a live transcription are written. What is to be redacted is found over the events: words that what
 * comes may make a part of something are not shown before an utterance is final, and the words of earlier utterances count.
 */
export class LiveText {
  readonly #forms: TextFormOptions;
  readonly #redact: readonly RedactionKind[];
  /** The last words that became final, as they were heard. */
  #before: readonly TimedWord[] = [];

  constructor({ redact = [], ...forms }: TextFormOptions) {
    this.#forms = forms;
    this.#redact = redact;
  }

  partial({ text, stableWords }: Partial): { readonly text: string; readonly stableWords: number } {
    const heard = wordsOf({ text, words: [] });
    const all = this.#growing(heard);
    const stable = this.#growing(heard.slice(0, stableWords));
    const changed = stable.findIndex((word, at) => word.text !== all[at]?.text);
    return {
      text: all.map((word) => word.text).join(' '),
      stableWords: changed < 0 ? Math.min(stable.length, all.length) : changed,
    };
  }

  /** Undefined where something is to be redacted: a single word does not tell whether it belongs to it. */
  correction(correction: Correction): Correction | undefined {
    if (this.#redact.length > 0) return undefined;
    const { from, to } = correction;
    const written = (text: string): string => applyTextForms({ text, words: [] }, this.#forms).text;
    return { ...correction, from: written(from), to: written(to) };
  }

  /** The words of a pause that may end the utterance, or not. */
  suspected(heard: Transcript<TranscribedWord>): Transcript<TranscribedWord> {
    if (this.#redact.length === 0) return applyTextForms(heard, this.#forms);
    return this.#formed(heard, redactGrowing(this.#before, wordsOf(heard), this.#redact));
  }

  final(heard: Transcript<TranscribedWord>): Transcript<TranscribedWord> {
    if (this.#redact.length === 0) return applyTextForms(heard, this.#forms);
    const words = wordsOf(heard);
    const redacted = redactApart(this.#before, words, this.#redact);
    this.#before = [...this.#before, ...words].slice(-contextBefore);
    return this.#formed(heard, redacted);
  }

  #growing(words: readonly TimedWord[]): readonly TimedWord[] {
    const shown = this.#redact.length > 0 ? redactGrowing(this.#before, words, this.#redact) : words;
    return applyTextForms({ text: '', words: shown }, this.#forms).words;
  }

  #formed(heard: Transcript<TranscribedWord>, words: readonly TimedWord[]): Transcript<TranscribedWord> {
    const formed = applyTextForms({ text: words.map(({ text }) => text).join(' '), words }, this.#forms);
    return { text: formed.text, words: heard.words.length > 0 ? formed.words : [] };
  }
}
