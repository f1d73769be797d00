import assert from 'node:assert/strict';
import { decodePcm16 } from '../../src/audio/pcm.js';
import type { ConformanceCase } from '../case.js';
import { assertSaid, assertSpoken } from '../checks.js';
import { openAiClient } from './openai-client.js';

const withHeaders = ['mp3', 'opus', 'aac', 'flac', 'wav'] as const;
const pcmRateHz = 24_000;

type SpeechEvent =
  | { readonly type: 'speech.audio.delta'; readonly audio: string }
  | { readonly type: 'speech.audio.done'; readonly usage: { readonly total_tokens: number } };

export const openAiSpeechCases: readonly ConformanceCase[] = [
  ...(withHeaders.map((format) => ({
    name: `audio.speech.create ${format}`,
    attempt: async (at, signal) => {
      const answer = await openAiClient(at).audio.speech.create(
        { model: 'tts-1', voice: 'alloy', input: at.material.text, response_format: format },
        { signal },
      );
      await assertSpoken(at, new Uint8Array(await answer.arrayBuffer()), at.material.text);
    },
  })) satisfies ConformanceCase[]),
  {
    name: 'audio.speech.create pcm, streamed',
    attempt: async (at, signal) => {
      const answer = await openAiClient(at).audio.speech.create(
        { model: 'gpt-4o-mini-tts', voice: 'alloy', input: at.material.text, response_format: 'pcm' },
        { signal },
      );
      const parts: Uint8Array[] = [];
      for await (const part of answer.body as unknown as AsyncIterable<Uint8Array>) parts.push(part);
      await assertSaid(at, { samples: decodePcm16(Buffer.concat(parts)), rateHz: pcmRateHz }, at.material.text);
    },
  },
  ...((['pcm', 'wav', 'mp3'] as const).map((format) => ({
    name: `audio.speech.create ${format}, stream_format sse`,
    attempt: async (at, signal) => {
      const answer = await openAiClient(at).audio.speech.create(
        { model: 'tts-1', voice: 'alloy', input: at.material.text, response_format: format, stream_format: 'sse' },
        { signal },
      );
      assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
      const events = (await answer.text())
        .split('\n\n')
        .filter((block) => block.startsWith('data: '))
        .map((block) => JSON.parse(block.slice('data: '.length)) as SpeechEvent);
      const done = events.at(-1);
      assert.ok(done?.type === 'speech.audio.done', `the last event is ${done?.type}`);
      assert.ok(done.usage.total_tokens > 0, 'no usage');
      const audio = events.flatMap((event) =>
        event.type === 'speech.audio.delta' ? [Buffer.from(event.audio, 'base64')] : [],
      );
      const bytes = Buffer.concat(audio);
      if (format === 'pcm') await assertSaid(at, { samples: decodePcm16(bytes), rateHz: pcmRateHz }, at.material.text);
      else await assertSpoken(at, bytes, at.material.text);
    },
  })) satisfies ConformanceCase[]),
  {
    name: 'audio.speech.create of an unknown model is a NotFoundError',
    attempt: async (at, signal) => {
      await assert.rejects(
        async () => openAiClient(at).audio.speech.create({ model: 'no-such', voice: 'alloy', input: 'x' }, { signal }),
        { status: 404, code: 'model_not_found' },
      );
    },
  },
];
