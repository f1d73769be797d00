import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withOutput } from './network.js';
import { findSpeech } from './silence.js';
import { HibariSynthesizer } from './synthesizer.js';

const cacheDir = process.env.PARLEY_CACHE_DIR || join(homedir(), '.cache', 'parley');
const modelDir = join(cacheDir, 'models', 'hibari');
const skipped = process.env.PARLEY_TEST_MODELS === 'skip' || !existsSync(join(modelDir, 'hibari.onnx'));
const MS = 24;

describe('loading the voice', () => {
  it('says which file is missing', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'parley-hibari-'));
    await expect(HibariSynthesizer.load({ modelDir: empty })).rejects.toMatchObject({
      code: 'models.missing',
      message: expect.stringContaining(empty),
    });
    await rm(empty, { recursive: true });
  });

  it('appends a graph output without changing the bytes before it', () => {
    const appended = withOutput(Uint8Array.of(1, 2, 3), 'ab');
    expect([...appended]).toEqual([1, 2, 3, 0x3a, 6, 0x62, 4, 0x0a, 2, 0x61, 0x62]);
  });
});

describe.skipIf(skipped)('the voice with its weights', () => {
  let voice: HibariSynthesizer;
  beforeAll(async () => {
    voice = await HibariSynthesizer.load({ modelDir });
  });
  afterAll(() => voice?.close());

  const phonemes = async (text: string) => (await voice.phonemize(text)).phonemes;

  it.each([
    ['Hello there.', 'həlˈO ðˈɛɹ.'],
    ['She read the book that I read last week.', 'ʃˌi ɹˈɛd ðə bˈʊk ðæt ˌI ɹˈɛd lˈæst wˈik.'],
    ["That'll be $4.75.", 'ðˈætəl bi fˈɔɹ dˈɑləɹz ænd sˈɛvənti fˈIv sˈɛnts.'],
    ['[Siobhan](/ʃɪvˈɔn/) called.', 'ʃɪvˈɔn kˈɔld.'],
  ])('reads %s', async (text, expected) => expect(await phonemes(text)).toBe(expected));

  it('is audible within 20 ms and at a sensible level', async () => {
    const { samples, rateHz } = await voice.synthesize('Thank you for calling, how can I help you today?');
    expect(rateHz).toBe(24_000);
    expect(samples.every((x) => Number.isFinite(x) && Math.abs(x) <= 1)).toBe(true);
    const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
    expect(rms).toBeGreaterThan(0.05);
    expect(rms).toBeLessThan(0.1);
    expect((findSpeech(samples)?.start ?? samples.length) / MS).toBeLessThanOrEqual(20);
    expect(samples.length / rateHz).toBeGreaterThan(1.8);
    expect(samples.length / rateHz).toBeLessThan(4);
  });

  it('leaves a short pause after a clause that goes on, a longer one after a sentence', async () => {
    const tailMs = async (text: string) => {
      const { samples } = await voice.synthesize(text, { final: false });
      return (samples.length - (findSpeech(samples)?.end ?? 0)) / MS;
    };
    for (const opener of ['Sure,', 'Okay,', 'Let me see,', 'Of course,']) {
      expect(await tailMs(opener)).toBeGreaterThanOrEqual(65);
      expect(await tailMs(opener)).toBeLessThanOrEqual(160);
    }
    expect(await tailMs('Let me see.')).toBeCloseTo(250, -1);
  });

  it('times the words in order, inside the audio', async () => {
    const { words, samples } = await voice.synthesize('One moment, please. I will look.');
    expect(words.map((word) => word.text)).toEqual(['One', 'moment,', 'please.', 'I', 'will', 'look.']);
    let last = 0;
    for (const { startSample, endSample } of words) {
      expect(startSample).toBeGreaterThanOrEqual(last);
      expect(endSample).toBeGreaterThan(startSample);
      last = endSample;
    }
    expect(last).toBeLessThanOrEqual(samples.length);
  });

  it('speaks faster when asked, and says the same thing the same way twice', async () => {
    const text = 'The kitchen closes at half past nine.';
    const [plain, again, fast] = [
      await voice.synthesize(text),
      await voice.synthesize(text),
      await voice.synthesize(text, { speed: 1.6 }),
    ];
    expect(again.samples).toEqual(plain.samples);
    expect(fast.samples.length).toBeLessThan(0.9 * plain.samples.length);
  });

  it.each(['', '   ', '...', '?!', '😀 👍🏽', 'こんにちは', '\u0000', '[](//)'])(
    'says nothing for %j',
    async (text) => {
      expect((await voice.synthesize(text)).samples).toHaveLength(0);
    },
  );

  it('reads any text in pieces that the network can take', async () => {
    const texts = [
      'a'.repeat(10_000),
      "aB1-'".repeat(2_000),
      'a.com/'.repeat(1_600),
      'Well, yes and no. '.repeat(550),
      '[a]('.repeat(2_500),
    ];
    for (const text of texts) {
      const { pieces, truncated } = await voice.phonemize(text);
      expect(truncated).toBe(false);
      expect(pieces.every((piece) => piece.phonemes.length <= 400)).toBe(true);
    }
    expect((await voice.phonemize('word '.repeat(50_000))).truncated).toBe(true);
  });

  it('gives a long text sentence by sentence and stops when nobody listens', async () => {
    const parts: string[] = [];
    for await (const part of voice.stream('First one. Second one. Third one.')) {
      parts.push(part.phonemes);
      if (parts.length === 2) break;
    }
    expect(parts).toHaveLength(2);
  });

  it('serves calls that overlap as if they came one by one', async () => {
    const alone = await voice.synthesize('Good morning.');
    const [first, second] = await Promise.all([voice.synthesize('Good morning.'), voice.synthesize('Good night.')]);
    expect(first.samples).toEqual(alone.samples);
    expect(second.phonemes).not.toBe(first.phonemes);
  });

  it('refuses to speak once closed, and closes twice without harm', async () => {
    const other = await HibariSynthesizer.load({ modelDir });
    await other.close();
    await other.close();
    await expect(other.synthesize('Hello.')).rejects.toMatchObject({ code: 'tts.closed' });
  });
});
