import { describe, expect, it } from 'vitest';
import { runChaos } from '../bench/chaos/run-chaos.js';
import { orderClips } from '../bench/chaos.js';
import { modelsAreSkipped } from './support/models.js';

/** 2.5 s are promised; a machine that runs other things beside the tests gets a little more. */
const longestSilenceMs = 3_500;

// The whole of it, 100 turns, is `npm run bench -- chaos`.
describe.skipIf(modelsAreSkipped(1))('hosts that are killed or stopped in the middle of a call', () => {
  it('cost no call, and never leave the caller in silence', async () => {
    const clips = await orderClips();
    // With this seed every turn but the last is disturbed, and every host is struck.
    const report = await runChaos({ clips, turns: 3, kills: 4, stalls: 2, turnsPerCall: 3, seed: 12 });
    expect(report.struck.length + report.missed).toBe(6);
    expect(report.struck.length).toBeGreaterThanOrEqual(4);
    expect(report.struck.filter(({ gone }) => !gone)).toEqual([]);
    expect(report.lostCalls).toEqual([]);
    expect(report.unhandled).toEqual([]);
    expect(report.turns).toHaveLength(4);
    expect(report.turns.map(({ disturbed }) => disturbed)).toEqual([true, true, true, false]);
    expect(report.turns.filter(({ answer }) => answer === 'none')).toEqual([]);
    expect(report.turns.at(-1)).toMatchObject({ disturbed: false, answer: 'content' });
    expect(report.turns.filter((turn) => turn.longestSilenceMs > longestSilenceMs)).toEqual([]);
    // Every death was caused: no host was taken for a hanging one that was not.
    expect(report.deaths.length).toBeLessThanOrEqual(report.struck.length);
    expect(report.readyAtEnd).toMatchObject({ status: 'ready' });
    expect(report.exitCode).toBe(0);
  }, 300_000);
});
