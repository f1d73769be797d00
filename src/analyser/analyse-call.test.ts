import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnalyseCallOptions, analyseCall } from './analyse-call.js';
import type { Interval } from './recording.js';
import { type SyntheticCallPlan, syntheticCall } from './synthetic-call.js';

/** The promise of the analyser: no boundary further off than this. */
const promisedMs = 10;

const span = (startMs: number, endMs: number): Interval => ({ startMs, endMs });

function analyse(
  caller: Interval[],
  agent: Interval[],
  plan: Partial<SyntheticCallPlan> = {},
  options: AnalyseCallOptions = {},
) {
  const durationMs = Math.max(0, ...caller.map((i) => i.endMs), ...agent.map((i) => i.endMs)) + 6000;
  return analyseCall(syntheticCall({ rateHz: 16_000, durationMs, caller, agent, ...plan }), options);
}

/** Asserts that a measured time is there and within the promise. */
function expectNear(measured: number | null | undefined, trueMs: number, withinMs = promisedMs): void {
  expect(measured, `expected about ${trueMs} ms`).toBeTypeOf('number');
  expect(Math.abs((measured ?? Number.NaN) - trueMs), `measured ${measured}, true ${trueMs}`).toBeLessThanOrEqual(
    withinMs,
  );
}

const hiddenGapsMs = [-200, -60, 30, 120, 287, 503, 800, 1250, 1999, 3000];
const floors: { name: string; callerNoiseDb?: number; agentNoiseDb?: number }[] = [
  { name: 'digital silence' },
  { name: 'a quiet room', callerNoiseDb: -70, agentNoiseDb: -85 },
  { name: 'an office', callerNoiseDb: -58, agentNoiseDb: -70 },
  { name: 'a noisy room', callerNoiseDb: -48, agentNoiseDb: -60 },
];

describe('response_latency', () => {
  for (const rateHz of [16_000, 24_000, 48_000]) {
    for (const { name, ...noise } of floors) {
      it(`finds hidden gaps of -200 to 3,000 ms to 10 ms at ${rateHz} Hz over ${name}, without labels`, () => {
        const caller: Interval[] = [];
        const agent: Interval[] = [];
        let atMs = 800;
        for (const gapMs of hiddenGapsMs) {
          const eosMs = atMs + 1137.5;
          caller.push(span(atMs, eosMs));
          agent.push(span(eosMs + gapMs, eosMs + gapMs + 900));
          atMs = eosMs + gapMs + 900 + 1500;
        }
        const { turns } = analyse(caller, agent, { rateHz, ...noise, seed: rateHz });
        expect(turns).toHaveLength(hiddenGapsMs.length);
        turns.forEach((turn, i) => {
          expectNear(turn.responseLatencyMs, hiddenGapsMs[i] ?? Number.NaN);
        });
      });
    }
  }

  it('holds for random calls: every gap to 10 ms, from labels and from energy', () => {
    const gap = fc.integer({ min: -200, max: 3000 });
    const call = fc.record({
      gaps: fc.array(gap, { minLength: 1, maxLength: 4 }),
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      rateHz: fc.constantFrom(8000, 16_000, 22_050),
      callerNoiseDb: fc.integer({ min: -90, max: -50 }),
      rampMs: fc.integer({ min: 2, max: 16 }),
    });
    fc.assert(
      fc.property(call, ({ gaps, ...plan }) => {
        const caller: Interval[] = [];
        const agent: Interval[] = [];
        let atMs = 600;
        for (const gapMs of gaps) {
          caller.push(span(atMs, atMs + 900));
          agent.push(span(atMs + 900 + gapMs, atMs + 1700 + gapMs));
          atMs += 3300 + gapMs;
        }
        for (const labels of [{}, { callerTurns: caller }]) {
          const { turns } = analyse(caller, agent, plan, labels);
          expect(turns).toHaveLength(gaps.length);
          turns.forEach((turn, i) => {
            expectNear(turn.responseLatencyMs, gaps[i] ?? Number.NaN);
          });
        }
      }),
      { numRuns: 25, seed: 20_261 },
    );
  });

  it('ignores clicks of one hop ahead of the reply', () => {
    const plan = { rateHz: 16_000, durationMs: 6000, caller: [span(500, 1500)], agent: [span(2300, 3300)] };
    const recording = syntheticCall(plan);
    recording.channels[1]?.fill(0.5, 16 * 1800, 16 * 1805);
    recording.channels[0]?.fill(0.5, 16 * 1700, 16 * 1705);
    expectNear(analyseCall(recording).turns[0]?.responseLatencyMs, 800);
  });

  it('is not moved by leading silence of the reply, by DC offset or by clipping', () => {
    const caller = [span(500, 1500)];
    const agent = [span(2100, 3300)];
    expectNear(analyse(caller, agent, { gain: 30 }).turns[0]?.responseLatencyMs, 600);
    const offset = syntheticCall({ rateHz: 16_000, durationMs: 6000, caller, agent });
    for (const channel of offset.channels) {
      for (let i = 0; i < channel.length; i++) channel[i] = (channel[i] ?? 0) + 0.1;
    }
    expectNear(analyseCall(offset).turns[0]?.responseLatencyMs, 600);
    const dithered = syntheticCall({ rateHz: 16_000, durationMs: 6000, caller, agent, agentNoiseDb: -62 });
    expectNear(analyseCall(dithered).turns[0]?.responseLatencyMs, 600);
  });

  it('discards a turn whose end depends on the threshold, and keeps it when a label knows the end', () => {
    const plan = { rateHz: 16_000, durationMs: 8000, caller: [span(500, 1500)], agent: [span(4000, 5000)] };
    const recording = syntheticCall({ ...plan, callerNoiseDb: -66 });
    const trailing = syntheticCall({ ...plan, caller: [span(1400, 2500)], speechDb: -53 });
    const caller = recording.channels[0] as Float32Array;
    (trailing.channels[0] as Float32Array).forEach((sample, i) => {
      caller[i] = (caller[i] as number) + sample;
    });
    expect(analyseCall(recording).turns[0]?.discard).toBe('uncertain_end');
    expect(analyseCall(recording, { callerTurns: [span(500, 2500)] }).turns[0]?.discard).toBeNull();
  });
});

describe('labels of the caller', () => {
  it('take precedence over energy, and the disagreement is reported', () => {
    const { turns, turnSource } = analyse(
      [span(1000, 2000)],
      [span(2900, 3900)],
      {},
      { callerTurns: [span(960, 2080)] },
    );
    expect(turnSource).toBe('label');
    expectNear(turns[0]?.responseLatencyMs, 820);
    expectNear(turns[0]?.disagreement?.startMs, 40);
    expectNear(turns[0]?.disagreement?.endMs, -80);
  });

  it('make one turn of speech about a long pause', () => {
    const caller = [span(500, 1500), span(3000, 4000)];
    const agent = [span(4500, 5500)];
    expect(analyse(caller, agent).turns.map((turn) => turn.missed)).toEqual(['caller_spoke_again', null]);
    const labelled = analyse(caller, agent, {}, { callerTurns: [span(500, 4000)] });
    expect(labelled.turns).toHaveLength(1);
    expectNear(labelled.turns[0]?.responseLatencyMs, 500);
    expect(labelled.turns[0]?.deadAirMs).toBe(0);
  });

  it('without sound under them are discarded, not counted as missed', () => {
    const { turns } = analyse(
      [span(500, 1500)],
      [span(2000, 3000)],
      {},
      { callerTurns: [span(500, 1500), span(5000, 6000)] },
    );
    expect(turns.map((turn) => turn.discard)).toEqual([null, 'label_without_speech']);
    expect(turns[1]?.missed).toBeNull();
  });

  it.each([
    ['out of order', [span(2000, 3000), span(500, 1000)], /begins before/],
    ['empty', [span(2000, 2000)], /not a stretch of time/],
    ['not finite', [span(Number.NaN, 2000)], /not a stretch of time/],
    ['beyond the recording', [span(500, 90_000)], /ends after the recording/],
  ])('are refused when %s', (_, callerTurns, message) => {
    expect(() => analyse([span(500, 1500)], [], {}, { callerTurns })).toThrow(message);
  });
});

describe('false_cutoff', () => {
  it('is an agent that starts before the turn has ended, with its overlap', () => {
    const { turns } = analyse([span(500, 2500)], [span(1900, 3500)]);
    expect(turns[0]).toMatchObject({ falseCutoff: true, discard: 'false_cutoff', agentSegmentsInTurn: 1 });
    expectNear(turns[0]?.responseLatencyMs, -600);
    expectNear(turns[0]?.agentTalkOverMs, 600, 2 * promisedMs);
    expect(turns[0]?.callerTalkOverMs).toBe(0);
  });

  it("includes speech inside a pause of the caller's turn, though nobody is talked over", () => {
    const labels = { callerTurns: [span(500, 4500)] };
    const { turns } = analyse([span(500, 1500), span(3000, 4500)], [span(2000, 2700)], {}, labels);
    expect(turns[0]).toMatchObject({ falseCutoff: true, agentTalkOverMs: 0, agentSegmentsInTurn: 1 });
  });

  it('is not one when both boundaries fall together', () => {
    expect(analyse([span(500, 2500)], [span(2505, 3500)]).turns[0]).toMatchObject({
      falseCutoff: false,
      discard: null,
    });
  });
});

describe('missed turns', () => {
  it('are told apart: the caller speaks again, or five seconds pass', () => {
    const caller = [span(500, 1500), span(4000, 5000), span(12_000, 13_000)];
    const { turns } = analyse(caller, [span(13_500, 14_500)]);
    expect(turns.map((turn) => turn.missed)).toEqual(['caller_spoke_again', 'timeout', null]);
  });

  it('count a reply after more than five seconds as missed', () => {
    const { turns } = analyse([span(500, 1500)], [span(6700, 7700)]);
    expect(turns[0]).toMatchObject({ missed: 'timeout', responseLatencyMs: null, discard: 'missed_turn' });
  });

  it('are not claimed when the recording ends first', () => {
    const { turns } = analyse([span(500, 1500)], [], { durationMs: 4000 });
    expect(turns[0]).toMatchObject({ missed: null, discard: 'recording_ended' });
  });
});

describe('dead air', () => {
  it('is the silence after a turn, beyond two seconds', () => {
    const caller = [span(500, 1500), span(7000, 8000)];
    const { turns } = analyse(caller, [span(4200, 5000), span(9900, 10_500)]);
    expectNear(turns[0]?.deadAirMs, 2700);
    expect(turns[1]?.deadAirMs).toBe(0);
  });

  it("is not the caller's own silence after the agent has spoken", () => {
    const { turns } = analyse([span(500, 1500), span(9000, 10_000)], [span(2000, 3000), span(10_500, 11_500)]);
    expect(turns.map((turn) => turn.deadAirMs)).toEqual([0, 0]);
  });
});

describe('barge-in', () => {
  it('measures onset to the last audible agent sample, and the reply that follows', () => {
    const caller = [span(500, 1500), span(3500, 5000)];
    const { turns } = analyse(caller, [span(2000, 3910), span(5600, 6600)]);
    expect(turns[0]?.bargeIn).toBeNull();
    expectNear(turns[1]?.bargeIn?.onsetMs, 3500);
    expectNear(turns[1]?.bargeIn?.stopLatencyMs, 410);
    expect(turns[1]?.bargeIn?.success).toBe(true);
    expectNear(turns[1]?.callerTalkOverMs, 410, 2 * promisedMs);
    expectNear(turns[1]?.responseLatencyMs, 600);
    expect(turns[1]?.falseCutoff).toBe(false);
  });

  it('fails when the agent goes on for more than two seconds', () => {
    const { turns } = analyse([span(500, 1500), span(3000, 3600)], [span(2000, 5900)]);
    expectNear(turns[1]?.bargeIn?.stopLatencyMs, 2900);
    expect(turns[1]).toMatchObject({ discard: 'agent_still_speaking', missed: null });
    expect(turns[1]?.bargeIn?.success).toBe(false);
  });

  it('takes the first stop when a short "stop" ends before the agent does', () => {
    const { turns } = analyse([span(500, 1500), span(3000, 3300)], [span(2000, 3500), span(4100, 5000)]);
    expectNear(turns[1]?.bargeIn?.stopLatencyMs, 500);
    expectNear(turns[1]?.responseLatencyMs, 800);
  });

  it('on the greeting counts, and the greeting is no reply to the turn', () => {
    const { turns, greeting } = analyse([span(1000, 2000)], [span(200, 1300), span(2500, 3000)]);
    expectNear(greeting?.startMs, 200);
    expectNear(greeting?.endMs, 1300);
    expectNear(turns[0]?.bargeIn?.stopLatencyMs, 300);
    expectNear(turns[0]?.responseLatencyMs, 500);
  });
});

describe('gap_within_reply', () => {
  it('lists the pauses of one reply beyond natural ones', () => {
    const { replies } = analyse([span(500, 1500)], [span(2000, 2800), span(3050, 3800), span(4550, 5500)]);
    expect(replies).toHaveLength(1);
    expect(replies[0]?.gaps).toHaveLength(1);
    expectNear(replies[0]?.gaps[0]?.startMs, 3800);
    expectNear(replies[0]?.gaps[0]?.pauseMs, 750, 2 * promisedMs);
    expectNear(replies[0]?.gaps[0]?.excessMs, 350, 2 * promisedMs);
    expect(replies[0]?.pauseExcessMs[0]).toBe(0);
  });

  it('does not call the silence between two replies a gap', () => {
    const caller = [span(500, 1500), span(3200, 3700)];
    const { replies } = analyse(caller, [span(2000, 3000), span(4000, 5000)]);
    expect(replies).toHaveLength(2);
    expect(replies.flatMap((reply) => reply.gaps)).toEqual([]);
  });
});

describe('replies', () => {
  it('end when the agent yields after cutting in: what follows the turn is the answer, without a gap', () => {
    const labels = { callerTurns: [span(500, 3000)] };
    const { replies, turns } = analyse([span(500, 3000)], [span(1500, 2000), span(3300, 4000)], {}, labels);
    expect(replies).toHaveLength(2);
    expect(replies.flatMap((reply) => reply.gaps)).toEqual([]);
    expect(turns[0]).toMatchObject({ falseCutoff: true, agentSegmentsInTurn: 1 });
    expectNear(turns[0]?.agentTalkOverMs, 500, 2 * promisedMs);
  });
});

describe('recordings with little in them', () => {
  it('of silence have neither turns nor replies', () => {
    expect(analyse([], [], { durationMs: 5000 })).toMatchObject({ turns: [], replies: [], greeting: null });
  });

  it('of room noise alone have neither', () => {
    const noise = { durationMs: 20_000, callerNoiseDb: -35, agentNoiseDb: -50 };
    expect(analyse([], [], noise)).toMatchObject({ turns: [], replies: [] });
  });

  it('with an agent channel of zeros miss every turn', () => {
    const { turns, replies } = analyse([span(500, 1500), span(8000, 9000)], []);
    expect(replies).toEqual([]);
    expect(turns.map((turn) => turn.missed)).toEqual(['timeout', 'timeout']);
  });

  it('with a caller channel of zeros have a greeting and no turns', () => {
    const { turns, greeting } = analyse([], [span(700, 1500)]);
    expect(turns).toEqual([]);
    expectNear(greeting?.startMs, 700);
  });

  it('of no samples at all are no error', () => {
    const empty = { channels: [new Float32Array(0), new Float32Array(0)], rateHz: 16_000 };
    expect(analyseCall(empty)).toMatchObject({ durationMs: 0, turns: [], replies: [] });
  });

  it('survive samples that are not numbers', () => {
    const recording = syntheticCall({
      rateHz: 16_000,
      durationMs: 6000,
      caller: [span(500, 1500)],
      agent: [span(2000, 3000)],
    });
    recording.channels[0]?.fill(Number.NaN, 60_000, 60_100);
    recording.channels[1]?.fill(Number.POSITIVE_INFINITY, 60_000, 60_100);
    expectNear(analyseCall(recording).turns[0]?.responseLatencyMs, 500);
  });
});

describe('recordings that are not calls', () => {
  it.each([
    ['mono', [new Float32Array(10)], /one channel \(mono\); expected two channels/],
    ['three channels', [new Float32Array(1), new Float32Array(1), new Float32Array(1)], /3 channels; expected two/],
    ['channels of different length', [new Float32Array(10), new Float32Array(9)], /same number in both/],
  ])('are refused: %s', (_, channels, message) => {
    expect(() => analyseCall({ channels, rateHz: 16_000 })).toThrow(message);
  });

  it('are refused at a rate of zero', () => {
    expect(() => analyseCall({ channels: [new Float32Array(1), new Float32Array(1)], rateHz: 0 })).toThrow(
      /rate is 0 Hz/,
    );
  });
});
