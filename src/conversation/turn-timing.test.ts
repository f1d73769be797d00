import { describe, expect, it } from 'vitest';
import type { ReplyMarks } from './speak/prepared-reply.js';
import { TurnTimings, turnMarks } from './turn-timing.js';

const speechEndMs = 10_000;

function marks(rest: Partial<ReplyMarks> = {}): ReplyMarks {
  return {
    startedMs: 10_200,
    firstTokenMs: 10_400,
    firstClauseMs: 10_450,
    firstAudioMs: 10_500,
    tokens: { computed: 7, reused: 200, generated: 9 },
    ...rest,
  };
}

function measured(committedMs: number, audibleMs: number, reply = marks()) {
  const timing = {
    ...new TurnTimings().of(3),
    committedMs,
    suspectedMs: 10_100.04,
    finalMs: 10_220,
    endOfTurnMs: 10_170,
  };
  return turnMarks(timing, 2, reply, { speechEndMs, audibleMs, onsetAudioMs: 5_000 });
}

describe('turn marks', () => {
  it('count from the end of the caller’s speech, to a tenth of a millisecond', () => {
    expect(measured(10_420, 10_530)).toMatchObject({
      turn: 3,
      reply: 2,
      vadSilenceMs: 100,
      endOfTurnMs: 170,
      sttFinalMs: 220,
      llmFirstTokenMs: 400,
      firstClauseMs: 450,
      ttsFirstAudioMs: 500,
      eouDelayMs: 420,
      readyMs: 500,
      responseLatencyMs: 530,
      tokens: { computed: 7, reused: 200, generated: 9 },
    });
  });

  it.each([
    ['the reply is ready after the commit', 10_420, 10_530],
    ['the reply was ready before the commit', 10_900, 10_910],
    ['nothing was waited for on the way out', 10_420, 10_500],
  ])('add up to the response latency when %s', (_when, committedMs, audibleMs) => {
    const { responseLatencyMs, eouDelayMs, readyMs, transportOutMs } = measured(committedMs, audibleMs);
    expect(eouDelayMs + Math.max(0, readyMs - eouDelayMs) + transportOutMs).toBeCloseTo(responseLatencyMs, 6);
    expect(transportOutMs).toBeGreaterThanOrEqual(0);
  });

  it('leave out what did not happen', () => {
    const none = { firstTokenMs: undefined, firstClauseMs: undefined, firstAudioMs: undefined };
    expect(measured(10_420, 10_530, marks(none))).toMatchObject({
      llmFirstTokenMs: undefined,
      firstClauseMs: undefined,
      ttsFirstAudioMs: undefined,
      readyMs: 530,
    });
  });
});
