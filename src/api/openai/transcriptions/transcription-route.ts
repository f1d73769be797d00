import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import type { TranscriptSegment } from '../../../conversation/listen/transcribe-samples.js';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import type { BatchEvent } from '../../../platform/layers/transcription/batch.js';
import { usualKeywordWeight } from '../../../ports/keyword-limits.js';
import { decodeUpload } from '../../http/decode-upload.js';
import { eventStreamHeaders, sentEvent } from '../../http/server-sent-events.js';
import { tellIgnored, unknownFields } from '../rest/ignored.js';
import { openAiError, RequestError, requestError } from '../rest/openai-error.js';
import type { OpenAiRoute, RouteMeans } from '../rest/routes.js';
import { readForm } from './read-form.js';
import { srtOf, vttOf } from './subtitles.js';
import { type Transcribed, textOf, usageOf, verboseOf } from './transcription-replies.js';
import {
  type TranscriptionBody,
  transcriptionEventSchema,
  transcriptionExample,
  transcriptionRequestSchema,
  transcriptionSchema,
  verboseTranscriptionSchema,
} from './transcription-request.js';

export const transcriptionRoute: OpenAiRoute = {
  method: 'POST',
  path: '/v1/audio/transcriptions',
  summary: 'Write down what is said in a recording',
  scope: 'transcribe',
  request: { type: 'multipart/form-data', schema: transcriptionRequestSchema, example: transcriptionExample },
  responses: {
    'application/json': {
      description: 'As json or verbose_json.',
      schema: transcriptionSchema.or(verboseTranscriptionSchema),
    },
    'text/plain': { description: 'As text or srt.' },
    'text/vtt': { description: 'As vtt.' },
    'text/event-stream': { description: 'With stream.', schema: transcriptionEventSchema },
  },
  async handle(means) {
    const { request, reply, layers, visit, uploads } = means;
    const release = await uploads.take(visit.signal);
    let body: TranscriptionBody;
    let recording: AudioFrame;
    try {
      const fields = await readForm(request, defaultLayerLimits.maxUploadBytes);
      const parsed = transcriptionRequestSchema.safeParse(fields);
      if (!parsed.success) throw requestError(parsed.error);
      body = parsed.data;
      if (body.stream && body.response_format !== 'json' && body.response_format !== 'verbose_json')
        throw new RequestError('stream: goes with the response formats json and verbose_json only.', {
          param: 'stream',
        });
      // Refused before the work of decoding.
      layers.transcription.models.find(body.model);
      tellIgnored(reply, ignoredFields(fields, body));
      if (body.file.length === 0)
        throw new RequestError('file: expected a recording, but the file is empty.', { param: 'file' });
      recording = await decodeUpload(body.file, means.decodings, visit.signal);
    } finally {
      release();
    }
    const audioMs = durationMs(recording.samples.length, recording.rateHz);
    visit.count({ audioInSeconds: audioMs / 1_000 });
    const { engine } = layers.transcription.models.find(body.model);
    const language = body.language ?? engine.capabilities.languages[0] ?? '';
    const events = layers.transcription.batch({
      audio: [recording],
      model: body.model,
      transcript: transcriptOptions(body),
      signal: visit.signal,
    });
    reply.header('cache-control', 'no-store');
    if (body.stream) {
      reply.headers(eventStreamHeaders);
      return visit.stream(asEvents(events, { body, audioMs, language }));
    }
    const segments: TranscriptSegment[] = [];
    for await (const event of events) if (event.type === 'segment') segments.push(event.segment);
    return answer(reply, { segments, audioMs, language }, body);
  },
};

/** What is named, and has no effect. */
function ignoredFields(fields: object, body: TranscriptionBody): string[] {
  return [
    ...unknownFields(fields, Object.keys(transcriptionRequestSchema.shape)),
    ...(body.prompt ? ['prompt'] : []),
    ...(body.temperature ? ['temperature'] : []),
    ...(body['include[]'].length > 0 ? ['include[]'] : []),
  ];
}

function transcriptOptions(body: TranscriptionBody) {
  return {
    language: body.language,
    keywords: body['keywords[]'].map((text) => ({ text, weight: usualKeywordWeight })),
    punctuation: body.punctuation,
    numerals: body.numerals,
    casing: body.casing,
    profanityFilter: body.profanity_filter,
    redact: body['redact[]'],
  };
}

function answer(reply: RouteMeans['reply'], transcript: Transcribed, body: TranscriptionBody): unknown {
  switch (body.response_format) {
    case 'json':
      return { text: textOf(transcript), usage: usageOf(transcript) };
    case 'verbose_json':
      return verboseOf(transcript, body['timestamp_granularities[]']);
    case 'text':
      return reply.type('text/plain; charset=utf-8').send(`${textOf(transcript)}\n`);
    case 'srt':
      return reply.type('text/plain; charset=utf-8').send(srtOf(transcript.segments));
    case 'vtt':
      return reply.type('text/vtt; charset=utf-8').send(vttOf(transcript.segments));
  }
}

type Streamed = { readonly body: TranscriptionBody; readonly audioMs: number; readonly language: string };

async function* asEvents(
  events: AsyncIterable<BatchEvent>,
  { body, audioMs, language }: Streamed,
): AsyncGenerator<string, void, undefined> {
  const segments: TranscriptSegment[] = [];
  let begun = false;
  try {
    for await (const event of events) {
      if (event.type === 'segment') {
        const delta = segments.length === 0 ? event.segment.text : ` ${event.segment.text}`;
        segments.push(event.segment);
        begun = true;
        yield sentEvent({ type: 'transcript.text.delta', delta });
      } else if (event.type === 'progress' && body.progress) {
        begun = true;
        const seconds = Math.min(event.doneMs, audioMs) / 1_000;
        yield sentEvent({ type: 'transcript.progress', seconds, total_seconds: audioMs / 1_000 });
      }
    }
  } catch (error) {
    if (!begun) throw error;
    yield sentEvent(openAiError(error).body, 'error');
    return;
  }
  const transcript = { segments, audioMs, language };
  const verbose =
    body.response_format === 'verbose_json' ? verboseOf(transcript, body['timestamp_granularities[]']) : {};
  yield sentEvent({ ...verbose, type: 'transcript.text.done', text: textOf(transcript), usage: usageOf(transcript) });
}
