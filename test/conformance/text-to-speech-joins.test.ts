import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Join, measureJoins, speakAll } from '../../bench/scoring/joins.js';
import { twoClauseSentences } from '../../bench/sentences.js';
import { percentile } from '../../src/analyser/statistics.js';
import { durationMs, samplesOf } from '../../src/audio/frame.js';
import { rmsDb } from '../../src/audio/loudness.js';
import { HibariTextToSpeech } from '../../src/engines/hibari/client.js';
import { findSpeech } from '../../src/engines/hibari/silence.js';
import { ComputeGovernor } from '../../src/engines/host/governor.js';
import { modelDir } from '../../src/models/cache.js';
import type { SpeechEvent } from '../../src/ports/text-to-speech.js';
import { cacheDir, describeRealEngine } from './real-engine.js';

/** Clauses of at most so many words are openers, after which the voice pauses less than a reader. */
const openerWords = 3;

describeRealEngine('hibari joins clauses', ['hibari'], () => {
  let tts: HibariTextToSpeech;
  let joins: readonly Join[];
  beforeAll(async () => {
    tts = new HibariTextToSpeech({ modelDir: modelDir(cacheDir, 'hibari'), governor: new ComputeGovernor() });
    await tts.start();
    joins = await measureJoins(tts, twoClauseSentences);
  });
  afterAll(() => tts?.close());

  const median = (values: readonly number[]) => percentile([...values], 50);

  it('with the intonation of one synthesis: no fall before the join, no new beginning after it', () => {
    expect(median(joins.map(({ endSemitones }) => Math.abs(endSemitones)))).toBeLessThan(1);
    expect(median(joins.map(({ startSemitones }) => Math.abs(startSemitones)))).toBeLessThan(0.5);
  });

  it('with 80-170 ms between an opener and what follows', () => {
    const openers = joins.filter(({ firstWords }) => firstWords <= openerWords);
    expect(openers.length).toBeGreaterThanOrEqual(10);
    for (const { joinedPauseMs } of openers) {
      expect(joinedPauseMs).toBeGreaterThanOrEqual(75);
      expect(joinedPauseMs).toBeLessThanOrEqual(170);
    }
  });

  it('with the pause of one synthesis between longer clauses', () => {
    const longer = joins.filter(({ firstWords }) => firstWords > openerWords);
    expect(longer.length).toBeGreaterThanOrEqual(10);
    const difference = longer.map(({ joinedPauseMs, wholePauseMs }) => joinedPauseMs - wholePauseMs);
    expect(Math.abs(median(difference))).toBeLessThan(40);
    expect(median(difference.map(Math.abs))).toBeLessThan(60);
  });

  it('without a click: both sides of a join are silent, and the signal does not jump', () => {
    for (const { joined, joinAt } of joins) {
      const around = joined.samples.subarray(joinAt - samplesOf(2, tts.rateHz), joinAt + samplesOf(2, tts.rateHz));
      const jumps = around.map((sample, i) => Math.abs(sample - (around[i - 1] ?? sample)));
      expect(Math.max(...jumps)).toBeLessThan(0.005);
      expect(rmsDb(around)).toBeLessThan(-50);
    }
  });

  it('without silence in front of a clause that follows', async () => {
    for (const [first, second] of twoClauseSentences.slice(0, 10)) {
      const { samples } = await speakAll(tts, { text: second, after: first });
      expect(durationMs(findSpeech(samples)?.start ?? samples.length, tts.rateHz)).toBeLessThanOrEqual(15);
    }
  });

  it('as an ordinary beginning where a sentence ended before', async () => {
    const text = 'It will be ready in ten minutes.';
    const [alone, after] = [await speakAll(tts, { text }), await speakAll(tts, { text, after: 'Thank you.' })];
    expect(after.samples).toEqual(alone.samples);
  });

  it('with word times that lie on the sound in the joined audio', () => {
    const checked = joins.slice(0, 20);
    const onsets: number[] = [];
    for (const { joined, joinAt, text, firstWords } of checked) {
      expect(joined.words.map((word) => word.text).join(' ')).toBe(text);
      let before = 0;
      for (const { startMs, endMs } of joined.words) {
        expect(startMs).toBeGreaterThanOrEqual(before);
        before = startMs;
        const word = joined.samples.subarray(samplesOf(startMs, tts.rateHz), samplesOf(endMs, tts.rateHz));
        expect(rmsDb(word)).toBeGreaterThan(-42);
      }
      const next = findSpeech(joined.samples.subarray(joinAt))?.start ?? 0;
      onsets.push(Math.abs((joined.words[firstWords]?.startMs ?? 0) - durationMs(joinAt + next, tts.rateHz)));
      const last = findSpeech(joined.samples.subarray(0, joinAt))?.end ?? 0;
      onsets.push(Math.abs((joined.words[firstWords - 1]?.endMs ?? 0) - durationMs(last, tts.rateHz)));
    }
    expect(percentile(onsets, 90)).toBeLessThan(40);
  });

  describe('of one long sentence', () => {
    const text =
      'We have a quiet table for two by the window on Friday evening at half past seven, and if the weather is fine you may also sit in the garden behind the house where my colleague will bring you the menu and a candle as soon as the sun has gone down and the other guests have found their places.';

    it('in breath groups, so that no computation is long, with every word once and in order', async () => {
      const events: SpeechEvent[] = [];
      const { signal } = new AbortController();
      for await (const event of tts.speak({ text, voice: 'heart', signal })) events.push(event);
      const audio = events.filter((event) => event.type === 'audio');
      expect(audio.length).toBeGreaterThanOrEqual(3);
      for (const { samples } of audio) expect(durationMs(samples.length, tts.rateHz)).toBeLessThan(9_000);
      expect(audio.flatMap((event) => event.words.map((word) => word.text)).join(' ')).toBe(text);
      for (const [i, { samples }] of audio.entries()) {
        if (i > 0) expect(Math.abs(samples[0] ?? 1)).toBeLessThan(0.002);
        if (i < audio.length - 1) expect(Math.abs(samples.at(-1) ?? 1)).toBeLessThan(0.002);
      }
    });
  });
});
