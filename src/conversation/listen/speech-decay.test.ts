import { describe, expect, it } from 'vitest';
import { speechDecayDb } from './speech-decay.js';

const rateHz = 16_000;

/** Noise of a loudness that changes, with silence behind it. */
function spoken(levelAt: (ms: number) => number, ms: number, silenceMs: number): Float32Array {
  return Float32Array.from({ length: (ms + silenceMs) * 16 }, (_, at) =>
    at < ms * 16 ? Math.sin(at * 0.3) * levelAt(at / 16) : 0,
  );
}

describe('the fall of a voice', () => {
  it('is none where it is held up to the pause', () => {
    expect(
      speechDecayDb(
        spoken(() => 0.2, 1_000, 96),
        rateHz,
        96,
      ),
    ).toBeCloseTo(0, 0);
  });

  it('is how much quieter the last syllable is', () => {
    const falling = spoken((ms) => (ms < 850 ? 0.2 : 0.02), 1_000, 288);
    expect(speechDecayDb(falling, rateHz, 288)).toBeGreaterThan(-21);
    expect(speechDecayDb(falling, rateHz, 288)).toBeLessThan(-17);
  });

  it.each([
    ['nothing', new Float32Array(0), 96],
    ['less than the silence', new Float32Array(160), 96],
    ['digital silence', new Float32Array(16_000), 96],
  ])('is a number of some size for %s', (_, samples, silenceMs) => {
    const db = speechDecayDb(samples, rateHz, silenceMs);
    expect(db).toBeGreaterThanOrEqual(-40);
    expect(db).toBeLessThanOrEqual(40);
  });
});
