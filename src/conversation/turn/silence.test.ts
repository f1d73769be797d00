import { describe, expect, it } from 'vitest';
import type { TurnCommand } from './events.js';
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

  it('nothing audible 2 s after the end of speech brings a filler, another, then an apology', () => {
    const script = new TurnScript();
    expect(only(script.turn(), 'commit').reply).toBe(0);
    const armed = script.all.filter((each) => each.type === 'arm').at(-1);
    expect(armed).toEqual({ type: 'arm', timer: 'dead-air', atSeenMs: 640 + 2_000 });
    for (const bridge of [1, 2]) {
      script.lagMs = 2_000 * bridge;
      expect(script.tell({ type: 'timer', timer: 'dead-air' })).toEqual([
        { type: 'say', phrase: 'filler', reply: 0 },
        { type: 'arm', timer: 'dead-air', atSeenMs: script.atMs + script.lagMs + 5_000 },
      ]);
      // The filler is over: silence counts anew.
      script.lagMs += 1_000;
      expect(script.tell({ type: 'reply-dry', reply: 0 })).toEqual([
        { type: 'arm', timer: 'dead-air', atSeenMs: script.atMs + script.lagMs + 2_000 },
      ]);
    }
    expect(script.tell({ type: 'timer', timer: 'dead-air' })).toEqual([
      { type: 'stop', reply: 0, why: 'failed' },
      { type: 'say', phrase: 'apology', reply: 1 },
    ]);
  });

  it('a reply that stops in its middle is bridged too, unless it goes on in time', () => {
    const script = TurnScript.speaking();
    const { reply } = script;
    expect(only(script.tell({ type: 'reply-dry', reply }), 'arm').atSeenMs).toBe(script.atMs + 2_000);
    expect(script.tell({ type: 'reply-flows', reply })).toEqual([{ type: 'disarm', timer: 'dead-air' }]);
    script.tell({ type: 'reply-dry', reply });
    expect(only(script.tell({ type: 'timer', timer: 'dead-air' }), 'say')).toMatchObject({ phrase: 'filler', reply });
  });

  it('a reply that goes on has its fillers anew', () => {
    const script = TurnScript.speaking();
    const { reply } = script;
    for (let i = 0; i < 4; i++) {
      script.tell({ type: 'reply-dry', reply });
      expect(only(script.tell({ type: 'timer', timer: 'dead-air' }), 'say').phrase).toBe('filler');
      script.tell({ type: 'reply-flows', reply });
    }
  });

  it('news of a reply that is over arms nothing', () => {
    const script = TurnScript.speaking();
    const { reply } = script;
    script.done();
    expect(script.tell({ type: 'reply-dry', reply })).toEqual([]);
    expect(script.tell({ type: 'reply-flows', reply })).toEqual([]);
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
    expect(types(commands)).toEqual(['drop-turn', 'stop', 'say', 'disarm']);
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

  describe('while the words of a turn are awaited', () => {
    /** The end is suspected, 2 s have passed, and no transcript has come. */
    function bridged(): { script: TurnScript; commands: readonly TurnCommand[] } {
      const script = new TurnScript();
      script.tell({ type: 'begin', greeting: false });
      script.speech(640);
      script.silence(2_208);
      return { script, commands: script.tell({ type: 'timer', timer: 'dead-air' }) };
    }

    it('a filler opens the reply that the words will be answered with', () => {
      const { script, commands } = bridged();
      expect(only(commands, 'say')).toEqual({ type: 'say', phrase: 'filler', reply: 0 });
      const answered = script.final('a coffee');
      expect(types(answered)).toEqual(['draft', 'commit']);
      expect(only(answered, 'commit').reply).toBe(0);
      expect(script.audible()).toEqual([{ type: 'disarm', timer: 'dead-air' }]);
      script.done();
      expect(only(script.turn(), 'commit').reply).toBe(1);
    });

    it('words that do not come are given up with an apology', () => {
      const { script } = bridged();
      script.tell({ type: 'reply-dry', reply: 0 });
      expect(only(script.tell({ type: 'timer', timer: 'dead-air' }), 'say').phrase).toBe('filler');
      expect(script.tell({ type: 'timer', timer: 'dead-air' })).toEqual([
        { type: 'drop-turn', turn: 1, why: 'empty' },
        { type: 'stop', reply: 0, why: 'failed' },
        { type: 'say', phrase: 'apology', reply: 1 },
      ]);
      expect(script.tell({ type: 'final', turn: 1, revision: 1, text: 'too late' })).toEqual([]);
    });

    it('words that prove to be none are asked for again aloud', () => {
      const { script } = bridged();
      expect(types(script.final(''))).toEqual(['freeze-again']);
      expect(script.final('')).toEqual([
        { type: 'drop-turn', turn: 1, why: 'empty' },
        { type: 'stop', reply: 0, why: 'failed' },
        { type: 'disarm', timer: 'dead-air' },
        { type: 'say', phrase: 'reprompt', reply: 1 },
      ]);
    });

    it('a caller who goes on stops the filler at once, and is answered later', () => {
      const { script } = bridged();
      expect(script.speech(64)).toEqual([
        { type: 'resume-turn', turn: 1, revision: 1 },
        { type: 'stop', reply: 0, why: 'interrupted' },
        { type: 'disarm', timer: 'dead-air' },
      ]);
      script.silence(96);
      script.final('a coffee and a cake');
      script.endOfTurn(1);
      expect(only(script.silence(352), 'commit').reply).toBe(1);
    });

    it('what the client takes back, or the end of the call, ends the filler too', () => {
      const { script } = bridged();
      expect(types(script.tell({ type: 'client-clear' }))).toEqual(['drop-turn', 'stop', 'disarm', 'arm']);
      const { script: other } = bridged();
      const commands = other.tell({ type: 'timer', timer: 'max-call' });
      expect(types(commands)).toEqual(['drop-turn', 'stop', 'disarm', 'say']);
      expect(only(commands, 'say').phrase).toBe('goodbye');
    });

    it('no caller is interrupted by it while the wait for more words lasts', () => {
      const script = new TurnScript({ endpointing: { blindWaitMs: 4_000 } });
      script.speech(640);
      script.silence(2_208);
      expect(script.tell({ type: 'timer', timer: 'dead-air' })).toEqual([
        { type: 'arm', timer: 'dead-air', atSeenMs: 640 + 4_000 + 200 },
      ]);
      script.silence(2_016);
      expect(types(script.tell({ type: 'timer', timer: 'dead-air' }))).toEqual(['say', 'arm']);
    });

    it('nothing is said to a client that wants no answers', () => {
      const script = new TurnScript({ respond: false });
      script.speech(640);
      expect(types(script.silence(2_208))).toEqual(['suspect-end']);
      expect(script.tell({ type: 'timer', timer: 'dead-air' })).toEqual([]);
    });
  });
});
