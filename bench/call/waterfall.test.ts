import { describe, expect, it } from 'vitest';
import { type FixtureTurn, measuredCall } from './measured-call-fixture.js';
import { measuredTurns } from './measured-turn.js';
import { addingUp, medianSteps } from './waterfall.js';

const turnsOf = (turns: readonly FixtureTurn[]) => measuredTurns(measuredCall(turns));

describe('whether the terms add up to the recording', () => {
  it('holds for a server that tells the truth, whatever came last: the decision or the reply', () => {
    const decisionLast = { eou_delay_ms: 570, ready_ms: 300, transport_out_ms: 30 };
    const result = addingUp(turnsOf([{ gapMs: 900 }, { gapMs: 600, mark: decisionLast }]));
    expect(result).toMatchObject({ n: 2, within: 2, without: 0 });
    expect(result.largestMs).toBeLessThanOrEqual(10);
  });

  it('judges from the labelled end of speech: a server that finds it late is not at fault in its terms', () => {
    const late = { speech_end_audio_ms: 2_150, eou_delay_ms: 450, ready_ms: 720, transport_out_ms: 30 };
    const result = addingUp(turnsOf([{ gapMs: 900, mark: late }]));
    expect(result).toMatchObject({ n: 1, within: 1 });
    expect(result.onServersClock.within).toBe(0);
    expect(Math.abs((result.onServersClock.largestMs ?? 0) - 150)).toBeLessThanOrEqual(10);
    expect(result.speechEndErrorMs?.p50).toBe(150);
  });

  it('finds a server that leaves something out, and by how much', () => {
    const tooGood = { ready_ms: 500, eou_delay_ms: 500 };
    const result = addingUp(turnsOf([{ gapMs: 900 }, { gapMs: 900, mark: tooGood }]));
    expect(result).toMatchObject({ n: 2, within: 1 });
    expect(Math.abs((result.largestMs ?? 0) - 370)).toBeLessThanOrEqual(10);
  });

  it('counts answers without an account, and leaves out turns without an answer or with a cut-off', () => {
    const result = addingUp(turnsOf([{ gapMs: 900, mark: null }, { gapMs: null }, { gapMs: -300 }, { gapMs: 700 }]));
    expect(result).toMatchObject({ n: 1, within: 1, without: 1 });
  });

  it('of nothing is nothing', () => {
    expect(addingUp([])).toMatchObject({ n: 0, within: 0, largestMs: null, medianMs: null, speechEndErrorMs: null });
    expect(medianSteps([])).toEqual([]);
  });

  it('shows the medians of known steps only', () => {
    const unknown = { vad_silence_ms: null, end_of_turn_ms: null, stt_final_ms: null, first_clause_ms: null };
    const steps = { ...unknown, llm_first_token_ms: 400, tts_first_audio_ms: null };
    const shown = medianSteps(turnsOf([{ gapMs: 700, mark: { steps } }]));
    expect(shown).toEqual([
      ['first token', 400],
      ['turn decided', 500],
      ['response', 700],
    ]);
  });
});
