import { expect, it } from 'vitest';
import { MoonshineRecognizer } from '../../src/engines/moonshine/recognizer.js';
import { modelDir } from '../../src/models/cache.js';
import { cacheDir, describeRealEngine } from './real-engine.js';
import { recordedSentence } from './recorded-speech.js';

describeRealEngine('moonshine drafts', ['moonshine-tiny-en'], () => {
  it('save most runs of the decoder, cost none when wrong, and do not change what is heard', async () => {
    const { samples } = await recordedSentence();
    const recognizer = await MoonshineRecognizer.load(modelDir(cacheDir, 'moonshine-tiny-en'));
    const decode = async (draft: readonly number[]) => {
      const decoding = await recognizer.begin(samples, { draft });
      await recognizer.step(decoding, Number.POSITIVE_INFINITY);
      const text = recognizer.wordsOf(decoding).map((word) => word.text.toLowerCase().replace(/[^a-z']/g, ''));
      return { runs: decoding.runs, tokens: decoding.tokens, text };
    };
    const alone = await decode([]);
    expect(alone.runs).toBeGreaterThanOrEqual(alone.tokens.length);
    const drafted = await decode(alone.tokens);
    expect(drafted.text).toEqual(alone.text);
    expect(drafted.runs).toBeLessThanOrEqual(Math.ceil(alone.runs / 2));
    const misled = await decode(alone.tokens.map((token) => token + 1));
    expect(misled.text).toEqual(alone.text);
    expect(misled.runs).toBeLessThanOrEqual(alone.runs + 1);
  });
});
