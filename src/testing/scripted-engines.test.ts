import { describe, expect, it } from 'vitest';
import { EventQueue } from '../ports/event-queue.js';
import type { GenerateEvent } from '../ports/language-model.js';
import type { SpeechToTextEvent, SpeechToTextInput } from '../ports/speech-to-text.js';
import { ScriptedBrain } from './scripted-brain.js';
import { ScriptedEndOfTurn } from './scripted-end-of-turn.js';
import { ScriptedLanguageModel } from './scripted-language-model.js';
import { ScriptedSpeechToText, type ScriptedSpeechToTextOptions } from './scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from './scripted-text-to-speech.js';
import { speakTones, ToneVocabulary } from './tone-words.js';
import { VirtualClock } from './virtual-clock.js';

const { signal } = new AbortController();

/** What comes out of a stream and when, and what it ended with. */
function watch<T>(clock: VirtualClock, events: AsyncIterable<T>) {
  const seen: { readonly atMs: number; readonly event: T }[] = [];
  const end = { atMs: Number.NaN, error: undefined as unknown };
  void (async () => {
    try {
      for await (const event of events) seen.push({ atMs: clock.nowMs(), event });
    } catch (error) {
      end.error = error;
    }
    end.atMs = clock.nowMs();
  })();
  return { seen, end };
}

describe('scripted speech to text', () => {
  const audio = speakTones('one two three four', { rateHz: 16_000, vocabulary: new ToneVocabulary() }).samples;

  function listen(clock: VirtualClock, options: Partial<ScriptedSpeechToTextOptions>) {
    const input = new EventQueue<SpeechToTextInput>();
    const engine = new ScriptedSpeechToText({ clock, transcripts: ['one two three four'], ...options });
    return { engine, input, ...watch<SpeechToTextEvent>(clock, engine.listen({ callId: 'c', input, signal })) };
  }

  it('lets partials grow word by word with the audio, and is as late as it says', async () => {
    const clock = new VirtualClock();
    const { engine, input, seen } = listen(clock, { partialLatencyMs: 50, finalLatencyMs: 120 });
    input.push({ type: 'start', utterance: 1 });
    for (let at = 0; at < audio.length; at += 320) {
      await clock.advance(20);
      input.push({ type: 'audio', samples: audio.slice(at, at + 320) });
    }
    input.push({ type: 'freeze', utterance: 1, request: 5 });
    await clock.advance(1_000);
    const partials = seen.flatMap(({ event }) => (event.type === 'partial' ? [event.text] : []));
    expect(partials).toEqual(['one', 'one two', 'one two three', 'one two three four']);
    expect(seen[0]?.atMs).toBe(280 + 50);
    expect(seen.at(-1)).toMatchObject({ atMs: 1_160 + 120, event: { type: 'final', request: 5, computeMs: 120 } });
    expect(engine.requests).toMatchObject([{ utterance: 1, request: 5, audioMs: 1_160, atMs: 1_160 }]);
  });

  it('has one transcript for each utterance, in the order in which they begin', async () => {
    const clock = new VirtualClock();
    const { input, seen } = listen(clock, { transcripts: ['first', 'second'], partialEveryMs: 0 });
    for (const utterance of [7, 8, 9]) {
      input.push({ type: 'start', utterance });
      input.push({ type: 'audio', samples: audio });
      input.push({ type: 'freeze', utterance, request: utterance });
    }
    await clock.advance(200);
    expect(seen.map(({ event }) => (event.type === 'final' ? event.text : event.type))).toEqual([
      'first',
      'second',
      '',
    ]);
  });

  it('fails or hangs where it is told to, and goes on', async () => {
    const clock = new VirtualClock();
    const fail = ({ request }: { request: number }) =>
      request === 1 ? new Error('the engine died') : request === 2 ? 'hang' : undefined;
    const { input, seen } = listen(clock, { fail, partialEveryMs: 0 });
    input.push({ type: 'start', utterance: 1 });
    input.push({ type: 'audio', samples: audio });
    for (const request of [1, 2, 3]) input.push({ type: 'freeze', utterance: 1, request });
    await clock.advance(60_000);
    expect(seen.map(({ event }) => event)).toMatchObject([
      { type: 'error', request: 1, error: new Error('the engine died') },
      { type: 'final', request: 3, text: 'one two three four' },
    ]);
  });
});

describe('scripted language model', () => {
  const prefix = { system: 'You are brief.', examples: [] };

  it('answers what was said last, at the pace it was given', async () => {
    const clock = new VirtualClock();
    const model = new ScriptedLanguageModel({
      clock,
      reply: (said) => `You said ${said}`,
      firstTokenMs: 200,
      tokenMs: 60,
    });
    const context = await model.open(prefix, { callId: 'c', signal });
    await context.extend({ role: 'user', text: 'hello' }, { signal });
    const { seen } = watch<GenerateEvent>(clock, context.generate({ signal, maxTokens: 50 }));
    await clock.advance(1_000);
    expect(seen.map(({ atMs, event }) => [atMs, event.type === 'text' ? event.text : event.reason])).toEqual([
      [200, 'You'],
      [260, ' said'],
      [320, ' hello'],
      [380, 'end'],
    ]);
    expect(seen.at(-1)?.event).toMatchObject({ newTokens: 3, firstTokenMs: 200 });
  });

  it('takes its time for the part of a prompt that is new, and stops at once when aborted', async () => {
    const clock = new VirtualClock();
    const model = new ScriptedLanguageModel({ clock, reply: 'Yes.', prefillTokenMs: 10 });
    const opening = model.open(prefix, { callId: 'c', signal });
    await clock.advance(40);
    const context = await opening;
    const abort = new AbortController();
    const { end } = watch<GenerateEvent>(clock, context.generate({ signal: abort.signal, maxTokens: 9 }));
    await clock.advance(100);
    abort.abort(new Error('interrupted'));
    await clock.settle();
    expect(end).toMatchObject({ atMs: 140, error: new Error('interrupted') });
    expect(clock.armed).toBe(0);
    const { seen } = watch<GenerateEvent>(clock, context.generate({ signal, maxTokens: 9 }));
    await clock.advance(1_000);
    expect(seen.at(-1)?.event).toMatchObject({ computedTokens: 0, reusedTokens: 5, firstTokenMs: 200 });
  });

  it('fails in the middle of a reply where it is told to', async () => {
    const clock = new VirtualClock();
    const model = new ScriptedLanguageModel({
      clock,
      reply: 'one two three',
      fail: ({ kind, newTokens }) =>
        kind === 'generate' && newTokens === 2 ? new Error('the engine died') : undefined,
    });
    const context = await model.open(prefix, { callId: 'c', signal });
    const { seen, end } = watch<GenerateEvent>(clock, context.generate({ signal, maxTokens: 9 }));
    await clock.advance(1_000);
    expect(seen.map(({ event }) => event)).toEqual([
      { type: 'text', text: 'one', tokens: 1, computeMs: 200 },
      { type: 'text', text: ' two', tokens: 1, computeMs: 60 },
    ]);
    expect(end.error).toEqual(new Error('the engine died'));
  });

  it('takes a forced beginning off a reply that begins with it', async () => {
    const clock = new VirtualClock({ auto: true });
    const model = new ScriptedLanguageModel({ clock, reply: 'Sure, one coffee.' });
    const context = await model.open(prefix, { callId: 'c', signal });
    let said = '';
    for await (const event of context.generate({ signal, maxTokens: 9, forcedBeginning: 'Sure,' }))
      if (event.type === 'text') said += event.text;
    expect(said).toBe(' one coffee.');
  });
});

it('scripted text to speech comes after its latency, fails where it is told to, and notes what it was asked', async () => {
  const clock = new VirtualClock();
  const fail = ({ request }: { request: number }) => (request === 1 ? new Error('the engine died') : undefined);
  const tts = new ScriptedTextToSpeech({ clock, latencyMs: 25, fail });
  const first = watch(clock, tts.speak({ text: 'Hello there', voice: 'tones', signal }));
  await clock.advance(100);
  const second = watch(clock, tts.speak({ text: 'Bye', voice: 'tones', signal }));
  await clock.advance(100);
  expect(first.seen.map(({ atMs, event }) => [atMs, event.type])).toEqual([
    [25, 'audio'],
    [25, 'finish'],
  ]);
  expect(second).toMatchObject({ seen: [], end: { atMs: 125, error: new Error('the engine died') } });
  expect(tts.clauses).toEqual([
    { text: 'Hello there', voice: 'tones', atMs: 0 },
    { text: 'Bye', voice: 'tones', atMs: 100 },
  ]);
});

it('scripted end of turn answers one after the other, and stays with the last', async () => {
  const clock = new VirtualClock({ auto: true });
  const engine = new ScriptedEndOfTurn({ clock, probability: [0.1, 0.9], latencyMs: 70 });
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await engine.predict(new Float32Array(0), { signal }));
  expect(answers).toEqual([0.1, 0.9, 0.9].map((probability) => ({ probability, computeMs: 70 })));
});

it('scripted brain notes what it was asked, and ends a draft that is replaced', async () => {
  const clock = new VirtualClock();
  const brain = new ScriptedBrain({ clock, answer: ({ text }) => `You said ${text}` });
  const session = await brain.begin({ callId: 'c', signal });
  const first = watch(clock, session.draft({ turn: 1, revision: 1, text: 'a' }, signal));
  await clock.advance(210);
  const second = watch(clock, session.draft({ turn: 1, revision: 2, text: 'a b' }, signal));
  await clock.advance(1_000);
  expect(first.seen).toHaveLength(1);
  expect(first.end).toMatchObject({ atMs: 210, error: { code: 'brain.draft_ended' } });
  expect(second.seen.map(({ event }) => (event.type === 'say' ? event.text : '')).join('')).toBe('You said a b');
  expect(brain.sessions[0]?.records.map((record) => record.type)).toEqual(['draft', 'draft']);
});
