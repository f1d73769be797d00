import { describe, expect, it } from 'vitest';
import { only, TurnScript, turnSettings, types } from './turn-fixture.js';

describe('interruption', () => {
  it('the first sign of speech over the agent lowers it, with a time to come back', () => {
    const script = TurnScript.speaking();
    expect(script.speech(32)).toEqual([
      { type: 'lower', reply: 0 },
      { type: 'arm', timer: 'overlap', atSeenMs: script.atMs + 600 },
    ]);
    expect(script.speech(32)).toEqual([
      { type: 'open-turn', turn: 2, startMs: script.atMs - 64 },
      { type: 'disarm', timer: 'idle' },
    ]);
  });

  it('a click lowers the agent for one window', () => {
    const script = TurnScript.speaking();
    script.speech(32);
    expect(script.silence(32)).toEqual([
      { type: 'restore', reply: 0 },
      { type: 'disarm', timer: 'overlap' },
    ]);
    expect(script.state.overlap).toBeUndefined();
  });

  it('a backchannel brings the agent back as soon as its words are known', () => {
    const script = TurnScript.speaking();
    expect(types(script.speech(192))).toContain('look');
    expect(types(script.partial('Mm-hmm.'))).toEqual(['restore', 'disarm']);
    expect(script.state.agent).toMatchObject({ phase: 'speaking', lowered: false });
    expect(types(script.speech(400))).not.toContain('stop');
    expect(types(script.silence(96))).toEqual(['drop-turn']);
    expect(script.state.listening.phase).toBe('quiet');
  });

  it('a short overlap without words yet is decided by its transcript', () => {
    const script = TurnScript.speaking();
    script.speech(288);
    expect(types(script.silence(96))).toEqual(['suspect-end']);
    expect(script.final('Yeah.')).toEqual([
      { type: 'drop-turn', turn: 2, why: 'backchannel' },
      { type: 'restore', reply: 0 },
      { type: 'disarm', timer: 'overlap' },
    ]);
  });

  it('one word that is no backchannel takes the floor though it is over', () => {
    const script = TurnScript.speaking();
    script.speech(288);
    script.silence(96);
    expect(types(script.final('Stop.'))).toEqual(['stop', 'disarm', 'arm', 'draft']);
    script.endOfTurn(1);
    expect(only(script.silence(640), 'commit')).toMatchObject({ turn: 2, text: 'Stop.', reply: 1 });
  });

  it('a transcript that fails brings the agent back', () => {
    const script = TurnScript.speaking();
    script.speech(288);
    script.silence(96);
    expect(types(script.tell({ type: 'final-failed', ...script.pause }))).toEqual(['drop-turn', 'restore', 'disarm']);
  });

  it('what is too short or has no pitch is not asked for words', () => {
    const script = TurnScript.speaking();
    script.sound(288, { voicing: 0.2 });
    expect(types(script.silence(96))).toEqual(['drop-turn', 'restore', 'disarm']);
    script.speech(64);
    expect(types(script.silence(96))).toEqual(['drop-turn', 'restore', 'disarm']);
  });

  it('a stop word stops the agent at once', () => {
    const script = TurnScript.speaking();
    script.speech(128);
    expect(script.partial('Wait')).toEqual([
      { type: 'stop', reply: 0, why: 'interrupted' },
      { type: 'disarm', timer: 'overlap' },
      { type: 'disarm', timer: 'dead-air' },
    ]);
  });

  it('a stop word behind a backchannel stops the agent that had come back', () => {
    const script = TurnScript.speaking();
    script.speech(224);
    script.partial('Okay');
    script.speech(96);
    expect(types(script.partial('Okay, stop'))).toEqual(['stop', 'disarm']);
  });

  describe('what begins as a stop word does', () => {
    const stop = { Wait: 0.3, We: 0.2 };
    const right = { Right: 0.5 };

    it('silences the agent at once, in the middle of its word', () => {
      const script = TurnScript.speaking();
      script.speech(160);
      expect(script.beginning(stop)).toEqual([
        { type: 'pause', reply: 0, withinMs: 0 },
        { type: 'arm', timer: 'overlap', atSeenMs: script.atMs + 2_000 },
      ]);
      expect(script.state.agent).toMatchObject({ phase: 'speaking', lowered: true });
    });

    it('keeps it silent when it is over, until its transcript stops it', () => {
      const script = TurnScript.speaking();
      script.speech(224);
      script.beginning(stop);
      expect(types(script.silence(96))).toEqual(['suspect-end']);
      expect(types(script.final('Wait.'))).toContain('stop');
    });

    it.each([
      ['Way.', 'stop'],
      ['', 'restore'],
      ['Right.', 'restore'],
    ])('with %j for its words at last: %s', (text, what) => {
      const script = TurnScript.speaking();
      script.speech(224);
      script.beginning(stop);
      script.silence(96);
      expect(types(script.final(text))).toContain(what);
    });

    it('brings it back when its words are a sign of listening, and does not count again without a new look', () => {
      const script = TurnScript.speaking();
      script.speech(160);
      script.beginning(stop);
      expect(types(script.beginning(right, 'Right.'))).toEqual(['restore', 'disarm']);
      expect(types(script.speech(64))).not.toContain('pause');
    });

    it.each<[string, (script: TurnScript) => unknown]>([
      ['without a pitch', (script) => script.sound(160, { voicing: 0.2 })],
      ['of somebody in the background', (script) => script.sound(160, { levelDb: -15 })],
      ['of our own echo', (script) => script.sound(160, { foreign: 0.1 })],
    ])('%s silences nobody', (_, sound) => {
      const script = TurnScript.speaking();
      sound(script);
      if (script.state.listening.phase !== 'quiet') script.beginning(stop);
      expect(types(script.all)).not.toContain('pause');
    });

    it('counts only while it is young: later there are words', () => {
      const script = TurnScript.speaking({ interruption: { afterMs: 640 } });
      script.speech(544);
      expect(script.beginning(stop)).toEqual([]);
    });

    it('does not stop a reply that is not audible yet', () => {
      const script = new TurnScript();
      script.turn();
      script.silence(832);
      script.speech(160);
      expect(script.beginning(stop)).toEqual([]);
    });
  });

  it('the words of an overlap are asked for twice as often while it is young', () => {
    const script = TurnScript.speaking({ interruption: { lookMs: 128, afterMs: 5_000 } });
    const looks = Array.from({ length: 24 }, (_, index) =>
      types(script.speech(32)).includes('look') ? 32 * (index + 1) : 0,
    );
    expect(looks.filter((ms) => ms > 0)).toEqual([128, 192, 256, 320, 384, 512, 640, 768]);
  });

  it('other words stop it at the end of a word, after 224 ms of speech', () => {
    const script = TurnScript.speaking();
    script.speech(192);
    expect(script.partial('I would')).toEqual([]);
    const stop = only(script.speech(32), 'stop');
    expect(stop).toEqual({ type: 'stop', reply: 0, why: 'interrupted', withinMs: 120 });
    expect(script.state.agent.phase).toBe('silent');
  });

  it('words that the agent was just saying are no words', () => {
    const script = TurnScript.speaking();
    script.speech(224);
    expect(script.partial('what would you like', 1)).toEqual([]);
    expect(types(script.partial('what would you like', 0.25))).toContain('stop');
  });

  it('speech without words pauses the agent, which goes back to its phrase when there were none', () => {
    const script = TurnScript.speaking();
    script.speech(288);
    expect(script.speech(32)).toContainEqual({ type: 'pause', reply: 0, withinMs: 120 });
    script.speech(288);
    script.silence(96);
    expect(script.final('')).toEqual([
      { type: 'drop-turn', turn: 2, why: 'empty' },
      { type: 'restore', reply: 0, again: true },
      { type: 'disarm', timer: 'overlap' },
    ]);
    expect(script.state.agent).toMatchObject({ phase: 'speaking', lowered: false });
  });

  it('what falls silent right after it has silenced the agent has not: its words decide whether it stops', () => {
    const script = TurnScript.speaking();
    script.speech(384);
    expect(script.silence(32)).toEqual([
      { type: 'restore', reply: 0 },
      { type: 'disarm', timer: 'overlap' },
    ]);
    script.silence(64);
    expect(types(script.final('Stop.'))).toContain('stop');
  });

  it('whoever goes on after an instant silences the agent again', () => {
    const script = TurnScript.speaking();
    script.speech(384);
    script.silence(32);
    expect(types(script.speech(32))).toContain('pause');
  });

  it('what has words that are no sign of listening keeps the agent silent when it pauses', () => {
    const script = TurnScript.speaking({ interruption: { wordsAfterMs: 576 } });
    script.speech(384);
    script.partial('I would like');
    expect(script.silence(64)).toEqual([]);
  });

  it('a caller who had words once is not talked over when the recogniser hears none of them any more', () => {
    const script = TurnScript.speaking({ interruption: { wordsAfterMs: 576 } });
    script.speech(384);
    script.partial('Hold');
    script.partial('');
    expect(script.silence(64)).toEqual([]);
  });

  it('a sound that has become much quieter is asked for its words at once, and silences nobody', () => {
    const script = TurnScript.speaking();
    script.sound(288);
    expect(types(script.sound(96, { levelDb: -20 }))).toEqual(['look']);
    expect(script.state.overlap).toMatchObject({ fading: true, pausedMs: undefined });
    expect(types(script.sound(32))).toContain('pause');
  });

  it('a pause that is over at once breaks no phrase', () => {
    const script = TurnScript.speaking();
    script.speech(320);
    expect(script.partial('Right.')).toEqual([
      { type: 'restore', reply: 0 },
      { type: 'disarm', timer: 'overlap' },
    ]);
  });

  it('words of too little speech to be right only pause the agent, and better ones bring it back', () => {
    const script = TurnScript.speaking({ interruption: { wordsAfterMs: 576 } });
    script.speech(288);
    script.partial("I'll tell you");
    expect(types(script.speech(32))).toEqual(['look', 'pause', 'arm']);
    expect(types(script.partial('Okay.'))).toEqual(['restore', 'disarm']);
    expect(types(script.speech(160))).not.toContain('stop');
  });

  it('words of too little speech stop it once there is enough', () => {
    const script = TurnScript.speaking({ interruption: { wordsAfterMs: 576 } });
    script.speech(320);
    script.partial('I would like');
    expect(types(script.speech(224))).not.toContain('stop');
    expect(types(script.speech(32))).toContain('stop');
  });

  it.each([
    [192, 'Latte.', 'drop-turn'],
    [416, 'Latte.', 'drop-turn'],
    [448, 'Latte.', 'stop'],
    [416, 'If I', 'drop-turn'],
    [448, 'The first', 'stop'],
    [128, '2-3-3-3', 'drop-turn'],
    [192, 'The first one', 'stop'],
    [192, 'Hold on', 'stop'],
    [416, 'Mum.', 'drop-turn'],
    [608, 'Mum.', 'stop'],
  ])('%d ms of %j: %s', (speechMs, text, what) => {
    const script = TurnScript.speaking();
    script.speech(speechMs);
    script.silence(96);
    expect(types(script.final(text))).toContain(what);
  });

  it('a transcript of its own words is its echo, one with others is not', () => {
    const heard = (text: string) => {
      const script = TurnScript.speaking();
      script.speech(192);
      script.partial('I can offer you', 1);
      script.speech(256);
      script.silence(96);
      return types(script.final(text));
    };
    expect(heard('I can offer you the')).toEqual(['drop-turn']);
    expect(heard('I can offer you no thanks I have enough')).toContain('stop');
  });

  it('words that come after the pause stop it for good', () => {
    const script = TurnScript.speaking();
    script.speech(352);
    expect(types(script.partial('I would like'))).toEqual(['stop', 'disarm', 'disarm']);
    expect(script.state.agent.phase).toBe('silent');
  });

  it('a paused agent comes back when nobody tells the words in time', () => {
    const script = TurnScript.speaking();
    script.speech(640);
    script.silence(96);
    script.atMs += 2_000;
    expect(types(script.tell({ type: 'timer', timer: 'overlap' }))).toEqual(['restore', 'disarm']);
  });

  it('a paused agent has lost the floor to somebody who talks on', () => {
    const script = TurnScript.speaking();
    script.speech(2_000);
    expect(types(script.tell({ type: 'timer', timer: 'overlap' }))).toContain('stop');
  });

  it('is lowered no longer than 600 ms for what stays undecided', () => {
    const script = TurnScript.speaking();
    script.sound(640, { levelDb: -20 });
    expect(script.state.agent).toMatchObject({ lowered: true });
    expect(types(script.tell({ type: 'timer', timer: 'overlap' }))).toEqual(['restore', 'disarm']);
    expect(types(script.sound(3_000, { levelDb: -20 }))).not.toContain('stop');
    expect(script.state.agent).toMatchObject({ phase: 'speaking', lowered: false });
  });

  it('what turns out to be somebody in the background gives the agent its voice back, whatever the words', () => {
    const script = TurnScript.speaking();
    script.sound(352, { levelDb: -6 });
    expect(types(script.sound(320, { levelDb: -15 }))).toContain('restore');
    script.silence(96);
    expect(script.state.agent).toMatchObject({ phase: 'speaking', lowered: false });
  });

  it('a caller as quiet as that who says much with their own voice stops it', () => {
    const script = TurnScript.speaking();
    script.sound(928, { levelDb: -11, semitones: 1 });
    expect(types(script.partial('Can I have a'))).not.toContain('stop');
    expect(types(script.sound(32, { levelDb: -11, semitones: 1 }))).toContain('stop');
  });

  it.each([
    ['Can I have a latte?', 'stop'],
    ['Have a', 'restore'],
    ['Okay, I see, right.', 'restore'],
  ])('of a quiet caller who has ended, the words decide: %s', (text, what) => {
    const script = TurnScript.speaking();
    script.sound(960, { levelDb: -11, semitones: 1 });
    expect(types(script.silence(96))).toContain('suspect-end');
    expect(types(script.final(text))).toContain(what);
  });

  it('an agent that has fallen silent for a caller who turns out to be quiet stays so', () => {
    const script = TurnScript.speaking();
    script.sound(352, { levelDb: -6, semitones: 0 });
    expect(script.state.overlap?.pausedMs).toBeDefined();
    expect(types(script.sound(320, { levelDb: -15, semitones: 0 }))).not.toContain('restore');
  });

  it('its own echo neither lowers nor stops it, nor opens a turn', () => {
    const script = TurnScript.speaking();
    expect(script.sound(3_000, { foreign: 0.1 })).toEqual([]);
    expect(script.state.listening.phase).toBe('quiet');
  });

  it('the caller over the echo stops it', () => {
    const script = TurnScript.speaking();
    script.sound(640, { foreign: 0 });
    expect(types(script.sound(480, { foreign: 0.6 }))).toContain('pause');
  });

  it('several backchannels in a row do not add up to an interruption', () => {
    const script = TurnScript.speaking();
    for (let i = 0; i < 4; i++) {
      const commands = [...script.speech(256), ...script.silence(96), ...script.final('uh-huh')];
      expect(types(commands)).not.toContain('stop');
    }
    expect(script.state.agent.phase).toBe('speaking');
  });

  it('an agent that was lowered comes back when the client ends a turn without words', () => {
    const script = TurnScript.speaking();
    script.speech(96);
    script.tell({ type: 'client-commit', bufferStartMs: 0 });
    script.final('');
    expect(types(script.final(''))).toEqual(['drop-turn', 'restore', 'disarm']);
  });

  it('a backchannel that the client commits is meant', () => {
    const script = TurnScript.speaking();
    script.speech(96);
    script.tell({ type: 'client-commit', bufferStartMs: 0 });
    expect(only(script.final('Okay.'), 'commit')).toMatchObject({ text: 'Okay.', reply: 1 });
  });

  it('an agent that was lowered comes back when the turn is only noted', () => {
    const script = TurnScript.speaking();
    script.speech(96);
    script.tell({ type: 'configure', settings: turnSettings({ respond: false }) });
    script.tell({ type: 'client-commit', bufferStartMs: 0 });
    expect(types(script.final('a note'))).toEqual(['commit', 'restore', 'disarm']);
  });

  it('what interrupted is a turn of its own and is answered', () => {
    const script = TurnScript.speaking();
    const commands = script.turn('no, tea');
    expect(only(commands, 'stop').reply).toBe(0);
    expect(only(commands, 'commit')).toMatchObject({ turn: 2, text: 'no, tea', reply: 1 });
  });

  it('a turn that stopped the agent with words and then has none is followed by a reprompt', () => {
    const script = TurnScript.speaking();
    script.speech(288);
    script.partial('the one');
    script.speech(192);
    script.silence(96);
    script.endOfTurn(1);
    script.final('');
    script.silence(224);
    script.final('');
    const commands = script.silence(128);
    expect(types(commands)).toEqual(['drop-turn', 'say']);
    expect(only(commands, 'say')).toMatchObject({ phrase: 'reprompt', reply: 1 });
  });

  it('a reply that is not audible yet stops after 320 ms of speech', () => {
    const script = new TurnScript({ interruption: { afterMs: 640 } });
    script.turn();
    expect(script.state.agent.phase).toBe('preparing');
    // Long after the commit: sooner it would be taken back.
    script.silence(832);
    expect(types(script.speech(288))).not.toContain('stop');
    expect(script.speech(32)).toContainEqual({ type: 'stop', reply: 0, why: 'interrupted', withinMs: 120 });
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
    expect(types(script.silence(960))).toEqual(['drop-turn']);
    expect(script.state.agent.phase).toBe('speaking');
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
    expect(types(script.done())).toEqual(['disarm', 'arm', 'disarm']);
    script.speech(64);
    expect(types(script.silence(96))).toEqual(['suspect-end', 'arm']);
  });
});
