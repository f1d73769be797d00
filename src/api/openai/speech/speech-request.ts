import { z } from 'zod';
import { audioFormats } from '../../../audio/formats.js';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import { speechSpeeds } from '../../../platform/layers/speech/speech.js';

const formats = Object.keys(audioFormats) as (keyof typeof audioFormats)[];

/** `POST /v1/audio/speech` */
export const speechRequestSchema = z
  .object({
    input: z
      .string({ error: 'expected a text' })
      .min(1, { error: 'expected a text that is not empty' })
      .max(defaultLayerLimits.maxSpeechCharacters, {
        error: `expected at most ${defaultLayerLimits.maxSpeechCharacters} characters; send a longer text in parts`,
      })
      .describe('The text to speak.'),
    model: z.string({ error: 'expected the name of a model' }).max(200).describe('A model, see /v1/models.'),
    voice: z
      .union([z.string().max(200), z.object({ id: z.string().max(200) })], { error: 'expected the name of a voice' })
      .optional()
      .describe('A voice of the model. For another name the model’s first voice speaks.'),
    instructions: z.string().max(4_096).optional().describe('How to speak. Has no effect here, and is reported.'),
    response_format: z
      .enum(formats, { error: `expected one of ${formats.join(', ')}` })
      .default('mp3')
      .describe('pcm, mulaw and alaw come without a header.'),
    speed: z
      .number({ error: 'expected a number from 0.25 to 4' })
      .min(0.25, { error: 'expected at least 0.25' })
      .max(4, { error: 'expected at most 4' })
      .default(1)
      .describe(`1 is the voice’s own pace. Kept within ${speechSpeeds.min} and ${speechSpeeds.max}.`),
    stream_format: z
      .enum(['audio', 'sse'], { error: 'expected audio or sse' })
      .default('audio')
      .describe('The audio itself as it is made, or events with pieces of it in base64.'),
    sample_rate: z
      .number({ error: 'expected a sample rate in Hz' })
      .int()
      .optional()
      .describe('Of the audio, in Hz. Not of OpenAI’s.'),
  })
  .describe('Text to be spoken.');

export type SpeechBody = z.infer<typeof speechRequestSchema>;

export const speechEventSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('speech.audio.delta'), audio: z.string().describe('Audio in base64.') }),
    z.object({
      type: z.literal('speech.audio.done'),
      usage: z
        .object({ input_tokens: z.number(), output_tokens: z.number(), total_tokens: z.number() })
        .describe('The voice has no tokens: characters that were spoken, and units of 50 ms of audio.'),
    }),
  ])
  .describe('An event of the stream.');

export const speechExample = {
  input: 'Two large teas, that is five dollars.',
  model: 'tts-1',
  voice: 'alloy',
  response_format: 'wav',
} as const;
