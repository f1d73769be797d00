import { describe, expect, it } from 'vitest';
import type { BrainEvent } from '../../ports/brain.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { SpeakOptions, SpeechEvent, TextToSpeech } from '../../ports/text-to-speech.js';
import { ScriptedTextToSpeech } from '../../testing/scripted-text-to-speech.js';
import { VirtualClock } from '../../testing/virtual-clock.js';
import { withDeadline } from './deadline.js';
import type { ProposedOpener } from './opener-gate.js';
import { PhraseCache } from './phrase-cache.js';
import { PreparedReply } from './prepared-reply.js';

function rig(tts?: (clock: VirtualClock) => TextToSpeech, opener?: ProposedOpener) {
  const clock = new VirtualClock();
  const events = new EventQueue<BrainEvent>();
  const abort = new AbortController();
  const voice = tts?.(clock) ?? new ScriptedTextToSpeech({ clock });
  const reply = new PreparedReply({
    events,
    tts: voice,
    voice: 'tones',
    speed: 1,
    phrases: new PhraseCache(),
    clock,
    signal: abort.signal,
    ...(opener ? { opener } : {}),
  });
  let outcome = 'open';
  reply.done.then(
    () => {
      outcome = 'done';
    },
    (error: Error) => {
      outcome = error.message;
    },
  );
  const say = (text: string): void => events.push({ type: 'say', text });
  return { clock, events, abort, reply, say, outcome: () => outcome };
}

describe('prepared reply', () => {
  it('speaks the first clause while the rest is still being thought', async () => {
    const { clock, events, reply, say, outcome } = rig();
    await clock.advance(200);
    say('Sure,');
    say(' a large');
    await clock.advance(100);
    expect(reply.source.pieces.map((piece) => piece.text)).toEqual(['Sure,']);
    expect(reply.marks).toMatchObject({ startedMs: 0, firstTokenMs: 200, firstClauseMs: 200, openerMs: 225 });
    say(' coffee. Anything else?');
    events.push({ type: 'usage', computedTokens: 7, reusedTokens: 200, newTokens: 6, firstTokenMs: 200 });
    events.end();
    await clock.advance(100);
    expect(reply.source.pieces.map((piece) => piece.text)).toEqual(['Sure,', 'a large coffee.', 'Anything else?']);
    expect(reply.source.complete).toBe(true);
    expect(outcome()).toBe('done');
    expect(reply.text).toBe('Sure, a large coffee. Anything else?');
    expect(reply.marks.tokens).toEqual({ computed: 7, reused: 200, generated: 6 });
  });

  it('keeps the wish to hang up', async () => {
    const { clock, events, reply, say } = rig();
    say('Goodbye.');
    events.push({ type: 'end-call', reason: 'all said' });
    events.end();
    await clock.advance(100);
    expect(reply.endCall).toBe('all said');
  });

  it('a reply without words is complete and empty', async () => {
    const { clock, events, reply, outcome } = rig();
    events.end();
    await clock.settle();
    expect(outcome()).toBe('done');
    expect(reply.source).toMatchObject({ complete: true, pieces: [] });
  });

  it('fails when thinking fails, and keeps what was ready', async () => {
    const { clock, events, reply, say, outcome } = rig();
    say('Sure, a ');
    await clock.advance(50);
    events.fail(new Error('the model is gone'));
    await clock.advance(50);
    expect(outcome()).toBe('the model is gone');
    expect(reply.source.pieces).toHaveLength(1);
    expect(reply.source.complete).toBe(false);
  });

  it('fails when speaking fails', async () => {
    const { clock, say, outcome } = rig(
      (clock) => new ScriptedTextToSpeech({ clock, fail: () => new Error('the voice is gone') }),
    );
    say('Sure, a ');
    await clock.advance(50);
    expect(outcome()).toBe('the voice is gone');
  });

  it('an abort ends it without a failure', async () => {
    const { clock, abort, events, say, outcome } = rig();
    say('Sure, a ');
    abort.abort(new Error('discarded'));
    events.fail(new Error('discarded'));
    await clock.advance(100);
    expect(outcome()).toBe('done');
  });

  it('gives up a brain that falls silent in the middle of its reply', async () => {
    const { clock, say, outcome } = rig();
    say('Sure, a ');
    await clock.advance(7_000);
    say('coffee ');
    await clock.advance(7_900);
    expect(outcome()).toBe('open');
    await clock.advance(200);
    expect(outcome()).toContain('Nothing came from the brain for 8000 ms');
  });

  it('gives up a voice that falls silent', async () => {
    const { clock, events, say, outcome } = rig((clock) => new ScriptedTextToSpeech({ clock, fail: () => 'hang' }));
    say('Sure.');
    events.end();
    await clock.advance(8_100);
    expect(outcome()).toContain('Nothing came from text to speech');
  });

  it('a clause that comes in several stretches of audio has its text with the first', async () => {
    const spoken: SpeakOptions[] = [];
    const samples = new Float32Array(10);
    const tts: TextToSpeech = {
      name: 'twice',
      rateHz: 24_000,
      voices: ['tones'],
      close: async () => {},
      async *speak(options): AsyncIterable<SpeechEvent> {
        spoken.push(options);
        yield { type: 'audio', samples, rateHz: 24_000, words: [] };
        yield { type: 'audio', samples: new Float32Array(0), rateHz: 24_000, words: [] };
        yield { type: 'audio', samples, rateHz: 24_000, words: [] };
      },
    };
    const { clock, events, reply, say } = rig(() => tts);
    say('Sure, a coffee.');
    events.end();
    await clock.settle();
    expect(reply.source.pieces.map((piece) => piece.text)).toEqual(['Sure,', '', 'a coffee.', '']);
    expect(spoken.map(({ text, urgency, continues }) => [text, urgency, continues])).toEqual([
      ['Sure,', 'first', true],
      ['a coffee.', 'later', true],
    ]);
  });
});

describe('a deadline on events', () => {
  const { signal } = new AbortController();

  it('leaves no timer behind when it is given up, though the source goes on hanging', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const hanging: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
    };
    const waiting = (async () => {
      for await (const _ of withDeadline(hanging, { clock, stallMs: 100, what: 'it', signal: abort.signal }));
    })();
    await clock.advance(50);
    abort.abort(new Error('the call has ended'));
    await expect(waiting).rejects.toThrow('the call has ended');
    expect(clock.armed).toBe(0);
  });

  it('passes them on and leaves no timer behind', async () => {
    const clock = new VirtualClock();
    const events = new EventQueue<number>();
    for (const each of [1, 2, 3]) events.push(each);
    events.end();
    const got: number[] = [];
    for await (const each of withDeadline(events, { clock, stallMs: 100, what: 'it', signal })) got.push(each);
    expect(got).toEqual([1, 2, 3]);
    expect(clock.armed).toBe(0);
  });

  it('closes its source when the reader leaves early, and when it gives up', async () => {
    const clock = new VirtualClock();
    const ended: string[] = [];
    async function* source(name: string, waitMs: number): AsyncIterable<number> {
      try {
        yield 1;
        await new Promise<void>((resolve) => clock.at(waitMs, resolve));
        yield 2;
      } finally {
        ended.push(name);
      }
    }
    for await (const _ of withDeadline(source('left', 10), { clock, stallMs: 100, what: 'it', signal })) break;
    await clock.settle();
    expect(ended).toEqual(['left']);
    const failing = (async () => {
      for await (const _ of withDeadline(source('late', 500), { clock, stallMs: 100, what: 'it', signal }));
    })();
    const failed = expect(failing).rejects.toMatchObject({ code: 'reply.stalled', retryable: true });
    await clock.advance(100);
    await failed;
    await clock.advance(400);
    expect(ended).toEqual(['left', 'late']);
  });
});

describe('a reply with an opener', () => {
  const opener: ProposedOpener = {
    text: 'Okay,',
    pieces: [{ text: 'Okay,', samples: new Float32Array(2_400).fill(0.1), rateHz: 24_000, words: [] }],
    expectedReadyMs: 600,
    worthMs: 250,
  };
  /** One that promises something. */
  const accepting: ProposedOpener = {
    ...opener,
    text: 'Sure,',
    pieces: opener.pieces.map((piece) => ({ ...piece, text: 'Sure,' })),
  };
  const texts = (reply: PreparedReply): string[] => reply.source.pieces.map((piece) => piece.text);

  it('begins with it at once when it is wanted and any answer may follow', async () => {
    const { clock, events, reply, say } = rig(undefined, opener);
    await clock.advance(100);
    expect(texts(reply)).toEqual([]);
    reply.commit();
    expect(texts(reply)).toEqual(['Okay,']);
    expect(reply.marks.openerMs).toBe(100);
    say(" I'm afraid we are out of it.");
    events.end();
    await clock.advance(300);
    expect(reply.text).toBe("Okay, I'm afraid we are out of it.");
  });

  it('begins with it as soon as it is wanted and known to fit', async () => {
    const { clock, events, reply, say } = rig(undefined, accepting);
    await clock.advance(100);
    reply.commit();
    say(' a');
    await clock.advance(50);
    expect(texts(reply)).toEqual([]);
    say(' large latte w');
    await clock.advance(50);
    expect(texts(reply)).toEqual(['Sure,']);
    expect(reply.marks.openerMs).toBe(150);
    say('ith milk.');
    events.end();
    await clock.advance(300);
    expect(texts(reply)).toEqual(['Sure,', 'a large latte', 'with milk.']);
    expect(reply.source.pieces.map((piece) => piece.opener ?? false)).toEqual([true, false, false]);
    expect(reply.text).toBe('Sure, a large latte with milk.');
    expect(reply.opener).toBe('Sure,');
  });

  it('begins with what it says when that is ready first', async () => {
    const { clock, events, reply, say } = rig(undefined, opener);
    say(' a large latte.');
    events.end();
    await clock.advance(200);
    reply.commit();
    await clock.advance(1_000);
    expect(texts(reply)).toEqual(['A large latte.']);
    expect(reply.text).toBe('A large latte.');
    expect(reply.opener).toBeUndefined();
  });

  it('begins with what it says when that is known to refuse', async () => {
    const { clock, events, reply, say } = rig(undefined, opener);
    say(" I'm sorry, we are");
    await clock.advance(10);
    reply.commit();
    say(' closed.');
    events.end();
    await clock.advance(500);
    expect(texts(reply)).toEqual(["I'm sorry,", 'we are closed.']);
  });

  it('does not begin with a promise when what it says refuses', async () => {
    const { clock, events, reply, say } = rig(undefined, accepting);
    reply.commit();
    say(" I'm sorry, we");
    await clock.advance(10);
    expect(texts(reply)).toEqual([]);
    say(' are closed.');
    events.end();
    await clock.advance(500);
    expect(texts(reply)).toEqual(["I'm sorry,", 'we are closed.']);
  });

  it('is waited for when it is nearly there, and opened when it is late after all', async () => {
    const { clock, reply, say } = rig(undefined, opener);
    say(' a large latte');
    await clock.advance(400);
    reply.commit();
    await clock.advance(440);
    expect(texts(reply)).toEqual([]);
    await clock.advance(20);
    expect(texts(reply)).toEqual(['Okay,']);
  });

  it('opens nothing after it was given up', async () => {
    const { clock, abort, reply, say } = rig(undefined, opener);
    say(' a large latte');
    await clock.advance(400);
    reply.commit();
    abort.abort();
    await clock.advance(1_000);
    expect(texts(reply)).toEqual([]);
  });

  it('knows an opener that the brain wrote by itself', async () => {
    const { clock, reply, say } = rig();
    say('Sure, a large latte');
    await clock.advance(100);
    expect(reply.opener).toBe('Sure,');
    expect(reply.source.pieces[0]?.opener).toBe(true);
    expect(reply.marks.firstAudioMs).toBeUndefined();
  });
});

describe('clauses that were spoken before', () => {
  it('are audio in memory', async () => {
    let spoken = 0;
    const counted = (clock: VirtualClock): TextToSpeech => {
      const inner = new ScriptedTextToSpeech({ clock });
      const speak = (options: SpeakOptions): AsyncIterable<SpeechEvent> => {
        spoken += 1;
        return inner.speak(options);
      };
      return { name: 'counted', rateHz: inner.rateHz, voices: inner.voices, speak, close: () => inner.close() };
    };
    const phrases = new PhraseCache();
    const clock = new VirtualClock();
    const tts = counted(clock);
    const answer = async (): Promise<PreparedReply> => {
      const events = new EventQueue<BrainEvent>();
      const { signal } = new AbortController();
      const reply = new PreparedReply({ events, tts, voice: 'tones', speed: 1, phrases, clock, signal });
      events.push({ type: 'say', text: 'We open at seven. Anything else?' });
      events.end();
      await clock.advance(1_000);
      return reply;
    };
    const first = await answer();
    const second = await answer();
    expect(spoken).toBe(2);
    expect(first.marks.phrases).toMatchObject({ hits: 0, misses: 2 });
    expect(second.marks.phrases).toMatchObject({ hits: 2, misses: 0 });
    expect(second.marks.phrases.savedMs).toBeGreaterThan(0);
    expect(second.source.pieces.map((piece) => [piece.text, [...piece.samples]])).toEqual(
      first.source.pieces.map((piece) => [piece.text, [...piece.samples]]),
    );
  });
});
