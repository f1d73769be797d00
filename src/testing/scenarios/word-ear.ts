import { concatSamples, durationMs, samplesOf } from '../../audio/frame.js';
import { rmsDb } from '../../audio/loudness.js';
import { decodeTones, type ToneDecoderOptions } from '../tone-decoder.js';
import type { TimedText } from './observed-call.js';

const hopMs = 5;
const floorDb = -50;
/** So much of a word tells which it is. */
const knownAfterMs = 100;

/** Listens to tone speech as it comes, and knows each word shortly after its beginning. */
export class WordEar {
  readonly #options: ToneDecoderOptions;
  readonly #words: TimedText[] = [];
  #position = 0;
  #word: { readonly from: number; readonly parts: Float32Array[]; known: boolean } | undefined;

  constructor(options: ToneDecoderOptions) {
    this.#options = options;
  }

  get words(): readonly TimedText[] {
    return this.#words;
  }

  hear(samples: Float32Array): void {
    const { rateHz } = this.#options;
    const hop = samplesOf(hopMs, rateHz);
    for (let at = 0; at < samples.length; at += hop) {
      const part = samples.subarray(at, at + hop);
      if (rmsDb(part) <= floorDb) this.#word = undefined;
      else {
        this.#word ??= { from: this.#position, parts: [], known: false };
        this.#word.parts.push(part);
        this.#tell(this.#word);
      }
      this.#position += part.length;
    }
  }

  #tell(word: { readonly from: number; readonly parts: Float32Array[]; known: boolean }): void {
    if (word.known || word.parts.length * hopMs < knownAfterMs) return;
    word.known = true;
    const [decoded] = decodeTones(concatSamples(word.parts), this.#options);
    if (decoded) this.#words.push({ text: decoded.text, atMs: durationMs(word.from, this.#options.rateHz) });
  }
}
