import { describe, expect, it } from 'vitest';
import { compareWithServerMarks } from './agreement.js';
import { analyseCall } from './analyse-call.js';
import { syntheticCall } from './synthetic-call.js';

const caller = [
  { startMs: 500, endMs: 1500 },
  { startMs: 4000, endMs: 5000 },
];
const agent = [
  { startMs: 2200, endMs: 3200 },
  { startMs: 5900, endMs: 6900 },
];
const analysis = analyseCall(syntheticCall({ rateHz: 24_000, durationMs: 9000, caller, agent }), {
  callerTurns: caller,
});

describe('compareWithServerMarks', () => {
  it('agrees when every mark is within 20 ms of the recording, whichever way it is given', () => {
    const agreement = compareWithServerMarks(analysis, [
      { turn: 1, firstAudioHeardMs: 2208 },
      { turn: 2, responseLatencyMs: 893 },
    ]);
    expect(agreement).toMatchObject({ verdict: 'agrees', compared: 2, toleranceMs: 20 });
    expect(agreement.maxAbsoluteDifferenceMs).toBeLessThanOrEqual(20);
  });

  it('gives the difference of each turn as server minus recording', () => {
    const agreement = compareWithServerMarks(analysis, [
      { turn: 1, firstAudioHeardMs: 2200 },
      { turn: 2, responseLatencyMs: 410 },
    ]);
    expect(agreement.verdict).toBe('differs');
    expect(agreement.turns.map((turn) => turn.verdict)).toEqual(['agrees', 'differs']);
    expect(Math.abs((agreement.turns[1]?.differenceMs ?? 0) - -490)).toBeLessThanOrEqual(10);
  });

  it('differs when one side has an answered turn that the other has not', () => {
    const only = compareWithServerMarks(analysis, [{ turn: 1, responseLatencyMs: 700 }]);
    expect(only.turns.map((turn) => turn.verdict)).toEqual(['agrees', 'not_in_server']);
    expect(only.verdict).toBe('differs');
    const extra = compareWithServerMarks(analysis, [
      { turn: 1, responseLatencyMs: 700 },
      { turn: 2, responseLatencyMs: 900 },
      { turn: 3, responseLatencyMs: 300 },
    ]);
    expect(extra.turns[2]?.verdict).toBe('not_in_recording');
    expect(extra.verdict).toBe('differs');
  });

  it('has nothing to compare when neither side has a turn', () => {
    const silent = analyseCall(syntheticCall({ rateHz: 8000, durationMs: 1000, caller: [], agent: [] }));
    expect(compareWithServerMarks(silent, [])).toMatchObject({ verdict: 'nothing_to_compare', compared: 0 });
  });
});
