import { z } from 'zod';
import { decodableFormats } from '../../../audio/decode.js';
import { redactionKinds } from '../../../platform/text-forms/findings.js';

const flag = z
  .enum(['true', 'false', '1', '0', 'True', 'False'], { error: 'expected true or false' })
  .transform((value) => /^(true|1)$/i.test(value));

const many = z.array(z.string().max(200)).max(100).default([]);

/** `POST /v1/audio/transcriptions`: the fields of the form, all of them text, and lists where `[]` ends their names. */
export const transcriptionRequestSchema = z
  .object({
    file: z
      .instanceof(Uint8Array, { error: 'expected a recording: a part of the form with a file name' })
      .describe(`The recording: ${decodableFormats}.`),
    model: z.string({ error: 'expected the name of a model' }).max(200).describe('A model, see /v1/models.'),
    language: z.string().max(20).optional().describe('Of what is said, as a language tag.'),
    prompt: z.string().max(8_192).optional().describe('Has no effect here, and is reported.'),
    response_format: z
      .enum(['json', 'text', 'srt', 'verbose_json', 'vtt'], {
        error: 'expected json, text, srt, verbose_json or vtt',
      })
      .default('json'),
    temperature: z.coerce
      .number({ error: 'expected a number from 0 to 1' })
      .min(0, { error: 'expected a number from 0 to 1' })
      .max(1, { error: 'expected a number from 0 to 1' })
      .optional()
      .describe('Words are the likeliest ones, always. Another temperature than 0 is reported.'),
    'timestamp_granularities[]': z
      .array(z.enum(['word', 'segment'], { error: 'expected word or segment' }))
      .default([])
      .describe('For verbose_json.'),
    stream: flag.default(false).describe('Answers with events as the transcript grows: for json and verbose_json.'),
    'include[]': many.describe('Has no effect here, and is reported.'),
    chunking_strategy: z.string().max(200).optional().describe('Recordings are divided at pauses, always.'),
    'keywords[]': many.describe('Phrases that are likely to be said.'),
    progress: flag.default(false).describe('With stream: tells how far it has come. Not of OpenAI’s.'),
    punctuation: flag.optional().describe('Not of OpenAI’s.'),
    numerals: flag.optional().describe('Numbers in digits. Not of OpenAI’s.'),
    casing: flag.optional().describe('Capital letters. Not of OpenAI’s.'),
    profanity_filter: flag.optional().describe('Masks swear words. Not of OpenAI’s.'),
    'redact[]': z
      .array(z.enum(redactionKinds, { error: `expected ${redactionKinds.join(' or ')}` }))
      .default([])
      .describe('What is taken out. Not of OpenAI’s.'),
  })
  .describe('A recording to be transcribed.');

export type TranscriptionBody = z.infer<typeof transcriptionRequestSchema>;

const usageSchema = z.object({ type: z.literal('duration'), seconds: z.number() });

export const transcriptionSchema = z.object({ text: z.string(), usage: usageSchema });

export const verboseTranscriptionSchema = z.object({
  task: z.literal('transcribe'),
  language: z.string(),
  duration: z.number().describe('Of the recording, in seconds.'),
  text: z.string(),
  segments: z
    .array(
      z.object({
        id: z.number(),
        seek: z.number(),
        start: z.number(),
        end: z.number(),
        text: z.string(),
        tokens: z.array(z.number()).describe('Always empty: the model has others.'),
        temperature: z.number(),
        avg_logprob: z.number().describe('Logarithm of the mean confidence of its words.'),
        compression_ratio: z.number(),
        no_speech_prob: z.number().describe('Always 0: what does not sound like speech is in no segment.'),
      }),
    )
    .optional(),
  words: z.array(z.object({ word: z.string(), start: z.number(), end: z.number() })).optional(),
  usage: usageSchema,
});

export const transcriptionEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('transcript.text.delta'), delta: z.string() }),
  z.object({ type: z.literal('transcript.text.done'), text: z.string(), usage: usageSchema }),
  z
    .object({ type: z.literal('transcript.progress'), seconds: z.number(), total_seconds: z.number() })
    .describe('With progress.'),
]);

export const transcriptionExample = {
  model: 'whisper-1',
  response_format: 'verbose_json',
  'timestamp_granularities[]': ['word', 'segment'],
} as const;
