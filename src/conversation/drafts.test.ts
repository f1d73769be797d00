import { describe, expect, it } from 'vitest';
import { ScriptedBrain } from '../testing/scripted-brain.js';
import { ScriptedTextToSpeech } from '../testing/scripted-text-to-speech.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { Drafts } from './drafts.js';
import { Openers } from './openers.js';
import { PhraseCache } from './speak/phrase-cache.js';

async function rig(fail?: () => Error) {
  const clock = new VirtualClock();
  const brain = await new ScriptedBrain({
    clock,
    answer: ({ text }) => `Sure, ${text}.`,
    ...(fail ? { fail } : {}),
  }).begin({ callId: 'call_1', signal: new AbortController().signal });
  const failed: string[] = [];
  const drafts = new Drafts({
    brain,
    tts: new ScriptedTextToSpeech({ clock }),
    voice: 'tones',
    speed: 1,
    phrases: new PhraseCache(),
    openers: new Openers([]),
    clock,
    onFailed: (turn, revision, error) => failed.push(`${turn}/${revision} ${error.message}`),
  });
  return { clock, brain, drafts, failed };
}

describe('drafts', () => {
  it('a draft is prepared ahead and adopted by its turn and revision only', async () => {
    const { clock, drafts } = await rig();
    drafts.begin({ turn: 1, revision: 2, text: 'tea' });
    await clock.advance(1_000);
    expect(drafts.adopt(1, 1)).toBeUndefined();
    expect(drafts.adopt(2, 2)).toBeUndefined();
    const adopted = drafts.adopt(1, 2);
    expect(adopted?.reply.source.text).toBe('Sure, tea.');
    expect(drafts.adopt(1, 2)).toBeUndefined();
    const wasted = { drafts: 0, tokens: 0, computeMs: 0, audioMs: 0 };
    expect(drafts.account).toEqual({ begun: 1, adopted: 1, wasted });
  });

  it('a discarded draft stops working, is told to the brain and counted', async () => {
    const { clock, brain, drafts } = await rig();
    const reply = drafts.begin({ turn: 1, revision: 1, text: 'a large tea' });
    await clock.advance(350);
    expect(drafts.discard(1, 2)).toBe(false);
    expect(drafts.discard(1, 1)).toBe(true);
    expect(drafts.discard(1, 1)).toBe(false);
    await clock.runUntilIdle();
    expect(reply.source.pieces).toHaveLength(1);
    expect(brain.records.map((record) => record.type)).toEqual(['draft', 'discard']);
    // Its first clause was spoken (25 ms), and three words were thought.
    expect(drafts.account).toEqual({
      begun: 1,
      adopted: 0,
      wasted: { drafts: 1, tokens: 3, computeMs: 25, audioMs: 290 },
    });
  });

  it('a new draft ends the one before', async () => {
    const { clock, drafts, failed } = await rig();
    const first = drafts.begin({ turn: 1, revision: 1, text: 'tea' });
    drafts.begin({ turn: 1, revision: 2, text: 'tea and toast' });
    await clock.runUntilIdle();
    expect(first.source.pieces).toEqual([]);
    expect(drafts.adopt(1, 2)?.reply.source.text).toBe('Sure, tea and toast.');
    expect(failed).toEqual([]);
  });

  it('a failure is reported for as long as anybody waits for the draft', async () => {
    const { clock, drafts, failed } = await rig(() => new Error('no model'));
    drafts.begin({ turn: 1, revision: 1, text: 'tea' });
    await clock.runUntilIdle();
    drafts.begin({ turn: 1, revision: 2, text: 'tea' });
    const adopted = drafts.adopt(1, 2);
    await clock.runUntilIdle();
    drafts.begin({ turn: 1, revision: 3, text: 'tea' });
    drafts.discard(1, 3);
    await clock.runUntilIdle();
    expect(adopted).toBeDefined();
    expect(failed).toEqual(['1/1 no model', '1/2 no model']);
  });

  it('stopping an adopted reply stops its work', async () => {
    const { clock, drafts, failed } = await rig();
    drafts.begin({ turn: 1, revision: 1, text: 'a very long order of many things' });
    const adopted = drafts.adopt(1, 1);
    await clock.advance(300);
    adopted?.abort();
    await clock.advance(5_000);
    expect(adopted?.reply.source.pieces.length).toBeLessThanOrEqual(1);
    expect(failed).toEqual([]);
  });
});
