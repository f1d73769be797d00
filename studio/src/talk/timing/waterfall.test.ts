import { describe, expect, it } from 'vitest';
import type { ParleyTurnEvent } from '../../../../src/client/server-events.js';
import { factsOf, formatMs, latencySummary, layOut } from './waterfall.js';

const turn: ParleyTurnEvent = {
  type: 'parley.turn',
  call_id: null,
  turn: 1,
  item_id: 'item',
  response_id: 'resp',
  transcript: 'A latte.',
  speech_end_audio_ms: 4_100,
  agent_onset_audio_ms: 4_712,
  response_latency_ms: 612,
  eou_delay_ms: 318,
  ready_ms: 580,
  transport_out_ms: 32,
  steps: {
    vad_silence_ms: 96,
    end_of_turn_ms: 172,
    stt_final_ms: 221,
    llm_first_token_ms: 430,
    first_clause_ms: 552,
    tts_first_audio_ms: 580,
  },
  end_of_turn_probability: 0.94,
  waited_because: '',
  opener: null,
  bridged: false,
  content_latency_ms: null,
  gap_within_reply_ms: 0,
  phrases: null,
  drafts: 1,
  tokens: null,
};

describe('the waterfall', () => {
  it('lets each step begin where the one it needs has ended', () => {
    const { bars, fromMs, toMs } = layOut(turn);
    const spans = Object.fromEntries(
      bars.map(({ key, parts }) => [key, parts.map((part) => [part.fromMs, part.toMs])]),
    );
    expect(spans).toEqual({
      vad_silence_ms: [[0, 96]],
      end_of_turn_ms: [[96, 172]],
      stt_final_ms: [[96, 221]],
      llm_first_token_ms: [[221, 430]],
      first_clause_ms: [[430, 552]],
      tts_first_audio_ms: [[552, 580]],
      response_latency_ms: [
        [0, 318],
        [318, 580],
        [580, 612],
      ],
    });
    expect([fromMs, toMs]).toEqual([0, 612]);
  });

  it('shows steps that were done before the speech had ended, and leaves out unknown ones', () => {
    const early = { ...turn, steps: { ...turn.steps, stt_final_ms: -40, llm_first_token_ms: null } };
    const { bars, fromMs } = layOut(early);
    expect(fromMs).toBe(-40);
    expect(bars.find(({ key }) => key === 'llm_first_token_ms')?.parts).toEqual([]);
    expect(bars.find(({ key }) => key === 'first_clause_ms')?.parts[0]?.fromMs).toBe(-40);
  });

  it('parts of the response latency always add up to it', () => {
    for (const odd of [
      { ...turn, eou_delay_ms: 900 },
      { ...turn, eou_delay_ms: -20, transport_out_ms: -5 },
      { ...turn, transport_out_ms: 700 },
    ]) {
      const total = layOut(odd)
        .bars.at(-1)
        ?.parts.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
      expect(total).toBe(612);
    }
  });

  it('sums up a call', () => {
    expect(latencySummary([])).toBeNull();
    const slow = { ...turn, response_latency_ms: 812 };
    expect(latencySummary([turn, slow])).toEqual({ p50Ms: 712, p95Ms: 802, turns: 2 });
  });

  it('says in words what the bars do not show', () => {
    expect(factsOf(turn)).toEqual([
      'decided at 318 ms',
      'ready at 580 ms',
      '32 ms to send',
      'end of turn 94 %',
      '1 draft',
    ]);
    const opened = { ...turn, opener: 'Sure,', content_latency_ms: 1_012, gap_within_reply_ms: 90, bridged: true };
    expect(factsOf(opened).join()).toContain(
      'opened with “Sure,”,a filler came first,content at 1,012 ms,longest gap 90 ms',
    );
    expect(formatMs(null)).toBe('n/a');
  });
});
