import { describe, expect, it } from 'vitest';
import { turnSettings } from '../../src/conversation/turn/turn-fixture.js';
import { ScriptedBrain } from '../../src/testing/scripted-brain.js';
import { decodeTones } from '../../src/testing/tone-decoder.js';
import { CallRig } from './support/call-rig.js';

const long = 'We have tea, coffee, milk, cocoa and juice in small, medium and large cups today. Which one?';
const greeting = 'hello how can i help you';
const goodbye = 'thank you for calling goodbye';

describe('the beginning and the end of a call', () => {
  it('an agent that speaks first greets at once, and the greeting is history', async () => {
    const rig = await CallRig.open({ greet: true, reply: 'Okay.' });
    rig.transport.connect();
    await rig.until('reply-finished');
    expect(rig.heard()).toBe(greeting);
    expect(rig.audibleAfter(0)).toBeLessThan(50);
    await rig.exchange('a tea');
    expect(rig.history()).toEqual([`assistant: ${greeting}`, 'user: a tea', 'assistant: okay']);
    await rig.end();
  });

  it('a greeting can be talked over', async () => {
    const rig = await CallRig.open({ greet: true, reply: 'Okay.' });
    rig.transport.connect();
    await rig.clock.advance(400);
    await rig.say('a large tea');
    await rig.until('reply-finished', 2);
    expect(rig.history()).toEqual(['assistant: hello how can i', 'user: a large tea', 'assistant: okay']);
    await rig.end();
  });

  it('a minute in which nobody speaks ends with a goodbye', async () => {
    const rig = await CallRig.open({ reply: 'Okay.' });
    await rig.exchange('a tea');
    const quietSinceMs = rig.clock.nowMs();
    await rig.until('ended', 1, 120_000);
    expect(rig.heard()).toBe(`okay ${goodbye}`);
    expect(Math.round((rig.audibleAfter(quietSinceMs + 100) - quietSinceMs) / 1_000)).toBe(60);
    expect(rig.transport.hungUp).toBe('idle');
    expect(rig.of('ended')[0]?.event.reason).toBe('idle');
    await rig.end();
  });

  it('the longest call ends with a goodbye in the middle of a reply', async () => {
    const rig = await CallRig.open({ reply: long, settings: { silence: { maxCallMs: 4_000 } } });
    await rig.say('a tea');
    await rig.until('ended');
    // The goodbye begins in the middle of a word, so that its first one is not told apart from that.
    expect(rig.heard()).toMatch(/^we have .* you for calling goodbye$/);
    expect(rig.of('ended')[0]).toMatchObject({ event: { reason: 'max-call' } });
    expect(rig.of('reply-finished').map(({ event }) => event.status)).toEqual(['cancelled', 'completed']);
    await rig.end();
  });

  it('a goodbye is not interrupted', async () => {
    const rig = await CallRig.open({ settings: { silence: { idleHangUpMs: 2_000 } } });
    rig.transport.connect();
    await rig.clock.advance(2_100);
    await rig.say('wait wait wait wait');
    await rig.until('ended');
    expect(rig.heard()).toBe(goodbye);
    await rig.end();
  });

  it('an agent that wants to hang up does so when all of its words were heard', async () => {
    const rig = await CallRig.open({
      brain: (clock) =>
        new ScriptedBrain({
          clock,
          answer: () => [
            { type: 'say', text: 'All done, goodbye.' },
            { type: 'end-call', reason: 'all said' },
          ],
        }),
    });
    await rig.say('that is all');
    await rig.until('ended');
    expect(rig.heard()).toBe('all done goodbye');
    expect(rig.transport.hungUp).toBe('all said');
    await rig.end();
  });
});

describe('what a client may ask of a call', () => {
  it('manual detection opens and ends turns only on commit', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.`, settings: { detection: 'manual' } });
    await rig.say('a large tea');
    await rig.clock.advance(3_000);
    await rig.say('with milk');
    await rig.clock.advance(3_000);
    expect(rig.events).toEqual([]);
    rig.session.controls.commitInput();
    await rig.until('reply-finished');
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual(['a large tea with milk']);
    expect(rig.heard()).toBe('okay a large tea with milk');
    await rig.say('a cake');
    rig.session.controls.commitInput();
    await rig.until('reply-finished', 2);
    expect(rig.of('turn-committed')[1]?.event.text).toBe('a cake');
    await rig.end();
  });

  it('a turn that is committed right after another does not begin with the words of that', async () => {
    const rig = await CallRig.open({ reply: 'Okay.', settings: { detection: 'manual' } });
    await rig.say('a large tea');
    rig.session.controls.commitInput();
    await rig.say('and milk');
    rig.session.controls.commitInput();
    await rig.until('turn-committed', 2);
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual(['a large tea', 'and milk']);
    await rig.end();
  });

  it('input that is cleared is not part of the next turn', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.`, settings: { detection: 'manual' } });
    await rig.say('not this');
    rig.session.controls.clearInput();
    await rig.clock.advance(60);
    await rig.say('a cake');
    rig.session.controls.commitInput();
    await rig.until('reply-finished');
    expect(rig.of('turn-committed')[0]?.event.text).toBe('a cake');
    await rig.end();
  });

  it('a turn is noted without an answer until one is asked for', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.`, settings: { respond: false } });
    await rig.say('a tea');
    await rig.until('turn-committed');
    await rig.clock.advance(3_000);
    expect(rig.heard()).toBe('');
    rig.session.controls.respond();
    await rig.until('reply-finished');
    expect(rig.heard()).toBe('okay a tea');
    expect(rig.history()).toEqual(['user: a tea', 'assistant: okay a tea']);
    await rig.end();
  });

  it('words that were written are answered as if they had been said', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}` });
    rig.session.controls.addMessage({ id: 'item_1', role: 'user', text: 'Two teas.' });
    rig.session.controls.respond();
    await rig.until('reply-finished');
    expect(rig.heard()).toBe('okay two teas');
    await rig.end();
  });

  it('a reply that the client asks for in a pause does not cost the turn its own', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}`, endOfTurn: { probability: 0.2 } });
    rig.session.controls.addMessage({ id: 'item_1', role: 'user', text: 'Two teas.' });
    await rig.say('and a cake');
    await rig.clock.advance(400);
    rig.session.controls.respond();
    await rig.until('turn-committed');
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toBe('okay two teas okay and a cake');
    expect(rig.history().filter((item) => !item.startsWith('assistant'))).toEqual([
      'written: two teas',
      'user: and a cake',
    ]);
    await rig.end();
  });

  it('a cancelled reply stops at once', async () => {
    const rig = await CallRig.open({ reply: long });
    await rig.say('a tea');
    await rig.clock.runUntil(() => rig.heardWords().length >= 3);
    const atMs = rig.clock.nowMs();
    rig.session.controls.cancelReply();
    await rig.clock.advance(2_000);
    expect(rig.soundedUntil()).toBeLessThanOrEqual(atMs + 5);
    expect(rig.of('reply-finished')[0]?.event.status).toBe('cancelled');
    await rig.end();
  });

  it('a client that played less amends the history', async () => {
    const rig = await CallRig.open({ reply: long });
    await rig.say('a tea');
    await rig.until('reply-finished');
    expect(rig.session.controls.truncate(0, 580)).toBe('We have');
    expect(rig.session.controls.truncate(9, 580)).toBeUndefined();
    expect(rig.brain.history[1]).toMatchObject({
      text: 'We have',
      generated: long,
      complete: false,
      heardBasis: 'truncated',
    });
    expect(rig.session.controls.sentMs(0)).toBe(17 * 290);
    await rig.end();
  });

  it('a client that stops playing in the middle of a reply is believed, when the reply is stopped as well', async () => {
    const rig = await CallRig.open({ reply: (said) => (said === 'a tea' ? long : 'Okay.') });
    await rig.say('a tea');
    await rig.clock.runUntil(() => rig.heardWords().length >= 4);
    expect(rig.session.controls.truncate(0, 580)).toBe('We have');
    await rig.say('just stop there please');
    await rig.until('reply-finished', 2);
    const [stopped] = rig.of('reply-finished');
    expect(stopped?.event).toMatchObject({ status: 'interrupted', heard: 'We have', heardBasis: 'truncated' });
    expect(rig.history()[1]).toBe('assistant: we have');
    await rig.end();
  });

  it('a client that stops playing for a backchannel has heard what came after it', async () => {
    const rig = await CallRig.open({ reply: long });
    await rig.say('a tea');
    await rig.clock.runUntil(() => rig.heardWords().length >= 4);
    await rig.say('yes');
    expect(rig.of('turn-dropped')).toEqual([]);
    rig.session.controls.truncate(0, 580);
    await rig.until('reply-finished');
    expect(rig.of('turn-dropped').map(({ event }) => event.why)).toEqual(['backchannel']);
    expect(rig.brain.history[1]).toMatchObject({ text: long, complete: true, heardBasis: 'estimated' });
    await rig.end();
  });

  it('other settings hold from the next window on', async () => {
    const rig = await CallRig.open({ reply: 'Okay.' });
    rig.session.controls.configure(turnSettings({ detection: 'manual' }));
    await rig.say('a tea');
    await rig.clock.advance(3_000);
    expect(rig.of('speech-started')).toEqual([]);
    rig.session.controls.configure(turnSettings());
    await rig.exchange('a cake');
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual(['a cake']);
    await rig.end();
  });

  it('a client that hangs up ends the call with its reason', async () => {
    const rig = await CallRig.open({ reply: long });
    await rig.say('a tea');
    rig.session.controls.hangUp('enough');
    await rig.until('ended');
    expect(rig.of('ended')[0]?.event.reason).toBe('enough');
    await rig.end();
  });
});

describe('the recording of a call', () => {
  /** Both channels of the recording, as words with their times. */
  function channels(rig: CallRig) {
    const all = Buffer.concat(rig.recording).subarray(44);
    const read = (offset: number): Float32Array =>
      Float32Array.from({ length: all.length / 4 }, (_, i) => all.readInt16LE(4 * i + offset) / 32_768);
    return {
      caller: decodeTones(read(0), { rateHz: 24_000, vocabulary: rig.callerVocabulary }),
      agent: decodeTones(read(2), { rateHz: 24_000, vocabulary: rig.agentVocabulary }),
    };
  }

  it('holds caller and agent at the times at which they were heard', async () => {
    const rig = await CallRig.open({ record: true, greet: true, reply: (said) => `Okay, ${said}.` });
    await rig.until('reply-finished');
    const firstMs = await rig.say('a large tea');
    await rig.until('reply-finished', 2);
    const heard = rig.heardWords(60);
    await rig.clock.advance(1_000);
    await rig.end();
    const { caller, agent } = channels(rig);
    expect(caller.map((word) => word.text)).toEqual(['a', 'large', 'tea']);
    expect(agent.map((word) => word.text)).toEqual(heard.map((word) => word.text));
    // The recording begins with the caller's audio, the clock before it.
    const offsetMs = (caller[0]?.startMs ?? 0) - firstMs;
    for (const [index, word] of agent.entries())
      if (index >= 6) expect(Math.abs(word.startMs - offsetMs - (heard[index]?.startMs ?? 0))).toBeLessThan(50);
  });

  it('stays aligned when the caller sends nothing for a while', async () => {
    const rig = await CallRig.open({ record: true, reply: (said) => `Okay, ${said}.` });
    const said = async (text: string, answer: number): Promise<number> => {
      const atMs = rig.clock.nowMs();
      rig.transport.burst(rig.callerSpeech(text));
      rig.transport.burst(new Float32Array(16_000));
      await rig.until('reply-finished', answer);
      return atMs;
    };
    await said('a tea', 1);
    await rig.clock.advance(20_000);
    const secondMs = await said('a cake', 2);
    const heard = rig.heardWords(60);
    await rig.clock.advance(1_000);
    await rig.end();
    const { caller, agent } = channels(rig);
    expect(caller.map((word) => word.text)).toEqual(['a', 'tea', 'a', 'cake']);
    expect(agent.map((word) => word.text)).toEqual(['okay', 'a', 'tea', 'okay', 'a', 'cake']);
    const betweenMs = (agent[3]?.startMs ?? 0) - (caller[2]?.startMs ?? 0);
    // The burst takes its own length of the recording and no time on the clock. Of a gap the first 160 ms are not filled.
    const burstMs = 2 * 290 + 1_000;
    expect(Math.abs(betweenMs - burstMs - ((heard[3]?.startMs ?? 0) - secondMs))).toBeLessThan(200);
    const turnsMs = (caller[2]?.startMs ?? 0) - (caller[0]?.startMs ?? 0);
    expect(Math.abs(turnsMs - burstMs - secondMs)).toBeLessThan(200);
  });
});
