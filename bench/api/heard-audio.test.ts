import { expect, it } from 'vitest';
import { HeardAudio } from './heard-audio.js';

const rateHz = 24_000;
const silence = (ms: number) => new Float32Array((ms * rateHz) / 1_000);
const sound = (ms: number) => silence(ms).map((_, index) => 0.3 * Math.sin(index / 5));

it('sound is heard when the silence in front of it has been played', () => {
  const heard = new HeardAudio(rateHz);
  heard.add(silence(50), 1_000);
  heard.add(sound(50), 1_010);
  expect(heard.audibleMs()).toBeCloseTo(1_050);
  expect(heard.longestGapMs).toBe(0);
  expect(heard.overMs).toBeCloseTo(1_100);
});

it('sound that comes late is heard when it comes, and leaves a gap', () => {
  const heard = new HeardAudio(rateHz);
  heard.add(silence(50), 1_000);
  heard.add(sound(50), 1_200);
  expect(heard.audibleMs()).toBeCloseTo(1_200);
  expect(heard.longestGapMs).toBeCloseTo(150);
});

it('sound across the border of two pieces counts from its beginning', () => {
  const heard = new HeardAudio(rateHz);
  heard.add(sound(5), 1_000);
  heard.add(sound(5), 1_000);
  expect(heard.audibleMs()).toBeCloseTo(1_000);
});

it('what was played before does not count', () => {
  const heard = new HeardAudio(rateHz);
  heard.add(sound(100), 1_000);
  heard.add(sound(100), 2_000);
  expect(heard.audibleMs(1_500)).toBeCloseTo(2_000);
  expect(heard.audibleMs(3_000)).toBeUndefined();
});
