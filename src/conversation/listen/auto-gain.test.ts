import { describe, expect, it } from 'vitest';
import { gainOf, peak, rmsDb } from '../../audio/loudness.js';
import { AutoGain } from './auto-gain.js';
import { defaultAutoGain } from './treatment-settings.js';

const windowSamples = 512;

/** A tone of 1 kHz in syllables of 200 ms with 60 ms between them, over hiss at -75 dBFS; `levelDb` is of the tone. */
function speech(levelDb: number, windows: number, from = 0): Float32Array {
  let seed = 1;
  return new Float32Array(windows * windowSamples).map((_, index) => {
    const i = from + index;
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    const hiss = (seed / 2 ** 31) * Math.sqrt(3) * gainOf(-75);
    const on = (i / 16) % 260 < 200;
    return hiss + (on ? gainOf(levelDb) * Math.SQRT2 * Math.sin((2 * Math.PI * 1_000 * i) / 16_000) : 0);
  });
}

function through(gain: AutoGain, samples: Float32Array): Float32Array {
  const out = new Float32Array(samples.length);
  for (let at = 0; at < samples.length; at += windowSamples)
    out.set(gain.process(samples.slice(at, at + windowSamples)), at);
  return out;
}

const second = 31;
const hiss = (seconds: number): Float32Array => speech(-200, seconds * second);

describe('automatic gain', () => {
  it.each([
    [-45, 22],
    [-30, 7],
    [-15, -8],
  ])('brings speech at %d dBFS to -23 LUFS within its first second', (levelDb, expectedDb) => {
    const gain = new AutoGain();
    through(gain, hiss(1));
    through(gain, speech(levelDb, 2 * second));
    // A pause of 60 ms after every 200 ms takes a little of the loudness away; the zone of 1 dB allows the rest.
    expect(gain.gainDb).toBeGreaterThan(expectedDb - 1.5);
    expect(gain.gainDb).toBeLessThan(expectedDb + 2.5);
  });

  it('stays within its bounds', () => {
    const quiet = new AutoGain();
    through(quiet, hiss(1));
    through(quiet, speech(-62, 4 * second));
    // The last decibel is not worth a movement.
    expect(quiet.gainDb).toBeGreaterThan(defaultAutoGain.mostDb - 1);
    expect(quiet.gainDb).toBeLessThanOrEqual(defaultAutoGain.mostDb);
    const loud = new AutoGain({ ...defaultAutoGain, leastDb: -5 });
    through(loud, hiss(1));
    through(loud, speech(-3, 4 * second));
    expect(loud.gainDb).toBeGreaterThanOrEqual(-5);
    expect(loud.gainDb).toBeLessThan(-4);
  });

  it('leaves silence alone, however long, and keeps what it has learned', () => {
    const gain = new AutoGain();
    through(gain, hiss(20));
    expect(gain.gainDb).toBe(0);
    through(gain, speech(-40, 3 * second));
    const learned = gain.gainDb;
    expect(learned).toBeGreaterThan(10);
    const silence = through(gain, hiss(20));
    expect(gain.gainDb).toBe(learned);
    expect(rmsDb(silence)).toBeCloseTo(-75 + learned, 0);
  });

  it('does not take steady noise for speech', () => {
    const gain = new AutoGain();
    let seed = 7;
    const noise = new Float32Array(10 * second * windowSamples).map(() => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
      return (seed / 2 ** 31) * 0.02;
    });
    through(gain, noise);
    expect(gain.gainDb).toBe(0);
  });

  it('does not pump: syllables and single loud words move it slowly', () => {
    const gain = new AutoGain();
    through(gain, hiss(1));
    through(gain, speech(-30, 4 * second));
    const settled = gain.gainDb;
    const moves: number[] = [];
    for (let i = 0; i < 4 * second; i++) {
      through(gain, speech(-30, 1, i * windowSamples));
      moves.push(gain.gainDb - settled);
    }
    expect(Math.max(...moves.map(Math.abs))).toBeLessThan(1.5);
    through(gain, speech(-18, Math.round(0.4 * second)));
    expect(settled - gain.gainDb).toBeLessThanOrEqual(defaultAutoGain.dbPerSecond * 0.4 + 0.1);
  });

  it('clips nothing, and gives numbers whatever it is given', () => {
    const gain = new AutoGain();
    through(gain, hiss(1));
    through(gain, speech(-50, 3 * second));
    const shout = through(gain, speech(-3, second));
    expect(peak(shout)).toBeLessThanOrEqual(1);
    const broken = gain.process(new Float32Array(windowSamples).fill(Number.NaN));
    expect(broken.every(Number.isFinite)).toBe(true);
    through(gain, speech(-42, 8 * second));
    expect(gain.gainDb).toBeGreaterThan(15);
  });
});
