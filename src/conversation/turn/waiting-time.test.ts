import { describe, expect, it } from 'vitest';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import { learnPause, unknownPace } from './pace.js';
import { turnSettings } from './turn-fixture.js';
import { looksMatter, type WaitingCues, waitingTime } from './waiting-time.js';

const settings = turnSettings().endpointing;
const finished = 'I would like a coffee with some milk, and that is all for today.';
const phone: ExpectedAnswer = { kind: 'number', of: 'phone', minDigits: 10, maxDigits: 10 };

function cues(probability: number | undefined, text = finished, more: Partial<WaitingCues> = {}): WaitingCues {
  return { looks: probability === undefined ? [] : [{ silenceMs: 96, probability }], text, ...more };
}

describe('waiting time', () => {
  it('falls as the model becomes surer, and stays between its bounds', () => {
    let before = Number.POSITIVE_INFINITY;
    for (let probability = 0; probability <= 1; probability += 0.01) {
      const { waitMs } = waitingTime(cues(probability), settings);
      expect(waitMs).toBeLessThanOrEqual(before);
      expect(waitMs).toBeGreaterThanOrEqual(settings.minWaitMs);
      expect(waitMs).toBeLessThanOrEqual(settings.maxWaitMs);
      before = waitMs;
    }
    const surest = waitingTime(cues(1), settings).waitMs;
    expect(waitingTime(cues(0), settings).waitMs - surest).toBeGreaterThan(
      (settings.maxWaitMs - settings.minWaitMs) / 2,
    );
  });

  it('falls as the words are surer to be complete, and says how sure they are', () => {
    let before = Number.POSITIVE_INFINITY;
    for (let wordsOver = 0; wordsOver <= 1; wordsOver += 0.01) {
      const { waitMs, because } = waitingTime(cues(0.1, finished, { wordsOver }), settings);
      expect(waitMs).toBeLessThanOrEqual(before);
      expect(because).toContain(`words complete ${wordsOver.toFixed(2)}`);
      before = waitMs;
    }
    expect(before).toBeLessThan(waitingTime(cues(0.1), settings).waitMs);
  });

  it('waits a time of its own while the model has not answered, and says so', () => {
    expect(waitingTime(cues(undefined), settings)).toEqual({
      waitMs: 1_000,
      because: 'waited 1000 ms: no end-of-turn estimate',
    });
  });

  it.each([
    ['a conjunction', 'I would like a coffee and', 'the words ask for more'],
    ['a determiner', 'Could you bring me the', 'the words ask for more'],
    ['a filler', 'I would like a coffee um', 'the caller is thinking'],
    ['a word that stands before another', 'I would like a large', 'the last word asks for another'],
    ['a comma', 'I would like a coffee, some tea,', 'the words are unfinished'],
  ])('waits longer after %s, and says so', (_, text, because) => {
    const open = waitingTime(cues(0.3, text), settings);
    expect(open.waitMs).toBeGreaterThan(waitingTime(cues(0.3), settings).waitMs + 50);
    expect(open.because).toMatch(/^waited \d+ ms: turn over 0\.\d\d \(end-of-turn 0\.30, /);
    expect(open.because).toContain(`${because})`);
  });

  it('names what made it wait: the same answer of the model weighs less after a few words and a voice that stays up', () => {
    const short: WaitingCues = { looks: [{ silenceMs: 96, probability: 0.6, decayDb: -6 }], text: 'No, stop.' };
    const judged = waitingTime(short, settings);
    const long: WaitingCues = { looks: [{ silenceMs: 96, probability: 0.6, decayDb: -20 }], text: finished };
    expect(judged.waitMs).toBeGreaterThan(waitingTime(long, settings).waitMs + 100);
    expect(judged.because).toMatch(/\(end-of-turn 0\.60, voice down 6 dB, only 2 words\)$/);
    expect(waitingTime(long, settings).because).toMatch(/\(end-of-turn 0\.60, voice down 20 dB\)$/);
  });

  it('is short for the answer that the agent waits for, whatever it sounds like', () => {
    expect(waitingTime(cues(0.02, 'Yes.', { expected: { kind: 'yes-no' } }), settings)).toEqual({
      waitMs: settings.answerWaitMs,
      because: 'waited 200 ms: end-of-turn 0.02, a yes or no',
    });
    expect(waitingTime(cues(undefined, '555 012 3456', { expected: phone }), settings)).toEqual({
      waitMs: settings.answerWaitMs,
      because: 'waited 200 ms: no end-of-turn estimate, ten digits',
    });
  });

  it('does not let a number end before it has its digits, until a long bound', () => {
    expect(waitingTime(cues(0.99, 'It is five five five, oh one two.', { expected: phone }), settings)).toEqual({
      waitMs: settings.patientWaitMs,
      because: 'waited 2500 ms: end-of-turn 0.99, six of ten digits',
    });
  });

  it('waits no longer than at least for something short where a yes or no is expected', () => {
    const misheard = waitingTime(cues(0.1, 'Dear.', { expected: { kind: 'yes-no' } }), settings);
    expect(misheard.waitMs).toBe(settings.minWaitMs);
    expect(misheard.because).toContain('a short answer to a yes or no');
    expect(waitingTime(cues(0.02, 'Dear.'), settings).waitMs).toBeGreaterThan(settings.minWaitMs);
  });

  it('stretches for a caller who pauses for long, within the bounds', () => {
    const slow = [900, 1_100, 1_000].reduce(learnPause, unknownPace);
    const brisk = [250, 230, 240].reduce(learnPause, unknownPace);
    const usual = waitingTime(cues(0.05), settings).waitMs;
    const waited = waitingTime(cues(0.05, finished, { pace: slow }), settings);
    expect(waited.waitMs).toBeGreaterThan(usual);
    expect(waited.because).toMatch(/pauses of 1\d\d\d ms before$|pauses of 9\d\d ms before$/);
    expect(waitingTime(cues(0.05, finished, { pace: brisk }), settings).waitMs).toBeLessThan(usual);
    for (const pace of [slow, brisk])
      for (const probability of [0, 1]) {
        const { waitMs } = waitingTime(cues(probability, finished, { pace }), settings);
        expect(waitMs).toBeGreaterThanOrEqual(settings.minWaitMs);
        expect(waitMs).toBeLessThanOrEqual(settings.maxWaitMs);
      }
  });

  it('is fixed where the bounds are the same', () => {
    const fixed = { ...settings, minWaitMs: 500, maxWaitMs: 500 };
    const all = [
      cues(0),
      cues(1),
      cues(undefined),
      cues(0, 'Yes.', { expected: { kind: 'yes-no' } }),
      cues(1, '5 5', { expected: phone }),
    ];
    for (const each of all)
      expect(waitingTime(each, fixed)).toEqual({ waitMs: 500, because: 'waited 500 ms: a fixed wait' });
  });

  it('asks no further look where the words decide', () => {
    expect(looksMatter(cues(0.5), settings)).toBe(true);
    expect(looksMatter(cues(0.5, 'Yes.', { expected: { kind: 'yes-no' } }), settings)).toBe(false);
    expect(looksMatter(cues(0.5, '5 5', { expected: phone }), settings)).toBe(false);
    expect(looksMatter(cues(0.5), { ...settings, minWaitMs: 500, maxWaitMs: 500 })).toBe(false);
  });
});
