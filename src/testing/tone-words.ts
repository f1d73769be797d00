import { samplesOf } from '../audio/frame.js';
import { ParleyError } from '../ports/errors.js';

/**
 * 256 frequencies from 400 to 3,205 Hz: within the telephone band, and far enough apart (11 Hz) to be told from one
 * another in a quarter of a second.
 */
const slots = 256;
const lowestHz = 400;
const stepHz = 11;

export const toneWordMs = 250;
export const toneGapMs = 40;
const toneAmplitude = 0.3;
/** A tone that is switched on at full level clicks at all frequencies. */
const fadeMs = 5;

/** The letters and digits of a word, in lower case: what a tone stands for. Empty for punctuation and pictures. */
export function toneWord(written: string): string {
  return written.toLowerCase().replace(/[^\p{L}\p{N}']/gu, '');
}

/**
 * Which tone stands for which word. A word's frequency follows from its spelling; where two want the same, the later one
 * takes the next that is free. So two vocabularies made from the same words in the same order agree, in whatever process.
 */
export class ToneVocabulary {
  readonly #words = new Map<string, number>();
  readonly #taken = new Set<number>();

  constructor(words: Iterable<string> = []) {
    for (const word of words) this.frequencyOf(word);
  }

  get words(): ReadonlyMap<string, number> {
    return this.#words;
  }

  /**
   * The word's frequency in Hz; a new word is added.
   * @throws ParleyError `tones.full` with more than 256 words
   */
  frequencyOf(written: string): number {
    const word = toneWord(written);
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    if (this.#taken.size >= slots)
      throw new ParleyError(`There are tones for ${slots} words only; "${word}" would be one more.`, {
        code: 'tones.full',
      });
    let slot = hashOf(word) % slots;
    while (this.#taken.has(slot)) slot = (slot + 1) % slots;
    this.#taken.add(slot);
    const hz = lowestHz + slot * stepHz;
    this.#words.set(word, hz);
    return hz;
  }
}

export type ToneSpeech = {
  readonly samples: Float32Array;
  readonly words: readonly { readonly text: string; readonly startMs: number; readonly endMs: number }[];
};

/** Says `text` in tones: each word a sine, then a gap. Words without a letter or digit are passed over. */
export function speakTones(
  text: string,
  options: { readonly rateHz: number; readonly vocabulary: ToneVocabulary; readonly speed?: number },
): ToneSpeech {
  const { rateHz, vocabulary, speed = 1 } = options;
  const written = text.split(/\s+/).filter((word) => toneWord(word) !== '');
  const wordMs = toneWordMs / speed;
  const stepMs = wordMs + toneGapMs / speed;
  const samples = new Float32Array(samplesOf(written.length * stepMs, rateHz));
  const words = written.map((word, index) => {
    const startMs = index * stepMs;
    const from = samplesOf(startMs, rateHz);
    const to = samplesOf(startMs + wordMs, rateHz);
    addTone(samples.subarray(from, to), vocabulary.frequencyOf(word), rateHz);
    return { text: word, startMs, endMs: startMs + wordMs };
  });
  return { samples, words };
}

function addTone(into: Float32Array, hz: number, rateHz: number): void {
  const fade = Math.max(1, samplesOf(fadeMs, rateHz));
  for (let i = 0; i < into.length; i++) {
    const gain = Math.min(1, (i + 1) / fade, (into.length - i) / fade);
    into[i] = toneAmplitude * gain * Math.sin((2 * Math.PI * hz * i) / rateHz);
  }
}

/** FNV-1a over UTF-16 units. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
