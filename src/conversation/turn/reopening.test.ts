import { describe, expect, it } from 'vitest';
import { only, TurnScript, types } from './turn-fixture.js';

/** A caller turn was committed; its reply is not audible yet. */
function answered(text = 'a table for Tuesday'): TurnScript {
  const script = new TurnScript();
  script.tell({ type: 'begin', greeting: false });
  script.turn(text);
  return script;
}

describe('a caller who goes on after the turn was taken to be over', () => {
  it('goes on with the same turn: the reply is taken back, and both stretches are its words', () => {
    const script = answered();
    script.silence(256);
    const goesOn = script.speech(320);
    expect(types(goesOn).slice(-4)).toEqual(['stop', 'disarm', 'reopen', 'disarm']);
    expect(only(goesOn, 'stop')).toMatchObject({ reply: 0, why: 'interrupted' });
    expect(only(goesOn, 'reopen')).toEqual({ type: 'reopen', turn: 2, continues: 1 });
    script.silence(96);
    expect(only(script.final('no sorry, Wednesday'), 'draft').text).toBe('a table for Tuesday no sorry, Wednesday');
    script.endOfTurn(1);
    expect(only(script.silence(352), 'commit')).toMatchObject({
      turn: 2,
      text: 'a table for Tuesday no sorry, Wednesday',
      reply: 1,
    });
  });

  it.each([
    { spoken: 'right after the commit', gapMs: 0, heardMs: undefined, reopened: true, silenced: 'stop' },
    { spoken: 'within the window', gapMs: 768, heardMs: undefined, reopened: true, silenced: 'stop' },
    { spoken: 'after the window', gapMs: 864, heardMs: undefined, reopened: false, silenced: 'stop' },
    { spoken: 'over the first word of the reply', gapMs: 64, heardMs: 320, reopened: true, silenced: 'stop' },
    { spoken: 'over a reply that is well under way', gapMs: 64, heardMs: 448, reopened: false, silenced: 'pause' },
  ])('$spoken: reopened $reopened', ({ gapMs, heardMs, reopened, silenced }) => {
    const script = answered();
    if (gapMs > 0) script.silence(gapMs);
    if (heardMs !== undefined) {
      script.audible();
      script.silence(heardMs);
    }
    const commands = script.speech(352);
    expect(types(commands)).toContain(silenced);
    expect(types(commands).includes('reopen')).toBe(reopened);
  });

  it('as often as they go on', () => {
    const script = answered('five five five');
    script.speech(320);
    script.silence(96);
    script.final('one two');
    script.endOfTurn(1);
    script.silence(352);
    script.speech(320);
    script.silence(96);
    expect(only(script.final('seven'), 'draft').text).toBe('five five five one two seven');
  });

  it('the endpointing is told of the pause that was no end', () => {
    const script = answered();
    script.silence(256);
    script.speech(320);
    // 96 + 352 ms of silence up to the commit.
    expect(script.state.talk.continued).toMatchObject({ turn: 2, pauseMs: 96 + 352 + 256 });
  });

  it('a single word before the reply is audible goes on with the turn, too short though it is to interrupt', () => {
    const script = answered('a coffee');
    expect(types(script.speech(192))).not.toContain('reopen');
    expect(types(script.silence(96))).toEqual(['stop', 'disarm', 'reopen', 'suspect-end', 'arm', 'disarm']);
    expect(only(script.final('decaf'), 'draft').text).toBe('a coffee decaf');
  });

  it('a sound too short for that goes on with the turn when it proves to be words, and the pause is watched', () => {
    const script = answered('a coffee');
    script.speech(128);
    expect(types(script.silence(96))).toEqual(['suspect-end']);
    expect(types(script.final('no decaf'))).toEqual(['stop', 'arm', 'reopen', 'disarm', 'draft']);
    expect(only(script.all.slice(-1), 'draft').text).toBe('a coffee no decaf');
  });

  it('a cough costs the reply time, and the turn none of its words', () => {
    const script = answered('a coffee');
    script.speech(192);
    script.silence(96);
    script.final('');
    script.endOfTurn(1);
    expect(only(script.silence(352), 'commit')).toMatchObject({ turn: 2, text: 'a coffee', reply: 1 });
  });

  it('a caller who was asked to wait begins another turn', () => {
    const script = answered();
    script.tell({ type: 'timer', timer: 'dead-air' });
    expect(types(script.speech(320))).not.toContain('reopen');
  });

  it('where the agent cannot be interrupted nothing is taken back', () => {
    const script = new TurnScript({ interruption: { enabled: false } });
    script.turn();
    expect(types(script.speech(640))).toEqual(['open-turn', 'disarm']);
  });

  it('what was said before stands when the client takes back the rest', () => {
    const script = answered('a coffee');
    script.speech(352);
    expect(only(script.tell({ type: 'client-clear' }), 'commit')).toMatchObject({ text: 'a coffee', reply: undefined });
  });

  it('a failed transcript is asked for again, and then the words before it stand', () => {
    const script = answered('a coffee');
    script.speech(352);
    script.silence(96);
    script.tell({ type: 'final-failed', ...script.pause });
    expect(types(script.silence(256))).toContain('freeze-again');
    expect(only(script.tell({ type: 'final-failed', ...script.pause }), 'draft').text).toBe('a coffee');
  });
});

describe('two who begin at once', () => {
  /** The agent greets; the caller begins `afterMs` later. */
  function greeted(afterMs: number): TurnScript {
    const script = new TurnScript();
    script.tell({ type: 'begin', greeting: true });
    script.silence(320);
    script.audible();
    if (afterMs > 0) script.silence(afterMs);
    return script;
  }

  it('the agent yields to half the speech that an interruption takes', () => {
    const atOnce = greeted(192);
    expect(types(atOnce.speech(128))).not.toContain('pause');
    expect(types(atOnce.speech(32))).toContain('pause');
    expect(types(atOnce.partial('I would like'))).toContain('stop');
    const later = greeted(480);
    expect(types(later.speech(160))).not.toContain('pause');
    expect(types(later.partial('I would like'))).not.toContain('stop');
  });
});
