import { describe, expect, it } from 'vitest';
import { ParleyError } from './error.js';
import { concatSamples } from './frame.js';
import { createResampler, resample } from './resample.js';

function sine(frequencyHz: number, rateHz: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz));
}

/** Ratio of power of `reference` to that of the difference, in dB, away from the ends. */
function snrDb(signal: Float32Array, reference: Float32Array, skip: number): number {
  let power = 0;
  let error = 0;
  for (let i = skip; i < reference.length - skip; i++) {
    const expected = reference[i] as number;
    power += expected ** 2;
    error += ((signal[i] as number) - expected) ** 2;
  }
  return 10 * Math.log10(power / (error + 1e-30));
}

function powerDb(signal: Float32Array, skip: number): number {
  let power = 0;
  for (let i = skip; i < signal.length - skip; i++) power += (signal[i] as number) ** 2;
  return 10 * Math.log10(power / (signal.length - 2 * skip) + 1e-30);
}

describe('resample', () => {
  it.each([
    [8_000, 16_000],
    [24_000, 8_000],
    [24_000, 48_000],
    [44_100, 16_000],
    [22_050, 24_000],
    [48_000, 16_000],
    [11_025, 16_001],
  ])('keeps a 1 kHz sine within 60 dB and aligned, %i to %i Hz', async (fromHz, toHz) => {
    const converted = await resample(sine(1_000, fromHz, fromHz), fromHz, toHz);
    expect(converted.length).toBe(toHz);
    expect(snrDb(converted, sine(1_000, toHz, toHz), 200)).toBeGreaterThan(60);
  });

  it('suppresses what would alias when it goes down', async () => {
    const converted = await resample(sine(9_000, 48_000, 48_000), 48_000, 16_000);
    expect(powerDb(converted, 200) - powerDb(sine(9_000, 48_000, 48_000), 200)).toBeLessThan(-60);
  });

  it.each([0, 1, 2, 3, 160, 1_001, 200_003])('returns round(n * to / from) samples for n = %i', async (n) => {
    expect((await resample(new Float32Array(n), 44_100, 16_000)).length).toBe(Math.round((n * 16_000) / 44_100));
    expect((await resample(new Float32Array(n), 16_000, 24_000)).length).toBe(Math.round(n * 1.5));
  });

  it('puts an impulse where it was', async () => {
    const impulse = new Float32Array(48_000);
    impulse[24_000] = 1;
    const converted = await resample(impulse, 48_000, 16_000);
    expect(converted.indexOf(Math.max(...converted))).toBe(8_000);
  });

  it('returns an equal copy when the rates are equal', async () => {
    const samples = sine(300, 16_000, 500);
    const same = await resample(samples, 16_000, 16_000);
    expect(same).toEqual(samples);
    expect(same).not.toBe(samples);
  });

  it.each([3_999, 192_001, 0, -8_000, Number.NaN, 16_000.5, Number.POSITIVE_INFINITY])(
    'refuses a rate of %d Hz on either side',
    async (rateHz) => {
      const samples = new Float32Array(10);
      for (const attempt of [resample(samples, rateHz, 16_000), resample(samples, 16_000, rateHz)]) {
        const error = await attempt.catch((thrown: unknown) => thrown);
        expect(ParleyError.isInstance(error) && error.code).toBe('resample.rate');
      }
    },
  );
});

describe('createResampler', () => {
  it('gives exactly 640 samples for each 320 from the first call on, 8 to 16 kHz', async () => {
    const resampler = await createResampler({ fromHz: 8_000, toHz: 16_000 });
    for (let i = 0; i < 20; i++) expect(resampler.process(new Float32Array(320)).length).toBe(640);
    resampler.close();
  });

  it('never drifts: frames of odd sizes sum to ceil(n * to / from)', async () => {
    const resampler = await createResampler({ fromHz: 44_100, toHz: 16_000 });
    let taken = 0;
    let given = 0;
    for (let i = 0; i < 500; i++) {
      const length = (i * 37) % 911;
      taken += length;
      given += resampler.process(new Float32Array(length)).length;
      expect(given).toBe(Math.ceil((taken * 16_000) / 44_100));
    }
    resampler.close();
  });

  it('gives the same samples however the stream is cut', async () => {
    const samples = sine(700, 24_000, 24_000);
    const whole = await createResampler({ fromHz: 24_000, toHz: 16_000 });
    const cut = await createResampler({ fromHz: 24_000, toHz: 16_000 });
    const parts: Float32Array[] = [];
    for (let at = 0; at < samples.length; at += 331) parts.push(cut.process(samples.subarray(at, at + 331)));
    expect(concatSamples([...parts, cut.flush()])).toEqual(concatSamples([whole.process(samples), whole.flush()]));
    whole.close();
    cut.close();
  });

  it.each([
    [16_000, 8_000],
    [24_000, 16_000],
    [44_100, 8_000],
    [8_000, 48_000],
    [192_000, 4_000],
  ])('delays by latencySamples and hands them out at the end, %i to %i Hz', async (fromHz, toHz) => {
    const samples = sine(500, fromHz, fromHz / 2);
    const resampler = await createResampler({ fromHz, toHz });
    const streamed = concatSamples([resampler.process(samples), resampler.flush()]);
    const whole = await resample(samples, fromHz, toHz);
    expect(Math.abs(streamed.length - resampler.latencySamples - whole.length)).toBeLessThanOrEqual(1);
    const aligned = streamed.subarray(resampler.latencySamples);
    const steepest = (2 * Math.PI * 500 * 0.5) / toHz;
    for (let i = 0; i < Math.min(aligned.length, whole.length); i++) {
      // Latency is a whole number of samples, the true delay need not be: up to half a sample apart.
      expect(Math.abs((aligned[i] as number) - (whole[i] as number))).toBeLessThan(steepest * 0.75 + 0.02);
    }
    resampler.close();
  });

  it('starts anew after a flush', async () => {
    const samples = sine(440, 8_000, 4_000);
    const resampler = await createResampler({ fromHz: 8_000, toHz: 24_000 });
    const first = concatSamples([resampler.process(samples), resampler.flush()]);
    const second = concatSamples([resampler.process(samples), resampler.flush()]);
    expect(second).toEqual(first);
    expect(resampler.flush().length).toBe(0);
    resampler.close();
  });

  it('keeps concurrent streams apart', async () => {
    const a = await createResampler({ fromHz: 8_000, toHz: 16_000 });
    const b = await createResampler({ fromHz: 8_000, toHz: 16_000 });
    const alone = await createResampler({ fromHz: 8_000, toHz: 16_000 });
    for (let i = 0; i < 5; i++) {
      const samples = sine(300 + i, 8_000, 160);
      const fromA = a.process(samples);
      b.process(new Float32Array(160).fill(1));
      expect(fromA).toEqual(alone.process(samples));
    }
    for (const resampler of [a, b, alone]) resampler.close();
  });

  it('copies when the rates are equal', async () => {
    const resampler = await createResampler({ fromHz: 16_000, toHz: 16_000 });
    const samples = sine(440, 16_000, 320);
    const same = resampler.process(samples);
    expect(same).toEqual(samples);
    expect(same.buffer).not.toBe(samples.buffer);
    expect(resampler.flush().length).toBe(0);
  });

  it.each([8_000, 16_000])('closes twice without harm and then refuses samples, from %i Hz', async (fromHz) => {
    const resampler = await createResampler({ fromHz, toHz: 16_000 });
    resampler.close();
    resampler.close();
    expect(() => resampler.process(new Float32Array(10))).toThrow(ParleyError);
    expect(() => resampler.flush()).toThrow(ParleyError);
  });
});
