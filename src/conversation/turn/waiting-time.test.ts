import { describe, expect, it } from 'vitest';
import { turnSettings } from './turn-fixture.js';
import { waitingTime } from './waiting-time.js';

const settings = turnSettings().endpointing;

describe('waiting time', () => {
  it.each([
    [0, 2_000],
    [0.25, 1_864],
    [0.5, 1_210],
    [0.75, 556],
    [1, 420],
  ])('a probability of %d that the turn is complete waits %d ms', (probability, waitMs) => {
    expect(waitingTime(probability, settings).waitMs).toBe(waitMs);
  });

  it('falls as the model becomes surer, and stays between its bounds', () => {
    let before = Number.POSITIVE_INFINITY;
    for (let probability = 0; probability <= 1; probability += 0.01) {
      const { waitMs } = waitingTime(probability, settings);
      expect(waitMs).toBeLessThanOrEqual(before);
      expect(waitMs).toBeGreaterThanOrEqual(settings.minWaitMs);
      expect(waitMs).toBeLessThanOrEqual(settings.maxWaitMs);
      before = waitMs;
    }
  });

  it('waits a time of its own while the model has not answered, and says so', () => {
    const wait = waitingTime(undefined, settings);
    expect(wait.waitMs).toBe(1_000);
    expect(wait.because).toContain('no end-of-turn estimate');
  });

  it.each(['a coffee,', 'a coffee, ', 'I would like:', 'a coffee –'])(
    'waits longer when the words are unfinished: "%s"',
    (text) => {
      expect(waitingTime(1, settings, text)).toEqual({
        waitMs: 1_200,
        because: 'waited 1200 ms: end-of-turn 1.00, but the words are unfinished',
      });
    },
  );

  it('finished words leave the wait as it is, and unfinished ones never shorten it', () => {
    expect(waitingTime(1, settings, 'A coffee, please.').waitMs).toBe(420);
    expect(waitingTime(0, settings, 'a coffee,').waitMs).toBe(2_000);
  });

  it.each(['Do you have tea?', 'What a day!', 'He said, "why?"'])(
    'waits no longer than for a question: "%s"',
    (text) => {
      expect(waitingTime(0, settings, text)).toEqual({
        waitMs: 700,
        because: 'waited 700 ms: end-of-turn 0.00, but it is a question',
      });
      expect(waitingTime(1, settings, text).waitMs).toBe(420);
      expect(waitingTime(0, { ...settings, minWaitMs: 900 }, text).waitMs).toBe(900);
    },
  );

  it('gives its reason with the probability', () => {
    expect(waitingTime(0.914, settings).because).toMatch(/waited \d+ ms: end-of-turn 0\.91/);
  });
});
