import { waitOfPause } from '../../../conversation/turn/endpointing.js';
import type { TurnCommand } from '../../../conversation/turn/events.js';
import type { TurnState } from '../../../conversation/turn/state.js';
import type { SpeechToTextEvent, TranscribedWord } from '../../../ports/speech-to-text.js';
import type { Transcript } from '../../text-forms/text-forms.js';
import type { LiveEvent, UtteranceEnding } from './live-events.js';
import type { LiveText } from './live-text.js';

type Recognised<T extends SpeechToTextEvent['type']> = Extract<SpeechToTextEvent, { type: T }>;

/** An utterance of a live transcription: what was heard of it, as it is told. */
export class LiveUtterance {
  readonly utterance: number;
  readonly startMs: number;
  /** Why it ends, when that is not for the silence. */
  forced: UtteranceEnding | undefined;
  /** Where the recogniser's own times begin. */
  readonly #offsetMs: number;
  readonly #text: LiveText;
  /** Of the newest answer, as the recogniser wrote it. */
  #heard: Transcript<TranscribedWord> = { text: '', words: [] };
  #revision = 0;
  #frozenAtMs = 0;
  #probability: number | undefined;
  /** End-of-turn questions that are not answered. */
  #questions = 0;
  #suspectedTold = 0;

  constructor(options: { utterance: number; startMs: number; offsetMs: number; text: LiveText }) {
    this.utterance = options.utterance;
    this.startMs = options.startMs;
    this.#offsetMs = options.offsetMs;
    this.#text = options.text;
  }

  get revision(): number {
    return this.#revision;
  }

  /** How far the words reach that were last asked for. */
  get frozenAtMs(): number {
    return this.#frozenAtMs;
  }

  /** Whether somebody is still asked whether it sounds finished. */
  get isAsked(): boolean {
    return this.#questions > 0;
  }

  /** Its words up to here are asked for. */
  freeze(revision: number, atMs: number): void {
    if (this.#revision !== revision) {
      this.#probability = undefined;
      this.#questions = 0;
    }
    this.#revision = revision;
    this.#frozenAtMs = atMs;
  }

  /** Waits for an answer to whether it sounds finished. */
  async ask(answered: Promise<void>): Promise<void> {
    const revision = this.#revision;
    this.#questions += 1;
    try {
      await answered;
    } finally {
      if (this.#revision === revision) this.#questions -= 1;
    }
  }

  transcribed({ text, words }: Recognised<'final'>): void {
    const placed = (ms: number): number => Math.round(ms + this.#offsetMs);
    this.#heard = {
      text,
      words: words.map((word) => ({ ...word, startMs: placed(word.startMs), endMs: placed(word.endMs) })),
    };
  }

  partial(event: Recognised<'partial'>): LiveEvent | undefined {
    if (event.text === '') return undefined;
    const { text, stableWords } = this.#text.partial(event);
    if (text === '') return undefined;
    const atMs = this.#offsetMs + event.audioMs;
    return { type: 'partial', utterance: this.utterance, text, stableWords, startMs: this.#offsetMs, atMs };
  }

  correction(event: Recognised<'correction'>): LiveEvent | undefined {
    const correction = this.#text.correction(event);
    return correction && { ...correction, utterance: this.utterance };
  }

  /** Once for each pause, when all is known about it. */
  suspected(state: TurnState): LiveEvent | undefined {
    const { listening } = state;
    if (listening.phase !== 'pause' || listening.transcript.status !== 'ready' || listening.forced) return undefined;
    this.#probability = listening.looks.at(-1)?.probability;
    if (this.isAsked || this.#suspectedTold === listening.revision) return undefined;
    this.#suspectedTold = listening.revision;
    const { waitMs, because } = waitOfPause(state, listening);
    return {
      type: 'end-suspected',
      utterance: this.utterance,
      revision: listening.revision,
      ...this.#text.suspected(this.#heard),
      startMs: this.#offsetMs,
      speechEndMs: listening.lastVoicedMs,
      probability: this.#probability,
      waitMs,
      because,
    };
  }

  final({ speechEndMs, because }: Extract<TurnCommand, { type: 'commit' }>): LiveEvent {
    return {
      type: 'final',
      utterance: this.utterance,
      ...this.#text.final(this.#heard),
      startMs: this.#offsetMs,
      endMs: this.#frozenAtMs,
      speechEndMs,
      probability: this.#probability,
      ending: this.forced ?? 'endpoint',
      because,
    };
  }

  /** Where its last word ends; undefined without words. */
  get lastWordEndMs(): number | undefined {
    return this.#heard.words.at(-1)?.endMs;
  }
}
