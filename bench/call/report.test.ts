import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../src/audio/error.js';
import { figureOf, figures } from './figures.js';
import { interruptionRows } from './interruptions.js';
import { measuredCall } from './measured-call-fixture.js';
import { isStuck, measuredTurns } from './measured-turn.js';
import { openerUse } from './openers.js';
import { defaultPlan } from './plan.js';
import { judgeReplies } from './replies.js';
import { callReport } from './report.js';

const conversation = measuredCall([
  { gapMs: 1_500, kind: 'sentence' },
  { gapMs: 800 },
  { gapMs: 900 },
  { gapMs: null },
  { gapMs: -300 },
]);
const other = measuredCall([{ gapMs: 1_300 }, { gapMs: 700 }]);

const report = (calls = [conversation, other], failed: string[] = []) =>
  callReport({ plan: defaultPlan, calls, failed }, new Map());
const rowOf = (name: string) => report().rows.find((row) => row.turns === name);
const near = (value: unknown, expected: number) => expect(Math.abs(Number(value) - expected)).toBeLessThanOrEqual(10);

describe('the report of a call benchmark', () => {
  it('keeps the first turn of each call apart', () => {
    expect(rowOf('first of each call')).toMatchObject({ n: 2, 'cut off': '0 of 2', missed: '0 of 2' });
    near(rowOf('first of each call')?.['response_latency P50 ms'], 1_400);
    expect(rowOf('later')).toMatchObject({ n: 3, 'cut off': '1 of 5', missed: '1 of 5', 'dead air > 2.5 s': 1 });
    near(rowOf('later')?.['response_latency P50 ms'], 800);
    near(rowOf('later')?.['max ms'], 900);
  });

  it('keeps orders and sentences apart, and adds them up', () => {
    expect(rowOf('orders')).toMatchObject({ n: 4 });
    expect(rowOf('read sentences')).toMatchObject({ n: 1 });
    expect(rowOf('all')).toMatchObject({ n: 5, missed: '1 of 7' });
  });

  it('names discards, failed and stuck calls, and does not call a handful of turns publishable', () => {
    const broken = measuredCall([{ gapMs: 700 }], {
      result: { ended: 'failed', failure: new ParleyError('lost', { code: 'call.lost' }) },
    });
    const notes = report([conversation, other, broken], ['The server is full.']).notes.join('\n');
    expect(notes).toMatch(/false_cutoff 1, missed_turn 1\. Fewer than 100/);
    expect(notes).toMatch(/2 of 4 calls stuck/);
    expect(notes).toContain('No call came about: The server is full.');
  });

  it('can be made of nothing', () => {
    expect(report([]).rows).toEqual([]);
    expect(report([], ['nobody there']).notes.join('\n')).toMatch(/1 of 1 calls stuck/);
  });
});

describe('a stuck call', () => {
  it('broke off, or ended on a turn without an answer', () => {
    expect(isStuck(other)).toBe(false);
    expect(isStuck(measuredCall([{ gapMs: null }, { gapMs: 700 }]))).toBe(false);
    expect(isStuck(measuredCall([{ gapMs: 700 }, { gapMs: null }]))).toBe(true);
    expect(isStuck(measuredCall([{ gapMs: 700 }], { result: { ended: 'aborted' } }))).toBe(true);
  });
});

describe('figures of turns', () => {
  const named = (name: string) => figures.find((figure) => figure.name === name) ?? figures[0];

  it('count from the labelled end of speech', () => {
    const late = { speech_end_audio_ms: 11_100, response_latency_ms: 800 };
    const call = measuredCall([
      { gapMs: 900 },
      { gapMs: 900, mark: { ...late, content_latency_ms: 1_400, eou_delay_ms: 500 } },
    ]);
    expect(figureOf(named('response_latency_content ms'), [call]).later.p50).toBe(1_500);
    expect(figureOf(named('eou_delay ms'), [call]).later.p50).toBe(600);
    expect(figureOf(named('handoff ms'), [call]).first.p50).toBe(600);
  });

  it('have no content where the reply was stopped before it', () => {
    const call = measuredCall([{ gapMs: 900 }, { gapMs: 900, mark: { content_latency_ms: null } }]);
    expect(figureOf(named('response_latency_content ms'), [call]).later.n).toBe(0);
    expect(figureOf(named('response_latency ms'), [call]).later.n).toBe(1);
  });
});

describe('the use of openers', () => {
  it('tells how many there were, which joined, what they saved, and which came again too soon', () => {
    const opened = { opener: 'Sure,', content_latency_ms: 1_200 };
    const call = measuredCall([
      { gapMs: 500, mark: { ...opened, phrases: { hits: 2, misses: 1, saved_ms: 80 } } },
      { gapMs: 900, mark: { phrases: { hits: 0, misses: 2, saved_ms: 0 } } },
      { gapMs: 500, mark: { ...opened, gap_within_reply_ms: 240 } },
      { gapMs: 500, mark: { opener: 'Okay,', content_latency_ms: null } },
    ]);
    expect(openerUse([measuredTurns(call)])).toEqual({
      n: 4,
      used: 3,
      hits: 1,
      bridged: 0,
      savedMs: { p50: 700, p95: 700 },
      clauses: { hits: 2, misses: 3, savedMs: 80 },
      repeatedWithinThree: 1,
    });
    expect(openerUse([]).savedMs).toBeNull();
  });
});

describe('interruptions', () => {
  it('are counted by their time into the answer, those that met no speech apart', () => {
    const call = measuredCall([{ gapMs: 700 }, { gapMs: 700 }, { gapMs: 700 }], {
      plan: { kind: 'interruption', bargeInsMs: [500, 1_500] },
    });
    const [first, ...rest] = call.analysis.turns;
    const bargeIn = { onsetMs: 10_000, stopLatencyMs: 340, success: true };
    const turns = [first, { ...rest[0], bargeIn }, rest[1]].flatMap((turn) => (turn ? [turn] : []));
    const met = { ...call, analysis: { ...call.analysis, turns: turns as typeof call.analysis.turns } };
    expect(interruptionRows([met])).toMatchObject([
      { 'into the answer': '0.5 s', interruptions: 1, 'agent was not speaking': 0, 'stopped within 2 s': 1 },
      { 'into the answer': '1.5 s', interruptions: 0, 'agent was not speaking': 1 },
      { 'into the answer': 'all', interruptions: 1, 'barge_in_stop_latency P50 ms': '340' },
    ]);
  });
});

describe('the judgement of replies', () => {
  it('holds answers to orders against their labels, first turns also apart', () => {
    const labels = new Map([
      ['order-0.wav', { intent: 'orderBeverage', slots: { coffeeDrink: 'latte' } }],
      ['order-1.wav', { intent: 'orderBeverage', slots: { coffeeDrink: 'mocha' } }],
    ]);
    const call = measuredCall([
      { gapMs: 700, reply: 'Sure, a latte.' },
      { gapMs: 700, reply: 'An espresso, okay.' },
      { gapMs: 700, kind: 'sentence', reply: 'I am not sure.' },
    ]);
    const verdict = judgeReplies(measuredTurns(call), labels);
    expect(verdict?.all.own).toMatchObject({ n: 2, contains: 1, contradicts: 1 });
    expect(verdict?.first).toEqual({ n: 1, contains: 1, contradicts: 0 });
    expect(judgeReplies(measuredTurns(call).slice(0, 1), labels)).toBeUndefined();
  });
});
