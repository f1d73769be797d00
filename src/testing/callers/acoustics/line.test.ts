import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../../audio/loudness.js';
import { randomFrom, whiteNoise } from '../../seeded-random.js';
import { withSamples } from './caller-sound.js';
import { dtmf, frequenciesOf } from './dtmf.js';
import { madeSpeech } from './made-speech-fixture.js';
import { throughNetwork } from './packet-loss.js';
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

describe('a bad network', () => {
  const samples = whiteNoise(randomFrom(2), 16_000 * 60);

  it('loses the share of frames that was asked, in runs of the length that was asked', () => {
    for (const [lossShare, burstFrames] of [
      [0.05, 1],
      [0.1, 4],
    ] as const) {
      const frames = throughNetwork(samples, 16_000, { seed: 3, lossShare, burstFrames });
      const arrived = new Set(frames.map(({ index }) => index));
      const lost = Array.from({ length: 3_000 }, (_, index) => !arrived.has(index));
      const count = lost.filter(Boolean).length;
      const runs = lost.filter((each, index) => each && !lost[index - 1]).length;
      expect(Math.abs(count / 3_000 - lossShare)).toBeLessThan(lossShare * 0.35);
      expect(Math.abs(count / runs - Math.max(burstFrames, 1.05))).toBeLessThan(0.3 * burstFrames);
    }
  });

  it('delays what it does not lose, and gives it as it was', () => {
    const frames = throughNetwork(samples, 16_000, { seed: 3, delayMs: 30, jitterMs: 40 });
    expect(frames).toHaveLength(3_000);
    const late = frames.map(({ sentMs, arrivesMs }) => arrivesMs - sentMs);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(30);
    expect(Math.max(...late)).toBeGreaterThan(100);
    expect(frames.map(({ index }) => index)).toEqual(Array.from({ length: 3_000 }, (_, index) => index));
    expect(frames[7]?.samples).toEqual(samples.slice(7 * 320, 8 * 320));
    expect(frames[7]?.sentMs).toBe(160);
  });

  it('lets frames overtake one another when nothing holds them in order', () => {
    const frames = throughNetwork(samples, 16_000, { seed: 3, jitterMs: 40, inOrder: false });
    expect(frames.some(({ index }, i) => index < (frames[i - 1]?.index ?? 0))).toBe(true);
    expect(frames.every(({ arrivesMs }, i) => arrivesMs >= (frames[i - 1]?.arrivesMs ?? 0))).toBe(true);
  });

  it('is the same for the same seed, and refuses what no network does', () => {
    const arrivals = (seed: number) =>
      throughNetwork(samples, 16_000, { seed, lossShare: 0.1, jitterMs: 20 }).map(({ arrivesMs }) => arrivesMs);
    expect(arrivals(1)).toEqual(arrivals(1));
    expect(arrivals(1)).not.toEqual(arrivals(2));
    expect(() => throughNetwork(samples, 16_000, { seed: 1, lossShare: 1 })).toThrow(/lossShare 1/);
    expect(() => throughNetwork(samples, 16_000, { seed: 1, jitterMs: -1 })).toThrow(/jitterMs -1/);
  });
});

describe('keys', () => {
  it('sound as their two tones at the level asked, one after the other', () => {
    const sound = dtmf('5#', { toneMs: 120, gapMs: 80 });
    expect(sound.words).toEqual([
      { text: '5', startMs: 0, endMs: 120 },
      { text: '#', startMs: 200, endMs: 320 },
    ]);
    expect(sound.speech).toEqual([]);
    expect(sound.samples).toHaveLength(400 * 16);
    for (const [index, tones] of [
      [770, 1_336],
      [941, 1_477],
    ].entries()) {
      const part = sound.samples.subarray(index * 3_200 + 160, index * 3_200 + 1_760);
      expect(rmsDb(part)).toBeCloseTo(-13, 0);
      for (const hz of [697, 770, 852, 941, 1_209, 1_336, 1_477, 1_633]) {
        const heard = amplitudeAt(part, hz);
        if (tones.includes(hz)) expect(heard).toBeGreaterThan(0.18);
        else expect(heard).toBeLessThan(0.03);
      }
    }
    expect(rmsDb(sound.samples.subarray(121 * 16, 199 * 16))).toBe(-120);
  });

  it('of another keypad are refused', () => {
    expect(() => dtmf('12x')).toThrow(/no key "x"/);
    expect(() => frequenciesOf('')).toThrow(/no key ""/);
    expect(() => frequenciesOf('12')).toThrow(/no key "12"/);
  });
});

function amplitudeAt(samples: Float32Array, hz: number): number {
  let re = 0;
  let im = 0;
  for (const [i, sample] of samples.entries()) {
    re += sample * Math.cos((2 * Math.PI * hz * i) / 16_000);
    im += sample * Math.sin((2 * Math.PI * hz * i) / 16_000);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
}
