import { describe, expect, it } from 'vitest';
import { concatSamples, samplesOf } from '../../../audio/frame.js';
import { delay } from '../../../testing/delay.js';
import { ScriptedEndOfTurn } from '../../../testing/scripted-end-of-turn.js';
import { ScriptedSpeechToText } from '../../../testing/scripted-speech-to-text.js';
import { ScriptedVoiceActivity } from '../../../testing/scripted-voice-activity.js';
import { decodedText } from '../../../testing/tone-decoder.js';
import { speakTones, ToneVocabulary } from '../../../testing/tone-words.js';
import { VirtualClock } from '../../../testing/virtual-clock.js';
import { EngineTable } from '../engine-table.js';
import { defaultLayerLimits } from '../limits.js';
import type { LiveEvent, LiveInput, LiveOptions } from './live-events.js';
import { createTranscriptionLayer, type TranscriptionLayer } from './transcription.js';

const rateHz = 16_000;
const vocabulary = new ToneVocabulary();
const said = (text: string): Float32Array => speakTones(text, { rateHz, vocabulary }).samples;
const silence = (ms: number): Float32Array => new Float32Array(samplesOf(ms, rateHz));

function layer(
  options: {
    probability?: number[];
    fail?: (request: number) => Error | undefined;
    maxLive?: number;
    misheard?: (text: string) => string;
    clock?: VirtualClock;
  } = {},
): TranscriptionLayer {
  const { clock = new VirtualClock({ auto: true }) } = options;
  let requests = 0;
  const stt = new ScriptedSpeechToText({
    clock,
    transcripts: ({ samples }) => decodedText(samples, { rateHz, vocabulary }),
    fail: () => options.fail?.(requests++),
    ...(options.misheard ? { misheard: options.misheard } : {}),
  });
  return createTranscriptionLayer({
    models: new EngineTable('transcription', [{ id: 'ear', ownedBy: 'parley', aliases: ['whisper-1'], engine: stt }]),
    vad: new ScriptedVoiceActivity({ clock }),
    endOfTurn: new ScriptedEndOfTurn({ clock, probability: options.probability ?? [0.98] }),
    clock,
    limits: { ...defaultLayerLimits, maxLiveTranscriptions: options.maxLive ?? 4 },
  });
}

async function* inputs(...parts: readonly (Float32Array | LiveInput)[]): AsyncGenerator<LiveInput> {
  for (const part of parts)
    if (part instanceof Float32Array)
      for (let at = 0; at < part.length; at += 320)
        yield { type: 'audio', frame: { samples: part.subarray(at, at + 320), rateHz } };
    else yield part;
}

/** As it is said, not at once. */
async function* inTime(clock: VirtualClock, input: AsyncIterable<LiveInput>): AsyncGenerator<LiveInput> {
  for await (const each of input) {
    await delay(clock, 20);
    yield each;
  }
}

async function heard(from: TranscriptionLayer, options: Omit<LiveOptions, 'signal' | 'callId'>): Promise<LiveEvent[]> {
  const events: LiveEvent[] = [];
  for await (const event of from.live({ ...options, callId: 'test', signal: new AbortController().signal }))
    events.push(event);
  return events;
}

type Of<T extends LiveEvent['type']> = Extract<LiveEvent, { type: T }>;
function all<T extends LiveEvent['type']>(events: readonly LiveEvent[], type: T): Of<T>[] {
  return events.filter((event): event is Of<T> => event.type === type);
}

describe('a live transcription', () => {
  const two = [silence(400), said('two large teas'), silence(900), said('and one coffee'), silence(900)];

  it('ends utterances after the silence that was asked for, with word times in the audio', async () => {
    const events = await heard(layer(), { input: inputs(...two), endpointing: { type: 'silence', silenceMs: 300 } });
    const finals = all(events, 'final');
    expect(finals.map(({ text, ending }) => [text, ending])).toEqual([
      ['two large teas', 'endpoint'],
      ['and one coffee', 'endpoint'],
    ]);
    const first = finals[0]?.words[0];
    expect(first?.startMs).toBeGreaterThan(350);
    expect(first?.startMs).toBeLessThan(450);
    const secondFromMs = 400 + 870 + 900;
    expect(Math.abs((finals[1]?.words[0]?.startMs ?? 0) - secondFromMs)).toBeLessThan(60);
    expect(all(events, 'speech-started').map(({ utterance }) => utterance)).toEqual([1, 2]);
    expect(all(events, 'partial').length).toBeGreaterThan(1);
    expect(events.at(-1)).toEqual({ type: 'finish', audioMs: concatSamples(two).length / 16 });
  });

  it('gives the same finals at whatever pace and in whatever pieces the audio comes', async () => {
    const slow = await heard(layer(), { input: inputs(...two), endpointing: { type: 'silence', silenceMs: 300 } });
    const whole: LiveInput = { type: 'audio', frame: { samples: concatSamples(two), rateHz } };
    const fast = await heard(layer(), { input: inputs(whole), endpointing: { type: 'silence', silenceMs: 300 } });
    const texts = (events: readonly LiveEvent[]) => all(events, 'final').map(({ text }) => text);
    expect(texts(fast)).toEqual(texts(slow));
  });

  it('joins what a pause within a turn divides, when the turn does not sound finished', async () => {
    const events = await heard(layer({ probability: [0.02, 0.98] }), { input: inputs(...two) });
    expect(all(events, 'final').map(({ text }) => text)).toEqual(['two large teas and one coffee']);
    const [suspected] = all(events, 'end-suspected');
    expect(suspected).toMatchObject({ text: 'two large teas', revision: 1, probability: 0.02 });
    expect(suspected?.waitMs).toBeGreaterThan(900);
    expect(all(events, 'speech-resumed')).toMatchObject([{ utterance: 1, revision: 1 }]);
  });

  it('ends the utterance at once when it is finalized, and says so when there was none', async () => {
    const input = inputs(silence(300), said('two teas'), { type: 'finalize', mark: 'a' }, silence(2_000), {
      type: 'finalize',
      mark: 'b',
    });
    const events = await heard(layer(), { input, endpointing: { type: 'manual' } });
    expect(all(events, 'final')).toMatchObject([{ text: 'two teas', ending: 'finalize' }]);
    expect(all(events, 'finalized')).toMatchObject([
      { mark: 'a', atMs: 880 },
      { mark: 'b', atMs: 2_880 },
    ]);
  });

  it('does not hear the end of one utterance again in the next', async () => {
    const input = inputs(said('one two three four'), { type: 'finalize' }, said('five six'));
    const events = await heard(layer(), { input, endpointing: { type: 'silence', silenceMs: 500 } });
    expect(all(events, 'final').map(({ text }) => text)).toEqual(['one two three four', 'five six']);
  });

  it('finishes what is open when the audio ends', async () => {
    const events = await heard(layer(), { input: inputs(said('one two')), endpointing: { type: 'manual' } });
    expect(all(events, 'final')).toMatchObject([{ text: 'one two', ending: 'close' }]);
  });

  it('cuts an utterance that does not end', async () => {
    const words = Array.from({ length: 40 }, (_, index) => `word${index % 10}`).join(' ');
    const events = await heard(layer(), {
      input: inputs(said(words)),
      endpointing: { type: 'manual' },
      maxUtteranceMs: 2_000,
    });
    const finals = all(events, 'final');
    expect(finals.length).toBeGreaterThan(2);
    expect(finals[0]?.ending).toBe('length');
    expect(finals.at(-1)?.endMs).toBeGreaterThan(11_000);
  });

  it('tells the end of an utterance once nothing was said for long enough', async () => {
    const events = await heard(layer(), {
      input: inputs(said('one two'), silence(2_500)),
      endpointing: { type: 'silence', silenceMs: 200 },
      utteranceEndMs: 1_000,
    });
    const [final] = all(events, 'final');
    expect(all(events, 'utterance-end')).toEqual([
      { type: 'utterance-end', lastWordEndMs: final?.words.at(-1)?.endMs },
    ]);
  });

  it('asks for a transcript that failed once more', async () => {
    const events = await heard(layer({ fail: (request) => (request === 0 ? new Error('lost') : undefined) }), {
      input: inputs(said('one two'), silence(1_500)),
      endpointing: { type: 'silence', silenceMs: 400 },
    });
    expect(all(events, 'problem')).toHaveLength(1);
    expect(all(events, 'final').map(({ text }) => text)).toEqual(['one two']);
  });

  it('goes on when no transcript can be had at all', async () => {
    const events = await heard(layer({ fail: (request) => (request < 2 ? new Error('lost') : undefined) }), {
      input: inputs(said('one two'), silence(1_500), said('three'), silence(900)),
      endpointing: { type: 'silence', silenceMs: 400 },
    });
    expect(all(events, 'dropped')).toHaveLength(1);
    expect(all(events, 'final').map(({ text }) => text)).toEqual(['three']);
  });

  describe('where something is to be redacted', () => {
    const card = 'four one one one one one one one one one one one one one one one';
    const pause = silence(700);
    const groups = card.match(/(?:\w+ ?){4}/g)?.map((group) => group.trim()) ?? [];
    const digits = /\b(?:one|four|nine)\b/;

    it('shows no digit of a card in any event, at whatever pauses it is said', async () => {
      const misheard = (text: string): string => text.replace('one one one', 'one nine one');
      const listened = (
        input: AsyncIterable<LiveInput>,
        redact: readonly ['pci'] | readonly [],
      ): Promise<LiveEvent[]> => {
        const clock = new VirtualClock({ auto: true });
        const endpointing = { type: 'silence', silenceMs: 300 } as const;
        return heard(layer({ misheard, clock }), { input: inTime(clock, input), endpointing, transcript: { redact } });
      };
      const inOneGo = [said(`the card is ${card} thank you`), pause];
      const inGroups = [said('the card is'), pause, ...groups.flatMap((group) => [said(group), pause]), said('bye')];
      for (const [input, last] of [
        [inOneGo, 'the card is [CARD] thank you'],
        [inGroups, 'bye'],
      ] as const) {
        const events = await listened(inputs(...input), ['pci']);
        expect(all(events, 'partial').length).toBeGreaterThan(1);
        expect(all(events, 'final').at(-1)?.text).toBe(last);
        expect(events.filter((event) => digits.test(JSON.stringify(event)))).toEqual([]);
      }
      const plain = await listened(inputs(...inOneGo), []);
      expect(all(plain, 'partial').some(({ text }) => digits.test(text))).toBe(true);
      expect(all(plain, 'correction').some(({ to }) => digits.test(to))).toBe(true);
    });

    it('shows no digit of a number when its pause may have been the end', async () => {
      const [first = '', ...rest] = groups;
      const input = inputs(said(`card ${first}`), silence(900), said(`${rest.join(' ')} okay`), pause);
      const events = await heard(layer({ probability: [0.02, 0.98] }), { input, transcript: { redact: ['pci'] } });
      expect(all(events, 'end-suspected')[0]).toMatchObject({ text: 'card', words: [{ text: 'card' }] });
      expect(all(events, 'final').map(({ text }) => text)).toEqual(['card [CARD] okay']);
    });

    it('finds what a recording says over several segments', async () => {
      const audio = [silence(300), ...groups.flatMap((group) => [said(group), silence(1_200)]), said('thank you')];
      const segments: string[] = [];
      for await (const event of layer().batch({
        audio: [{ samples: concatSamples(audio), rateHz }],
        signal: new AbortController().signal,
        transcript: { redact: ['pci'] },
      }))
        if (event.type === 'segment') segments.push(event.segment.text);
      expect(segments).toContain('thank you');
      expect(segments[0]).toBe('[CARD]');
      expect(segments.join(' ')).not.toMatch(digits);
    });
  });

  it('drops what is no speech', async () => {
    const knock = said('x').subarray(0, samplesOf(40, rateHz));
    const events = await heard(layer(), { input: inputs(silence(500), knock, silence(1_500)) });
    expect(all(events, 'final')).toEqual([]);
  });

  it('is refused when as many are under way as may be, and lets the next one in when one has ended', async () => {
    const crowded = layer({ maxLive: 1 });
    const never: AsyncIterable<LiveInput> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
    const abort = new AbortController();
    const first = crowded.live({ input: never, callId: 'a', signal: abort.signal })[Symbol.asyncIterator]();
    const waiting = first.next();
    await expect(heard(crowded, { input: inputs() })).rejects.toMatchObject({ code: 'layer.full', status: 503 });
    abort.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(await heard(crowded, { input: inputs() })).toEqual([{ type: 'finish', audioMs: 0 }]);
  });

  it('refuses a language, a model and a silence that it does not know', async () => {
    const input = inputs();
    const failing = (options: Partial<LiveOptions>) => heard(layer(), { input, ...options });
    await expect(failing({ transcript: { language: 'fr' } })).rejects.toMatchObject({ status: 400 });
    await expect(failing({ model: 'no-such' })).rejects.toMatchObject({ code: 'model.unknown', status: 404 });
    await expect(failing({ endpointing: { type: 'silence', silenceMs: -1 } })).rejects.toMatchObject({ status: 400 });
  });
});
