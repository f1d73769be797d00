import { describe, expect, it } from 'vitest';
import { disclosure } from '../../src/agents/disclosure.js';
import type { BrainEvent } from '../../src/ports/brain.js';
import { ScriptedBrain } from '../../src/testing/scripted-brain.js';
import { CallRig, type CallRigOptions, wordsOf } from './support/call-rig.js';

const long = 'We have tea, coffee, milk, cocoa and juice in small, medium and large cups today. Which one?';
const goodbye = 'thank you for calling goodbye';

/** What each reply was asked for, as the language model's last message. */
function askedOf(asked: string[]): (said: string) => string {
  return (said) => {
    asked.push(said);
    return `Okay, ${said}.`;
  };
}

/** Until the agent has been heard, whatever sounds while it speaks may be its own echo: the call has begun before. */
async function begunCall(options: CallRigOptions): Promise<CallRig> {
  const rig = await CallRig.open(options);
  await rig.exchange('good morning');
  return rig;
}

describe('a caller who goes on after their turn was taken to be over', () => {
  it('has one turn, one answer to all of it, and one entry in the history', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.`, model: { firstTokenMs: 900 } });
    await rig.say('a table for Tuesday');
    await rig.until('turn-committed');
    await rig.clock.advance(200);
    await rig.say('no sorry Wednesday');
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toBe('okay a table for tuesday no sorry wednesday');
    expect(rig.history()).toEqual([
      'assistant: ',
      'user: a table for tuesday no sorry wednesday',
      'assistant: okay a table for tuesday no sorry wednesday',
    ]);
    expect(rig.of('turn-reopened').map(({ event }) => event)).toEqual([
      { type: 'turn-reopened', turn: 2, continues: 1 },
    ]);
    expect(rig.of('reply-finished').map(({ event }) => event.status)).toEqual(['interrupted', 'completed']);
    await rig.end();
    expect(rig.problems()).toEqual([]);
  });

  it('the first word of the reply that they talked over stays in the history', async () => {
    const rig = await begunCall({ reply: (said) => `Okay. You would like ${said}.` });
    await rig.say('a coffee');
    await rig.until('turn-committed', 2);
    await rig.clock.advance(120);
    await rig.say('and a muffin');
    await rig.until('reply-finished', 3);
    expect(rig.history().slice(2)).toEqual([
      'assistant: okay',
      'user: a coffee and a muffin',
      'assistant: okay you would like a coffee and a muffin',
    ]);
    await rig.end();
  });

  it('a correction after a pause within the turn reaches the agent as one turn', async () => {
    const asked: string[] = [];
    const rig = await CallRig.open({ reply: askedOf(asked), endOfTurn: { probability: [0.1, 1] } });
    await rig.say('Tuesday');
    await rig.clock.advance(700);
    await rig.say('no sorry Wednesday');
    await rig.until('reply-finished');
    expect(rig.of('turn-committed').map(({ event }) => event.text)).toEqual(['tuesday no sorry wednesday']);
    expect(asked.at(-1)).toBe('tuesday no sorry wednesday');
    expect(rig.history()).toHaveLength(2);
    await rig.end();
  });

  it('dictation in pieces, each taken for a turn, is one number to the agent', async () => {
    const asked: string[] = [];
    const rig = await CallRig.open({ reply: askedOf(asked), model: { firstTokenMs: 1_550 } });
    for (const [index, piece] of ['five five five', 'one two three', 'four five'].entries()) {
      await rig.say(piece);
      await rig.until('turn-committed', index + 1);
      await rig.clock.advance(200);
    }
    await rig.until('reply-finished', 3);
    expect(rig.of('turn-committed')).toHaveLength(3);
    expect(asked.at(-1)).toBe('five five five one two three four five');
    expect(rig.history().filter((item) => item.startsWith('user'))).toEqual([
      'user: five five five one two three four five',
    ]);
    expect(rig.heard()).toBe('okay five five five one two three four five');
    await rig.end();
  });
});

describe('an interrupted agent', () => {
  it('tells the model what was heard, that it was cut off there, and nothing of the rest', async () => {
    const prompts: string[][] = [];
    const rig = await CallRig.open({
      reply: (_said, messages) => {
        prompts.push(messages.map(({ role, text }) => `${role}: ${text}`));
        return prompts.length === 1 ? long : 'Okay.';
      },
    });
    await rig.say('what do you have');
    await rig.until('reply-text');
    await rig.clock.advance(1_300);
    await rig.say('wait a cocoa please');
    await rig.until('reply-finished', 2);
    const heard = rig.of('reply-finished')[0]?.event.heard ?? '';
    expect(heard.split(' ').length).toBeGreaterThan(3);
    expect(long.startsWith(heard)).toBe(true);
    expect(prompts.at(-1)).toEqual(['user: what do you have', `assistant: ${heard}…`, 'user: wait a cocoa please']);
    await rig.end();
  });
});

describe('a passage that is heard to its end', () => {
  const passage = 'This call is recorded for training. ';

  function withPassage(rest: string) {
    return begunCall({
      brain: (clock) =>
        new ScriptedBrain({
          clock,
          answer: ({ text }): BrainEvent[] | string =>
            text?.startsWith('hello')
              ? [
                  { type: 'say', text: passage, interruptible: false },
                  { type: 'say', text: rest },
                ]
              : `Okay, ${text ?? ''}.`,
        }),
    });
  }

  it('is not lowered or stopped, and what the caller said over it is answered after it', async () => {
    const rig = await withPassage('What can I do for you today, and how are you?');
    const texts = rig.of('reply-text').length;
    await rig.say('hello there');
    await rig.until('reply-text', texts + 1);
    await rig.clock.advance(400);
    const overMs = rig.clock.nowMs();
    await rig.say('two teas');
    await rig.until('reply-finished', 3);
    expect(rig.of('reply-finished')[1]?.event.status).toBe('interrupted');
    expect(rig.heard()).toMatch(/^okay good morning this call is recorded for training (what )?(can )?okay two teas$/);
    const loud = rig.wordsBetween(overMs + 320, overMs + 600);
    expect(loud.length).toBeGreaterThan(0);
    expect(rig.history().at(-2)).toBe('user: two teas');
    await rig.end();
  });

  it('once it is over the rest can be interrupted as ever', async () => {
    const rig = await withPassage(long);
    const texts = rig.of('reply-text').length;
    await rig.say('hello there');
    await rig.until('reply-text', texts + 2);
    await rig.clock.advance(600);
    await rig.say('wait I want tea');
    await rig.until('reply-finished', 3);
    expect(rig.of('reply-finished')[1]?.event.status).toBe('interrupted');
    expect(wordsOf(rig.of('reply-finished')[1]?.event.heard ?? '')).not.toContain('cocoa');
    await rig.end();
  });

  it('a caller who asks whether they speak with a machine hears the answer', async () => {
    const rig = await CallRig.open();
    await rig.say('are you a robot');
    await rig.until('reply-text');
    await rig.clock.advance(300);
    await rig.say('wait wait wait wait wait');
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toContain(wordsOf(disclosure));
    await rig.end();
  });
});

describe('a caller who says nothing', () => {
  it('is asked twice whether they are there, and then the call is over', async () => {
    const rig = await CallRig.open({ reply: 'Okay.', settings: { talk: { prompts: { afterMs: 10_000, most: 2 } } } });
    await rig.exchange('a tea');
    const quietSinceMs = rig.clock.nowMs();
    await rig.until('ended', 1, 120_000);
    expect(rig.heard()).toBe(`okay are you still there hello are you still there ${goodbye}`);
    expect(Math.round((rig.audibleAfter(quietSinceMs + 100) - quietSinceMs) / 1_000)).toBe(10);
    expect(rig.of('ended')[0]?.event.reason).toBe('idle');
    await rig.end();
  });

  it('and answers then is asked anew the next time', async () => {
    const rig = await CallRig.open({ reply: 'Okay.', settings: { talk: { prompts: { afterMs: 5_000, most: 1 } } } });
    await rig.exchange('a tea');
    await rig.clock.advance(8_000);
    await rig.exchange('yes I am here');
    await rig.until('ended', 1, 120_000);
    expect(rig.heard()).toBe(`okay are you still there okay hello are you still there ${goodbye}`);
    await rig.end();
  });

  it.each(['manual', 'written', 'muted'])('is not asked in a call that is %s', async (kind) => {
    const detection = kind === 'manual' ? 'manual' : 'auto';
    const rig = await CallRig.open({
      greet: true,
      settings: { detection, talk: { prompts: { afterMs: 5_000, most: 2 } } },
    });
    rig.transport.connect();
    if (kind === 'written') rig.session.controls.setWritten(true);
    if (kind === 'muted') rig.session.controls.setMuted(true);
    await rig.clock.advance(60_000);
    expect(rig.heard()).toBe('hello how can i help you');
    expect(rig.of('ended')).toEqual([]);
    await rig.end();
  });
});

describe('keys that the caller presses', () => {
  function press(rig: CallRig, keys: string): void {
    for (const digit of keys) rig.transport.push({ type: 'dtmf', digit });
  }

  it('are told to the agent as their words when no more come, and answered', async () => {
    const asked: string[] = [];
    const rig = await CallRig.open({ reply: askedOf(asked) });
    rig.transport.connect();
    for (const digit of '123') {
      press(rig, digit);
      await rig.clock.advance(1_500);
    }
    expect(rig.of('keys-entered')).toHaveLength(0);
    await rig.until('reply-finished');
    expect(asked).toEqual(['pressed 1 2 3']);
    expect(rig.history()).toEqual(['user: pressed 1 2 3', 'assistant: okay pressed 1 2 3']);
    expect(rig.of('key').map(({ event }) => event.digit)).toEqual(['1', '2', '3']);
    await rig.end();
  });

  it('end at once with #, and stop the agent', async () => {
    const rig = await CallRig.open({ reply: (said) => (said.startsWith('pressed') ? 'Thank you.' : long) });
    await rig.say('hello there you');
    await rig.until('reply-text');
    await rig.clock.advance(1_000);
    press(rig, '42#');
    await rig.until('reply-finished', 2);
    expect(rig.of('reply-finished').map(({ event }) => event.status)).toEqual(['interrupted', 'completed']);
    expect(rig.of('keys-entered')[0]?.event.text).toBe('pressed 4 2 #');
    expect(rig.history().slice(-2)).toEqual(['user: pressed 4 2', 'assistant: thank you']);
    await rig.end();
  });

  it('are answered together with what was said while they were pressed', async () => {
    const asked: string[] = [];
    const rig = await CallRig.open({ reply: askedOf(asked) });
    await rig.say('my number is');
    press(rig, '7');
    await rig.clock.advance(1_000);
    press(rig, '8');
    await rig.until('reply-finished');
    expect(asked.at(-1)).toBe('my number is pressed 7 8');
    await rig.end();
  });

  it('what is no key is reported, and the call goes on', async () => {
    const rig = await CallRig.open({ reply: 'Okay.' });
    rig.transport.push({ type: 'dtmf', digit: 'no key at all' });
    await rig.exchange('a tea');
    expect(rig.problems()).toEqual(['transport.key']);
    await rig.end();
  });
});

describe('a caller who is muted', () => {
  it('is not heard, and is heard again', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.`, record: true });
    rig.transport.connect();
    rig.session.controls.setMuted(true);
    await rig.say('secret secret secret');
    await rig.clock.advance(2_000);
    expect(rig.of('speech-started')).toEqual([]);
    rig.session.controls.setMuted(false);
    await rig.exchange('a tea');
    expect(rig.history()).toEqual(['user: a tea', 'assistant: okay a tea']);
    await rig.end();
  });

  it('what they said before is answered', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.` });
    await rig.say('a large tea');
    rig.session.controls.setMuted(true);
    await rig.until('reply-finished');
    expect(rig.heard()).toBe('okay a large tea');
    await rig.end();
  });
});

describe('a far end that cannot be reached for a while', () => {
  it('in the middle of a reply: the agent pauses, and goes on where it was heard', async () => {
    const rig = await CallRig.open({ reply: 'One two three four five six seven eight.' });
    await rig.say('count');
    await rig.until('reply-text');
    await rig.clock.advance(700);
    rig.session.controls.setReachable(false);
    const lostMs = rig.clock.nowMs();
    await rig.clock.advance(5_000);
    expect(rig.soundedUntil()).toBeLessThanOrEqual(lostMs);
    rig.session.controls.setReachable(true);
    await rig.until('reply-finished');
    const heard = rig.heardWords(5).map(({ text }) => text);
    expect(wordsOf(rig.of('reply-finished')[0]?.event.heard ?? '')).toBe('one two three four five six seven eight');
    expect(new Set(heard).size).toBe(8);
    expect(rig.history().at(-1)).toBe('assistant: one two three four five six seven eight');
    await rig.end();
  });

  it('in the middle of a turn: what was said is answered when it is back', async () => {
    const rig = await CallRig.open({ reply: (said) => `Okay, ${said}.` });
    await rig.say('a large tea');
    rig.session.controls.setReachable(false);
    await rig.clock.advance(6_000);
    expect(rig.heard()).toBe('');
    rig.session.controls.setReachable(true);
    await rig.until('reply-finished');
    expect(rig.heard()).toBe('okay a large tea');
    expect(rig.history()).toEqual(['user: a large tea', 'assistant: okay a large tea']);
    await rig.end();
  });

  it('nobody is asked whether they are there, and a call that ends meanwhile needs no goodbye', async () => {
    const rig = await CallRig.open({
      greet: true,
      settings: { talk: { prompts: { afterMs: 2_000, most: 1 } }, silence: { maxCallMs: 20_000 } },
    });
    rig.transport.connect();
    await rig.until('reply-finished');
    rig.session.controls.setReachable(false);
    await rig.until('ended');
    expect(rig.heard()).toBe('hello how can i help you');
    expect(rig.of('ended')[0]?.event.reason).toBe('max-call');
    await rig.end();
  });
});

describe('an agent that is at work', () => {
  it('says so soon, instead of when the silence has become long, and its answer comes', async () => {
    const rig = await CallRig.open({
      brain: (clock) =>
        new ScriptedBrain({
          clock,
          answer: async function* (): AsyncIterable<BrainEvent> {
            yield { type: 'working' };
            await new Promise<void>((resolve) => void clock.at(clock.nowMs() + 6_000, resolve));
            yield { type: 'say', text: 'There are two left.' };
          },
        }),
    });
    await rig.say('how many are left');
    await rig.until('turn-committed');
    const committedMs = rig.clock.nowMs();
    await rig.until('reply-finished');
    expect(rig.audibleAfter(committedMs) - committedMs).toBeLessThan(600);
    expect(rig.heard()).toMatch(/^one moment please .*there are two left$/);
    expect(rig.of('reply-finished')[0]?.event).toMatchObject({ status: 'completed', heard: 'There are two left.' });
    await rig.end();
  });
});

describe('backchannels of the agent', () => {
  const speech = Array.from({ length: 24 }, (_, index) => `word${index}`).join(' ');

  it('are heard quietly in a pause of a long turn, and are no reply', async () => {
    const rig = await CallRig.open({
      reply: 'Okay.',
      endOfTurn: { probability: [0.1, 0.1, 1] },
      settings: { talk: { backchannels: { enabled: true } } },
    });
    await rig.say(speech);
    await rig.clock.advance(600);
    await rig.say('and more');
    await rig.clock.advance(600);
    await rig.say('and that is it');
    await rig.until('reply-finished', 2);
    expect(rig.heard()).toBe('mmhm okay');
    expect(rig.history().map((item) => item.split(':')[0])).toEqual(['user', 'assistant']);
    await rig.end();
  });

  it('are off unless they are asked for', async () => {
    const rig = await CallRig.open({ reply: 'Okay.', endOfTurn: { probability: [0.1, 1] } });
    await rig.say(speech);
    await rig.clock.advance(600);
    await rig.say('and more');
    await rig.until('reply-finished');
    expect(rig.heard()).toBe('okay');
    await rig.end();
  });
});
