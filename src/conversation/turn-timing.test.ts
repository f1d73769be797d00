import { describe, expect, it } from 'vitest';
import type { ReplyMarks } from './speak/prepared-reply.js';
import { type HeardAt, TurnTimings, turnMarks } from './turn-timing.js';

const speechEndMs = 10_000;

function marks(rest: Partial<ReplyMarks> = {}): ReplyMarks {
  return {
    startedMs: 10_200,
    firstTokenMs: 10_400,
    firstClauseMs: 10_450,
    firstAudioMs: 10_500,
    openerMs: undefined,
    tokens: { computed: 7, reused: 200, generated: 9 },
    phrases: { hits: 1, misses: 2, savedMs: 20 },
    spent: { tokens: 9, computeMs: 700 },
    ...rest,
  };
}

function measured(
  committedMs: number,
  audibleMs: number,
  reply = marks(),
  heardAt: HeardAt = {},
  bridgedMs: number | undefined = undefined,
) {
  const timing = {
    ...new TurnTimings().of(3),
    committedMs,
    suspectedMs: 10_100.04,
    finalMs: 10_220,
    endOfTurnMs: 10_170,
  };
  return turnMarks(
    timing,
    2,
    { marks: reply, opener: 'Okay,' },
    { speechEndMs, onsetAudioMs: 5_000, heardAt: { content: audibleMs, ...heardAt }, bridgedMs, gapMs: 0 },
  );
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

  it('tell what the caller waited for from what came before it', () => {
    const opened = measured(10_420, 11_000, marks({ firstAudioMs: 10_900, openerMs: 10_430 }), { opener: 10_460 });
    expect(opened).toMatchObject({ opener: 'Okay,', bridged: false, responseLatencyMs: 460, contentLatencyMs: 1_000 });
    expect(opened.readyMs).toBe(430);
    const bridged = measured(10_420, 13_500, marks({ firstAudioMs: 13_400 }), { filler: 12_950 }, 12_920);
    expect(bridged).toMatchObject({ opener: undefined, bridged: true, responseLatencyMs: 2_950 });
    expect(bridged).toMatchObject({ readyMs: 2_920, contentLatencyMs: 3_500 });
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
