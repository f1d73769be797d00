import { describe, expect, it } from 'vitest';
import type { DecodedWord } from '../../src/testing/tone-decoder.js';
import { CallRig, wordsOf } from './support/call-rig.js';

const menu =
  'We have tea, coffee, milk, cocoa and juice in small, medium and large cups today. Which one would you like?';

describe('a call', () => {
  it('answers a turn with the words of its reply, soon, and remembers both', async () => {
    const rig = await CallRig.open({ reply: (said) => `Sure, ${said}. Anything else?` });
    await rig.exchange('a large coffee please');
    expect(rig.heard()).toBe('sure a large coffee please anything else');
    expect(rig.history()).toEqual([
      'user: a large coffee please',
      'assistant: sure a large coffee please anything else',
    ]);
    const [measured] = rig.of('turn-measured');
    const [onset] = rig.heardWords();
    expect(measured?.event.marks).toMatchObject({ turn: 1, reply: 0, transcript: 'a large coffee please', drafts: 1 });
    // The last word ends 40 ms before the caller's audio does.
    const speechEndMs = 4 * 290 - 40;
    expect(measured?.event.marks.speechEndAudioMs).toBeGreaterThanOrEqual(speechEndMs);
    expect(measured?.event.marks.speechEndAudioMs).toBeLessThan(speechEndMs + 32);
    const latencyMs = (onset?.startMs ?? 0) - speechEndMs;
    expect(Math.abs((measured?.event.marks.responseLatencyMs ?? 0) - latencyMs)).toBeLessThan(40);
    expect(latencyMs).toBeLessThan(600);
    await rig.end();
    expect(rig.problems()).toEqual([]);
  });

  it('goes from turn to turn', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.` });
    await rig.exchange('one tea');
    await rig.exchange('two coffees');
    await rig.exchange('that is all');
    expect(rig.heard()).toBe('okay one tea okay two coffees okay that is all');
    expect(rig.history()).toHaveLength(6);
    await rig.end();
  });

  it('a caller who goes on after a short pause has one turn and one answer', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.` });
    await rig.say('a large coffee');
    await rig.clock.advance(260);
    await rig.say('with milk');
    await rig.until('reply-finished');
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual(['a large coffee with milk']);
    expect(rig.heard()).toBe('okay a large coffee with milk');
    expect(rig.history()).toEqual(['user: a large coffee with milk', 'assistant: okay a large coffee with milk']);
    expect(rig.of('turn-measured')[0]?.event.marks.drafts).toBe(2);
    await rig.end();
  });

  it('an unsure end of turn is waited for, so that a long pause does not cut the caller off', async () => {
    const probability = [0.02, 0.98];
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.`, endOfTurn: { probability } });
    await rig.say('I would like');
    await rig.clock.advance(1_500);
    await rig.say('a tea');
    await rig.until('reply-finished');
    expect(rig.heard()).toBe('okay i would like a tea');
    await rig.end();
  });

  it('speech over the agent stops it within 500 ms, and history holds exactly the words heard', async () => {
    const rig = await CallRig.open({ reply: (said) => (said === 'hello' ? menu : `Okay, ${said}.`) });
    await rig.say('hello');
    await rig.clock.runUntil(() => rig.heardWords().length >= 5);
    const onsetMs = await rig.say('just a coffee');
    const stopped = rig.of('reply-finished')[0];
    expect(stopped?.event).toMatchObject({ reply: 0, status: 'interrupted' });
    const heardOfMenu = rig.heard();
    expect(rig.soundedUntil() - onsetMs).toBeLessThan(500);
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toBe(`${heardOfMenu} okay just a coffee`);
    expect(rig.history()).toEqual([
      'user: hello',
      `assistant: ${heardOfMenu}`,
      'user: just a coffee',
      'assistant: okay just a coffee',
    ]);
    const generated = rig.brain.history[1];
    expect(generated).toMatchObject({
      complete: false,
      generated: expect.stringContaining(menu.slice(0, 40)) as string,
    });
    await rig.end();
  });

  it.each([0, 7, 13, 29, 50, 84, 111, 140, 170, 200, 230, 260])(
    'history holds the words heard wherever the interruption falls: %d ms later',
    async (laterMs) => {
      const rig = await CallRig.open({ reply: (said) => (said === 'hello' ? menu : 'Okay.') });
      await rig.say('hello');
      await rig.clock.runUntil(() => rig.heardWords().length >= 3);
      await rig.clock.advance(laterMs);
      await rig.say('stop right now');
      const heard = joined(rig.wordsBetween(0, rig.clock.nowMs()));
      const cut = heard.at(-1);
      const whole = heard.filter((word) => word.endMs - word.startMs >= 125).map((word) => word.text);
      // Within a step of the decoder the cut word may count or not.
      const unsure = cut !== undefined && Math.abs(cut.endMs - cut.startMs - 125) <= 5;
      const told = rig.of('reply-finished')[0]?.event.heard ?? '';
      const words = told
        .toLowerCase()
        .replace(/[^a-z ]/g, '')
        .split(' ');
      if (!unsure) expect(words).toEqual(whole);
      else expect(whole.slice(0, words.length)).toEqual(words);
      await rig.end();
    },
  );

  it('a backchannel lowers the agent by 12 dB and more, and brings it back without a gap', async () => {
    const rig = await CallRig.open({ reply: menu });
    await rig.say('hello');
    await rig.clock.runUntil(() => rig.heardWords().length >= 4);
    const onsetMs = await rig.say('yes');
    await rig.until('reply-finished');
    expect(rig.of('reply-finished')[0]?.event.status).toBe('completed');
    expect(rig.of('turn-dropped').map(({ event }) => event.why)).toEqual(['backchannel']);
    const words = joined(rig.heardWords(5));
    expect(words.map((word) => word.text).join(' ')).toBe(rig.history()[1]?.slice('assistant: '.length));
    const loud = words[0]?.levelDb ?? 0;
    const lowered = rig
      .levels(onsetMs - 500, onsetMs + 1_500)
      .filter(({ levelDb }) => levelDb < loud - 12 && levelDb > loud - 18);
    expect(lowered.length).toBeGreaterThan(5);
    expect(lowered.length).toBeLessThan(60);
    for (const { atMs } of lowered) expect(Math.abs(atMs - onsetMs - 300)).toBeLessThan(300);
    expect(words.at(-1)?.levelDb).toBeCloseTo(loud, 0);
    for (const [index, word] of words.entries())
      expect(word.startMs - (words[index - 1]?.endMs ?? word.startMs)).toBeLessThan(100);
    await rig.end();
  });

  it('noise that silences the agent is followed by the phrase that it masked', async () => {
    const rig = await CallRig.open({ reply: menu, stt: { transcripts: ({ order }) => (order === 0 ? 'hello' : '') } });
    await rig.say('hello');
    await rig.clock.runUntil(() => rig.heardWords().length >= 4);
    await rig.say('rattle clang bang');
    await rig.until('turn-dropped');
    const before = rig.heardWords().length;
    await rig.until('reply-finished');
    expect(rig.of('reply-finished')[0]?.event).toMatchObject({ status: 'completed', heard: menu });
    expect(rig.history()).toEqual(['user: hello', `assistant: ${wordsOf(menu)}`]);
    const after = rig.heardWords().slice(before);
    // From the comma before it.
    expect(after.map(({ text }) => text).join(' ')).toMatch(/^coffee milk cocoa .* one would you like$/);
    await rig.end();
  });

  it('the caller hangs up in the middle of a reply: what was heard is kept and nothing goes on', async () => {
    const rig = await CallRig.open({ reply: menu });
    await rig.say('hello');
    await rig.clock.runUntil(() => rig.heardWords().length >= 3);
    const heard = rig.heard();
    await rig.end();
    expect(rig.history()).toEqual(['user: hello', `assistant: ${heard}`]);
    expect(rig.of('reply-finished')[0]?.event.status).toBe('cancelled');
    expect(rig.events.at(-1)?.event).toEqual({ type: 'ended', reason: 'the caller hung up' });
  });
});

describe('audio that does not come in real time', () => {
  it('five seconds of audio at once have one answer, at once', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.` });
    const samples = new Float32Array(5 * 16_000);
    samples.set(rig.callerSpeech('a large coffee with milk and two sugars'), 8_000);
    rig.transport.burst(samples);
    await rig.until('reply-finished');
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual([
      'a large coffee with milk and two sugars',
    ]);
    expect(rig.audibleAfter(0)).toBeLessThan(500);
    await rig.clock.advance(5_000);
    expect(rig.of('turn-committed')).toHaveLength(1);
    expect(rig.heard()).toBe('okay a large coffee with milk and two sugars');
    await rig.end();
  });

  /** The caller's frames in real time; those of the stall come all at once at its end. */
  async function stalled(rig: CallRig, text: string, stallAtMs: number, stallMs: number): Promise<void> {
    const samples = new Float32Array(16_000 * 6);
    samples.set(rig.callerSpeech(text));
    const startMs = rig.clock.nowMs();
    for (let at = 0; at < samples.length; at += 320) {
      const spokenMs = at / 16 + 20;
      const inStall = spokenMs > stallAtMs && spokenMs < stallAtMs + stallMs;
      rig.clock.at(startMs + (inStall ? stallAtMs + stallMs : spokenMs), () => {
        rig.transport.burst(samples.slice(at, at + 320));
      });
    }
    await rig.until('reply-finished');
  }

  it('a stall of two seconds in the middle of speech does not cut the caller off', async () => {
    const rig = await CallRig.open({
      reply: (said) => `Okay, ${said}.`,
      endOfTurn: { probability: (samples) => (samples.length > 16 * 3_000 ? 0.95 : 0.05) },
    });
    const text = 'one large coffee with milk and a slice of apple pie please';
    await stalled(rig, text, 1_000, 2_000);
    expect(rig.of('turn-committed')).toHaveLength(1);
    expect(rig.of('turn-committed')[0]?.event.text.split(' ').length).toBeGreaterThanOrEqual(11);
    await rig.end();
  });

  it('a stall of 1.4 s does not even pause the turn', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.` });
    const text = 'one large coffee with milk and a slice of apple pie please';
    await stalled(rig, text, 1_000, 1_400);
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual([text]);
    expect(rig.of('speech-paused')).toHaveLength(1);
    await rig.end();
  });

  it('a caller who sends nothing while silent is answered all the same', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.` });
    rig.transport.burst(rig.callerSpeech('a tea'));
    await rig.until('reply-finished');
    expect(rig.heard()).toBe('okay a tea');
    await rig.clock.advance(10_000);
    rig.transport.burst(rig.callerSpeech('and a cake'));
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toBe('okay a tea okay and a cake');
    await rig.end();
  });
});

/** A word that is lowered in its middle is decoded as two. */
function joined(words: readonly DecodedWord[]): DecodedWord[] {
  const whole: DecodedWord[] = [];
  for (const word of words) {
    const last = whole.at(-1);
    if (last?.text === word.text) whole[whole.length - 1] = { ...last, endMs: word.endMs };
    else whole.push(word);
  }
  return whole;
}
describe('what is drafted for nothing', () => {
  it('is told at the end of the call', async () => {
    const rig = await CallRig.open({ reply: 'Okay, that one. Anything else?', endOfTurn: { probability: [0.1, 1] } });
    await rig.say('a large tea');
    // Long enough for a draft and its first clause, too short for the end of the turn.
    await rig.clock.advance(1_200);
    await rig.exchange('with milk');
    expect(rig.of('turn-committed')).toHaveLength(1);
    await rig.end();
    const counted = rig.of('drafts-counted')[0]?.event;
    expect(counted).toMatchObject({ begun: 2, adopted: 1, wasted: { drafts: 1 } });
    expect(counted?.wasted.tokens).toBeGreaterThan(2);
    expect(counted?.wasted.audioMs).toBeGreaterThan(500);
    // The first token took 200 ms of scripted computing.
    expect(counted?.wasted.computeMs).toBeGreaterThan(200);
  });
});
