import { expect, it } from 'vitest';
import { SliceTimes } from './slice-times.js';

it('the deadline of an operation grows with what it usually takes, and only its own', () => {
  const times = new SliceTimes();
  expect(times.deadlineMs('step', 2_000)).toBe(2_000);
  for (let i = 0; i < 15; i++) times.note('step', 50);
  expect(times.deadlineMs('step', 2_000)).toBe(2_000);
  for (let i = 0; i < 7; i++) times.note('step', 900);
  expect(times.deadlineMs('step', 2_000)).toBe(2_000);
  times.note('step', 900);
  expect(times.deadlineMs('step', 2_000)).toBe(9_000);
  expect(times.deadlineMs('begin', 2_000)).toBe(2_000);
});
