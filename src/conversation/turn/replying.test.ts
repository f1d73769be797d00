import { describe, expect, it } from 'vitest';
import { only, TurnScript, types } from './turn-fixture.js';

describe('replying', () => {
  it('a reply that was heard to its end leaves the floor to the caller', () => {
    const script = TurnScript.speaking();
    expect(script.done()).toEqual([
      { type: 'disarm', timer: 'dead-air' },
      { type: 'arm', timer: 'idle', atSeenMs: script.atMs + 60_000 },
    ]);
    expect(script.state.agent.phase).toBe('silent');
  });

  it('a failed draft is made once more, then apologised for', () => {
    const script = new TurnScript();
    script.turn('a coffee');
    const failed = { type: 'draft-failed', turn: 1, revision: 1 } as const;
    expect(script.tell(failed)).toEqual([{ type: 'draft', turn: 1, revision: 1, text: 'a coffee' }]);
    expect(script.tell(failed)).toEqual([
      { type: 'stop', reply: 0, why: 'failed' },
      { type: 'say', phrase: 'apology', reply: 1 },
    ]);
  });

  it('a reply that fails in the middle is not begun again: the caller is told', () => {
    const script = TurnScript.speaking();
    expect(types(script.tell({ type: 'draft-failed', turn: 1, revision: 1 }))).toEqual(['stop', 'say']);
  });

  it('a draft that fails for another revision than the one that is played changes nothing', () => {
    const script = TurnScript.speaking();
    expect(script.tell({ type: 'draft-failed', turn: 1, revision: 0 })).toEqual([]);
    expect(script.tell({ type: 'draft-failed', turn: 0, revision: 1 })).toEqual([]);
  });

  it('a reply without a sound is followed by a reprompt', () => {
    const script = new TurnScript();
    script.turn();
    const commands = script.done();
    expect(commands).toEqual([{ type: 'say', phrase: 'reprompt', reply: 1 }]);
  });

  it('a phrase without a sound is not followed by another', () => {
    const script = new TurnScript();
    script.tell({ type: 'begin', greeting: true });
    expect(types(script.done())).toEqual(['disarm', 'arm']);
  });

  it('a reply that wants to hang up ends the call when all of it has been heard', () => {
    const script = TurnScript.speaking();
    expect(script.done('all said')).toEqual([
      { type: 'disarm', timer: 'dead-air' },
      { type: 'end-call', reason: 'all said' },
    ]);
    expect(script.state.ended).toBe(true);
  });

  it('a reply that wanted to hang up and was interrupted does not', () => {
    const script = TurnScript.speaking();
    script.speech(320);
    script.partial('hold on');
    expect(script.tell({ type: 'reply-done', reply: 0, endCall: 'all said' })).toEqual([]);
    expect(script.state.ended).toBe(false);
  });

  it('news of a reply that is over changes nothing', () => {
    const script = TurnScript.speaking();
    script.turn('no, tea');
    const { state } = script;
    expect(script.tell({ type: 'reply-audible', reply: 0 })).toEqual([]);
    expect(script.tell({ type: 'reply-done', reply: 0 })).toEqual([]);
    expect(script.state).toEqual(state);
  });

  it('the client asks for a reply to the conversation as it stands', () => {
    const script = new TurnScript();
    script.tell({ type: 'begin', greeting: false });
    expect(script.tell({ type: 'client-respond' })).toEqual([
      { type: 'respond', turn: 1, reply: 0 },
      { type: 'disarm', timer: 'idle' },
      { type: 'arm', timer: 'dead-air', atSeenMs: 2_000 },
    ]);
  });

  it('a reply that the client asked for is not drafted twice', () => {
    const script = new TurnScript();
    script.tell({ type: 'client-respond' });
    expect(types(script.tell({ type: 'draft-failed', turn: 1, revision: 0 }))).toEqual(['stop', 'say']);
  });

  it('the client asks in vain while a reply is under way', () => {
    const script = TurnScript.speaking();
    expect(script.tell({ type: 'client-respond' })).toEqual([]);
  });

  it('the client cancels a reply', () => {
    const script = TurnScript.speaking();
    expect(script.tell({ type: 'client-cancel' })).toEqual([
      { type: 'stop', reply: 0, why: 'cancelled' },
      { type: 'disarm', timer: 'dead-air' },
      { type: 'arm', timer: 'idle', atSeenMs: script.atMs + 60_000 },
    ]);
    expect(script.tell({ type: 'client-cancel' })).toEqual([]);
  });

  it('a turn that is only noted leaves the call to become idle', () => {
    const script = new TurnScript({ respond: false });
    script.turn();
    expect(only(script.all.slice(-1), 'arm')).toMatchObject({ timer: 'idle' });
  });
});
