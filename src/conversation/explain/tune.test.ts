import { describe, expect, it } from 'vitest';
import { LogPen } from '../event-log-fixture.js';
import { parseEventLog } from '../read-event-log.js';
import { defaultTurnSettings } from '../turn/settings.js';
import { type RecordedCall, recordedCall } from './recorded-turns.js';
import { fewestTurns, tune } from './tune.js';

type Turn = { readonly pausesMs: readonly number[]; readonly probability: number };

/** A call with these turns; the pauses in them come with the same probability, the end with certainty. */
function callOf(turns: readonly Turn[]): RecordedCall {
  const pen = new LogPen(defaultTurnSettings);
  pen.tell({ type: 'begin', greeting: false });
  for (const { pausesMs, probability } of turns) {
    pen.speech(640);
    for (const ms of pausesMs) {
      pen.silence(ms, { probability, text: 'a coffee and' });
      pen.speech(640);
    }
    pen.silence(800, { probability: 1, text: 'a coffee' });
    pen.reply(960);
  }
  pen.tell({ type: 'hung-up', reason: 'gone' });
  return recordedCall(parseEventLog(pen.text));
}

const plain: Turn = { pausesMs: [], probability: 1 };
const many = (turn: Turn): Turn[] => Array.from({ length: fewestTurns / 2 }, () => turn);

describe('tuning', () => {
  it('without pauses in turns the fastest setting wins, and it says when the turns are few', () => {
    const report = tune([callOf([plain, plain, plain])], 0.05);
    expect(report).toMatchObject({ turns: 3, turnsWithPauses: 0, leftOut: 0, tooFew: true });
    expect(report?.recommended).toMatchObject({ cutOff: 0, settings: { 'endpointing.minWaitMs': 200 } });
    expect(report?.recommended.meanDelayMs).toBeLessThan(report?.shipped.meanDelayMs ?? 0);
  });

  it('pauses that nothing but a long wait bridges are bridged, within the share that may be cut off', () => {
    const hesitant: Turn = { pausesMs: [960], probability: 0.1 };
    const call = callOf([...many(plain), ...many(hesitant)]);
    const strict = tune([call], 0);
    expect(strict).toMatchObject({ tooFew: false, turnsWithPauses: fewestTurns / 2 });
    expect(strict?.recommended.cutOff).toBe(0);
    expect(strict?.recommended.settings['endpointing.maxWaitMs']).toBeGreaterThan(960);
    const careless = tune([call], 1);
    expect(careless?.recommended.cutOff).toBe(fewestTurns / 2);
    expect(careless?.recommended.meanDelayMs).toBeLessThanOrEqual(strict?.recommended.meanDelayMs ?? 0);
  });

  it('the curve gets faster with every caller that is cut off more, and begins no worse than the shipped setting', () => {
    const turns = [300, 600, 900, 1_200].flatMap((ms) =>
      [0.1, 0.5, 0.9].map((probability) => ({ pausesMs: [ms], probability })),
    );
    const report = tune([callOf(turns)], 0.05);
    const curve = report?.curve ?? [];
    expect(curve.length).toBeGreaterThan(1);
    for (const [index, point] of curve.entries()) {
      const before = curve[index - 1];
      if (!before) continue;
      expect(point.cutOff).toBeGreaterThan(before.cutOff);
      expect(point.meanDelayMs).toBeLessThan(before.meanDelayMs);
    }
    const shipped = report?.shipped;
    expect(
      curve.some((point) => point.cutOff <= (shipped?.cutOff ?? 0) && point.meanDelayMs <= (shipped?.meanDelayMs ?? 0)),
    ).toBe(true);
  });

  it('calls without a turn that silence ended give no report', () => {
    expect(tune([callOf([])], 0.05)).toBeUndefined();
  });
});
