import { expect, it } from 'vitest';
import { PartialPace } from './partial-pace.js';

it('a partial waits for new audio, and four times what the last one cost', () => {
  let now = 0;
  const pace = new PartialPace(() => now);
  expect(pace.isDue(200)).toBe(false);
  expect(pace.isDue(250)).toBe(true);
  const ended = pace.begin(250);
  now = 100;
  ended();
  expect(pace.isDue(600)).toBe(false);
  now = 399;
  expect(pace.isDue(600)).toBe(false);
  now = 400;
  expect(pace.isDue(600)).toBe(true);
  expect(pace.isDue(300)).toBe(false);
});

it('a new utterance does not forget what the last partial cost', () => {
  let now = 0;
  const pace = new PartialPace(() => now);
  const ended = pace.begin(5_000);
  now = 100;
  ended();
  pace.restart();
  expect(pace.isDue(300)).toBe(false);
  now = 400;
  expect(pace.isDue(300)).toBe(true);
});
