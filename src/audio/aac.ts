import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { assertDecodable, damagedAudio, decodeDeadlineMs } from './decode-limits.js';
import type { Recording } from './wav.js';

/**
 * The decoder is made for browsers: it asks for its WebAssembly over `fetch`, and for names that a Node module does not
 * have. It gets them in a thread of its own, which also keeps its long loop away from everything else.
 */
const threadSource = `
  const { readFileSync } = require('node:fs');
  const { parentPort, workerData } = require('node:worker_threads');
  globalThis.require = require;
  globalThis.__dirname = '';
  globalThis.fetch = async () =>
    new Response(readFileSync(workerData.wasm), { headers: { 'content-type': 'application/wasm' } });
  import(workerData.module).then(async ({ getAudioDecoder }) => {
    const decoder = await getAudioDecoder('decode-audio.wasm', workerData.bytes.buffer);
    const { sampleRate, channelCount } = decoder;
    parentPort.postMessage({ sampleRate, channelCount, samples: decoder.decodeAudioData(0, -1, { multiChannel: true }) });
  }).catch((error) => parentPort.postMessage({ problem: String(error && error.message || error) }));
`;

type Answer =
  | { readonly problem: string }
  | { readonly sampleRate: number; readonly channelCount: number; readonly samples: Float32Array };

/**
 * Reads AAC in MP4 ("m4a") or as a bare ADTS stream, any rate, mono or stereo. A few milliseconds at the end may be
 * missing: the decoder drops its last frame.
 *
 * @throws ParleyError `audio.damaged` when it cannot be read, `audio.too_long`
 */
export async function readAac(bytes: Uint8Array): Promise<Recording> {
  const answer = await decodeInThread(bytes);
  if ('problem' in answer) throw damagedAudio('M4A or AAC', `it cannot be decoded (${answer.problem.slice(0, 200)}).`);
  const { sampleRate, channelCount, samples } = answer;
  if (!(sampleRate > 0 && channelCount > 0 && samples.length > 0))
    throw damagedAudio('M4A or AAC', 'no audio in it can be read.');
  assertDecodable(samples.length);
  const channels = Array.from({ length: channelCount }, (_, channel) => {
    const out = new Float32Array(Math.floor(samples.length / channelCount));
    for (let i = 0; i < out.length; i++) out[i] = samples[i * channelCount + channel] ?? 0;
    return out;
  });
  return { channels, rateHz: sampleRate };
}

function decodeInThread(bytes: Uint8Array): Promise<Answer> {
  const module = createRequire(import.meta.url).resolve('audio-file-decoder');
  const wasm = join(dirname(dirname(module)), 'decode-audio.wasm');
  // A copy of its own: the file's buffer may hold more than the file.
  const workerData = { module: pathToFileURL(module).href, wasm, bytes: bytes.slice() };
  const worker = new Worker(threadSource, {
    eval: true,
    workerData,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 2_048 },
  });
  return new Promise<Answer>((resolve) => {
    const timer = setTimeout(() => resolve({ problem: `not done after ${decodeDeadlineMs} ms` }), decodeDeadlineMs);
    const done = (answer: Answer): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    worker.once('message', done);
    worker.once('error', (error) => done({ problem: error.message }));
    worker.once('exit', () => done({ problem: 'the decoder ended without an answer' }));
  }).finally(() => worker.terminate());
}
