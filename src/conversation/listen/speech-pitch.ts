import { median } from '../speak/median.js';
import type { Voicing } from './voicing.js';

/** Windows that are surely speech, and surely have a pitch, teach. */
const surelySpeech = 0.8;
const surelyVoiced = 0.7;
/** A voice is known from so many windows: 0.4 s of vowels. */
const knownFrom = 12;
/** The last of them are kept: 4 s. */
const kept = 128;

/** How high the caller's voice usually is: the median, which single windows that are an octave off do not move. */
export class SpeechPitch {
  readonly #hz: number[] = [];
  #usualHz: number | undefined;

  hear({ voicing, pitchHz }: Voicing, probability: number): void {
    if (probability < surelySpeech || voicing < surelyVoiced) return;
    this.#hz.push(pitchHz);
    if (this.#hz.length > kept) this.#hz.shift();
    this.#usualHz = this.#hz.length < knownFrom ? undefined : median(this.#hz);
  }

  /** A pitch against the usual one, in semitones; undefined where there is none or the usual one is not known. */
  relative({ voicing, pitchHz }: Voicing): number | undefined {
    if (voicing < surelyVoiced || this.#usualHz === undefined) return undefined;
    return 12 * Math.log2(pitchHz / this.#usualHz);
  }
}
