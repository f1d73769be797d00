import assert from 'node:assert/strict';
import type { ConformanceClient } from '../case.js';
import { assertSaid, assertWords, until } from '../checks.js';
import { withFrames } from '../frames.js';
import { hearingRateHz } from '../material.js';
import { audioOf, finalsOf, pour } from './smallest-frames.js';

const rateHz = 24_000;
const headers = { 'X-Source': 'pipecat' };
const base = { voice_id: 'sophia', model: 'lightning_v3.1', language: 'en' };
const listen = new URLSearchParams({
  model: 'pulse',
  language: 'en',
  encoding: 'linear16',
  sample_rate: String(hearingRateHz),
  word_timestamps: 'false',
  full_transcript: 'false',
  sentence_timestamps: 'false',
  redact_pii: 'false',
  redact_pci: 'false',
  numerals: 'auto',
  diarize: 'false',
});

/** What Pipecat's services for Smallest.ai send and wait for, message by message. */
export const pipecatSmallest: ConformanceClient = {
  name: 'Pipecat service for Smallest.ai (its messages)',
  version: async () => ({ version: 'pipecat-ai/pipecat acead05' }),
  cases: [
    {
      name: 'tts: a message for each sentence, a new request_id for each, keepalives without a sound',
      attempt: (at, signal) =>
        withFrames(at, signal, { path: '/waves/v1/tts/live', headers }, async (socket) => {
          const sentences = [at.material.text, 'Nine quiet foxes, please.'];
          socket.send({ ...base, text: ' ' });
          for (const text of sentences) socket.send({ ...base, text, sample_rate: rateHz, output_format: 'pcm' });
          const requests = (): unknown[] => [
            ...new Set(socket.frames.filter(({ status }) => status === 'chunk').map(({ request_id }) => request_id)),
          ];
          const completed = (): number =>
            socket.frames.filter(({ status, request_id }) => status === 'complete' && requests().includes(request_id))
              .length;
          await until(
            'both sentences',
            signal,
            () => completed() === sentences.length,
            () => JSON.stringify(socket.frames.map(({ status }) => status)),
          );
          assert.equal(requests().length, sentences.length);
          for (const [index, request] of requests().entries()) {
            const frames = socket.frames.filter(({ request_id }) => request_id === request);
            await assertSaid(at, { samples: audioOf(frames), rateHz }, sentences[index] ?? '');
          }
          socket.send({ ...base, text: ' ' });
          assert.deepEqual(
            socket.frames.filter(({ status }) => status === 'error'),
            [],
          );
        }),
    },
    {
      name: 'stt: finalize when its own voice activity says so, and again on the same socket',
      attempt: (at, signal) =>
        withFrames(at, signal, { path: `/waves/v1/stt/live?${listen}`, headers }, async (socket) => {
          for (const _ of ['first', 'second']) {
            const from = socket.frames.length;
            pour(socket, at.material.sentence.samples);
            socket.send({ type: 'finalize' });
            await socket.wait('from_finalize', ({ from_finalize }) => from_finalize === true, from);
            assertWords(finalsOf(socket.frames.slice(from)), at.material.sentence.text);
          }
        }),
    },
  ],
};
