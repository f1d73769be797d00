import { describe, expect, it } from 'vitest';
import { only, TurnScript, turnSettings, types } from './turn-fixture.js';

function press(script: TurnScript, keys: string) {
  return [...keys].flatMap((digit) => script.tell({ type: 'key', digit }));
}

describe('keys', () => {
  it('wait for more of them, and are noted and answered when none come', () => {
    const script = new TurnScript();
    expect(types(press(script, '12'))).toEqual(['arm', 'arm']);
    expect(only(press(script, '3'), 'arm')).toMatchObject({ timer: 'keys', atSeenMs: 2_000 });
    const complete = script.tell({ type: 'timer', timer: 'keys' });
    expect(types(complete)).toEqual(['note', 'respond', 'disarm', 'arm']);
    expect(only(complete, 'note')).toEqual({ type: 'note', turn: 1, text: 'pressed 1 2 3' });
    expect(only(complete, 'respond')).toMatchObject({ turn: 2, reply: 0 });
  });

  it('are complete with #, and when there are as many as an entry may have', () => {
    const script = new TurnScript({ talk: { keys: { most: 4 } } });
    expect(only(press(script, '7#'), 'note').text).toBe('pressed 7 #');
    script.audible();
    script.done();
    expect(only(press(script, '1234'), 'note').text).toBe('pressed 1 2 3 4');
  });

  it('stop the agent at once', () => {
    const script = TurnScript.speaking();
    expect(types(press(script, '1'))).toEqual(['stop', 'disarm', 'arm', 'arm']);
    expect(script.state.agent.phase).toBe('silent');
  });

  it('do not stop a passage that is heard to its end, and are taken after the reply', () => {
    const script = TurnScript.speaking();
    script.tell({ type: 'passage-begins', reply: script.reply });
    expect(types(press(script, '1#'))).toEqual(['arm', 'disarm']);
    expect(types(script.done())).toEqual(['disarm', 'arm', 'note', 'respond', 'disarm', 'arm']);
  });

  it('hold up the answer to what was said before them, which comes with them', () => {
    const script = new TurnScript();
    script.speech(640);
    script.silence(96);
    script.final('my number is');
    script.endOfTurn(1);
    press(script, '5');
    expect(types(script.silence(1_024))).toEqual([]);
    const complete = script.tell({ type: 'timer', timer: 'keys' });
    expect(types(complete).slice(0, 4)).toEqual(['discard', 'commit', 'note', 'respond']);
    expect(only(complete, 'commit')).toMatchObject({ text: 'my number is', reply: undefined });
  });

  it('that are only noted leave no draft behind of the words before them', () => {
    const script = new TurnScript();
    script.speech(640);
    script.silence(96);
    expect(types(script.final('my number is'))).toEqual(['draft']);
    script.tell({ type: 'configure', settings: turnSettings({ respond: false }) });
    expect(types(press(script, '5#'))).toEqual(['arm', 'disarm', 'discard', 'commit', 'note', 'arm']);
  });

  it('over speech that goes on are noted, and answered with it, even if it was only noise', () => {
    const script = new TurnScript();
    script.speech(640);
    expect(types(press(script, '5#'))).toEqual(['arm', 'disarm', 'note']);
    script.silence(96);
    script.final('');
    script.silence(320);
    script.final('');
    script.endOfTurn(1);
    expect(only(script.silence(512), 'say').phrase).toBe('reprompt');
  });

  it('are only noted where nobody answers by themselves', () => {
    const script = new TurnScript({ respond: false });
    expect(types(press(script, '5#'))).toEqual(['arm', 'disarm', 'note', 'arm']);
  });

  it('are nothing any more once the call is ending', () => {
    const script = new TurnScript();
    script.tell({ type: 'wind-down', reason: 'over' });
    expect(press(script, '5#')).toEqual([]);
  });
});
