import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../ports/errors.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { wholeWords, wordsSaid } from './whole-words.js';

const gone = new Error('gone');

function failTimes(breaker: CircuitBreaker, times: number, error: unknown = gone): void {
  for (let i = 0; i < times; i++) {
    breaker.begin();
    breaker.failed(error);
  }
}

describe('a circuit breaker', () => {
  it('opens after three failures in a row, lets one probe through after ten seconds, and waits longer each time', async () => {
    const clock = new VirtualClock();
    const breaker = new CircuitBreaker(clock);
    failTimes(breaker, 2);
    breaker.begin();
    breaker.succeeded();
    failTimes(breaker, 2);
    expect(breaker.state).toBe('closed');
    failTimes(breaker, 1);
    expect([breaker.state, breaker.admits]).toEqual(['open', false]);
    await clock.advance(9_999);
    expect(breaker.state).toBe('open');
    await clock.advance(1);
    expect([breaker.state, breaker.admits]).toEqual(['half-open', true]);
    breaker.begin();
    expect(breaker.admits).toBe(false);
    breaker.failed(gone);
    await clock.advance(19_999);
    expect(breaker.state).toBe('open');
    await clock.advance(1);
    breaker.begin();
    breaker.abandoned();
    expect(breaker.admits).toBe(true);
    breaker.begin();
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
  });

  it('keeps the wait that is asked for, and leaves a wrong key alone at once', async () => {
    const clock = new VirtualClock();
    const busy = new CircuitBreaker(clock);
    failTimes(busy, 1, new ParleyError('busy', { code: 'remote.busy', retryable: true, retryAfterMs: 3_000 }));
    const wrong = new CircuitBreaker(clock);
    failTimes(wrong, 1, new ParleyError('key', { code: 'remote.unauthorized' }));
    await clock.advance(2_999);
    expect([busy.state, wrong.state]).toEqual(['open', 'open']);
    await clock.advance(1);
    expect([busy.state, wrong.state]).toEqual(['half-open', 'open']);
  });
});

describe('where a text may be broken off', () => {
  it.each([
    ['Okay, your tab', 'Okay, your'],
    ['Okay,', 'Okay,'],
    ['Okay, ', 'Okay,'],
    ['That is 3.', 'That is'],
    ['At nine.', 'At nine.'],
    ["I don't", 'I'],
    ['word', ''],
  ])('"%s" is "%s"', (text, whole) => {
    expect(wholeWords(text)).toBe(whole);
  });

  it.each([
    [['a', 'large', 'tea,', 'please.'], ['a', 'large'], 2],
    [['It', 'is', '$5,', 'please.'], ['it', 'is', 'five', 'dollars'], 2],
    [['It', 'is', '$5,', 'please.'], ['it', 'is', 'five', 'dollars', 'please'], 4],
    [['one', 'one', 'two'], ['one'], 1],
    [[], ['what'], 0],
  ])('of %j the words %j are %i', (written, spoken, said) => {
    expect(wordsSaid(written, spoken)).toBe(said);
  });
});
