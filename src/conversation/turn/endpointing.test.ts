import { describe, expect, it } from 'vitest';
import { only, TurnScript, turnSettings, types } from './turn-fixture.js';

function begun(change = {}): TurnScript {
  const script = new TurnScript(change);
  script.tell({ type: 'begin', greeting: false });
  return script;
}

describe('endpointing', () => {
  it('a click of one window opens no turn', () => {
    const script = begun();
    expect([...script.speech(32), ...script.silence(960)]).toEqual([]);
    expect(script.state.listening).toEqual({ phase: 'quiet', voicedMs: 0 });
  });

  it('speech of 64 ms opens a turn that began with its first window', () => {
    const script = begun();
    script.silence(320);
    expect(script.speech(32)).toEqual([]);
    expect(script.speech(32)).toEqual([
      { type: 'open-turn', turn: 1, startMs: 320 },
      { type: 'disarm', timer: 'idle' },
    ]);
  });

  it('two clicks with silence between them do not add up to speech', () => {
    const script = begun();
    for (let i = 0; i < 5; i++) expect([...script.speech(32), ...script.silence(32)]).toEqual([]);
  });

  it('a probability between the thresholds goes on with what came before', () => {
    const script = begun();
    expect(script.audio(640, 0.4)).toEqual([]);
    script.speech(320);
    expect(script.audio(640, 0.4)).toEqual([]);
    expect(script.state.listening).toMatchObject({ phase: 'speech', lastVoicedMs: script.atMs });
  });

  it('suspects the end after 96 ms of silence, counted from the last window of speech', () => {
    const script = begun();
    script.speech(640);
    expect(script.silence(64)).toEqual([]);
    expect(script.silence(32)).toEqual([
      { type: 'suspect-end', turn: 1, revision: 1, speechEndMs: 640 },
      { type: 'arm', timer: 'dead-air', atSeenMs: 640 + 2_000 },
    ]);
  });

  it('commits when the silence has lasted as long as the probability asks for', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee');
    script.endOfTurn(1);
    expect(script.silence(320)).toEqual([]);
    const commit = only(script.silence(32), 'commit');
    expect(commit).toMatchObject({ turn: 1, revision: 1, text: 'a coffee', reply: 0, speechEndMs: 640 });
    expect(commit.because).toMatch(/^waited 4\d\d ms: turn over 0\.\d\d \(end-of-turn 1\.00, only 2 words\)$/);
    expect(script.state.listening.phase).toBe('quiet');
  });

  it('waits longer when more is expected to come', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee and');
    script.endOfTurn(0);
    expect(types(script.silence(1_880))).toEqual([]);
    expect(types(script.silence(32))).toContain('commit');
  });

  it('waits a second when the end-of-turn model does not answer', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee');
    expect(script.silence(1_000 - 96 - 32)).toEqual([]);
    expect(only(script.silence(32), 'commit').because).toContain('no end-of-turn estimate');
  });

  it('words that the brain takes for complete end the wait sooner, and those of another pause do not', () => {
    const waited = (read?: { probability: number; revision?: number }): number => {
      const script = begun();
      script.speech(640);
      script.silence(96);
      script.final('a coffee with some of the milk you have');
      script.endOfTurn(0.3);
      script.silence(160);
      if (read) script.tell({ type: 'words-read', ...script.pause, ...read });
      let ms = 256;
      for (; types(script.silence(32)).length === 0; ) ms += 32;
      return ms;
    };
    const unread = waited();
    expect(waited({ probability: 0.98 })).toBeLessThan(unread - 100);
    expect(waited({ probability: 0.01 })).toBeGreaterThanOrEqual(unread);
    expect(waited({ probability: 0.98, revision: 7 })).toBe(unread);
  });

  it('a late end-of-turn answer commits at once when the silence is long enough already', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee');
    expect(script.silence(512)).toEqual([]);
    expect(types(script.endOfTurn(1))).toEqual(['commit', 'arm']);
  });

  it('the transcript is waited for, however sure the model is', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.endOfTurn(1);
    expect(script.silence(3_200)).toEqual([]);
    expect(types(script.final('a coffee'))).toEqual(['draft', 'commit', 'arm']);
  });

  it('a pause shorter than the wait continues the same turn and discards its draft', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee');
    script.endOfTurn(1);
    script.silence(192);
    expect(script.speech(64)).toEqual([
      { type: 'resume-turn', turn: 1, revision: 1 },
      { type: 'discard', turn: 1, revision: 1 },
    ]);
    script.speech(320);
    expect(only(script.silence(96), 'suspect-end')).toMatchObject({ turn: 1, revision: 2, speechEndMs: 1_312 });
  });

  it('a pause that ends before its transcript has come has no draft to discard', () => {
    const script = begun();
    script.speech(640);
    script.silence(128);
    expect(types(script.speech(64))).toEqual(['resume-turn']);
  });

  it('a click in a pause neither continues the turn nor begins the wait anew', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee');
    script.endOfTurn(1);
    expect(script.speech(32)).toEqual([]);
    const commands = script.silence(288);
    expect(commands).toEqual([]);
    expect(only(script.silence(32), 'commit').speechEndMs).toBe(640);
  });

  it.each([
    ['end-of-turn answer', { type: 'end-of-turn', turn: 1, revision: 1, probability: 1 }],
    ['transcript', { type: 'final', turn: 1, revision: 1, text: 'a coffee' }],
    ['failed transcript', { type: 'final-failed', turn: 1, revision: 1 }],
    ['failed draft', { type: 'draft-failed', turn: 1, revision: 1 }],
  ] as const)('a stale %s changes nothing', (_name, event) => {
    const script = begun();
    script.speech(640);
    script.silence(128);
    script.speech(128);
    const resumed = script.state;
    expect(script.tell(event)).toEqual([]);
    expect(script.state).toEqual(resumed);
    script.silence(96);
    const suspected = script.state;
    expect(script.tell(event)).toEqual([]);
    expect(script.state).toEqual(suspected);
  });

  it('asks about a silence that goes on, once for each length, while the answer can matter', () => {
    const script = begun({ endpointing: { lookAgainMs: [288, 576] } });
    script.speech(640);
    script.silence(96);
    script.final('a coffee and');
    // Nothing more is asked while the first answer is on its way.
    expect(script.silence(256)).toEqual([]);
    script.endOfTurn(0.1);
    expect(script.silence(32)).toEqual([{ type: 'look-again', turn: 1, revision: 1, speechEndMs: 640 }]);
    script.tell({ type: 'end-of-turn', ...script.pause, probability: 0.2, silenceMs: 384 });
    expect(types(script.silence(192))).toEqual(['look-again']);
    expect(types(script.silence(256))).toEqual([]);
    const { listening } = script.state;
    expect(listening.phase === 'pause' && listening.looks.map(({ silenceMs }) => silenceMs)).toEqual([96, 384]);
  });

  it('a look that is told twice counts once, and one that overtakes another takes its place', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    const look = (silenceMs: number) =>
      script.tell({ type: 'end-of-turn', ...script.pause, probability: 0.5, silenceMs });
    look(288);
    look(96);
    look(288);
    const { listening } = script.state;
    expect(listening.phase === 'pause' && listening.looks.map(({ silenceMs }) => silenceMs)).toEqual([96, 288]);
  });

  it('ends a yes or no at once where one is expected, and a number not before its digits', () => {
    const script = begun();
    script.tell({ type: 'expect', answer: { kind: 'yes-no' } });
    script.speech(320);
    script.silence(96);
    script.final('Yes.');
    expect(types(script.silence(64))).toEqual([]);
    expect(only(script.silence(64), 'commit').because).toBe('waited 200 ms: no end-of-turn estimate, a yes or no');
    script.audible();
    script.tell({ type: 'expect', answer: { kind: 'number', of: 'phone', minDigits: 10, maxDigits: 10 } });
    script.done();
    script.speech(1_600);
    script.silence(96);
    script.final('555 012');
    script.endOfTurn(1);
    expect(types(script.silence(2_300))).toEqual([]);
    script.speech(1_600);
    script.silence(96);
    script.final('555 012 3456');
    expect(only(script.silence(128), 'commit').because).toBe('waited 200 ms: no end-of-turn estimate, ten digits');
  });

  it('learns from pauses that the caller went on after', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee and');
    script.silence(864);
    expect(script.state.pace.pauses).toBe(0);
    script.speech(640);
    expect(script.state.pace).toEqual({ pauses: 1, meanMs: 960 });
  });

  it('a second transcript of the same suspicion changes nothing: the first one is frozen', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee');
    expect(script.final('a toffee')).toEqual([]);
    script.endOfTurn(1);
    expect(only(script.silence(352), 'commit').text).toBe('a coffee');
  });

  it('an empty transcript is asked for once more, then the turn is dropped', () => {
    const script = begun();
    script.speech(96);
    script.silence(96);
    expect(script.final('')).toEqual([]);
    expect(script.silence(192)).toEqual([]);
    expect(script.silence(32)).toEqual([{ type: 'freeze-again', turn: 1, revision: 1 }]);
    script.endOfTurn(1);
    expect(script.final('')).toEqual([]);
    expect(script.silence(128)).toEqual([
      { type: 'drop-turn', turn: 1, why: 'empty' },
      { type: 'arm', timer: 'idle', atSeenMs: script.atMs + 60_000 },
    ]);
    expect(script.state.listening.phase).toBe('quiet');
  });

  it('a second transcript that has words saves the turn', () => {
    const script = begun();
    script.speech(96);
    script.silence(96);
    script.endOfTurn(1);
    script.final('');
    script.silence(224);
    expect(types(script.final('tea'))).toEqual(['draft']);
    expect(only(script.silence(128), 'commit').text).toBe('tea');
  });

  it('a transcript much shorter than the last partial is asked for once more, then believed', () => {
    const script = begun();
    script.speech(640);
    script.tell({ type: 'partial', turn: 1, text: 'a large coffee with milk' });
    script.silence(96);
    expect(script.final('a large')).toEqual([]);
    expect(types(script.silence(224))).toEqual(['freeze-again']);
    expect(only(script.final('a large'), 'draft').text).toBe('a large');
  });

  it('words that were heard but not transcribed are asked for again aloud', () => {
    const script = begun();
    script.speech(640);
    script.tell({ type: 'partial', turn: 1, text: 'a large coffee' });
    script.silence(96);
    script.endOfTurn(1);
    script.final('');
    script.silence(224);
    script.final('');
    const commands = script.silence(128);
    expect(types(commands)).toEqual(['drop-turn', 'say']);
    expect(only(commands, 'say').phrase).toBe('reprompt');
  });

  it('a transcript that fails twice is followed by a reprompt', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.endOfTurn(1);
    script.tell({ type: 'final-failed', ...script.pause });
    expect(types(script.silence(224))).toEqual(['freeze-again']);
    script.tell({ type: 'final-failed', ...script.pause });
    const commands = script.silence(128);
    expect(types(commands)).toEqual(['drop-turn', 'say']);
    expect(only(commands, 'say').phrase).toBe('reprompt');
  });

  it('partials of another turn are not mistaken for this one', () => {
    const script = begun();
    script.speech(640);
    script.tell({ type: 'partial', turn: 0, text: 'something much longer than what is said now' });
    script.silence(96);
    expect(types(script.final('hi'))).toEqual(['draft']);
  });

  it('faster-than-real-time audio is endpointed in sample time', () => {
    const script = begun();
    // Everything is heard at once, at 0 ms on the clock.
    const burst = (ms: number, speech: boolean): void => {
      for (let passed = 0; passed < ms; passed += 32) {
        script.lagMs -= 32;
        if (speech) script.speech(32);
        else script.silence(32);
      }
    };
    burst(640, true);
    burst(1_024, false);
    expect(types(script.all)).toEqual(['arm', 'arm', 'open-turn', 'disarm', 'suspect-end', 'arm']);
    const commands = script.final('a coffee');
    expect(types(commands)).toEqual(['draft', 'commit', 'arm']);
    // Deadlines are on the clock, which has not moved.
    expect(only(commands, 'arm').atSeenMs).toBe(2_000 - 96);
  });

  it('turns are numbered one after the other', () => {
    const script = begun();
    script.turn();
    script.audible();
    script.done();
    script.turn();
    expect(script.all.filter((each) => each.type === 'commit').map((each) => [each.turn, each.reply])).toEqual([
      [1, 0],
      [2, 1],
    ]);
  });
});

describe('manual detection', () => {
  it('opens and ends turns only on commit', () => {
    const script = begun({ detection: 'manual' });
    expect([...script.speech(3_200), ...script.silence(3_200)]).toEqual([]);
    expect(script.tell({ type: 'client-commit', bufferStartMs: 1_000 })).toEqual([
      { type: 'open-turn', turn: 1, startMs: 1_000 },
      { type: 'disarm', timer: 'idle' },
      { type: 'suspect-end', turn: 1, revision: 1, speechEndMs: 6_400 },
      { type: 'arm', timer: 'dead-air', atSeenMs: 6_400 + 2_000 },
    ]);
    const commands = script.final('a coffee');
    expect(types(commands)).toEqual(['draft', 'commit', 'arm']);
    expect(only(commands, 'commit').because).toBe('the client ended the turn');
  });

  it('asks again at once for an empty transcript, and drops the turn when that is empty too', () => {
    const script = begun({ detection: 'manual' });
    script.speech(320);
    script.tell({ type: 'client-commit', bufferStartMs: 0 });
    expect(types(script.final(''))).toEqual(['freeze-again']);
    expect(types(script.final(''))).toEqual(['drop-turn', 'arm']);
  });

  it('a commit while the agent speaks stops it when the words are there', () => {
    const script = TurnScript.speaking();
    script.tell({ type: 'configure', settings: turnSettings({ detection: 'manual' }) });
    script.speech(960);
    expect(types(script.tell({ type: 'client-commit', bufferStartMs: script.atMs - 960 }))).not.toContain('stop');
    expect(types(script.final('no, tea'))).toEqual(['draft', 'stop', 'commit', 'arm']);
  });
});

describe('the client', () => {
  it('ends a turn in the middle of speech', () => {
    const script = begun();
    script.speech(640);
    expect(script.tell({ type: 'client-commit', bufferStartMs: 0 })).toEqual([
      { type: 'suspect-end', turn: 1, revision: 1, speechEndMs: 640 },
      { type: 'arm', timer: 'dead-air', atSeenMs: 640 + 2_000 },
    ]);
    expect(types(script.final('a coffee'))).toEqual(['draft', 'commit', 'arm']);
  });

  it('ends a turn in its pause without the rest of the wait', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee');
    expect(types(script.tell({ type: 'client-commit', bufferStartMs: 0 }))).toEqual(['commit', 'arm']);
  });

  it('takes back what was said: the draft is discarded and the call may become idle', () => {
    const script = begun();
    script.speech(640);
    script.silence(96);
    script.final('a coffee');
    expect(script.tell({ type: 'client-clear' })).toEqual([
      { type: 'discard', turn: 1, revision: 1 },
      { type: 'drop-turn', turn: 1, why: 'cleared' },
      { type: 'arm', timer: 'idle', atSeenMs: script.atMs + 60_000 },
    ]);
    expect(script.silence(3_200)).toEqual([]);
  });

  it('brings a lowered agent back when it takes back what was said over it', () => {
    const script = TurnScript.speaking();
    script.speech(96);
    expect(script.tell({ type: 'client-clear' })).toEqual([
      { type: 'drop-turn', turn: 2, why: 'cleared' },
      { type: 'restore', reply: 0 },
      { type: 'disarm', timer: 'overlap' },
    ]);
  });

  it('clearing nothing changes nothing', () => {
    const script = begun();
    expect(script.tell({ type: 'client-clear' })).toEqual([]);
  });
});
