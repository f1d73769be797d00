import { describe, expect, it } from 'vitest';
import { concatSamples } from '../../../audio/frame.js';
import { EventQueue } from '../../../ports/event-queue.js';
import { ScriptedTextToSpeech } from '../../../testing/scripted-text-to-speech.js';
import { decodedText } from '../../../testing/tone-decoder.js';
import { VirtualClock } from '../../../testing/virtual-clock.js';
import { respelling } from '../../pronunciations/respelling.js';
import { EngineTable } from '../engine-table.js';
import { defaultLayerLimits } from '../limits.js';
import type { SpeechText } from './clauses-of-text.js';
import { createSpeechLayer, type SpeechLayer, type SpeechLayerEvent, type SpeechRequest } from './speech.js';

function made(limits = {}): { readonly tts: ScriptedTextToSpeech; readonly layer: SpeechLayer } {
  const clock = new VirtualClock({ auto: true });
  const tts = new ScriptedTextToSpeech({ clock, voices: ['heart', 'other'] });
  const models = new EngineTable('speech', [{ id: 'tones', ownedBy: 'parley', aliases: ['tts-1'], engine: tts }]);
  return { tts, layer: createSpeechLayer({ models, clock, limits: { ...defaultLayerLimits, ...limits } }) };
}

async function spoken(layer: SpeechLayer, request: Omit<SpeechRequest, 'signal'>): Promise<SpeechLayerEvent[]> {
  const events: SpeechLayerEvent[] = [];
  for await (const event of layer.speak({ ...request, signal: new AbortController().signal })) events.push(event);
  return events;
}

const audioOf = (events: readonly SpeechLayerEvent[]): Float32Array =>
  concatSamples(events.flatMap((event) => (event.type === 'audio' ? [event.samples] : [])));

const text = 'Sure, two large teas and one small coffee. That is five dollars. Anything else?';
const plain = text.toLowerCase().replace(/[,.?]/g, '');

describe('the speech layer', () => {
  it('speaks a text clause by clause, the first one urgently, each as the continuation of the one before', async () => {
    const { tts, layer } = made();
    const asked: unknown[] = [];
    const speak = tts.speak.bind(tts);
    tts.speak = (options) => {
      const { text: clause, continues, after, urgency } = options;
      asked.push({ clause, continues, after, urgency });
      return speak(options);
    };
    const events = await spoken(layer, { text });
    expect(asked).toEqual([
      { clause: 'Sure,', continues: true, after: '', urgency: 'first' },
      { clause: 'two large teas', continues: true, after: 'Sure,', urgency: 'later' },
      { clause: 'and one small coffee.', continues: true, after: 'two large teas', urgency: 'later' },
      { clause: 'That is five dollars.', continues: true, after: 'and one small coffee.', urgency: 'later' },
      { clause: 'Anything else?', continues: false, after: 'That is five dollars.', urgency: 'later' },
    ]);
    expect(decodedText(audioOf(events), { rateHz: 24_000, vocabulary: tts.vocabulary })).toBe(plain);
    expect(events.at(-1)).toMatchObject({
      type: 'finish',
      audioMs: expect.closeTo(audioOf(events).length / 24),
      characters: text.length - 4,
    });
  });

  it('tells when each word is heard, from the first sample on', async () => {
    const events = await spoken(made().layer, { text });
    const words = events.flatMap((event) => (event.type === 'audio' ? event.words : []));
    expect(words.map((word) => word.text).join(' ')).toBe(text);
    expect(words.map(({ startMs }) => startMs)).toEqual(words.map((_, index) => index * 290));
  });

  it('speaks text as it comes, and marks where the audio of each flush ends', async () => {
    const { tts, layer } = made();
    const input = new EventQueue<SpeechText>();
    for (const piece of ['Two la', 'rge te', 'as']) input.push({ type: 'text', text: piece });
    input.push({ type: 'flush', mark: 'a' });
    input.push({ type: 'flush', mark: 'nothing' });
    input.push({ type: 'text', text: 'and one coffee' });
    input.end();
    const events = await spoken(layer, { text: input });
    expect(events.map(({ type }) => type)).toEqual(['audio', 'flushed', 'flushed', 'audio', 'finish']);
    expect(events.filter(({ type }) => type === 'flushed')).toEqual([
      { type: 'flushed', mark: 'a', endMs: 870 },
      { type: 'flushed', mark: 'nothing', endMs: 870 },
    ]);
    expect(tts.clauses.map((clause) => clause.text)).toEqual(['Two large teas', 'and one coffee']);
  });

  it('speaks each clause as it is to be read, and gives its words back as they were written', async () => {
    const { tts, layer } = made();
    const respell = respelling([{ word: 'SQL', pronunciation: 'ess queue ell' }]);
    const events = await spoken(layer, { text: 'I know SQL. Do you know SQL?', respell });
    expect(tts.clauses.map((clause) => clause.text)).toEqual(['I know ess queue ell.', 'Do you know ess queue ell?']);
    const words = events.flatMap((event) => (event.type === 'audio' ? event.words : []));
    expect(words.map((word) => word.text).join(' ')).toBe('I know SQL. Do you know SQL?');
    // Three words were read for it, of 290 ms each.
    expect(words.slice(2, 4).map(({ startMs }) => startMs)).toEqual([2 * 290, 5 * 290]);
    expect(words[2]?.endMs).toBeGreaterThan(4 * 290);
    const long = respelling([{ word: 'a', pronunciation: 'b'.repeat(100) }]);
    await expect(spoken(layer, { text: 'a '.repeat(100), respell: long })).rejects.toMatchObject({ status: 413 });
  });

  it('speaks what there is when it is to go on, without an end', async () => {
    const { tts, layer } = made();
    const input = new EventQueue<SpeechText>();
    input.push({ type: 'text', text: 'one two' });
    input.push({ type: 'flush', goesOn: true });
    input.push({ type: 'text', text: ' three' });
    input.end();
    const events = await spoken(layer, { text: input });
    expect(tts.clauses.map((clause) => clause.text)).toEqual(['one two', 'three']);
    expect(events.some(({ type }) => type === 'flushed')).toBe(false);
  });

  it('does not wait for punctuation for ever', async () => {
    const { tts, layer } = made();
    await spoken(layer, {
      text: (async function* () {
        for (let i = 0; i < 300; i++) yield { type: 'text', text: 'word ' } as const;
      })(),
    });
    expect(Math.max(...tts.clauses.map((clause) => clause.text.length))).toBeLessThan(700);
  });

  it('gives audio at the rate that was asked for, all of it', async () => {
    const { tts, layer } = made();
    const events = await spoken(layer, { text, rateHz: 8_000 });
    const samples = audioOf(events);
    expect(decodedText(samples, { rateHz: 8_000, vocabulary: tts.vocabulary })).toBe(plain);
    const seconds = text.split(' ').length * 0.29;
    expect(Math.abs(samples.length / 8_000 - seconds)).toBeLessThan(0.02);
  });

  it('computes nothing before it is asked for, and nothing more when nobody reads', async () => {
    const { tts, layer } = made();
    const events = layer.speak({ text, signal: new AbortController().signal })[Symbol.asyncIterator]();
    expect(tts.clauses).toHaveLength(0);
    await events.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(tts.clauses).toHaveLength(1);
    await events.return?.();
  });

  it.each([
    ['an unknown voice', { text, voice: 'nobody' }, 400],
    ['an unknown model', { text, model: 'nothing' }, 404],
    ['a speed that nobody understands', { text, speed: 9 }, 400],
    ['a rate that is none', { text, rateHz: 12.5 }, 400],
    ['too much text', { text: 'word '.repeat(2_000) }, 413],
  ])('refuses %s', async (_, request, status) => {
    await expect(spoken(made().layer, request)).rejects.toMatchObject({ status });
  });

  it('is refused when as many are spoken as may be, until one is over', async () => {
    const { layer } = made({ maxSpeeches: 1 });
    const first = layer.speak({ text, signal: new AbortController().signal })[Symbol.asyncIterator]();
    await first.next();
    await expect(spoken(layer, { text })).rejects.toMatchObject({ code: 'layer.full', retryAfterMs: 2_000 });
    await first.return?.();
    expect((await spoken(layer, { text })).at(-1)?.type).toBe('finish');
  });

  it('stops with its signal, also while it waits for text', async () => {
    const abort = new AbortController();
    const input = new EventQueue<SpeechText>(abort.signal);
    const { layer } = made({ maxSpeeches: 1 });
    const reading = layer.speak({ text: input, signal: abort.signal })[Symbol.asyncIterator]().next();
    abort.abort(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
    expect((await spoken(layer, { text })).at(-1)?.type).toBe('finish');
  });
});
