import { describe, expect, it } from 'vitest';
import { defaultPlan, planCalls } from './plan.js';

const files = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);
const recordings = { order: files('order', 124), sentence: files('sentence', 50) };

describe('the plan of a call benchmark', () => {
  it('has 100 turns and more behind the first of each call, and 20 interruptions and more, no recording twice', () => {
    const calls = planCalls(recordings, defaultPlan);
    const conversations = calls.filter(({ kind }) => kind === 'conversation');
    expect(conversations.flatMap(({ turns }) => turns.slice(1)).length).toBeGreaterThanOrEqual(100);
    const breakIns = calls.flatMap(({ bargeInsMs }) => bargeInsMs);
    expect(breakIns).toHaveLength(27);
    for (const delayMs of [500, 1_500, 3_000]) expect(breakIns.filter((ms) => ms === delayMs)).toHaveLength(9);
    const used = calls.flatMap(({ turns }) => turns.map(({ file }) => file));
    expect(new Set(used).size).toBe(used.length);
  });

  it('mixes two orders with one sentence, and begins calls with either', () => {
    const conversations = planCalls(recordings, { ...defaultPlan, interruptions: 0 });
    const kinds = conversations.map(({ turns }) => turns.map(({ kind }) => kind));
    expect(kinds.flat().filter((kind) => kind === 'sentence')).toHaveLength(40);
    expect(kinds.flat()).toHaveLength(120);
    expect(kinds.filter(([first]) => first === 'sentence')).toHaveLength(5);
  });

  it('is the same for the same seed and another for another', () => {
    expect(planCalls(recordings, defaultPlan)).toEqual(planCalls(recordings, defaultPlan));
    expect(planCalls(recordings, { ...defaultPlan, seed: 8 })).not.toEqual(planCalls(recordings, defaultPlan));
  });

  it('begins every interrupting turn at its own delay, one fewer than turns', () => {
    for (const { kind, turns, bargeInsMs } of planCalls(recordings, defaultPlan))
      expect(bargeInsMs).toHaveLength(kind === 'interruption' ? turns.length - 1 : 0);
  });

  it('takes no more of each kind than asked', () => {
    const calls = planCalls(recordings, { ...defaultPlan, interruptions: 2, mostOfEachKind: 3 });
    expect(calls.map(({ kind, turns }) => [kind, turns.length])).toEqual([
      ['conversation', 6],
      ['interruption', 3],
    ]);
  });

  it('ends when the recordings do: one kind takes the place of the other, and no call is empty', () => {
    const few = { order: files('order', 3), sentence: files('sentence', 5) };
    const calls = planCalls(few, { calls: 10, turns: 3, interruptions: 0, seed: 1 });
    expect(calls.map(({ turns }) => turns.length)).toEqual([3, 3, 2]);
    expect(planCalls({ order: ['one'], sentence: [] }, { calls: 0, turns: 3, interruptions: 4, seed: 1 })).toEqual([]);
  });
});
