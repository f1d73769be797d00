import { describe, expect, it } from 'vitest';
import { reduceTurn } from './machine.js';
import { initialTurnState } from './state.js';
import { only, TurnScript, turnSettings, types } from './turn-fixture.js';

describe('a passage that is heard to its end', () => {
  function inPassage(): TurnScript {
    const script = TurnScript.speaking();
    script.tell({ type: 'passage-begins', reply: script.reply });
    return script;
  }

  it('is neither lowered nor stopped by speech', () => {
    const script = inPassage();
    expect(types(script.speech(960))).toEqual(['open-turn', 'disarm']);
  });

  it('comes back to its level when it begins under speech', () => {
    const script = TurnScript.speaking();
    expect(types(script.speech(128))).toContain('lower');
    expect(types(script.tell({ type: 'passage-begins', reply: script.reply }))).toEqual(['restore', 'disarm']);
    expect(script.state.overlap).toBeUndefined();
  });

  it('is interrupted when it is over by whoever speaks still', () => {
    const script = inPassage();
    script.speech(640);
    expect(script.tell({ type: 'passage-over', reply: script.reply })).toEqual([]);
    expect(types(script.speech(32))).toEqual(['lower', 'arm']);
    expect(types(script.speech(288))).toContain('pause');
    expect(types(script.partial('no I want'))).toEqual(['stop', 'disarm', 'disarm']);
  });

  it('what was said over it is answered though little was said after it', () => {
    const script = inPassage();
    script.speech(640);
    script.tell({ type: 'passage-over', reply: script.reply });
    script.speech(32);
    expect(types(script.silence(96))).toEqual(['suspect-end']);
    expect(types(script.final('two teas'))).toEqual(['stop', 'disarm', 'arm', 'draft']);
    script.endOfTurn(1);
    expect(only(script.silence(640), 'commit')).toMatchObject({ text: 'two teas', reply: 1 });
  });

  it('what was said over it is answered when it is over, and not before', () => {
    const script = inPassage();
    script.speech(640);
    expect(types(script.silence(96))).toEqual(['suspect-end']);
    script.final('two teas');
    script.endOfTurn(1);
    expect(script.silence(2_048)).toEqual([]);
    const over = script.tell({ type: 'passage-over', reply: script.reply });
    expect(types(over)).toEqual(['stop', 'commit', 'arm']);
    expect(only(over, 'commit')).toMatchObject({ text: 'two teas', reply: 1 });
  });

  it('what was too short to be an interruption was none', () => {
    const script = inPassage();
    script.speech(192);
    expect(types(script.silence(96))).toEqual(['drop-turn']);
  });

  it('of another reply changes nothing', () => {
    const script = TurnScript.speaking();
    script.tell({ type: 'passage-begins', reply: script.reply + 1 });
    expect(types(script.speech(352))).toContain('pause');
  });

  it('is stopped by the client, who knows what it does', () => {
    const script = inPassage();
    expect(types(script.tell({ type: 'client-cancel' }))).toContain('stop');
  });
});

describe('prompts to a caller who is silent', () => {
  const prompted = { talk: { prompts: { afterMs: 5_000, most: 2 } } };

  function idle(script: TurnScript) {
    return script.tell({ type: 'timer', timer: 'idle' });
  }

  it('come after what the agent said, and the goodbye after them', () => {
    const script = TurnScript.speaking(prompted);
    expect(only(script.done(), 'arm')).toMatchObject({ timer: 'idle', atSeenMs: script.atMs + 5_000 });
    for (let prompt = 0; prompt < 2; prompt++) {
      expect(only(idle(script), 'say').phrase).toBe('still-there');
      script.audible();
      expect(only(script.done(), 'arm')).toMatchObject({ atSeenMs: script.atMs + 5_000 });
    }
    expect(only(idle(script), 'say').phrase).toBe('goodbye');
  });

  it('begin anew when the caller has said something', () => {
    const script = TurnScript.speaking(prompted);
    script.done();
    idle(script);
    script.audible();
    script.done();
    script.turn();
    expect(script.state.talk.prompts).toBe(0);
  });

  it('are not counted anew by noise', () => {
    const script = TurnScript.speaking(prompted);
    script.done();
    idle(script);
    script.audible();
    script.done();
    script.speech(96);
    script.silence(96);
    script.final('');
    script.silence(320);
    script.final('');
    script.silence(1_024);
    expect(script.state.listening.phase).toBe('quiet');
    expect(script.state.talk.prompts).toBe(1);
  });

  it('do not come before the agent has spoken', () => {
    const script = new TurnScript(prompted);
    expect(only(script.tell({ type: 'begin', greeting: false }).slice(1), 'arm').atSeenMs).toBe(60_000);
    expect(only(idle(script), 'say').phrase).toBe('goodbye');
  });

  it('do not come where the client says what a turn is, or replies are read', () => {
    const manual = new TurnScript({ ...prompted, detection: 'manual' });
    manual.tell({ type: 'begin', greeting: true });
    manual.audible();
    expect(only(manual.done(), 'arm').atSeenMs).toBe(600_000);
    const written = TurnScript.speaking(prompted);
    written.tell({ type: 'written', written: true });
    expect(only(written.done(), 'arm').atSeenMs).toBe(written.atMs + 600_000);
  });
});

describe('a caller who is muted', () => {
  it('is not prompted, and is again afterwards', () => {
    const script = TurnScript.speaking({ talk: { prompts: { afterMs: 5_000, most: 2 } } });
    script.done();
    const muted = script.tell({ type: 'mute', muted: true });
    expect(only(muted, 'arm').atSeenMs).toBe(script.atMs + 600_000);
    expect(script.tell({ type: 'mute', muted: true })).toEqual([]);
    expect(only(script.tell({ type: 'mute', muted: false }), 'arm').atSeenMs).toBe(script.atMs + 5_000);
  });
});

describe('a far end that is out of reach', () => {
  it('holds what is said, and every wait begins anew when it is back', () => {
    const script = new TurnScript();
    script.turn();
    expect(types(script.tell({ type: 'far-end', reachable: false }))).toEqual(['hold-output']);
    expect(script.tell({ type: 'far-end', reachable: false })).toEqual([]);
    // Nobody hears a filler.
    expect(types(script.tell({ type: 'timer', timer: 'dead-air' }))).toEqual(['arm']);
    const back = script.tell({ type: 'far-end', reachable: true, lostMs: 40 });
    expect(back).toEqual([
      { type: 'release-output', lostMs: 40 },
      { type: 'arm', timer: 'dead-air', atSeenMs: script.atMs + 2_000 },
    ]);
  });

  it('a call that ends meanwhile ends without a goodbye', () => {
    const script = TurnScript.speaking();
    script.tell({ type: 'far-end', reachable: false });
    const ended = script.tell({ type: 'timer', timer: 'max-call' });
    expect(types(ended)).toEqual(['stop', 'end-call']);
  });
});

describe('a reply that is being worked on', () => {
  it('is bridged soon after the commit', () => {
    const script = new TurnScript();
    script.speech(640);
    script.silence(96);
    script.final('how many are left');
    script.tell({ type: 'reply-working', turn: 1, revision: 1 });
    script.endOfTurn(1);
    expect(only(script.silence(352), 'arm').atSeenMs).toBe(script.atMs + 200);
  });

  it('that says so later is bridged soon after that', () => {
    const script = new TurnScript();
    script.turn();
    script.silence(320);
    const working = script.tell({ type: 'reply-working', turn: 1, revision: 1 });
    expect(working).toEqual([{ type: 'arm', timer: 'dead-air', atSeenMs: script.atMs + 200 }]);
    expect(script.tell({ type: 'reply-working', turn: 7, revision: 1 })).toEqual([]);
  });

  it('is given up after more fillers than one that is only late, but it is', () => {
    const script = new TurnScript();
    script.turn();
    script.tell({ type: 'reply-working', turn: 1, revision: 1 });
    const said: string[] = [];
    for (let i = 0; i < 5; i++)
      for (const command of script.tell({ type: 'timer', timer: 'dead-air' }))
        if (command.type === 'say') said.push(command.phrase);
    expect(said).toEqual(['filler', 'filler', 'filler', 'filler', 'apology']);
  });
});

describe('a sign of listening', () => {
  const on = { talk: { backchannels: { enabled: true } } };

  function longTurn(change: Parameters<typeof turnSettings>[0], probability: number): readonly string[] {
    const script = new TurnScript(change);
    script.speech(6_016);
    script.silence(96);
    return types(script.endOfTurn(probability));
  }

  it.each([
    { when: 'the turn is long and goes on', change: on, probability: 0.2, murmurs: true },
    { when: 'the turn may be over', change: on, probability: 0.8, murmurs: false },
    { when: 'nobody has asked for it', change: {}, probability: 0.2, murmurs: false },
    {
      when: 'the turn is short',
      change: { talk: { backchannels: { enabled: true, afterMs: 7_000 } } },
      probability: 0.2,
      murmurs: false,
    },
  ])('$when: $murmurs', ({ change, probability, murmurs }) => {
    expect(longTurn(change, probability).includes('murmur')).toBe(murmurs);
  });

  it('comes again only after a while', () => {
    const script = new TurnScript(on);
    const pauses = [6_016, 2_016, 6_016].map((speechMs) => {
      script.speech(speechMs);
      script.silence(96);
      return types(script.endOfTurn(0.2)).includes('murmur');
    });
    expect(pauses).toEqual([true, false, true]);
  });
});

describe('a log of before there was any of this', () => {
  it('has settings without it, and nothing of it happens', () => {
    const { talk: _, ...settings } = turnSettings();
    const script = new TurnScript();
    script.state = initialTurnState(settings);
    script.turn();
    const commands = types(script.speech(352));
    expect(commands).toContain('stop');
    expect(commands).not.toContain('reopen');
    expect(reduceTurn(script.state, { type: 'hung-up', reason: '', atMs: 0, seenMs: 0 }).commands).toEqual([]);
  });
});
