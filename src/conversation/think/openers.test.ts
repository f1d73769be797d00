import { describe, expect, it } from 'vitest';
import { fittingOpener, opensWell } from './openers.js';

describe('an opener', () => {
  it.each([
    ["Hi, I'd like a large latte.", 'accept'],
    ['Can I get two espressos?', 'accept'],
    ['A small mocha with oat milk please', 'accept'],
    ['What time do you open on Sundays?', 'think'],
    ['is there parking nearby', 'think'],
    ['It is for my brother Tom.', 'acknowledge'],
    ['Yes.', 'acknowledge'],
    ['No thanks.', 'acknowledge'],
  ])('fits what the caller said: %s', (text, kind) => {
    expect(fittingOpener(text)).toBe(kind);
  });

  it.each([
    'My grandmother passed away last night.',
    'You got my order wrong again, please fix it.',
    'I need to cancel the appointment.',
    'Wait, am I talking to a robot?',
    'I’m sorry, could you say that again?',
    'Large latte.',
    '',
  ])('does not fit: %j', (text) => {
    expect(fittingOpener(text)).toBeUndefined();
  });

  it.each([
    "I'm not sure about that, but the team can help.",
    'I’m so sorry to hear that.',
    'Unfortunately we',
    'We don’t have that.',
    "I can't do that.",
    'No, we close at six.',
    'There is no parking.',
    'My condolences.',
  ])('does not stand before a refusal or a condolence: %s', (answer) => {
    expect(opensWell(answer, false)).toBe(false);
  });

  it('waits until the answer has shown what it is', () => {
    expect(opensWell('We', false)).toBeUndefined();
    expect(opensWell('We do', false)).toBeUndefined();
    expect(opensWell('a', false)).toBeUndefined();
    expect(opensWell('a l', false)).toBe(true);
    expect(opensWell("We don't open a", false)).toBe(false);
    expect(opensWell('Two', true)).toBe(true);
  });
});
