import { z } from 'zod';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import { speechSpeeds } from '../../../platform/layers/speech/speech.js';
import { externalId } from '../common/correlation.js';

const { maxSpeechCharacters } = defaultLayerLimits;
const speedError = { error: `expected a number from ${speechSpeeds.min} to ${speechSpeeds.max}` };
const idError = { error: 'expected up to 128 letters, digits, hyphens, underscores and dots' };
const formats = ['pcm', 'mp3', 'wav', 'ulaw', 'mulaw', 'alaw'] as const;

/** Of one request. */
const maxDictionaries = 16;

/** What every request for speech may say, over HTTP and over the socket. */
const fields = {
  text: z.string({ error: 'expected a text' }).max(maxSpeechCharacters, {
    error: `expected at most ${maxSpeechCharacters} characters; send a longer text in parts`,
  }),
  voice_id: z
    .string({ error: 'expected the id of a voice' })
    .max(200)
    .nullish()
    .describe('A voice of the model. For another name the model’s first voice speaks, and that is reported.'),
  model: z
    .string({ error: 'expected the name of a model' })
    .max(200)
    .nullish()
    .describe('Smallest.ai’s names mean the usual model of this server.'),
  sample_rate: z
    .number({ error: 'expected a sample rate in Hz' })
    .int()
    .nullish()
    .describe('In Hz; 44100 where nothing is said, 24000 for the older models, 8000 for ulaw and alaw.'),
  speed: z
    .number(speedError)
    .min(speechSpeeds.min, speedError)
    .max(speechSpeeds.max, speedError)
    .nullish()
    .describe('1 is the voice’s own pace.'),
  language: z.string({ error: 'expected a language' }).max(40).nullish().describe('English; others are reported.'),
  number_pronunciation_language: z.string().max(40).nullish().describe('English; others are reported.'),
  math_notation: z.boolean({ error: 'expected true or false' }).nullish().describe('Reads "5 x 3" as "5 times 3".'),
  output_format: z
    .enum(formats, { error: `expected one of ${formats.join(', ')}` })
    .nullish()
    .describe('pcm where nothing is said: 16-bit little-endian, mono, without a header.'),
  pronunciation_dicts: z
    .array(z.string().max(100), { error: 'expected a list of ids of dictionaries' })
    .max(maxDictionaries, { error: `expected at most ${maxDictionaries} ids` })
    .nullish()
    .describe('How words are to be read; of the same word in two of them, the first.'),
  word_timestamps: z.boolean({ error: 'expected true or false' }).nullish(),
  session_id: z.string(idError).regex(externalId, idError).nullish(),
  request_id: z.string(idError).regex(externalId, idError).nullish(),
} as const;

/** `POST /waves/v1/tts` and its older paths, whole and as events. */
export const ttsRequestSchema = z
  .object({
    ...fields,
    text: fields.text.min(1, { error: 'expected a text that is not empty' }).describe('The text to speak.'),
    word_timestamps: fields.word_timestamps.describe('Over a socket only; here it is reported.'),
    add_wav_header: z
      .boolean({ error: 'expected true or false' })
      .nullish()
      .describe('Of older models: pcm with a header is wav.'),
  })
  .describe('Text to be spoken.');

const wait = (max: number) => {
  const error = { error: `expected a number from 0 to ${max}` };
  return z.number(error).min(0, error).max(max, error).nullish();
};

/** A message to `/waves/v1/tts/live`. */
export const ttsMessageSchema = z.object({
  ...fields,
  continue: z.boolean({ error: 'expected true or false' }).nullish(),
  flush: z.boolean({ error: 'expected true or false' }).nullish(),
  max_buffer_flush_ms: wait(1_000),
  complete_backoff_ms: wait(10_000),
});

export type TtsFields = z.infer<z.ZodObject<typeof fields>>;
export type TtsRequest = z.infer<typeof ttsRequestSchema>;
export type TtsMessage = z.infer<typeof ttsMessageSchema>;

export const ttsExample = {
  text: 'Two large teas, that is five dollars.',
  voice_id: 'heart',
  model: 'lightning_v3.1',
  sample_rate: 24_000,
  output_format: 'wav',
} as const;
