import { describe, expect, it } from 'vitest';
import { defaultDraftingSettings } from './draft-budget.js';
import { only, TurnScript, turnSettings, types } from './turn-fixture.js';

function paused(): TurnScript {
  const script = new TurnScript();
  script.tell({ type: 'begin', greeting: false });
  script.speech(640);
  script.silence(96);
  return script;
}

describe('drafting', () => {
  it('a reply is drafted as soon as the transcript is frozen, before the turn is committed', () => {
    const script = paused();
    expect(script.final('a coffee')).toEqual([{ type: 'draft', turn: 1, revision: 1, text: 'a coffee' }]);
    expect(script.state.agent.phase).toBe('silent');
  });

  it('the committed turn adopts the draft of its own revision, without another', () => {
    const script = paused();
    script.final('a coffee');
    script.silence(128);
    script.speech(320);
    script.silence(96);
    expect(only(script.final('a coffee with milk'), 'draft').revision).toBe(2);
    script.endOfTurn(1);
    const commands = script.silence(352);
    expect(types(commands)).toEqual(['commit', 'arm']);
    expect(only(commands, 'commit')).toMatchObject({ revision: 2, text: 'a coffee with milk' });
  });

  it('a draft that failed in the pause is made anew by the commit', () => {
    const script = paused();
    script.final('a coffee');
    expect(script.tell({ type: 'draft-failed', turn: 1, revision: 1 })).toEqual([]);
    script.endOfTurn(1);
    const commands = script.silence(352);
    expect(types(commands)).toEqual(['draft', 'commit', 'arm']);
  });

  it('that new draft is the second try: when it fails too, the caller is told', () => {
    const script = paused();
    script.final('a coffee');
    script.tell({ type: 'draft-failed', turn: 1, revision: 1 });
    script.endOfTurn(1);
    script.silence(352);
    expect(types(script.tell({ type: 'draft-failed', turn: 1, revision: 1 }))).toEqual(['stop', 'say']);
  });

  it('when too few drafts were used, the next one waits for half of the expected silence', () => {
    const script = new TurnScript({ drafting: { ...defaultDraftingSettings, minDrafts: 2, lastDrafts: 2 } });
    script.tell({ type: 'begin', greeting: false });
    script.speech(640);
    for (let revision = 1; revision <= 2; revision++) {
      script.silence(96);
      expect(types(script.final('a coffee'))).toEqual(['draft']);
      script.speech(320);
    }
    script.silence(96);
    expect(script.final('a coffee with milk')).toEqual([]);
    expect(script.endOfTurn(1)).toEqual([]);
    // It would wait 420 ms in all: the draft begins at 224, the commit adopts it.
    expect(script.silence(96)).toEqual([]);
    expect(types(script.silence(32))).toEqual(['draft']);
    expect(types(script.silence(224))).toEqual(['commit', 'arm']);
    // It was used: of the last two, one.
    script.audible();
    script.done();
    script.speech(640);
    script.silence(96);
    expect(types(script.final('and a cake'))).toEqual(['draft']);
  });

  it('a draft waits while urgent work waits for cores, and a client that ends the turn does not wait for it', () => {
    const script = new TurnScript({ drafting: defaultDraftingSettings });
    script.tell({ type: 'begin', greeting: false });
    script.speech(640);
    script.silence(96);
    expect(script.tell({ type: 'final', ...script.pause, text: 'a coffee', queueMs: 200 })).toEqual([]);
    expect(types(script.tell({ type: 'client-commit', bufferStartMs: 0 }))).toEqual(['draft', 'commit', 'arm']);
  });

  it('in the middle of a dictated number none is made, until half of a long wait has passed', () => {
    const script = new TurnScript({ drafting: defaultDraftingSettings });
    script.tell({ type: 'begin', greeting: false });
    script.tell({ type: 'expect', answer: { kind: 'number', of: 'phone', minDigits: 10, maxDigits: 10 } });
    script.speech(960);
    script.silence(96);
    expect(script.final('five five five')).toEqual([]);
    const halfMs = turnSettings().endpointing.patientWaitMs / 2;
    expect(script.silence(halfMs - 160)).toEqual([]);
    expect(types(script.silence(128))).toEqual(['draft']);
  });

  it('a draft that was put off is not discarded when the caller goes on', () => {
    const script = new TurnScript({ drafting: defaultDraftingSettings });
    script.tell({ type: 'begin', greeting: false });
    script.speech(640);
    script.silence(96);
    script.tell({ type: 'final', ...script.pause, text: 'a coffee', queueMs: 200 });
    expect(types(script.speech(64))).toEqual(['resume-turn']);
  });

  it('nothing is drafted when nobody asked for an answer', () => {
    const script = new TurnScript({ respond: false });
    expect(types(script.turn())).toEqual(['open-turn', 'disarm', 'suspect-end', 'commit', 'arm']);
    expect(only(script.all, 'commit').reply).toBeUndefined();
  });

  it('a draft for which nobody asks any more is discarded by the commit', () => {
    const script = paused();
    script.final('a coffee');
    script.tell({ type: 'configure', settings: turnSettings({ respond: false }) });
    script.endOfTurn(1);
    expect(types(script.silence(352))).toEqual(['discard', 'commit', 'arm']);
  });

  it('an answer that is asked for only after the transcript is drafted by the commit', () => {
    const script = new TurnScript({ respond: false });
    script.speech(640);
    script.silence(96);
    expect(script.final('a coffee')).toEqual([]);
    script.tell({ type: 'configure', settings: turnSettings() });
    script.endOfTurn(1);
    expect(types(script.silence(352))).toEqual(['draft', 'commit', 'arm']);
  });

  it('the draft of a paused turn gives way to a reply that the client asks for, and is made anew by the commit', () => {
    const script = paused();
    script.final('a coffee');
    expect(types(script.tell({ type: 'client-respond' }))).toEqual(['discard', 'respond', 'disarm', 'arm']);
    script.endOfTurn(1);
    expect(types(script.silence(352))).toEqual(['stop', 'draft', 'commit', 'arm']);
  });
});
