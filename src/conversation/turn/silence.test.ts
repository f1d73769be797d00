import { describe, expect, it } from 'vitest';
import { only, TurnScript, types } from './turn-fixture.js';

describe('silence', () => {
  it('the call begins with its longest length and the wait for the caller', () => {
    const script = new TurnScript();
    expect(script.tell({ type: 'begin', greeting: false })).toEqual([
      { type: 'arm', timer: 'max-call', atSeenMs: 1_800_000 },
      { type: 'arm', timer: 'idle', atSeenMs: 60_000 },
    ]);
  });

  it('an agent that speaks first greets at once', () => {
    const script = new TurnScript();
    expect(only(script.tell({ type: 'begin', greeting: true }), 'say')).toEqual({
      type: 'say',
      phrase: 'greeting',
      reply: 0,
    });
  });

  it('nothing audible for 2.5 s brings a filler, then an apology', () => {
    const script = new TurnScript();
    expect(only(script.turn(), 'commit').reply).toBe(0);
    const armed = script.all.filter((each) => each.type === 'arm').at(-1);
    expect(armed).toEqual({ type: 'arm', timer: 'dead-air', atSeenMs: script.atMs + 2_500 });
    script.lagMs = 2_500;
    expect(script.tell({ type: 'timer', timer: 'dead-air' })).toEqual([
      { type: 'say', phrase: 'filler', reply: 0 },
      { type: 'arm', timer: 'dead-air', atSeenMs: script.atMs + 7_500 },
    ]);
    script.lagMs = 7_500;
    expect(script.tell({ type: 'timer', timer: 'dead-air' })).toEqual([
      { type: 'stop', reply: 0, why: 'failed' },
      { type: 'say', phrase: 'apology', reply: 1 },
    ]);
  });

  it('a reply that becomes audible after the filler needs no apology', () => {
    const script = new TurnScript();
    script.turn();
    script.tell({ type: 'timer', timer: 'dead-air' });
    expect(script.audible()).toEqual([{ type: 'disarm', timer: 'dead-air' }]);
    expect(script.tell({ type: 'timer', timer: 'dead-air' })).toEqual([]);
  });

  it('a timer that fires when the reply is audible already changes nothing', () => {
    const script = TurnScript.speaking();
    expect(script.tell({ type: 'timer', timer: 'dead-air' })).toEqual([]);
  });

  it('a minute in which nobody speaks ends with a goodbye', () => {
    const script = new TurnScript();
    script.tell({ type: 'begin', greeting: false });
    expect(script.tell({ type: 'timer', timer: 'idle' })).toEqual([{ type: 'say', phrase: 'goodbye', reply: 0 }]);
    script.audible();
    expect(only(script.done(), 'end-call').reason).toBe('idle');
  });

  it('a call is not idle while the agent or the caller has the floor', () => {
    const script = TurnScript.speaking();
    expect(script.tell({ type: 'timer', timer: 'idle' })).toEqual([]);
    script.done();
    script.speech(320);
    expect(script.tell({ type: 'timer', timer: 'idle' })).toEqual([]);
    script.silence(96);
    expect(script.tell({ type: 'timer', timer: 'idle' })).toEqual([]);
  });

  it('the longest call ends with a goodbye, whoever speaks', () => {
    const script = TurnScript.speaking();
    script.speech(96);
    const commands = script.tell({ type: 'timer', timer: 'max-call' });
    expect(types(commands)).toEqual(['drop-turn', 'stop', 'say']);
    expect(only(commands, 'say').phrase).toBe('goodbye');
    expect(only(script.done(), 'end-call').reason).toBe('max-call');
  });

  it('a draft that is under way at the end of the longest call is discarded', () => {
    const script = new TurnScript();
    script.speech(640);
    script.silence(96);
    script.final('a coffee');
    expect(types(script.tell({ type: 'timer', timer: 'max-call' }))).toEqual(['discard', 'drop-turn', 'say']);
  });

  it('a call that is wound down ends with a goodbye in place of what is being said', () => {
    const script = TurnScript.speaking();
    const commands = script.tell({ type: 'wind-down', reason: 'server-shutdown' });
    expect(types(commands)).toEqual(['stop', 'say']);
    expect(only(commands, 'say').phrase).toBe('goodbye');
    expect(script.tell({ type: 'wind-down', reason: 'again' })).toEqual([]);
    script.speech(640);
    script.audible();
    expect(only(script.done(), 'end-call').reason).toBe('server-shutdown');
  });

  it('there is one goodbye', () => {
    const script = new TurnScript();
    script.tell({ type: 'begin', greeting: false });
    script.tell({ type: 'timer', timer: 'idle' });
    expect(script.tell({ type: 'timer', timer: 'max-call' })).toEqual([]);
  });

  it('nothing happens after the call has ended', () => {
    const script = TurnScript.speaking();
    script.tell({ type: 'hung-up', reason: 'the caller hung up' });
    expect([...script.speech(640), ...script.silence(3_200)]).toEqual([]);
    expect(script.tell({ type: 'client-commit', bufferStartMs: 0 })).toEqual([]);
    expect(script.tell({ type: 'timer', timer: 'max-call' })).toEqual([]);
  });
});
