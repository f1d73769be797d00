import { expect, it } from 'vitest';
import { MoonshineRecognizer } from '../../src/engines/moonshine/recognizer.js';
import { modelDir } from '../../src/models/cache.js';
import { cacheDir, describeRealEngine } from './real-engine.js';
import { recordedSentence } from './recorded-speech.js';

describeRealEngine('moonshine beginnings', ['moonshine-tiny-en'], () => {
  it('tell how the audio may begin: the first word of it likeliest, and no more than there can be', async () => {
    const { samples } = await recordedSentence();
    const recognizer = await MoonshineRecognizer.load(modelDir(cacheDir, 'moonshine-tiny-en'));
    const decoding = await recognizer.begin(samples);
    await recognizer.step(decoding, Number.POSITIVE_INFINITY);
    const { words, beginnings } = recognizer.heardIn(decoding);
    const chances = beginnings.map(({ probability }) => probability);
    expect(words[0]?.text.startsWith(beginnings[0]?.text ?? 'nothing')).toBe(true);
    expect(chances).toEqual([...chances].sort((a, b) => b - a));
    expect(Math.min(...chances)).toBeGreaterThanOrEqual(0.01);
    expect(chances.reduce((sum, chance) => sum + chance, 0)).toBeLessThanOrEqual(1);
  });
});
