import { describe, expect, it } from 'vitest';
import { LogPen } from '../event-log-fixture.js';
import { parseEventLog } from '../read-event-log.js';
import { parseSettingChange } from '../turn/change-settings.js';
import { turnSettings } from '../turn/turn-fixture.js';
import { recordedCall } from './recorded-turns.js';
import { assertReplayable, type Hearing, whatIf } from './what-if.js';

const sure = { probability: 1, text: 'a coffee please' };
const unsure = { probability: 0.5, text: 'a coffee and' };

/** Two turns: one with a pause of 640 ms after which the caller went on, one without; each is answered. */
function twoTurns(): LogPen {
  const pen = new LogPen();
  pen.tell({ type: 'begin', greeting: false });
  pen.speech(640);
  pen.silence(640, unsure);
  pen.speech(640);
  pen.silence(480, sure);
  pen.reply(1_600);
  pen.speech(640);
  pen.silence(480, sure);
  pen.reply(1_600);
  pen.tell({ type: 'hung-up', reason: 'gone' });
  return pen;
}

const ask = (pen: LogPen, settings: readonly string[], hear?: Hearing) =>
  whatIf(
    recordedCall(parseEventLog(pen.text)),
    settings.map((text) => parseSettingChange(text)),
    hear,
  );

describe('what other settings would have done', () => {
  it('the same settings end every turn where it ended', async () => {
    const { turns } = await ask(twoTurns(), ['endpointing.minWaitMs=420']);
    expect(turns).toHaveLength(2);
    for (const { recorded, wouldBe, laterMs, afterDivergence } of turns) {
      expect(wouldBe).toEqual(recorded);
      expect(laterMs).toBe(0);
      expect(afterDivergence).toBe(false);
    }
  });

  it('a shorter wait ends a turn earlier, from what the log holds', async () => {
    const { turns } = await ask(twoTurns(), ['endpointing.minWaitMs=200']);
    expect(turns[0]).toMatchObject({ recorded: { waitedMs: 448 }, wouldBe: { waitedMs: 224, cutOff: false } });
    expect(turns.map(({ laterMs }) => laterMs)).toEqual([-224, -224]);
    expect(turns.map(({ heardFrom }) => heardFrom)).toEqual(['log', 'log']);
  });

  it('what follows a turn that ends otherwise is marked', async () => {
    const { turns } = await ask(twoTurns(), ['endpointing.minWaitMs=200']);
    expect(turns.map(({ afterDivergence }) => afterDivergence)).toEqual([false, true]);
  });

  it('a wait that ends in a pause after which the caller went on cuts them off', async () => {
    const { turns } = await ask(twoTurns(), ['endpointing.minWaitMs=100', 'endpointing.maxWaitMs=500']);
    expect(turns[0]).toMatchObject({
      recorded: { cutOff: false },
      wouldBe: { cutOff: true, end: { text: 'a coffee and' } },
    });
    expect(turns[1]).toMatchObject({ wouldBe: { cutOff: false } });
  });

  it('who writes before they speak again had finished, and was not cut off', async () => {
    const cutOff = async (writes: boolean): Promise<boolean | undefined> => {
      const pen = new LogPen();
      pen.tell({ type: 'begin', greeting: false });
      pen.speech(640);
      pen.silence(480, sure);
      pen.tell({ type: 'client-cancel' });
      if (writes) pen.note({ type: 'message-written', id: 'item_1', role: 'user', text: 'No, a tea.' });
      pen.tell({ type: 'client-respond' });
      pen.silence(640);
      pen.speech(640);
      pen.silence(480, sure);
      pen.reply(640);
      pen.tell({ type: 'hung-up', reason: 'gone' });
      const [turn] = (await ask(pen, [])).turns;
      expect(turn?.wouldBe).toEqual(turn?.recorded);
      return turn?.recorded.cutOff;
    };
    expect(await cutOff(true)).toBe(false);
    expect(await cutOff(false)).toBe(true);
  });

  it('a longer wait keeps a turn whole that was cut off', async () => {
    const pen = new LogPen(turnSettings({ endpointing: { minWaitMs: 200, maxWaitMs: 400 } }));
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(640, unsure);
    // The reply is not audible yet: it stops at once, and what was said is a turn of its own.
    pen.speech(640);
    pen.silence(480, { probability: 1, text: 'two teas' });
    pen.reply(640);
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(pen.commands.filter((type) => type === 'commit')).toHaveLength(2);
    const { turns } = await ask(pen, ['endpointing.maxWaitMs=2000']);
    expect(turns[0]).toMatchObject({
      recorded: { cutOff: true },
      wouldBe: { cutOff: false, end: { text: 'a coffee and two teas' } },
      heardFrom: 'joined',
    });
  });

  it('a question that the log does not answer goes to the recording, and without one nothing is made up', async () => {
    const settings = ['endpointing.suspectMs=160'];
    const { turns: unknown } = await ask(twoTurns(), settings);
    expect(unknown[0]).toMatchObject({ wouldBe: undefined, laterMs: undefined });
    expect(unknown[0]?.unknown).toContain('160 ms after the caller');
    const asked: number[] = [];
    const { turns } = await ask(twoTurns(), settings, async ({ turn, revision, atMs }) => {
      asked.push(atMs);
      const stamp = { turn, revision, atMs, seenMs: 0 };
      return [
        { afterMs: 32, event: { ...stamp, type: 'end-of-turn', probability: 1 } },
        { afterMs: 64, event: { ...stamp, type: 'final', text: 'heard again' } },
      ];
    });
    expect(asked[0]).toBe(800);
    expect(turns[0]).toMatchObject({ heardFrom: 'recording', wouldBe: { end: { text: 'heard again' } } });
  });

  it('a turn whose end-of-turn model was asked again is judged by all that it answered', async () => {
    const pen = new LogPen(turnSettings({ endpointing: { lookAgainMs: [288], minWaitMs: 600 } }));
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(288, { probability: 0.5, text: 'a coffee please' });
    const looked = pen.commands.filter((type) => type === 'look-again');
    pen.silence(64);
    pen.tell({ type: 'end-of-turn', turn: 1, revision: 1, probability: 1, silenceMs: 288 });
    pen.silence(1_920);
    pen.reply(640);
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(looked).toHaveLength(1);
    const { turns: same } = await ask(pen, ['endpointing.minWaitMs=600']);
    expect(same[0]).toMatchObject({ unknown: undefined, heardFrom: 'log', laterMs: 0 });
    const { turns: sooner } = await ask(pen, ['endpointing.minWaitMs=100', 'endpointing.maxWaitMs=800']);
    expect(sooner[0]?.unknown).toBeUndefined();
    expect(sooner[0]?.laterMs).toBeLessThan(0);
    const { turns: otherwise } = await ask(pen, ['endpointing.lookAgainMs=192']);
    expect(otherwise[0]?.unknown).toContain('192 ms after the caller');
  });

  it('a turn that the caller was taken to go on with, though its reply was audible, was cut off', async () => {
    const pen = new LogPen(turnSettings({ endpointing: { minWaitMs: 200, maxWaitMs: 400 } }));
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(480, unsure);
    pen.tell({ type: 'reply-audible', reply: 0 });
    pen.speech(640);
    pen.silence(480, { probability: 1, text: 'two teas' });
    pen.reply(640);
    pen.tell({ type: 'hung-up', reason: 'gone' });
    expect(pen.commands).toContain('reopen');
    const { turns } = await ask(pen, ['endpointing.maxWaitMs=2000']);
    expect(turns[0]).toMatchObject({
      recorded: { cutOff: true },
      wouldBe: { cutOff: false, end: { text: 'a coffee and two teas' } },
    });
    expect(turns[1]?.recorded).toMatchObject({ end: { text: 'a coffee and two teas' }, cutOff: false });
  });

  it('an agent that is stopped later, or not at all, is told', async () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.silence(480, sure);
    pen.tell({ type: 'reply-audible', reply: 0 });
    // Too far into the reply for it to be taken back.
    pen.silence(960);
    pen.speech(640);
    pen.silence(480, { probability: 1, text: 'no a tea' });
    pen.reply(640);
    pen.tell({ type: 'hung-up', reason: 'gone' });
    const later = await ask(pen, ['interruption.afterMs=480']);
    expect(later.turns[1]).toMatchObject({ stopLaterMs: 160 });
    const never = await ask(pen, ['interruption.enabled=false']);
    expect(never.turns[1]).toMatchObject({
      recorded: { stoppedMs: expect.any(Number) as number },
      wouldBe: { stoppedMs: undefined },
    });
    expect(never.turns[1]?.wouldBe?.end).toMatchObject({ kind: 'dropped', why: 'backchannel' });
  });

  it('a turn that the client ended is not judged', async () => {
    const pen = new LogPen();
    pen.tell({ type: 'begin', greeting: false });
    pen.speech(640);
    pen.tell({ type: 'client-commit', bufferStartMs: 0 });
    pen.tell({ type: 'final', turn: 1, revision: 1, text: 'a coffee' });
    pen.reply(320);
    pen.tell({ type: 'hung-up', reason: 'gone' });
    const { turns } = await ask(pen, ['endpointing.minWaitMs=200']);
    expect(turns[0]?.unknown).toContain('the client said where this turn ends');
  });

  it('settings whose effect is not in the log are refused', () => {
    expect(() => assertReplayable([parseSettingChange('silence.maxSilenceMs=900')])).toThrowError(
      expect.objectContaining({ code: 'settings.not_replayable' }),
    );
    assertReplayable([parseSettingChange('interruption.afterMs=200')]);
  });
});
