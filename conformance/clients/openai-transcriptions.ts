import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';
import type { ConformanceCase, Surroundings } from '../case.js';
import { assertWords } from '../checks.js';
import { openAiClient } from './openai-client.js';

const model = 'whisper-1';
const file = ({ material }: Surroundings): Promise<File> => toFile(material.sentenceWav, 'sentence.wav');

/** The text of subtitles, without numbers and times. */
const spokenLines = (subtitles: string): string =>
  subtitles
    .split('\n')
    .filter((line) => !/^(WEBVTT|\d+)?$/.test(line.trim()) && !line.includes('-->'))
    .join(' ');

export const openAiTranscriptionCases: readonly ConformanceCase[] = [
  {
    name: 'audio.transcriptions.create json',
    attempt: async (at, signal) => {
      const { text } = await openAiClient(at).audio.transcriptions.create({ model, file: await file(at) }, { signal });
      assertWords(text, at.material.sentence.text);
    },
  },
  {
    name: 'audio.transcriptions.create text',
    attempt: async (at, signal) => {
      const text = await openAiClient(at).audio.transcriptions.create(
        { model, file: await file(at), response_format: 'text' },
        { signal },
      );
      assertWords(String(text), at.material.sentence.text);
    },
  },
  ...((['srt', 'vtt'] as const).map((format) => ({
    name: `audio.transcriptions.create ${format}`,
    attempt: async (at, signal) => {
      const text = String(
        await openAiClient(at).audio.transcriptions.create(
          { model, file: await file(at), response_format: format },
          { signal },
        ),
      );
      const times =
        format === 'srt' ? /^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\n/ : /^WEBVTT\n\n00:00:?0?\d?[\d:.]+ --> /;
      assert.match(text, times);
      assertWords(spokenLines(text), at.material.sentence.text);
    },
  })) satisfies ConformanceCase[]),
  {
    name: 'audio.transcriptions.create verbose_json with words and segments',
    attempt: async (at, signal) => {
      const { duration, words, segments, text } = await openAiClient(at).audio.transcriptions.create(
        { model, file: await file(at), response_format: 'verbose_json', timestamp_granularities: ['word', 'segment'] },
        { signal },
      );
      assertWords(text, at.material.sentence.text);
      assertWords(words?.map(({ word }) => word).join(' ') ?? '', at.material.sentence.text);
      assertWords(segments?.map((each) => each.text).join(' ') ?? '', at.material.sentence.text);
      const times = words?.flatMap(({ start, end }) => [start, end]) ?? [];
      assert.deepEqual(
        times,
        [...times].sort((a, b) => a - b),
        'word times do not rise',
      );
      const seconds = at.material.sentence.samples.length / 16_000;
      assert.ok(Math.abs(duration - seconds) < 0.1, `duration ${duration} of ${seconds} s`);
      assert.ok((times.at(-1) ?? Number.POSITIVE_INFINITY) <= seconds, 'a word ends after the recording');
    },
  },
  {
    name: 'audio.transcriptions.create stream',
    attempt: async (at, signal) => {
      const stream = await openAiClient(at).audio.transcriptions.create(
        { model: 'gpt-4o-mini-transcribe', file: await file(at), stream: true },
        { signal },
      );
      let deltas = '';
      let done: string | undefined;
      for await (const event of stream) {
        if (event.type === 'transcript.text.delta') deltas += event.delta;
        else if (event.type === 'transcript.text.done') done = event.text;
      }
      assertWords(done ?? '', at.material.sentence.text);
      assert.equal(deltas, done);
    },
  },
  {
    name: 'audio.transcriptions.create of what is no audio is a BadRequestError',
    attempt: async (at, signal) => {
      await assert.rejects(
        async () =>
          openAiClient(at).audio.transcriptions.create(
            { model, file: await toFile(Buffer.from('Dear Sir'), 'letter.wav') },
            { signal },
          ),
        (error: unknown) => error instanceof OpenAI.BadRequestError && error.param === 'file',
      );
    },
  },
];
