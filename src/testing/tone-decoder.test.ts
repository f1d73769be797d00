import { describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../audio/g711.js';
import { resample } from '../audio/resample.js';
import { decodedText, decodeTones } from './tone-decoder.js';
import { speakTones, ToneVocabulary } from './tone-words.js';

const rateHz = 24_000;
const text = 'Sure, a large coffee with milk. Anything else? No no thanks';
const said = 'sure a large coffee with milk anything else no no thanks';

describe('tone speech', () => {
  it('is decoded to the words that were spoken', () => {
    const vocabulary = new ToneVocabulary();
    const { samples } = speakTones(text, { rateHz, vocabulary });
    expect(decodedText(samples, { rateHz, vocabulary })).toBe(said);
  });

  it('survives a telephone line: 8 kHz, mu-law, 14 dB lower, noise', async () => {
    const vocabulary = new ToneVocabulary();
    const { samples } = speakTones(text, { rateHz, vocabulary });
    const narrow = await resample(samples, rateHz, 8_000);
    const lowered = decodeMulaw(encodeMulaw(narrow.map((x, i) => 0.2 * x + 0.002 * Math.sin(i * i))));
    expect(decodedText(lowered, { rateHz: 8_000, vocabulary, floorDb: -40 })).toBe(said);
  });

  it('gives word times that lie on the audio', () => {
    const vocabulary = new ToneVocabulary();
    const { samples, words } = speakTones('one two three', { rateHz, vocabulary });
    const decoded = decodeTones(samples, { rateHz, vocabulary });
    expect(words.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [0, 250],
      [290, 540],
      [580, 830],
    ]);
    for (const [index, word] of words.entries()) {
      expect(Math.abs((decoded[index]?.startMs ?? -1) - word.startMs)).toBeLessThanOrEqual(5);
      expect(Math.abs((decoded[index]?.endMs ?? -1) - word.endMs)).toBeLessThanOrEqual(5);
    }
    expect(samples.length).toBe(0.87 * rateHz);
  });

  it('tells how much of a word sounded when the audio was cut', () => {
    const vocabulary = new ToneVocabulary();
    const { samples } = speakTones('hello world', { rateHz, vocabulary });
    const cut = samples.slice(0, ((290 + 120) / 1000) * rateHz);
    const decoded = decodeTones(cut, { rateHz, vocabulary });
    expect(decoded.map((word) => word.text)).toEqual(['hello', 'world']);
    expect(decoded[1]?.endMs).toBeCloseTo(410, 0);
  });

  it('passes over what is no tone of the vocabulary', () => {
    const vocabulary = new ToneVocabulary(['hello']);
    const other = speakTones('stranger', { rateHz, vocabulary: new ToneVocabulary() }).samples;
    const noise = Float32Array.from({ length: rateHz / 4 }, (_, i) => 0.3 * Math.sin(i * i * 0.37));
    expect(decodeTones(other, { rateHz, vocabulary })).toEqual([]);
    expect(decodeTones(noise, { rateHz, vocabulary })).toEqual([]);
    expect(decodeTones(new Float32Array(rateHz), { rateHz, vocabulary })).toEqual([]);
  });

  it('gives each of 256 words its own frequency and refuses one more', () => {
    const vocabulary = new ToneVocabulary(Array.from({ length: 256 }, (_, i) => `word${i}`));
    expect(new Set(vocabulary.words.values()).size).toBe(256);
    expect(() => vocabulary.frequencyOf('another')).toThrowError(expect.objectContaining({ code: 'tones.full' }));
    expect(vocabulary.frequencyOf('Word7!')).toBe(vocabulary.words.get('word7'));
  });
});
