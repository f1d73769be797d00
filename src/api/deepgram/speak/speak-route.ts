import { z } from 'zod';
import { encodeAudio } from '../../../audio/encode/encode.js';
import { streamingWavHeader } from '../../../audio/encode/wav-stream.js';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import type { SpeechLayerEvent } from '../../../platform/layers/speech/speech.js';
import { issueText } from '../../http/issue-text.js';
import type { RequestVisit } from '../../http/visit.js';
import { tellIgnored } from '../../openai/rest/ignored.js';
import { invalid } from '../deepgram-error.js';
import { modelOf, modelUuid, voiceOf } from '../models.js';
import { readQuery } from '../query.js';
import { type DeepgramRoute, deepgramErrorSchema } from '../routes.js';
import { speakQuerySchema, spokenFormatOf } from './speak-query.js';

const { maxSpeechCharacters } = defaultLayerLimits;

const bodySchema = z.object({
  text: z
    .string({ error: 'expected text to speak' })
    .refine((text) => /\S/.test(text), { error: 'expected text to speak' })
    .max(maxSpeechCharacters, { error: `expected at most ${maxSpeechCharacters} characters` }),
});

export const speakRoute: DeepgramRoute = {
  method: 'POST',
  path: '/v1/speak',
  summary: 'Speak a text, as Deepgram',
  scope: 'speak',
  query: speakQuerySchema,
  request: {
    type: 'application/json',
    schema: bodySchema,
    example: { text: 'Two large teas, that is five dollars.' },
  },
  responses: {
    'audio/mpeg': { description: 'The audio, as it is made.' },
    'audio/wav': { description: 'As linear16, mulaw or alaw.' },
    'audio/ogg': { description: 'As opus.' },
    'audio/flac': { description: 'As flac.' },
    'audio/aac': { description: 'As aac.' },
  },
  errors: deepgramErrorSchema,
  async handle({ request, reply, url, layers, visit }) {
    const { options, ignored } = readQuery(speakQuerySchema, url.searchParams);
    const body = bodySchema.safeParse(request.body ?? {});
    if (!body.success) throw invalid(`text: ${issueText(body.error.issues[0])}.`);
    const { text } = body.data;
    const found = modelOf(layers.speech.models, 'speak', options.model);
    const voice = voiceOf(found.engine.voices, options.model);
    const { format, rateHz, contentType, wavOf } = spokenFormatOf(options);
    const spoken = layers.speech.speak({
      text,
      model: found.id,
      voice,
      speed: options.speed,
      rateHz,
      signal: visit.signal,
    });
    const encoded = encodeAudio(samplesOf(spoken, visit), { format, rateHz });
    tellIgnored(reply, ignored);
    reply.headers({
      'content-type': contentType,
      'cache-control': 'no-store',
      'dg-model-name': found.id,
      'dg-model-uuid': modelUuid(found.id),
      'dg-char-count': String(text.length),
    });
    return visit.stream(wavOf ? headed(streamingWavHeader(rateHz, wavOf), encoded) : encoded);
  },
};

async function* samplesOf(
  events: AsyncIterable<SpeechLayerEvent>,
  visit: RequestVisit,
): AsyncGenerator<Float32Array, void, undefined> {
  for await (const event of events)
    if (event.type === 'audio') {
      visit.count({ audioOutSeconds: event.samples.length / event.rateHz });
      yield event.samples;
    } else if (event.type === 'finish') visit.count({ characters: event.characters });
}

/** One write for the header and the first sound: nothing is sent before there is some. */
async function* headed(header: Uint8Array, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let before: Uint8Array | undefined = header;
  for await (const piece of pieces) {
    yield before ? Buffer.concat([before, piece]) : piece;
    before = undefined;
  }
}
