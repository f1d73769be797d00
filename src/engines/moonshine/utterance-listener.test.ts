import { describe, expect, it } from 'vitest';
import { durationMs, samplesOf } from '../../audio/frame.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { Beginning, SpeechToTextEvent } from '../../ports/speech-to-text.js';
import { ComputeGovernor } from '../host/governor.js';
import { maxWindowMs, type TranscribeRequest, UtteranceListener } from './utterance-listener.js';
import type { Heard, HeardWord } from './wire.js';

const rateHz = 16_000;
const wordEveryMs = 500;
const wordMs = 380;
/** Each sample is its own position, so that whoever is given some knows where they come from. */
const positions = (from: number, to: number): Float32Array =>
  Float32Array.from({ length: to - from }, (_, index) => (from + index) / 2 ** 24);

/** Hears word k, "wk", at 500 k ms; half of one at an edge is not heard. */
function worded(samples: Float32Array): HeardWord[] {
  const fromMs = durationMs(Math.round((samples[0] ?? 0) * 2 ** 24), rateHz);
  const toMs = fromMs + durationMs(samples.length, rateHz);
  const words: HeardWord[] = [];
  for (let k = Math.ceil(fromMs / wordEveryMs); k * wordEveryMs + wordMs <= toMs; k++) {
    const startMs = k * wordEveryMs - fromMs;
    words.push({ text: `w${k}`, startMs, endMs: startMs + wordMs, confidence: 0.9, tokens: [k] });
  }
  return words;
}

const allWords = (ms: number): string =>
  Array.from({ length: Math.floor((ms - wordMs) / wordEveryMs) + 1 }, (_, k) => `w${k}`).join(' ');

type Decode = {
  readonly kind: string;
  readonly windowMs: number;
  readonly atMs: number;
  readonly earlierTokens: readonly number[];
};

const anyBeginnings: readonly Beginning[] = [{ text: 'w', probability: 0.9 }];
const heard = (words: readonly HeardWord[]): Heard => ({ words, beginnings: anyBeginnings });

function listening(costMs: number, hear = worded) {
  let now = 0;
  const decodes: Decode[] = [];
  const told: SpeechToTextEvent[] = [];
  const due: { readonly atMs: number; readonly answer: () => void }[] = [];
  const events = new EventQueue<SpeechToTextEvent>();
  const transcribe = ({ samples, kind, earlier, signal }: TranscribeRequest): Promise<Heard> => {
    decodes.push({
      kind,
      windowMs: durationMs(samples.length, rateHz),
      atMs: now,
      earlierTokens: earlier.flatMap(({ tokens }) => tokens),
    });
    if (kind === 'stt-final') return Promise.resolve(heard(hear(samples)));
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      due.push({ atMs: now + costMs, answer: () => resolve(heard(hear(samples))) });
    });
  };
  const listener = new UtteranceListener({
    transcribe,
    events,
    signal: new AbortController().signal,
    nowMs: () => now,
  });
  const reading = (async () => {
    for await (const event of events) told.push(event);
  })();
  return {
    listener,
    decodes,
    told,
    /** At real-time pace. */
    async speak(fromMs: number, toMs: number): Promise<void> {
      for (let ms = fromMs; ms < toMs; ms += 20) {
        now += 20;
        while ((due[0]?.atMs ?? Number.POSITIVE_INFINITY) <= now) due.shift()?.answer();
        await new Promise((resolve) => setImmediate(resolve));
        listener.take({ type: 'audio', samples: positions(samplesOf(ms, rateHz), samplesOf(ms + 20, rateHz)) });
      }
    },
    async end(): Promise<void> {
      await listener.finish();
      events.end();
      await reading;
    },
  };
}

const finalsOf = (told: readonly SpeechToTextEvent[]) =>
  told.flatMap((event) => (event.type === 'final' ? [event] : []));

describe('a long utterance', () => {
  it('has every word once and in its place, spoken at real-time pace', async () => {
    const call = listening(50);
    call.listener.take({ type: 'start', utterance: 1 });
    await call.speak(0, 47_000);
    call.listener.take({ type: 'freeze', utterance: 1, request: 1 });
    await call.end();
    const [final] = finalsOf(call.told);
    expect(final?.text).toBe(allWords(47_000));
    expect(final?.words.map(({ startMs }) => startMs)).toEqual(final?.words.map((_, k) => k * wordEveryMs));
    expect(call.told.filter(({ type }) => type === 'correction')).toEqual([]);
    const finals = call.decodes.filter(({ kind }) => kind === 'stt-final');
    expect(finals).toHaveLength(1);
    expect(finals[0]?.windowMs).toBeLessThanOrEqual(maxWindowMs + 500);
  });

  it('has every word once when it comes at once', async () => {
    const call = listening(50);
    call.listener.take({ type: 'start', utterance: 1 });
    call.listener.take({ type: 'audio', samples: positions(0, samplesOf(95_000, rateHz)) });
    call.listener.take({ type: 'freeze', utterance: 1, request: 1 });
    await call.end();
    expect(finalsOf(call.told)[0]?.text).toBe(allWords(95_000));
    for (const { windowMs } of call.decodes) expect(windowMs).toBeLessThanOrEqual(maxWindowMs);
  });
});

describe('partials', () => {
  it.each([20, 100, 300])('of %i ms each take at most a quarter of the time', async (costMs) => {
    const call = listening(costMs);
    call.listener.take({ type: 'start', utterance: 1 });
    await call.speak(0, 12_000);
    await call.end();
    const partials = call.decodes.filter(({ kind }) => kind === 'stt-partial');
    expect(partials.length).toBeGreaterThanOrEqual(Math.min(8, 12_000 / (costMs * 4) - 2));
    for (const [index, { atMs, windowMs }] of partials.entries()) {
      expect(windowMs).toBeLessThanOrEqual(maxWindowMs);
      if (index > 0) expect(atMs - (partials[index - 1]?.atMs ?? 0)).toBeGreaterThanOrEqual(4 * costMs);
    }
  });

  it('hear the utterance from its beginning, as the final does', async () => {
    const call = listening(50);
    call.listener.take({ type: 'start', utterance: 1 });
    await call.speak(0, 9_000);
    await call.end();
    const windows = call.decodes.map(({ windowMs }) => windowMs);
    expect(windows.at(-1)).toBeGreaterThan(8_500);
    expect(windows).toEqual(windows.toSorted((a, b) => a - b));
  });

  it('hand what they heard to the final', async () => {
    const call = listening(40);
    call.listener.take({ type: 'start', utterance: 1 });
    await call.speak(0, 3_000);
    call.listener.take({ type: 'freeze', utterance: 1, request: 1 });
    await call.end();
    const final = call.decodes.find(({ kind }) => kind === 'stt-final');
    expect(final?.earlierTokens.slice(0, 4)).toEqual([0, 1, 2, 3]);
  });

  it('show what a final has corrected, which was told before it', async () => {
    const mishears = (samples: Float32Array): HeardWord[] =>
      worded(samples).map((word) =>
        word.text === 'w1' && samples.length < samplesOf(3_900, rateHz) ? { ...word, text: 'x1' } : word,
      );
    const call = listening(40, mishears);
    call.listener.take({ type: 'start', utterance: 1 });
    await call.speak(0, 3_600);
    await call.speak(3_600, 3_900);
    call.listener.take({ type: 'freeze', utterance: 1, request: 1 });
    await call.speak(3_900, 5_000);
    await call.end();
    const at = call.told.findIndex(({ type }) => type === 'final');
    expect(call.told[at - 1]).toEqual({ type: 'correction', utterance: 1, word: 1, from: 'x1', to: 'w1' });
    const texts = call.told.flatMap((event) => (event.type === 'partial' ? [event.text.split(' ')[1]] : []));
    expect(texts).toContain('x1');
    expect(texts.at(-1)).toBe('w1');
  });
});

it('partials tell how the utterance may begin while its first words are decoded, and no longer', async () => {
  const { listener, told, speak, end } = listening(50);
  listener.take({ type: 'start', utterance: 1 });
  await speak(0, maxWindowMs + 6_000);
  await end();
  const partials = told.filter((event) => event.type === 'partial');
  const settled = partials.findIndex(({ beginnings }) => beginnings === undefined);
  expect(partials[0]?.beginnings).toEqual(anyBeginnings);
  expect(settled).toBeGreaterThan(10);
  expect(partials.slice(settled).every(({ beginnings }) => beginnings === undefined)).toBe(true);
});

describe('a recording', () => {
  /** Both decode in slices of one core, and note whose it was. */
  function together() {
    const governor = new ComputeGovernor({ cores: 1 });
    const slices: string[] = [];
    const listen = (name: string, urgency: 'live' | 'background') => {
      const { signal } = new AbortController();
      const events = new EventQueue<SpeechToTextEvent>();
      const transcribe = async ({ samples, kind }: TranscribeRequest): Promise<Heard> => {
        for (let slice = 0; slice < 5; slice++)
          await governor.slice({ kind, signal }, async () => {
            slices.push(`${name} ${kind}`);
            await new Promise((resolve) => setImmediate(resolve));
          });
        return heard(worded(samples));
      };
      const listener = new UtteranceListener({ transcribe, events, signal, urgency, nowMs: () => performance.now() });
      const say = (ms: number): void => {
        listener.take({ type: 'start', utterance: 1 });
        listener.take({ type: 'audio', samples: positions(0, samplesOf(ms, rateHz)) });
        listener.take({ type: 'freeze', utterance: 1, request: 1 });
      };
      return { listener, say, events };
    };
    return { slices, listen };
  }

  it('is behind what a caller says, whenever that comes', async () => {
    const { slices, listen } = together();
    const recording = listen('recording', 'background');
    const caller = listen('caller', 'live');
    recording.say(60_000);
    while (slices.length < 3) await new Promise((resolve) => setImmediate(resolve));
    const before = slices.length;
    caller.say(2_000);
    await caller.listener.finish();
    const meanwhile = slices.slice(before);
    await recording.listener.finish();
    expect(meanwhile.filter((each) => each === 'caller stt-final').length).toBe(5);
    expect(meanwhile.filter((each) => each.startsWith('recording')).length).toBeLessThanOrEqual(1);
    expect(slices.filter((each) => each === 'recording job').length).toBeGreaterThan(10);
  });

  it('has no partials, and all of its words', async () => {
    const { slices, listen } = together();
    const { listener, say, events } = listen('recording', 'background');
    say(50_000);
    listener.take({ type: 'look', utterance: 1 });
    await listener.finish();
    events.end();
    const told: SpeechToTextEvent[] = [];
    for await (const event of events) told.push(event);
    expect(told).toMatchObject([{ type: 'final', text: allWords(50_000) }]);
    expect(new Set(slices)).toEqual(new Set(['recording job']));
  });
});
