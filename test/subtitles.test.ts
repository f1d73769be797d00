import { describe, expect, it } from 'vitest';
import { srtOf, vttOf } from '../src/api/openai/transcriptions/subtitles.js';
import { verboseOf } from '../src/api/openai/transcriptions/transcription-replies.js';
import type { TranscriptSegment } from '../src/conversation/listen/transcribe-samples.js';
import { between, randomFrom } from '../src/testing/seeded-random.js';
import { cueProblems, readSubtitles, type TimedTranscript, timeProblems } from './support/subtitles.js';

const vocabulary = ['tea', 'coffee,', 'a<b', 'R&D', 'milk.', 'extraordinarily', 'two'];

/** Five minutes of words, some close together and some far apart. */
function fiveMinutes(seed: number): TranscriptSegment[] {
  const random = randomFrom(seed);
  const segments: TranscriptSegment[] = [];
  let atMs = 0;
  while (atMs < 290_000) {
    const words = Array.from({ length: Math.ceil(between(random, 1, 40)) }, () => {
      const startMs = atMs + between(random, 0, random() < 0.05 ? 2_500 : 200);
      const endMs = startMs + between(random, 60, 500);
      atMs = endMs;
      return { text: vocabulary[Math.floor(random() * vocabulary.length)] ?? '', startMs, endMs, confidence: 0.9 };
    });
    const text = words.map((word) => word.text).join(' ');
    segments.push({ text, startMs: words[0]?.startMs ?? 0, endMs: atMs, words, confidence: 0.9 });
    atMs += between(random, 300, 3_000);
  }
  return segments;
}

const verbose = (segments: readonly TranscriptSegment[]): TimedTranscript => {
  const audioMs = (segments.at(-1)?.endMs ?? 0) + 500;
  const {
    words = [],
    segments: shown = [],
    ...rest
  } = verboseOf({ segments, audioMs, language: 'en' }, ['word', 'segment']);
  return { ...rest, words, segments: shown };
};

describe('subtitles of five minutes', () => {
  it.each([1, 2, 3, 4, 5])('show each word once, when it is said, seed %i', (seed) => {
    const segments = fiveMinutes(seed);
    const transcript = verbose(segments);
    expect(timeProblems(transcript)).toEqual([]);
    const srt = readSubtitles(srtOf(segments), 'srt');
    expect(cueProblems(srt, transcript)).toEqual([]);
    expect(readSubtitles(vttOf(segments), 'vtt')).toEqual(srt);
    for (const { text, startMs, endMs } of srt) {
      expect(text.length).toBeLessThanOrEqual(84);
      expect(endMs - startMs).toBeLessThanOrEqual(6_001);
    }
  });

  it('are found out when they are wrong', () => {
    const segments = fiveMinutes(6);
    const transcript = verbose(segments);
    const cues = readSubtitles(srtOf(segments), 'srt');
    expect(cueProblems(cues.slice(1), transcript)).not.toEqual([]);
    expect(
      cueProblems(
        cues.map((cue) => ({ ...cue, startMs: cue.startMs + 50 })),
        transcript,
      ),
    ).toHaveLength(cues.length);
    const [first, second, ...others] = transcript.words;
    if (!first || !second) throw new Error('no words');
    expect(timeProblems({ ...transcript, words: [second, first, ...others] })).toContain(
      'word 1 begins before the one before it',
    );
    expect(timeProblems({ ...transcript, duration: 100 })).not.toEqual([]);
    expect(() => readSubtitles(srtOf(segments), 'vtt')).toThrow();
    expect(() => readSubtitles(vttOf(segments).replace('.', ','), 'vtt')).toThrow();
  });
});
