import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Brain, BrainEvent, BrainSession, DraftTurn, HeardReply } from '../../src/ports/brain.js';

export type BrainUnderTest = { readonly brain: Brain; readonly dispose: () => Promise<void> };

const text = 'A large coffee with milk please.';

/** What every {@link Brain} keeps to. It is one that answers an order for coffee with a few words. */
export function describeBrainConformance(name: string, make: () => Promise<BrainUnderTest>): void {
  describe(`${name} as a brain`, () => {
    const { signal } = new AbortController();
    let made: BrainUnderTest;
    let session: BrainSession;
    let calls = 0;

    beforeAll(async () => {
      made = await make();
    });
    beforeEach(async () => {
      session = await made.brain.begin({ callId: `call-${++calls}`, signal });
    });
    afterEach(() => session.close());
    afterAll(() => made?.dispose());

    async function say(turn: DraftTurn): Promise<string> {
      let said = '';
      for await (const event of session.draft(turn, signal)) if (event.type === 'say') said += event.text;
      return said;
    }

    it('answers a draft with words', async () => {
      expect((await say({ turn: 1, revision: 1, text })).trim()).not.toBe('');
    });

    it('goes on after an opener, which it does not say again', async () => {
      const said = await say({ turn: 1, revision: 1, text, opener: 'Sure,' });
      expect(said.trim()).not.toBe('');
      expect(said.trim()).not.toMatch(/^sure\b/i);
    });

    it('writes no history before a commit, nor after a discard', async () => {
      await say({ turn: 1, revision: 1, text });
      expect(session.history).toEqual([]);
      session.discard({ turn: 1, revision: 1 });
      session.commit({ turn: 1, revision: 1 });
      expect(session.history).toEqual([]);
    });

    it('writes the words of the caller once when the draft is adopted, while it is being said or after', async () => {
      let events = 0;
      for await (const event of session.draft({ turn: 1, revision: 1, text }, signal))
        if (event.type === 'say' && ++events === 1) session.commit({ turn: 1, revision: 1 });
      expect(events).toBeGreaterThan(1);
      session.commit({ turn: 1, revision: 1 });
      expect(session.history).toEqual([{ role: 'user', turn: 1, text }]);
    });

    it('adopts only the newest draft', async () => {
      await say({ turn: 1, revision: 1, text: 'A large' });
      await say({ turn: 1, revision: 2, text });
      session.commit({ turn: 1, revision: 1 });
      session.discard({ turn: 1, revision: 1 });
      session.commit({ turn: 2, revision: 2 });
      expect(session.history).toEqual([]);
      session.commit({ turn: 1, revision: 2 });
      expect(session.history).toEqual([{ role: 'user', turn: 1, text }]);
    });

    it('adds what was heard of a reply, and amends it when more is known', async () => {
      await say({ turn: 1, revision: 1, text });
      session.commit({ turn: 1, revision: 1 });
      session.heard(heard(1, 'Sure, a large coffee'));
      expect(session.history.at(-1)).toEqual({ role: 'assistant', ...heard(1, 'Sure, a large coffee') });
      session.heard(heard(1, 'Sure, a'));
      session.heard(heard(2, 'Hello?'));
      expect(session.history.map((item) => item.text)).toEqual([text, 'Sure, a', 'Hello?']);
    });

    it('takes a turn that nothing answers, and answers the history as it stands', async () => {
      session.noteUser(text, 9);
      expect(session.history).toMatchObject([{ role: 'user', text }]);
      expect((await say({ turn: 1, revision: 1, text: undefined })).trim()).not.toBe('');
      session.commit({ turn: 1, revision: 1 });
      expect(session.history).toHaveLength(1);
    });

    it('can be told to answer by other instructions, and keeps what was said', async () => {
      session.noteUser('Hello.', 9);
      session.instruct('You are somebody else.');
      expect((await say({ turn: 1, revision: 1, text })).trim()).not.toBe('');
      session.commit({ turn: 1, revision: 1 });
      expect(session.history.map((item) => item.text)).toEqual(['Hello.', text]);
    });

    it('takes what was written where it belongs, and forgets what is taken out', async () => {
      session.noteUser(text, 1);
      session.addMessage({ id: 'b', role: 'user', text: 'And a tea.' });
      session.addMessage({ id: 'a', role: 'system', text: 'It is raining.', after: null });
      session.addMessage({ id: 'c', role: 'assistant', text: 'Sure.', after: { turn: 1 } });
      expect(session.history.map((item) => item.text)).toEqual(['It is raining.', text, 'Sure.', 'And a tea.']);
      session.forget({ turn: 1 });
      session.forget({ message: 'b' });
      session.forget({ message: 'unknown' });
      expect(session.history.map((item) => item.text)).toEqual(['It is raining.', 'Sure.']);
    });

    it('ends or rejects a draft whose signal aborts, and answers the next', async () => {
      const abort = new AbortController();
      const events = session.draft({ turn: 1, revision: 1, text }, abort.signal);
      const said = await eventsUntilOver(events, () => abort.abort(new Error('they went on')));
      expect(said.filter((event) => event.type === 'say').length).toBeLessThanOrEqual(1);
      expect((await say({ turn: 1, revision: 2, text })).trim()).not.toBe('');
    });

    it('gives nothing for a draft that was aborted before', async () => {
      const aborted = AbortSignal.abort(new Error('they went on'));
      const said = await eventsUntilOver(session.draft({ turn: 1, revision: 1, text }, aborted), () => {});
      expect(said).toEqual([]);
    });

    it('never fails on a partial, whatever it is', async () => {
      for (const partial of ['', '  ', 'A', 'A large', 'A large coffee', 'Alarm']) session.hear(partial);
      expect(session.history).toEqual([]);
      expect((await say({ turn: 1, revision: 1, text })).trim()).not.toBe('');
    });

    it('keeps two calls apart', async () => {
      const other = await made.brain.begin({ callId: 'other', signal });
      other.noteUser('Hello.', 9);
      await say({ turn: 1, revision: 1, text });
      session.commit({ turn: 1, revision: 1 });
      expect(session.history.map((item) => item.text)).toEqual([text]);
      expect(other.history.map((item) => item.text)).toEqual(['Hello.']);
      other.close();
      expect((await say({ turn: 2, revision: 1, text })).trim()).not.toBe('');
    });

    it('can be closed twice', () => {
      session.close();
      session.close();
    });
  });
}

function heard(reply: number, words: string): HeardReply {
  return { reply, text: words, generated: `${words} with milk.`, complete: false, heardBasis: 'estimated' };
}

async function eventsUntilOver(events: AsyncIterable<BrainEvent>, onFirst: () => void): Promise<BrainEvent[]> {
  const seen: BrainEvent[] = [];
  try {
    for await (const event of events) {
      seen.push(event);
      if (seen.length === 1) onFirst();
    }
  } catch (error) {
    expect((error as Error).message).toBe('they went on');
  }
  return seen;
}
