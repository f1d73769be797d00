import { z } from 'zod';
import { encodeAudio } from '../../../audio/encode/encode.js';
import { audioFormats } from '../../../audio/formats.js';
import { eventStreamHeaders, sentEvent } from '../../http/server-sent-events.js';
import { unknownFields } from '../../openai/rest/ignored.js';
import { requestError } from '../../openai/rest/openai-error.js';
import { samplesOf } from '../../openai/speech/speech-route.js';
import { echo } from '../common/correlation.js';
import { type Reported, report, unknownReported, warningsOf } from '../common/reported.js';
import { wavesError, wavesErrorSchema } from '../common/waves-error.js';
import type { WavesMeans, WavesRoute } from '../common/waves-route.js';
import { type ChosenSpeech, chooseSpeech } from './choose-speech.js';
import { ttsExample, ttsRequestSchema } from './tts-request.js';

const eventSchema = z
  .object({
    audio: z.string().optional().describe('Audio in base64, in the format that was asked for.'),
    status: z.enum(['206', '200']),
    done: z.boolean().describe('True in the last event, which has no audio.'),
    warnings: z.array(z.string()).optional().describe('What has no effect; in the last event. Not of Smallest.ai’s.'),
  })
  .describe('An event of the stream.');

const whole = {
  method: 'POST',
  scope: 'speak',
  request: { type: 'application/json', schema: ttsRequestSchema, example: ttsExample },
  responses: Object.fromEntries(
    (['pcm', 'wav', 'mp3', 'mulaw', 'alaw'] as const).map((name) => [
      audioFormats[name].contentType,
      { description: `As ${name}.` },
    ]),
  ),
  errors: wavesErrorSchema,
  handle: answerWhole,
} as const satisfies Partial<WavesRoute>;

const events = {
  ...whole,
  responses: { 'text/event-stream': { description: 'Events with pieces of audio.', schema: eventSchema } },
} as const;

/** Speech over HTTP: whole, and as events. Older paths have the model in them. */
export const ttsRoutes: readonly WavesRoute[] = [
  { ...whole, path: '/waves/v1/tts', summary: 'Speak a text' },
  { ...whole, path: '/waves/v1/{model}/get_speech', summary: 'Speak a text, as older clients ask for it' },
  { ...events, path: '/waves/v1/tts/live', summary: 'Speak a text, as events', handle: answerEvents },
  {
    ...events,
    path: '/waves/v1/{model}/stream',
    summary: 'Speak a text as events, as older clients ask for it',
    handle: answerEvents,
  },
];

async function answerWhole(means: WavesMeans): Promise<unknown> {
  const { reply, visit } = means;
  const { encoded, chosen } = await spoken(means);
  const { format, rateHz } = chosen;
  const { contentType } = audioFormats[format];
  const bare = format === 'pcm' || format === 'mulaw' || format === 'alaw';
  reply.header('content-type', bare ? `${contentType};rate=${rateHz};channels=1` : contentType);
  return visit.stream(encoded);
}

async function answerEvents(means: WavesMeans): Promise<unknown> {
  const { request, reply, visit, requestId } = means;
  const { encoded, reported } = await spoken(means);
  reply.headers(eventStreamHeaders);
  // The oldest client looks for events of another name.
  const { model } = request.params as { readonly model?: string };
  const name = model === 'lightning-large' ? 'chunk' : 'audio';
  return visit.stream(asEvents(encoded, { name, reported, requestId }));
}

type Spoken = {
  readonly chosen: ChosenSpeech;
  readonly encoded: AsyncIterable<Uint8Array>;
  readonly reported: readonly Reported[];
};

async function spoken({ request, reply, visit, services }: WavesMeans): Promise<Spoken> {
  const parsed = ttsRequestSchema.safeParse(request.body);
  if (!parsed.success) throw requestError(parsed.error);
  const { model: inPath } = request.params as { readonly model?: string };
  const body = parsed.data;
  echo(reply, body);
  const withHeader = body.add_wav_header === true && (body.output_format ?? 'pcm') === 'pcm';
  const { speech } = services.layers();
  const chosen = await chooseSpeech(
    { ...body, model: inPath ?? body.model, ...(withHeader ? { output_format: 'wav' as const } : {}) },
    { speech, dictionaries: services.dictionaries, keyId: visit.keyId },
  );
  const reported = [
    ...chosen.reported,
    ...unknownReported(unknownFields(request.body as object, Object.keys(ttsRequestSchema.shape))),
    ...(body.word_timestamps
      ? [{ name: 'word_timestamps', message: 'word_timestamps: words have times over the socket only.' }]
      : []),
  ];
  report(reply, reported);
  const { model, voice, speed, rateHz, format, respell } = chosen;
  const audio = speech.speak({ text: body.text, model, voice, speed, rateHz, respell, signal: visit.signal });
  return { chosen, reported, encoded: encodeAudio(samplesOf(audio, visit), { format, rateHz }) };
}

async function* asEvents(
  encoded: AsyncIterable<Uint8Array>,
  {
    name,
    reported,
    requestId,
  }: { readonly name: string; readonly reported: readonly Reported[]; readonly requestId: string },
): AsyncGenerator<string, void, undefined> {
  let begun = false;
  try {
    for await (const bytes of encoded) {
      begun = true;
      yield sentEvent({ audio: Buffer.from(bytes).toString('base64'), done: false, status: '206' }, name);
    }
  } catch (error) {
    // Before the first event there is a status to say it with.
    if (!begun) throw error;
    yield sentEvent(wavesError(error, requestId).body, 'error');
    return;
  }
  yield sentEvent({ status: '200', done: true, ...warningsOf(reported) });
}
