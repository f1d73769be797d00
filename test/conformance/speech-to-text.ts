import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { durationMs } from '../../src/audio/frame.js';
import type { SpeechToText } from '../../src/ports/speech-to-text.js';
import { Listening } from './listening.js';
import { roomTone } from './recorded-speech.js';

export type SpeechToTextUnderTest = {
  readonly engine: SpeechToText;
  /** 16 kHz mono, and what is said in it. */
  readonly speech: Float32Array;
  readonly text: string;
  readonly dispose: () => Promise<void>;
};

const rateHz = 16_000;

/** What every {@link SpeechToText} keeps to. */
export function describeSpeechToTextConformance(name: string, make: () => Promise<SpeechToTextUnderTest>): void {
  describe(`${name} as speech to text`, () => {
    let made: SpeechToTextUnderTest;
    let calls = 0;
    const listen = (): Listening => new Listening(made.engine, `call-${++calls}`);

    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made?.dispose());

    it('gives partials, then exactly one final for a freeze, with its request number', async () => {
      const call = listen();
      call.push({ type: 'start', utterance: 1 });
      call.audio(made.speech);
      if (made.engine.capabilities.partials) await call.partial();
      call.push({ type: 'freeze', utterance: 1, request: 41 });
      const final = await call.final(41);
      call.push({ type: 'end', utterance: 1 });
      await call.finish();
      expect(wordsIn(final.text).filter((word) => wordsIn(made.text).includes(word)).length).toBeGreaterThanOrEqual(
        wordsIn(made.text).length / 2,
      );
      expect(final).toMatchObject({ utterance: 1, audioMs: durationMs(made.speech.length, rateHz) });
      expect(final.computeMs).toBeGreaterThanOrEqual(0);
      expect(call.events.filter(({ type }) => type !== 'partial' && type !== 'correction')).toEqual([final]);
      for (const event of call.events) {
        expect(event.utterance).toBe(1);
        if (event.type === 'partial') expect(event.audioMs).toBeLessThanOrEqual(final.audioMs);
      }
    });

    it('keeps what it calls stable, and says where a final does not', { timeout: 60_000 }, async () => {
      if (!made.engine.capabilities.partials) return;
      const call = listen();
      call.push({ type: 'start', utterance: 1 });
      await call.audioLookedAt(1, made.speech);
      call.push({ type: 'freeze', utterance: 1, request: 1 });
      const final = await call.final(1);
      await call.finish();
      let stable: string[] = [];
      for (const event of call.events)
        if (event.type === 'partial') {
          const words = event.text.split(' ').filter((word) => word !== '');
          expect(event.stableWords).toBeGreaterThanOrEqual(stable.length);
          expect(event.stableWords).toBeLessThanOrEqual(words.length);
          expect(words.slice(0, stable.length)).toEqual(stable);
          stable = words.slice(0, event.stableWords);
        }
      expect(stable.length).toBeGreaterThan(0);
      const corrections = call.events.filter((event) => event.type === 'correction');
      for (const { word, from, to } of corrections.reverse()) {
        if (from !== '') expect(stable[word]).toBe(from);
        stable.splice(word, from === '' ? 0 : 1, ...(to === '' ? [] : [to]));
      }
      expect(wordsIn(final.text).slice(0, stable.length)).toEqual(wordsIn(stable.join(' ')));
    });

    it('hears in a freeze only the audio that was pushed before it', async () => {
      const call = listen();
      const half = made.speech.length >> 1;
      call.push({ type: 'start', utterance: 1 });
      call.audio(made.speech.subarray(0, half));
      call.push({ type: 'freeze', utterance: 1, request: 1 });
      call.audio(made.speech.subarray(half));
      call.push({ type: 'freeze', utterance: 1, request: 2 });
      const [first, second] = await Promise.all([call.final(1), call.final(2)]);
      expect(first.audioMs).toBe(durationMs(half, rateHz));
      expect(second.audioMs).toBe(durationMs(made.speech.length, rateHz));
      expect(wordsIn(second.text).length).toBeGreaterThan(wordsIn(first.text).length);
      await call.finish();
    });

    it('places the words of a final in order, within the audio', async () => {
      if (made.engine.capabilities.wordTimes === 'none') return;
      const call = listen();
      call.push({ type: 'start', utterance: 1 });
      call.audio(made.speech);
      call.push({ type: 'freeze', utterance: 1, request: 1 });
      const final = await call.final(1);
      expect(final.words.map((word) => word.text).join(' ')).toBe(final.text);
      let before = 0;
      for (const word of final.words) {
        expect(word.startMs).toBeGreaterThanOrEqual(before);
        expect(word.endMs).toBeGreaterThan(word.startMs);
        expect(word.confidence).toBeGreaterThan(0);
        expect(word.confidence).toBeLessThanOrEqual(1);
        before = word.startMs;
      }
      // Times may be rounded to whole milliseconds.
      expect(final.words.at(-1)?.endMs).toBeLessThanOrEqual(final.audioMs + 1);
      await call.finish();
    });

    it('answers a freeze of an utterance that is not the current one with an error event, and goes on', async () => {
      const call = listen();
      call.push({ type: 'freeze', utterance: 1, request: 1 }, { type: 'start', utterance: 2 });
      call.push({ type: 'freeze', utterance: 1, request: 2 }, { type: 'freeze', utterance: 2, request: 3 });
      expect(await call.error(1)).toMatchObject({ utterance: 1, error: { code: 'stt.stale' } });
      expect(await call.error(2)).toMatchObject({ utterance: 1, error: { code: 'stt.stale' } });
      expect(await call.final(3)).toMatchObject({ utterance: 2, text: '', words: [], audioMs: 0 });
      await call.finish();
    });

    it('forgets an utterance that has ended, and audio outside of any', async () => {
      const call = listen();
      call.push({ type: 'start', utterance: 1 });
      call.audio(made.speech);
      call.push({ type: 'end', utterance: 1 }, { type: 'freeze', utterance: 1, request: 1 });
      call.audio(made.speech);
      call.push({ type: 'start', utterance: 2 }, { type: 'end', utterance: 1 });
      call.push({ type: 'freeze', utterance: 2, request: 2 });
      expect(await call.error(1)).toMatchObject({ error: { code: 'stt.stale' } });
      expect(await call.final(2)).toMatchObject({ text: '', audioMs: 0 });
      await call.finish();
    });

    it('gives the final that is under way when its input ends, then ends', async () => {
      const call = listen();
      call.push({ type: 'start', utterance: 1 });
      call.audio(made.speech);
      call.push({ type: 'freeze', utterance: 1, request: 1 });
      await call.finish();
      expect(call.events.filter((event) => event.type === 'final')).toHaveLength(1);
    });

    it('ends when its signal aborts, with a final under way and an input that goes on', async () => {
      const call = listen();
      call.push({ type: 'start', utterance: 1 });
      call.audio(made.speech);
      call.push({ type: 'freeze', utterance: 1, request: 1 });
      call.abort();
      await call.ended;
      expect(call.events).toEqual([]);
    });

    it('fails its stream with the error of an input that fails', async () => {
      const call = listen();
      call.push({ type: 'start', utterance: 1 });
      call.failInput(new Error('the line is dead'));
      await expect(call.ended).rejects.toThrow('the line is dead');
    });

    it('answers on silence, on noise and on a moment of sound, with little or no text', async () => {
      const call = listen();
      const sounds = [new Float32Array(2 * rateHz), roomTone(2_000), made.speech.slice(0, 320), new Float32Array(0)];
      for (const [index, samples] of sounds.entries()) {
        call.push({ type: 'start', utterance: index }, { type: 'audio', samples });
        call.push({ type: 'freeze', utterance: index, request: index }, { type: 'end', utterance: index });
      }
      for (const index of sounds.keys()) expect((await call.final(index)).text.length).toBeLessThan(40);
      await call.finish();
    });

    it('keeps two streams apart', async () => {
      const [one, two] = [listen(), listen()];
      for (const call of [one, two]) call.push({ type: 'start', utterance: 1 });
      one.audio(made.speech);
      two.push({ type: 'audio', samples: new Float32Array(rateHz / 20) });
      one.push({ type: 'freeze', utterance: 1, request: 1 });
      two.push({ type: 'freeze', utterance: 1, request: 1 });
      const [heard, silence] = await Promise.all([one.final(1), two.final(1)]);
      expect(wordsIn(heard.text).length).toBeGreaterThan(2);
      expect(silence.text).toBe('');
      two.abort();
      one.push({ type: 'freeze', utterance: 1, request: 2 });
      expect((await one.final(2)).text).toBe(heard.text);
      await one.finish();
    });
  });
}

function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
}
