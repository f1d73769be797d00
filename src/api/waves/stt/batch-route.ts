import { Readable } from 'node:stream';
import { z } from 'zod';
import { durationMs } from '../../../audio/frame.js';
import type { TranscriptSegment } from '../../../conversation/listen/transcribe-samples.js';
import { fetchFile } from '../../../platform/fetch/fetch-file.js';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import type { ParleyError } from '../../../ports/errors.js';
import { readBytes } from '../../http/read-bytes.js';
import { RequestError, requestError } from '../../openai/rest/openai-error.js';
import { report, warningsOf } from '../common/reported.js';
import { wavesErrorSchema } from '../common/waves-error.js';
import type { WavesMeans, WavesRoute, WavesServices } from '../common/waves-route.js';
import { batchReply, batchReplySchema } from './batch-reply.js';
import { decodeRecording } from './read-recording.js';
import { sttOptionsOf, unknownParameters } from './stt-options.js';
import { type BatchQuery, batchQuerySchema } from './stt-query.js';
import { parametersOf, readParameters } from './stt-request.js';

const bodySchema = z
  .object({ url: z.string({ error: 'expected a URL of http or https' }) })
  .describe('Where the recording is. Or send the recording itself as the body, with the content type that it has.');

const route = {
  method: 'POST',
  scope: 'transcribe',
  query: batchQuerySchema,
  request: {
    type: 'application/json',
    schema: bodySchema,
    example: { url: 'https://example.com/call.wav' },
  },
  bytes: ['application/octet-stream', 'audio/*'],
  responses: { 'application/json': { description: 'The transcript.', schema: batchReplySchema } },
  errors: wavesErrorSchema,
} as const satisfies Partial<WavesRoute>;

/** What is said in a recording, as Smallest.ai's Pulse has it. */
export const batchRoute: WavesRoute = {
  ...route,
  path: '/waves/v1/stt',
  summary: 'Write down what is said in a recording, given as the body or by its URL',
  handle: (means) => transcribe(means, 'unified'),
};

/** The same at its older path, which names no model. */
export const olderBatchRoute: WavesRoute = {
  ...route,
  path: '/waves/v1/pulse/get_text',
  summary: 'Write down what is said in a recording: the older path of /waves/v1/stt',
  handle: (means) => transcribe(means, 'older'),
};

async function transcribe(means: WavesMeans, path: 'unified' | 'older'): Promise<unknown> {
  const { request, reply, visit, services, requestId } = means;
  const { signal } = visit;
  const given = {
    ...(path === 'older' ? { model: 'pulse' } : {}),
    ...parametersOf(new URL(request.raw.url ?? '', 'http://server')),
  };
  const query = readParameters(batchQuerySchema, given);
  if (query.webhook_url !== undefined) throw noWebhooks();
  const { transcription } = services.layers();
  // Refused before the work of reading and decoding.
  const { engine } = transcription.models.find(query.model);
  const options = sttOptionsOf(query, engine.capabilities.languages);
  const reported = [...options.reported, ...unknownParameters(given, Object.keys(batchQuerySchema.shape))];
  const { audio, bytes } = await recordingOf(means, query);
  const audioMs = durationMs(audio.samples.length, audio.rateHz);
  visit.count({ audioInSeconds: audioMs / 1_000 });
  const startedMs = performance.now();
  const segments: TranscriptSegment[] = [];
  const { model } = query;
  for await (const event of transcription.batch({ audio: [audio], model, transcript: options.transcript, signal }))
    if (event.type === 'segment') segments.push(event.segment);
  report(reply, reported);
  const computeMs = performance.now() - startedMs;
  return {
    ...batchReply(
      { segments, audioMs, bytes, computeMs, language: options.language, requestId },
      {
        wordTimestamps: query.word_timestamps ?? false,
        sentenceTimestamps: query.sentence_timestamps ?? false,
        redacts: query.redact_pii || query.redact_pci,
        form: path === 'older' ? 'older' : model === 'pulse-pro' ? 'pulse-pro' : 'pulse',
      },
    ),
    ...warningsOf(reported),
  };
}

async function recordingOf({ request, visit, services }: WavesMeans, query: BatchQuery) {
  const { signal } = visit;
  const release = await services.uploads.take(signal);
  try {
    const bytes = await bytesOf(request.body, services, signal);
    const raw = { encoding: query.encoding, rateHz: query.sample_rate };
    const audio = await decodeRecording(bytes, raw, { decodings: services.decodings, signal });
    return { audio, bytes: bytes.length };
  } finally {
    release();
  }
}

async function bytesOf(body: unknown, { fetchPrivate }: WavesServices, signal: AbortSignal): Promise<Uint8Array> {
  const maxBytes = defaultLayerLimits.maxUploadBytes;
  if (body instanceof Readable) return readBytes(body, maxBytes);
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw requestError(parsed.error);
  return fetchFile(parsed.data.url, { maxBytes, signal, allowPrivate: fetchPrivate });
}

function noWebhooks(): ParleyError {
  return new RequestError(
    'webhook_url: transcripts are not sent anywhere here; leave it out, and the transcript is the answer.',
    { param: 'webhook_url', code: 'waves.no_webhooks' },
  );
}
