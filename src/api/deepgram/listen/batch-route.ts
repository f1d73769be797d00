import { z } from 'zod';
import { decodeAudioFile } from '../../../audio/decode.js';
import { durationMs } from '../../../audio/frame.js';
import { monoOf, type Recording } from '../../../audio/wav.js';
import type { TranscriptSegment } from '../../../conversation/listen/transcribe-samples.js';
import { fetchFile } from '../../../platform/fetch/fetch-file.js';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import { ParleyError } from '../../../ports/errors.js';
import { issueText } from '../../http/issue-text.js';
import { readBytes } from '../../http/read-bytes.js';
import { tellIgnored } from '../../openai/rest/ignored.js';
import { invalid } from '../deepgram-error.js';
import { modelOf } from '../models.js';
import { readQuery } from '../query.js';
import { type DeepgramMeans, type DeepgramRoute, deepgramErrorSchema } from '../routes.js';
import { batchReplyOf, type ChannelTranscript } from './batch-replies.js';
import { type BatchListenOptions, batchQuerySchema, ignoredKeywords, transcriptOptionsOf } from './listen-query.js';
import { channelDecoder, rawAudioOf } from './raw-channels.js';

const { maxUploadBytes } = defaultLayerLimits;

/** Each is transcribed by itself. */
const maxChannelsApart = 8;

const byUrlSchema = z
  .object({ url: z.string({ error: 'expected the address of a recording' }) })
  .describe('Where the recording is. Otherwise the body is the recording itself.');

export const batchListenRoute: DeepgramRoute = {
  method: 'POST',
  path: '/v1/listen',
  summary: 'Write down what is said in a recording, as Deepgram',
  scope: 'transcribe',
  query: batchQuerySchema,
  request: { type: 'application/json', schema: byUrlSchema, example: { url: 'https://example.com/order.wav' } },
  bytes: ['audio/*', 'application/octet-stream'],
  responses: {
    'application/json': {
      description: 'The transcript.',
      schema: z.object({
        metadata: z.object({
          request_id: z.string(),
          sha256: z.string(),
          created: z.string(),
          duration: z.number().describe('Of the recording, in seconds.'),
          channels: z.number(),
          models: z.array(z.string()),
          warnings: z.array(z.object({ parameter: z.string(), type: z.string(), message: z.string() })).optional(),
        }),
        results: z.object({
          channels: z.array(
            z.object({
              alternatives: z.array(
                z.object({
                  transcript: z.string(),
                  confidence: z.number(),
                  words: z.array(
                    z.object({
                      word: z.string(),
                      start: z.number(),
                      end: z.number(),
                      confidence: z.number(),
                      punctuated_word: z.string().optional(),
                    }),
                  ),
                }),
              ),
            }),
          ),
        }),
      }),
    },
  },
  errors: deepgramErrorSchema,
  async handle(means) {
    const { reply, url, layers, visit, requestId } = means;
    const { options, ignored: unknown } = readQuery(batchQuerySchema, url.searchParams);
    const ignored = [...unknown, ...ignoredKeywords(options)];
    const created = new Date().toISOString();
    // Refused before the work of reading.
    const model = modelOf(layers.transcription.models, 'listen', options.model);
    const { bytes, recording } = await readRecording(means, options);
    const { rateHz } = recording;
    const channels = options.multichannel ? recording.channels : [monoOf(recording.channels)];
    if (channels.length > maxChannelsApart)
      throw invalid(
        `The recording has ${channels.length} channels; expected at most ${maxChannelsApart} with multichannel.`,
      );
    const audioMs = durationMs(channels[0]?.length ?? 0, rateHz);
    visit.count({ audioInSeconds: (audioMs * channels.length) / 1_000 });
    const transcript = transcriptOptionsOf(options);
    const transcripts: ChannelTranscript[] = [];
    for (const samples of channels) {
      const segments: TranscriptSegment[] = [];
      const audio = [{ samples, rateHz }];
      for await (const event of layers.transcription.batch({
        audio,
        model: model.id,
        transcript,
        signal: visit.signal,
      }))
        if (event.type === 'segment') segments.push(event.segment);
      transcripts.push({ segments });
    }
    tellIgnored(reply, ignored);
    const written = transcript.punctuation ?? false;
    return batchReplyOf({
      requestId,
      created,
      bytes,
      audioMs,
      channels: transcripts,
      model,
      options,
      written,
      ignored,
    });
  },
};

/** The recording of a request: its body, or what is at the address in it. */
async function readRecording(
  means: DeepgramMeans,
  options: BatchListenOptions,
): Promise<{ readonly bytes: Uint8Array; readonly recording: Recording }> {
  const { visit, uploads, decodings } = means;
  const releaseUpload = await uploads.take(visit.signal);
  try {
    const bytes = await bytesOf(means);
    if (bytes.length === 0) throw invalid('The body is empty; expected a recording, or JSON with its url.');
    const releaseDecoding = await decodings.take(visit.signal);
    try {
      return { bytes, recording: await decoded(bytes, options) };
    } finally {
      releaseDecoding();
    }
  } finally {
    releaseUpload();
  }
}

async function bytesOf({ request, visit, fetchPrivate }: DeepgramMeans): Promise<Uint8Array> {
  const { body } = request;
  if (isStream(body)) return readBytes(body, maxUploadBytes);
  if (body === undefined || body === null) return new Uint8Array(0);
  const parsed = byUrlSchema.safeParse(body);
  if (!parsed.success) throw invalid(`url: ${issueText(parsed.error.issues[0])}.`);
  const { signal } = visit;
  return fetchFile(parsed.data.url, { maxBytes: maxUploadBytes, signal, allowPrivate: fetchPrivate });
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** Files say themselves what they are; what is none of them is what the parameters say. */
async function decoded(bytes: Uint8Array, options: BatchListenOptions): Promise<Recording> {
  try {
    return await decodeAudioFile(bytes);
  } catch (error) {
    const unknown = ParleyError.isInstance(error) && error.code === 'audio.unknown_format';
    const raw = unknown ? rawAudioOf({ ...options, multichannel: true }) : undefined;
    if (!raw) throw error;
    return { channels: [...channelDecoder(raw)(bytes)], rateHz: raw.rateHz };
  }
}
