import { describe, expect, it } from 'vitest';
import { rmsDb } from '../../audio/loudness.js';
import { randomFrom, whiteNoise } from '../../testing/seeded-random.js';
import { CallTreatment, createTreatment } from './treatment.js';
import { defaultAutoGain } from './treatment-settings.js';

const windowSamples = 512;

async function treated(samples: Float32Array, settings: Parameters<typeof createTreatment>[0]) {
  const treatment = await createTreatment(settings);
  const out = new Float32Array(samples.length);
  for (let at = 0; at < samples.length; at += windowSamples)
    out.set(treatment.process(samples.slice(at, at + windowSamples)), at);
  treatment.close();
  return { out, latencyMs: treatment.latencyMs };
}

const noise = whiteNoise(randomFrom(3), 100 * windowSamples).map((sample) => sample * 0.02);

describe('treated audio', () => {
  it('has less of a steady noise where noise is suppressed, and comes as much later as it says', async () => {
    const { out, latencyMs } = await treated(noise, { denoise: true });
    expect(latencyMs).toBe(25);
    expect(rmsDb(out.subarray(50 * windowSamples))).toBeLessThan(rmsDb(noise) - 10);
    // A loud click goes through; where it comes out is the latency.
    const click = new Float32Array(100 * windowSamples);
    for (let i = 0; i < 400; i++)
      click[20_000 + i] = 0.8 * Math.sin((2 * Math.PI * 300 * i) / 16_000) * Math.sin((Math.PI * i) / 400);
    const heard = (await treated(click, { denoise: true })).out;
    let best = 0;
    let bestProduct = 0;
    for (let delay = 0; delay < 1_000; delay++) {
      let product = 0;
      for (let i = 0; i < 400; i++) product += (click[20_000 + i] as number) * (heard[20_000 + i + delay] as number);
      if (product > bestProduct) {
        best = delay;
        bestProduct = product;
      }
    }
    expect(Math.abs(best - latencyMs * 16)).toBeLessThanOrEqual(16);
  });

  it('is as it was where nothing is asked for', async () => {
    const { out, latencyMs } = await treated(noise, { denoise: false });
    expect(latencyMs).toBe(0);
    expect(out).toEqual(noise);
  });

  it('of different calls do not mix', async () => {
    const [first, second] = await Promise.all([
      createTreatment({ denoise: true, gain: defaultAutoGain }),
      createTreatment({ denoise: true, gain: defaultAutoGain }),
    ]);
    const alone = (await treated(noise, { denoise: true, gain: defaultAutoGain })).out;
    for (let at = 0; at < noise.length; at += windowSamples) {
      expect(first.process(noise.slice(at, at + windowSamples))).toEqual(alone.slice(at, at + windowSamples));
      second.process(new Float32Array(windowSamples).fill(0.3));
    }
    first.close();
    second.close();
    second.close();
    expect(() => first.process(noise.slice(0, windowSamples))).toThrow(/closed/);
  });

  it('that ends while it is still being made is passed on as it came', async () => {
    const problems: Error[] = [];
    const treatment = new CallTreatment({ denoise: true }, (error) => problems.push(error));
    const window = noise.slice(0, windowSamples);
    const pending = treatment.process(window);
    treatment.close();
    expect(await pending).toBe(window);
    expect(problems).toEqual([]);
  });
});
