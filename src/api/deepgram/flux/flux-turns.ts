import type { LiveEvent } from '../../../platform/layers/transcription/live-events.js';
import type { TranscribedWord } from '../../../ports/speech-to-text.js';
import { round, seconds } from '../listen/words.js';
import type { Thresholds } from './flux-query.js';

type TurnEvent = 'Update' | 'StartOfTurn' | 'EagerEndOfTurn' | 'TurnResumed' | 'EndOfTurn';

export type TurnInfo = {
  readonly event: TurnEvent;
  readonly turn_index: number;
  readonly audio_window_start: number;
  readonly audio_window_end: number;
  readonly transcript: string;
  readonly words: readonly object[];
  readonly end_of_turn_confidence: number;
  readonly trigger?: 'model' | 'manual' | 'timeout';
};

type Said = { readonly text: string; readonly words: readonly TranscribedWord[] };

const nothing: Said = { text: '', words: [] };

/**
 * Turns as Flux tells them, made of the events of a live transcription. A turn begins with its first words, since noise
 * makes none, and its end is told early when an eager threshold is set; then either `TurnResumed` or `EndOfTurn` follows,
 * the latter with the same words.
 */
export class FluxTurns {
  thresholds: Thresholds;
  #index = 0;
  #begun = false;
  #startMs = 0;
  /** What was said before an utterance was cut for its length. */
  #before: Said = nothing;
  #now: Said = nothing;
  #confidence = 0;
  /** The words of an early end that is neither confirmed nor taken back. */
  #eager: string | undefined;

  constructor(thresholds: Thresholds) {
    this.thresholds = thresholds;
  }

  infosOf(event: LiveEvent): TurnInfo[] {
    switch (event.type) {
      case 'speech-started':
        if (!this.#begun) this.#startMs = event.atMs;
        return [];
      case 'partial':
        return this.#grown({ text: event.text, words: wordsOf(event.text) }, event.atMs);
      case 'end-suspected':
        return this.#suspected(event);
      case 'speech-resumed':
        return this.#takenBack(event.atMs);
      case 'final':
        return this.#final(event);
      case 'dropped':
        // Words that prove to be none: the turn is over all the same.
        this.#now = nothing;
        return this.#begun ? this.#ended(event.atMs, 'model') : [];
      default:
        return [];
    }
  }

  #grown(said: Said, atMs: number): TurnInfo[] {
    // Whether what was told of the end still holds is seen when speech goes on, or does not.
    if (said.text === '' || this.#eager !== undefined) return [];
    this.#now = said;
    this.#confidence = 0;
    return [this.#info(this.#begin(), atMs)];
  }

  #suspected({ text, words, speechEndMs, probability = 0 }: Extract<LiveEvent, { type: 'end-suspected' }>): TurnInfo[] {
    if (text === '') return [];
    const changed = text !== this.#now.text;
    this.#now = { text, words };
    this.#confidence = probability;
    const infos: TurnInfo[] = [];
    if (!this.#begun || changed) infos.push(this.#info(this.#begin(), speechEndMs));
    const { eager_eot_threshold: eager } = this.thresholds;
    if (eager !== undefined && probability >= eager) infos.push(...this.#early(speechEndMs));
    return infos;
  }

  #early(atMs: number): TurnInfo[] {
    const { text } = this.#all();
    if (text === '' || text === this.#eager) return [];
    const resumed = this.#takenBack(atMs);
    this.#eager = text;
    return [...resumed, this.#info('EagerEndOfTurn', atMs)];
  }

  #final({ text, words, endMs, probability, ending }: Extract<LiveEvent, { type: 'final' }>): TurnInfo[] {
    const infos: TurnInfo[] = [];
    this.#now = { text, words };
    this.#confidence = probability ?? 0;
    if (!this.#begun && this.#all().text !== '') infos.push(this.#info(this.#begin(), endMs));
    if (ending === 'length') {
      // The speaker goes on, and so does the turn.
      this.#before = this.#all();
      this.#now = nothing;
      return infos;
    }
    if (!this.#begun) return [];
    const sure = probability !== undefined && probability >= this.thresholds.eot_threshold;
    const natural = ending === 'endpoint';
    // Who prepares an answer on early ends is told of every end that way.
    if (natural && this.thresholds.eager_eot_threshold !== undefined) infos.push(...this.#early(endMs));
    infos.push(...this.#ended(endMs, natural ? (sure ? 'model' : 'timeout') : 'manual'));
    return infos;
  }

  #ended(atMs: number, trigger: NonNullable<TurnInfo['trigger']>): TurnInfo[] {
    const resumed = this.#eager !== undefined && this.#eager !== this.#all().text ? this.#takenBack(atMs) : [];
    const ended = { ...this.#info('EndOfTurn', atMs), trigger };
    this.#index += 1;
    this.#begun = false;
    this.#before = nothing;
    this.#now = nothing;
    this.#confidence = 0;
    this.#eager = undefined;
    return [...resumed, ended];
  }

  #takenBack(atMs: number): TurnInfo[] {
    if (this.#eager === undefined) return [];
    this.#eager = undefined;
    return [this.#info('TurnResumed', atMs)];
  }

  #begin(): TurnEvent {
    if (this.#begun) return 'Update';
    this.#begun = true;
    return 'StartOfTurn';
  }

  #all(): Said {
    if (this.#before.text === '') return this.#now;
    const text = [this.#before.text, this.#now.text].filter((part) => part !== '').join(' ');
    return { text, words: [...this.#before.words, ...this.#now.words] };
  }

  #info(event: TurnEvent, atMs: number): TurnInfo {
    const { text, words } = this.#all();
    return {
      event,
      turn_index: this.#index,
      audio_window_start: seconds(this.#startMs),
      audio_window_end: seconds(Math.max(this.#startMs, atMs)),
      transcript: text,
      words: words.map(({ text: word, startMs, endMs, confidence }) => ({
        word,
        confidence: round(confidence),
        ...(endMs > 0 ? { start: seconds(startMs), end: seconds(endMs) } : {}),
      })),
      end_of_turn_confidence: round(this.#confidence),
    };
  }
}

/** Words that may still change have no times, and nobody is sure of them. */
function wordsOf(text: string): TranscribedWord[] {
  return text.split(' ').map((word) => ({ text: word, startMs: 0, endMs: 0, confidence: 0 }));
}
