import { describe, expect, it } from 'vitest';
import { analyseCall } from './analyse-call.js';
import { longestDigitalSilenceMs } from './digital-silence.js';
import { syntheticCall } from './synthetic-call.js';

const rateHz = 24_000;

describe('digital silence within a reply', () => {
  it.each([60, 180, 900])('of %i ms where the audio ran out is found to the sample', (gapMs) => {
    const { channels } = syntheticCall({
      rateHz,
      durationMs: 6_000,
      caller: [{ startMs: 300, endMs: 1_000 }],
      agent: [{ startMs: 1_500, endMs: 5_000 }],
      agentNoiseDb: -70,
    });
    const [caller = new Float32Array(0), agent = new Float32Array(0)] = channels;
    agent.fill(0, rateHz * 3, rateHz * 3 + (gapMs * rateHz) / 1000);
    const { replies } = analyseCall({ channels: [caller, agent], rateHz });
    expect(replies).toHaveLength(1);
    expect(Math.abs((replies[0]?.digitalSilenceMs ?? 0) - gapMs)).toBeLessThan(0.1);
  });

  it('is not the quiet of a room in a pause, and not the zeros before and behind the reply', () => {
    const spoken = [
      { startMs: 1_500, endMs: 2_000 },
      { startMs: 2_300, endMs: 3_000 },
    ];
    const plan = { rateHz, durationMs: 4_000, caller: [{ startMs: 300, endMs: 1_000 }], agent: spoken };
    const { channels } = syntheticCall({ ...plan, agentNoiseDb: -75 });
    const [caller = new Float32Array(0), agent = new Float32Array(0)] = channels;
    agent.fill(0, 0, rateHz * 1.4);
    agent.fill(0, rateHz * 3.2);
    const { replies } = analyseCall({ channels: [caller, agent], rateHz });
    expect(replies.at(-1)?.digitalSilenceMs).toBeLessThan(1);
  });

  it('is sought within the samples that there are', () => {
    expect(longestDigitalSilenceMs(new Float32Array(240), rateHz, { startMs: -5, endMs: 1_000 })).toBe(10);
  });
});
