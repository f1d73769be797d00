import { describe, expect, it } from 'vitest';
import { only, TurnScript, turnSettings, types } from './turn-fixture.js';

describe('interruption', () => {
  it('speech over the agent lowers it at once', () => {
    const script = TurnScript.speaking();
    expect(script.speech(64)).toEqual([
      { type: 'open-turn', turn: 2, startMs: script.atMs - 64 },
      { type: 'disarm', timer: 'idle' },
      { type: 'lower', reply: 0 },
    ]);
  });

  it('a backchannel lowers the agent and brings it back', () => {
    const script = TurnScript.speaking();
    script.speech(288);
    expect(script.silence(96)).toEqual([
      { type: 'drop-turn', turn: 2, why: 'backchannel' },
      { type: 'restore', reply: 0 },
    ]);
    expect(script.state.agent).toMatchObject({ phase: 'speaking', reply: 0, lowered: false });
    expect(script.state.listening.phase).toBe('quiet');
  });

  it('speech over the agent for 320 ms stops it', () => {
    const script = TurnScript.speaking();
    expect(types(script.speech(288))).not.toContain('stop');
    expect(script.speech(32)).toEqual([
      { type: 'stop', reply: 0, why: 'interrupted' },
      { type: 'disarm', timer: 'dead-air' },
    ]);
    expect(script.state.agent.phase).toBe('silent');
  });

  it('several backchannels in a row do not add up to an interruption', () => {
    const script = TurnScript.speaking();
    for (let i = 0; i < 4; i++) expect(types([...script.speech(256), ...script.silence(128)])).not.toContain('stop');
    expect(script.state.agent.phase).toBe('speaking');
  });

  it('a breath of less than 96 ms inside an overlap does not end it', () => {
    const script = TurnScript.speaking();
    script.speech(192);
    expect(script.silence(64)).toEqual([]);
    expect(types(script.speech(128))).toEqual(['stop', 'disarm']);
  });

  it('an agent that was lowered comes back when the client ends a turn without words', () => {
    const script = TurnScript.speaking();
    script.speech(96);
    script.tell({ type: 'client-commit', bufferStartMs: 0 });
    script.final('');
    expect(script.final('')).toEqual([
      { type: 'drop-turn', turn: 2, why: 'empty' },
      { type: 'restore', reply: 0 },
    ]);
  });

  it('an agent that was lowered comes back when the turn is only noted', () => {
    const script = TurnScript.speaking();
    script.speech(96);
    script.tell({ type: 'configure', settings: turnSettings({ respond: false }) });
    script.tell({ type: 'client-commit', bufferStartMs: 0 });
    expect(types(script.final('a note'))).toEqual(['commit', 'restore']);
  });

  it('what interrupted is a turn of its own and is answered', () => {
    const script = TurnScript.speaking();
    const commands = script.turn('no, tea');
    expect(only(commands, 'stop').reply).toBe(0);
    expect(only(commands, 'commit')).toMatchObject({ turn: 2, text: 'no, tea', reply: 1 });
  });

  it('noise that stopped the agent is followed by a reprompt', () => {
    const script = TurnScript.speaking();
    script.speech(480);
    script.silence(96);
    script.endOfTurn(1);
    script.final('');
    script.silence(224);
    script.final('');
    const commands = script.silence(128);
    expect(types(commands)).toEqual(['drop-turn', 'say']);
    expect(only(commands, 'say')).toMatchObject({ phrase: 'reprompt', reply: 1 });
  });

  it('the reprompt after noise comes even when the noise had a pause', () => {
    const script = TurnScript.speaking();
    script.speech(480);
    script.silence(128);
    script.speech(128);
    script.silence(96);
    script.endOfTurn(1);
    script.final('');
    script.silence(224);
    script.final('');
    expect(types(script.silence(128))).toEqual(['drop-turn', 'say']);
  });

  it('a reply that is not audible yet can be stopped too', () => {
    const script = new TurnScript();
    script.turn();
    expect(script.state.agent.phase).toBe('preparing');
    // Long after the commit: sooner it would be taken back.
    script.silence(832);
    expect(types(script.speech(320))).toEqual(['open-turn', 'disarm', 'lower', 'stop', 'disarm']);
  });

  it('a goodbye is not interrupted', () => {
    const script = new TurnScript();
    script.tell({ type: 'begin', greeting: false });
    script.tell({ type: 'timer', timer: 'idle' });
    script.audible();
    expect([...script.speech(3_200), ...script.silence(3_200)]).toEqual([]);
    expect(script.tell({ type: 'client-commit', bufferStartMs: 0 })).toEqual([]);
    expect(script.tell({ type: 'client-cancel' })).toEqual([]);
    expect(script.state.agent.phase).toBe('speaking');
  });

  it('an agent that may not be interrupted keeps its level and its floor', () => {
    const script = TurnScript.speaking({ interruption: { enabled: false } });
    const commands = script.speech(1_600);
    expect(types(commands)).toEqual(['open-turn', 'disarm']);
  });

  it('speech that began over an uninterruptible reply and outlasts it is a turn', () => {
    const script = TurnScript.speaking({ interruption: { enabled: false } });
    script.speech(640);
    script.done();
    script.speech(640);
    script.silence(96);
    script.final('and a cookie');
    script.endOfTurn(1);
    expect(only(script.silence(352), 'commit')).toMatchObject({ turn: 2, text: 'and a cookie' });
  });

  it('an overlap that outlasts the reply is no backchannel any more', () => {
    const script = TurnScript.speaking();
    script.speech(128);
    expect(types(script.done())).toEqual(['disarm', 'arm']);
    script.speech(64);
    expect(types(script.silence(96))).toEqual(['suspect-end', 'arm']);
  });
});
