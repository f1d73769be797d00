import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { durationMs, samplesOf } from '../../src/audio/frame.js';
import { peak, rmsDb } from '../../src/audio/loudness.js';
import type { SpeakOptions, SpeechEvent, TextToSpeech } from '../../src/ports/text-to-speech.js';

export type TextToSpeechUnderTest = { readonly engine: TextToSpeech; readonly dispose: () => Promise<void> };

type AudioEvent = Extract<SpeechEvent, { type: 'audio' }>;

/** What every {@link TextToSpeech} keeps to. */
export function describeTextToSpeechConformance(name: string, make: () => Promise<TextToSpeechUnderTest>): void {
  describe(`${name} as text to speech`, () => {
    let made: TextToSpeechUnderTest;
    const { signal } = new AbortController();

    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made?.dispose());

    const speak = (options: Partial<SpeakOptions>): AsyncIterable<SpeechEvent> =>
      made.engine.speak({ text: '', voice: made.engine.voices[0] ?? '', signal, ...options });

    async function spoken(options: Partial<SpeakOptions>): Promise<{ audio: AudioEvent[]; totalMs: number }> {
      const events: SpeechEvent[] = [];
      for await (const event of speak(options)) events.push(event);
      expect(events.filter((event) => event.type === 'finish')).toHaveLength(1);
      expect(events.at(-1)?.type).toBe('finish');
      const audio = events.filter((event) => event.type === 'audio');
      const samples = audio.reduce((sum, event) => sum + event.samples.length, 0);
      return { audio, totalMs: durationMs(samples, made.engine.rateHz) };
    }

    it('speaks: audible within 60 ms of the first sample, at its rate, without a broken sample', async () => {
      const { audio, totalMs } = await spoken({ text: 'Sure, a large coffee with milk.' });
      expect(totalMs).toBeGreaterThan(800);
      for (const event of audio) {
        expect(event.rateHz).toBe(made.engine.rateHz);
        expect(event.samples.every(Number.isFinite)).toBe(true);
        expect(peak(event.samples)).toBeLessThanOrEqual(1);
      }
      const first = audio[0]?.samples ?? new Float32Array(0);
      expect(loudestDb(first.subarray(0, samplesOf(60, made.engine.rateHz)), made.engine.rateHz)).toBeGreaterThan(-45);
    });

    it('places the words in order within the audio that they came with', async () => {
      const { audio } = await spoken({ text: 'Would you like a large coffee? Or a small one with milk.' });
      let words = 0;
      for (const event of audio) {
        const lengthMs = durationMs(event.samples.length, event.rateHz);
        let before = 0;
        for (const word of event.words) {
          words += 1;
          expect(word.text).not.toBe('');
          expect(word.startMs).toBeGreaterThanOrEqual(before);
          expect(word.endMs).toBeGreaterThan(word.startMs);
          expect(word.endMs).toBeLessThanOrEqual(lengthMs + 1);
          before = word.startMs;
        }
      }
      expect(words).toBeGreaterThanOrEqual(10);
    });

    it('goes on from whatever was said before, audible at once', async () => {
      for (const after of ['Sure,', 'I have you down for Friday', 'Thank you.', '', '…', '🙂', 'word '.repeat(5_000)]) {
        const { audio } = await spoken({ text: 'a large coffee with milk.', after, continues: true });
        const first = audio[0]?.samples ?? new Float32Array(0);
        const { rateHz } = made.engine;
        expect(loudestDb(first.subarray(0, samplesOf(60, rateHz)), rateHz)).toBeGreaterThan(-45);
        expect(audio.flatMap((event) => event.words)).toHaveLength(5);
      }
    });

    it('finishes without a sound or a complaint where there is nothing to say', async () => {
      for (const text of ['', '   ', '...', '?!', '—', '\n\n', '🙂', '👩‍🍳🍕', '\u200b\u0007']) {
        const { audio } = await spoken({ text });
        for (const event of audio) expect(event.samples.every(Number.isFinite)).toBe(true);
      }
    });

    it('speaks the rest of text that holds what cannot be spoken', async () => {
      for (const text of ['Great 🙂 see you!', '<b>Hello</b> & goodbye', 'naïve café, 北京', 'It is $5.20, or 3%.'])
        expect((await spoken({ text })).totalMs).toBeGreaterThan(100);
    });

    it('speaks faster and slower when asked, and takes any number for a speed', async () => {
      const text = 'Your order will be ready in ten minutes.';
      const [slow, fast] = [await spoken({ text, speed: 0.6 }), await spoken({ text, speed: 1.8 })];
      expect(fast.totalMs).toBeLessThan(slow.totalMs);
      for (const speed of [0, 100, -1]) expect((await spoken({ text: 'Okay.', speed })).totalMs).toBeGreaterThan(0);
    });

    it('refuses a voice that it does not have, and says which it has', async () => {
      const attempt = spoken({ text: 'Hello.', voice: 'nobody' });
      await expect(attempt).rejects.toMatchObject({ code: 'tts.unknown_voice', status: 400 });
      await expect(spoken({ text: 'Hello.', voice: 'nobody' })).rejects.toThrow(made.engine.voices[0]);
    });

    it('gives nothing when its signal has aborted before', async () => {
      const aborted = AbortSignal.abort(new Error('interrupted'));
      expect(await eventsUntilOver(speak({ text: 'Hello there.', signal: aborted }))).toEqual([]);
    });

    it('ends or rejects when its signal aborts on the way, and speaks again afterwards', async () => {
      const abort = new AbortController();
      const events = speak({ text: 'One sentence. Another one. And a third.', signal: abort.signal });
      const reading = eventsUntilOver(events, () => abort.abort(new Error('interrupted')));
      expect((await reading).filter((event) => event.type === 'audio').length).toBeLessThanOrEqual(1);
      expect((await spoken({ text: 'Once more.' })).totalMs).toBeGreaterThan(100);
    });

    it('lets a reader stop in the middle', async () => {
      for await (const event of speak({ text: 'One sentence. Another one. And a third.' })) {
        expect(event.type).toBe('audio');
        break;
      }
      expect((await spoken({ text: 'Once more.' })).totalMs).toBeGreaterThan(100);
    });

    it('speaks two clauses at once without mixing them up', async () => {
      const texts = ['Yes.', 'Your large coffee with milk and sugar will be ready in ten minutes.'] as const;
      const [short, long] = await Promise.all(texts.map((text) => spoken({ text })));
      const [shortAlone, longAlone] = [await spoken({ text: texts[0] }), await spoken({ text: texts[1] })];
      expect(short?.totalMs).toBeCloseTo(shortAlone.totalMs, 0);
      expect(long?.totalMs).toBeCloseTo(longAlone.totalMs, 0);
    });
  });
}

/** All events until the stream ends or rejects; `onFirst` is called with the first. */
async function eventsUntilOver(events: AsyncIterable<SpeechEvent>, onFirst?: () => void): Promise<SpeechEvent[]> {
  const seen: SpeechEvent[] = [];
  try {
    for await (const event of events) {
      seen.push(event);
      if (seen.length === 1) onFirst?.();
    }
  } catch (error) {
    expect((error as Error).message).toBe('interrupted');
  }
  return seen;
}

function loudestDb(samples: Float32Array, rateHz: number): number {
  const hop = samplesOf(5, rateHz);
  let loudest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at + hop <= samples.length; at += hop)
    loudest = Math.max(loudest, rmsDb(samples.subarray(at, at + hop)));
  return loudest;
}
