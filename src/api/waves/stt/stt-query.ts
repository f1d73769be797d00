import { z } from 'zod';

/*
 * What a transcription is asked for with: query parameters, of recordings and of live audio. They arrive as text. Names
 * and defaults are those of Smallest.ai's Waves API.
 */

const flag = z
  .enum(['true', 'false', '1', '0', 'True', 'False'], { error: 'expected true or false' })
  .transform((value) => /^(true|1)$/i.test(value));

const whole = z.coerce.number({ error: 'expected a whole number' }).int({ error: 'expected a whole number' });

/** How the words are to be written, and what is to be told beside them. */
const written = {
  language: z.string().max(40).optional().describe('Of what is said, as a language tag.'),
  word_timestamps: flag.optional().describe('Times and confidence of each word.'),
  keywords: z
    .string()
    .max(200_000)
    .optional()
    .describe('Phrases that are likely to be said, as "Blackwell:1,Jensen Huang:2"; 1 where no weight is given.'),
  redact_pii: flag.default(false).describe('Phone numbers, addresses and the like are taken out; names are not.'),
  redact_pci: flag.default(false).describe('Card numbers, security codes and expiry dates are taken out.'),
  numerals: z
    .enum(['true', 'false', 'auto'], { error: 'expected true, false or auto' })
    .default('auto')
    .describe('Numbers in digits; auto: as the recogniser writes them.'),
  itn_normalize: flag.default(false).describe('As numerals=true.'),
  format: flag.default(true).describe('false: no punctuation, no capital letters, no digits that were said as words.'),
  punctuate: flag.default(true),
  capitalize: flag.default(true),
};

/** What there is no model for here: reported where it is asked for. */
const notHere = {
  diarize: flag.default(false).describe('Not offered, and reported.'),
  emotion_detection: flag.default(false).describe('Not offered, and reported.'),
  gender_detection: flag.default(false).describe('Not offered, and reported.'),
  age_detection: flag.default(false).describe('Not offered, and reported.'),
};

/** What only tells who asks, for books that the client keeps. */
const correlation = { external_session_id: z.string().max(128).optional(), api_key: z.string().optional() };

export const batchQuerySchema = z.object({
  model: z.string({ error: 'missing; expected pulse, pulse-pro or a model of /v1/models' }).max(200),
  ...written,
  sentence_timestamps: flag.optional().describe('Times of sentences; with word_timestamps they come anyway.'),
  encoding: z.string().max(40).optional().describe('Of bytes without a container: linear16, linear32, mulaw or alaw.'),
  sample_rate: whole.optional().describe('Of bytes without a container, in Hz.'),
  ...notHere,
  webhook_url: z.string().max(2_048).optional().describe('Not offered: the transcript is the answer.'),
  webhook_method: z.string().max(10).optional(),
  webhook_extra: z.string().max(2_048).optional(),
  ...correlation,
});

export const liveQuerySchema = z.object({
  model: z.string({ error: 'missing; expected pulse or a model of /v1/models' }).max(200),
  ...written,
  sentence_timestamps: flag.default(false).describe('Times of sentences, as utterances.'),
  full_transcript: flag.default(false).describe('Each message has all words so far.'),
  encoding: z.string().max(40).default('linear16').describe('linear16, linear32, mulaw or alaw.'),
  sample_rate: whole.default(16_000).describe('In Hz.'),
  vad_events: flag.optional().describe('speech_started and speech_ended are told.'),
  vad: flag.optional().describe('As vad_events.'),
  eou_timeout_ms: z.string().max(20).optional().describe('Silence that ends an utterance, 100 to 10000 ms; 800.'),
  endpointing: flag.default(false).describe('Silence of endpointing_timeout ends an utterance.'),
  endpointing_timeout: z.string().max(20).optional().describe('0 to 10000 ms; 300.'),
  finalize_on_words: flag.default(true).describe('Utterances are never cut by their number of words.'),
  ...notHere,
  ...correlation,
});

export type BatchQuery = z.infer<typeof batchQuerySchema>;
export type LiveQuery = z.infer<typeof liveQuerySchema>;
export type WrittenQuery = Pick<BatchQuery, keyof typeof written | keyof typeof notHere>;

export const unofferedFlags = Object.keys(notHere) as readonly (keyof typeof notHere)[];
