import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { doubtsAbout, loadBetween, readTicks } from './load.js';

describe('doubts about a benchmark', () => {
  const idle = { before: 0.02, meanwhile: { stolen: 0, others: 0.03 }, after: 0.01 };

  it('are none on an idle machine, or where the system does not tell', () => {
    expect(doubtsAbout(idle)).toEqual([]);
    expect(doubtsAbout({ before: undefined, meanwhile: undefined, after: undefined })).toEqual([]);
  });

  it.each([
    ['before', { ...idle, before: 0.3 }, /30 % busy before/],
    ['of others meanwhile', { ...idle, meanwhile: { stolen: 0, others: 0.2 } }, /took 20 %/],
    ['of the host meanwhile', { ...idle, meanwhile: { stolen: 0.05, others: 0 } }, /gave 5 %/],
    ['after', { ...idle, after: 0.5 }, /50 % busy after/],
  ])('come from load %s', (_, load, message) => {
    expect(doubtsAbout(load)).toHaveLength(1);
    expect(doubtsAbout(load)[0]).toMatch(message);
  });
});

describe('the load meanwhile', () => {
  const start = { total: 1_000, idle: 500, stolen: 10, own: 200 };

  it('is what neither idled, nor was stolen, nor was our own', () => {
    expect(loadBetween(start, { total: 2_000, idle: 900, stolen: 60, own: 600 })).toEqual({
      stolen: 0.05,
      others: 0.15,
    });
  });

  it('is never negative, and nothing where no time has passed', () => {
    expect(loadBetween(start, { total: 1_100, idle: 590, stolen: 10, own: 230 }).others).toBe(0);
    expect(loadBetween(start, start)).toEqual({ stolen: 0, others: 0 });
  });

  it.skipIf(process.platform !== 'linux')('counts the work of an ended child as our own', () => {
    const before = readTicks();
    spawnSync(process.execPath, ['-e', 'while (process.cpuUsage().user + process.cpuUsage().system < 400_000);']);
    const after = readTicks();
    expect((after?.own ?? 0) - (before?.own ?? 0)).toBeGreaterThanOrEqual(35);
  });
});
