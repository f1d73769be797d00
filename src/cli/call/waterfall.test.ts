import { describe, expect, it } from 'vitest';
import type { ParleyTurnEvent } from '../../client/server-events.js';
import { waterfallLines } from './waterfall.js';

const turn: ParleyTurnEvent = {
  type: 'parley.turn',
  call_id: null,
  turn: 1,
  item_id: 'i',
  response_id: 'r',
  transcript: '',
  speech_end_audio_ms: 1_000,
  agent_onset_audio_ms: 1_720,
  response_latency_ms: 720,
  eou_delay_ms: 200,
  ready_ms: 690,
  transport_out_ms: 30,
  steps: {
    vad_silence_ms: 100,
    end_of_turn_ms: 180,
    stt_final_ms: 240,
    llm_first_token_ms: 480,
    first_clause_ms: 640,
    tts_first_audio_ms: 690,
  },
  end_of_turn_probability: 0.9,
  waited_because: 'the end of the turn was clear',
  opener: null,
  bridged: false,
  content_latency_ms: 720,
  gap_within_reply_ms: 0,
  phrases: null,
  drafts: 1,
  tokens: null,
};

describe('the waterfall of a turn', () => {
  it('shows each step on one scale, its time, and why the server waited', () => {
    expect(waterfallLines(turn)).toEqual([
      'silence seen     │█████                               │   100 ms',
      'end of turn      │     ████                           │   180 ms',
      'final transcript │     ███████                        │   240 ms',
      'first token      │            ████████████            │   480 ms',
      'first clause     │                        ████████    │   640 ms',
      'first audio      │                                ███ │   690 ms',
      'decision         │         █                          │   200 ms',
      'sound            │                                   █│   720 ms',
      'why it waited: the end of the turn was clear',
    ]);
  });

  it('leaves out steps that are not known and stays aligned when work was done ahead', () => {
    const lines = waterfallLines({
      ...turn,
      waited_because: '',
      steps: {
        vad_silence_ms: null,
        end_of_turn_ms: null,
        stt_final_ms: -40,
        llm_first_token_ms: null,
        first_clause_ms: null,
        tts_first_audio_ms: null,
      },
    });
    expect(lines).toHaveLength(3);
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(lines[0]).toMatch(/-40 ms$/);
  });

  it('draws a turn of no length', () => {
    const zero = { response_latency_ms: 0, eou_delay_ms: 0, ready_ms: 0 };
    const steps = {
      ...turn.steps,
      vad_silence_ms: 0,
      end_of_turn_ms: 0,
      stt_final_ms: 0,
      llm_first_token_ms: 0,
      first_clause_ms: 0,
      tts_first_audio_ms: 0,
    };
    for (const line of waterfallLines({ ...turn, ...zero, steps, waited_because: '' })) expect(line.length).toBe(64);
  });
});
