import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import { withSamples } from './caller-sound.js';
import { madeSpeech } from './made-speech-fixture.js';
import { telephone, telephoneBand } from './telephone.js';

function tone(hz: number): Float32Array {
  return new Float32Array(32_000).map((_, i) => 0.1 * Math.sin((2 * Math.PI * hz * i) / 16_000));
}

describe('a telephone line', () => {
  const sound = madeSpeech();

  it('keeps its band and nothing else, and the truth', async () => {
    const level = async (hz: number): Promise<number> => {
      const line = await telephone(withSamples(sound, tone(hz)));
      return rmsDb(line.samples.subarray(8_000, 24_000)) - rmsDb(tone(hz));
    };
    expect(Math.abs(await level(1_000))).toBeLessThan(0.5);
    expect(await level(3_000)).toBeGreaterThan(-3);
    expect(await level(80)).toBeLessThan(-18);
    expect(await level(6_000)).toBeLessThan(-30);
    const heard = await telephone(sound);
    expect(heard.samples).toHaveLength(sound.samples.length);
    expect(heard.speech).toEqual(sound.speech);
  });

  it('adds the noise of its code', async () => {
    const heard = await telephone(withSamples(sound, tone(1_000)));
    const narrow = await telephoneBand(withSamples(sound, tone(1_000)));
    expect(narrow.rateHz).toBe(8_000);
    const every = narrow.samples.map((sample, i) => sample - (heard.samples[2 * i] as number));
    const noiseDb = rmsDb(every.subarray(4_000, 12_000)) - rmsDb(tone(1_000));
    // G.711 codes a tone with some 37 dB between it and its noise.
    expect(noiseDb).toBeLessThan(-30);
    expect(noiseDb).toBeGreaterThan(-45);
  });
});
