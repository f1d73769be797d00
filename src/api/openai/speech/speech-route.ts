import { encodeAudio } from '../../../audio/encode/encode.js';
import { audioFormats, rateOf } from '../../../audio/formats.js';
import { type SpeechLayer, type SpeechLayerEvent, speechSpeeds } from '../../../platform/layers/speech/speech.js';
import { eventStreamHeaders, sentEvent } from '../../http/server-sent-events.js';
import type { RequestVisit } from '../../http/visit.js';
import { tellIgnored, unknownFields } from '../rest/ignored.js';
import { openAiError, requestError } from '../rest/openai-error.js';
import type { OpenAiRoute } from '../rest/routes.js';
import { speechEventSchema, speechExample, speechRequestSchema } from './speech-request.js';

const audioTokenMs = 50;

export const speechRoute: OpenAiRoute = {
  method: 'POST',
  path: '/v1/audio/speech',
  summary: 'Speak a text',
  scope: 'speak',
  request: { type: 'application/json', schema: speechRequestSchema, example: speechExample },
  responses: {
    'text/event-stream': { description: 'With stream_format sse.', schema: speechEventSchema },
    ...Object.fromEntries(
      Object.entries(audioFormats).map(([name, { contentType }]) => [contentType, { description: `As ${name}.` }]),
    ),
  },
  async handle({ request, reply, layers, visit }) {
    const parsed = speechRequestSchema.safeParse(request.body);
    if (!parsed.success) throw requestError(parsed.error);
    const body = parsed.data;
    const { engine } = layers.speech.models.find(body.model);
    const named = typeof body.voice === 'object' ? body.voice.id : body.voice;
    const voice = named !== undefined && engine.voices.includes(named) ? named : undefined;
    const speed = Math.min(speechSpeeds.max, Math.max(speechSpeeds.min, body.speed));
    tellIgnored(reply, [
      ...unknownFields(request.body as object, Object.keys(speechRequestSchema.shape)),
      ...(body.instructions ? ['instructions'] : []),
      ...(named !== undefined && voice === undefined ? ['voice'] : []),
      ...(speed === body.speed ? [] : ['speed']),
    ]);
    const format = body.response_format;
    const rateHz = rateOf(format, body.sample_rate);
    const spoken = layers.speech.speak({
      text: body.input,
      model: body.model,
      voice,
      speed,
      rateHz,
      signal: visit.signal,
    });
    const account: Account = { characters: 0, audioMs: 0 };
    const encoded = encodeAudio(samplesOf(spoken, visit, account), { format, rateHz });
    if (body.stream_format === 'sse') {
      reply.headers(eventStreamHeaders);
      return visit.stream(asEvents(encoded, account));
    }
    const { contentType } = audioFormats[format];
    const bare = format === 'pcm' || format === 'mulaw' || format === 'alaw';
    reply.header('content-type', bare ? `${contentType};rate=${rateHz};channels=1` : contentType);
    reply.header('cache-control', 'no-store');
    return visit.stream(encoded);
  },
};

type Account = { characters: number; audioMs: number };

/** The samples of a speech, counted as used by a request. */
export async function* samplesOf(
  events: ReturnType<SpeechLayer['speak']>,
  visit: Pick<RequestVisit, 'count'>,
  account: Account = { characters: 0, audioMs: 0 },
): AsyncGenerator<Float32Array, void, undefined> {
  for await (const event of events as AsyncIterable<SpeechLayerEvent>) {
    if (event.type === 'audio') {
      const audioMs = (event.samples.length / event.rateHz) * 1_000;
      account.audioMs += audioMs;
      visit.count({ audioOutSeconds: audioMs / 1_000 });
      yield event.samples;
    } else if (event.type === 'finish') {
      account.characters = event.characters;
      visit.count({ characters: event.characters });
    }
  }
}

async function* asEvents(
  encoded: AsyncIterable<Uint8Array>,
  account: Account,
): AsyncGenerator<string, void, undefined> {
  let begun = false;
  try {
    for await (const bytes of encoded) {
      begun = true;
      yield sentEvent({ type: 'speech.audio.delta', audio: Buffer.from(bytes).toString('base64') });
    }
  } catch (error) {
    // Before the first event there is a status to say it with.
    if (!begun) throw error;
    yield sentEvent(openAiError(error).body, 'error');
    return;
  }
  const input = account.characters;
  const output = Math.round(account.audioMs / audioTokenMs);
  const usage = { input_tokens: input, output_tokens: output, total_tokens: input + output };
  yield sentEvent({ type: 'speech.audio.done', usage });
}
