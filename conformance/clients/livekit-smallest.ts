import assert from 'node:assert/strict';
import type { ConformanceClient } from '../case.js';
import { assertSaid, assertWords } from '../checks.js';
import { withFrames } from '../frames.js';
import { hearingRateHz } from '../material.js';
import { audioOf, finalsOf, say } from './smallest-frames.js';

const rateHz = 24_000;
const headers = { 'X-Source': 'livekit' };
const base = {
  model: 'lightning_v3.1',
  voice_id: 'sophia',
  sample_rate: rateHz,
  speed: 1,
  language: 'en',
  output_format: 'pcm',
  max_buffer_flush_ms: 0,
};
/** As the plug-in connects: every switch is in the query, and eou_timeout_ms is 100. */
const listen = new URLSearchParams({
  model: 'pulse',
  language: 'en',
  encoding: 'linear16',
  sample_rate: String(hearingRateHz),
  word_timestamps: 'true',
  diarize: 'false',
  eou_timeout_ms: '100',
  endpointing: 'true',
  format: 'true',
  sentence_timestamps: 'false',
  redact_pii: 'false',
  redact_pci: 'false',
});

/** What LiveKit's plug-in for Smallest.ai sends and waits for, message by message. */
export const liveKitSmallest: ConformanceClient = {
  name: 'LiveKit plug-in for Smallest.ai (its messages)',
  version: async () => ({ version: 'livekit/agents da6af86' }),
  cases: [
    {
      name: 'tts: two segments token by token on one pooled socket, each ended by one complete',
      attempt: (at, signal) =>
        withFrames(at, signal, { path: '/waves/v1/tts/live', headers }, async (socket) => {
          for (const text of [at.material.text, 'Nine quiet foxes, please.']) {
            const from = socket.frames.length;
            for (const token of text.split(/(?<= )/))
              socket.send({ ...base, text: token, continue: true, flush: false });
            socket.send({ ...base, text: '', continue: false, flush: true });
            await socket.wait('complete', ({ status }) => status === 'complete', from);
            const segment = socket.frames.slice(from);
            assert.equal(segment.filter(({ status }) => status === 'complete').length, 1);
            assert.equal(new Set(segment.map(({ request_id }) => request_id)).size, 1, 'several request_ids');
            await assertSaid(at, { samples: audioOf(segment), rateHz }, text);
          }
          assert.equal(new Set(socket.frames.map(({ session_id }) => session_id)).size, 1, 'several session_ids');
        }),
    },
    {
      name: 'tts: word timestamps',
      attempt: (at, signal) =>
        withFrames(at, signal, { path: '/waves/v1/tts/live', headers }, async (socket) => {
          const asking = { ...base, word_timestamps: true };
          socket.send({ ...asking, text: at.material.text, continue: true, flush: false });
          socket.send({ ...asking, text: '', continue: false, flush: true });
          await socket.wait('complete', ({ status }) => status === 'complete');
          const words = socket.frames.flatMap(({ status, data }) =>
            status === 'word_timestamp' ? [data as { word: string; start: number; end: number }] : [],
          );
          assertWords(words.map(({ word }) => word).join(' '), at.material.text);
          const times = words.flatMap(({ start, end }) => [start, end]);
          assert.deepEqual(
            times,
            [...times].sort((a, b) => a - b),
            'times do not rise',
          );
        }),
    },
    {
      name: 'stt: live, with words, ended by close_stream and is_last',
      attempt: (at, signal) =>
        withFrames(at, signal, { path: `/waves/v1/stt/live?${listen}`, headers }, async (socket) => {
          const mic = await say(socket, at.material.sentence.samples);
          try {
            await socket.wait('a final', ({ is_final }) => is_final === true);
          } finally {
            mic.stop();
          }
          socket.send({ type: 'close_stream' });
          const last = await socket.wait('is_last', ({ is_last }) => is_last === true);
          assert.equal(last.type, 'transcription');
          assertWords(finalsOf(socket.frames), at.material.sentence.text);
          for (const frame of socket.frames.filter(({ type }) => type === 'transcription')) {
            assert.equal(frame.transcript, frame.transcription);
            assert.equal(typeof frame.is_final, 'boolean');
            assert.equal(typeof frame.is_last, 'boolean');
          }
          const words = socket.frames.flatMap(({ words: each }) => (Array.isArray(each) ? each : []));
          assertWords(words.map(({ word }) => word).join(' '), at.material.sentence.text);
          assert.equal(await socket.closed(), 1000);
        }),
    },
  ],
};
