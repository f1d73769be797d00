import { z } from 'zod';
import { keywordWeight, type TranscriptOptions } from '../../../platform/layers/transcription/options.js';
import { usualKeywordWeight } from '../../../ports/keyword-limits.js';
import type { Keyword } from '../../../ports/speech-to-text.js';
import { decimal, flag, list, wholeNumber } from '../query.js';

const redactable = ['pci', 'pii'] as const;

/** Encodings of audio without a container. Deepgram's `linear32` is floating point. */
const encodings = { linear16: 'pcm16', linear32: 'float32', mulaw: 'mulaw', alaw: 'alaw' } as const;

export const encodingSchema = z
  .enum(Object.keys(encodings) as (keyof typeof encodings)[], {
    error: `expected ${Object.keys(encodings).join(', ')}; compressed audio is taken as a file only`,
  })
  .transform((name) => encodings[name]);

export const redactSchema = z
  .array(z.enum(redactable, { error: `expected ${redactable.join(' or ')}: nothing else can be found for sure` }))
  .default([]);

/** What transcription of files and live transcription have in common. */
const common = {
  model: z.string().max(200).optional().describe('A model. Deepgram’s own names mean the first one.'),
  language: z.string().max(20).optional().describe('Of what is said, as a language tag.'),
  punctuate: flag.default(false).describe('Punctuation and capital letters.'),
  smart_format: flag.default(false).describe('The same, and numbers in digits.'),
  numerals: flag.default(false).describe('Numbers in digits.'),
  profanity_filter: flag.default(false).describe('Masks swear words.'),
  redact: redactSchema.describe('What is taken out.'),
  keywords: list.describe('Words that are likely to be said, each with an intensifier if wanted: `parley:2`.'),
  keyterm: list.describe('Phrases that are likely to be said.'),
  multichannel: flag.default(false).describe('Each channel by itself; otherwise they are mixed.'),
  encoding: encodingSchema.optional().describe('Of audio without a container.'),
  sample_rate: wholeNumber(4_000, 192_000).optional().describe('Of audio without a container, in Hz.'),
  channels: wholeNumber(1, 8).default(1).describe('Of audio without a container, interleaved.'),
  extra: list.describe('Sent back in the metadata, `key:value`.'),
  mip_opt_out: flag.default(true).describe('Nothing is kept for training, whatever is said here.'),
  callback: z
    .undefined({ error: 'answers to another address are not offered; wait for the answer to the request' })
    .optional()
    .describe('Is refused.'),
} as const;

/** `POST /v1/listen` */
export const batchQuerySchema = z.object({
  ...common,
  utterances: flag.default(false).describe('Also what was said between pauses.'),
  utt_split: decimal(0.1, 60).default(0.8).describe('A pause between utterances, in seconds.'),
  paragraphs: flag.default(false).describe('Also sentences, in paragraphs.'),
});

/** What ends an utterance where the client does not say: Deepgram's own advice for conversations. */
const usualEndpointingMs = 300;
/** The recogniser wants to hear this much behind the last word. */
const leastEndpointingMs = 96;

/** A socket at `/v1/listen` */
export const liveQuerySchema = z.object({
  ...common,
  interim_results: flag.default(false).describe('Words as they become known.'),
  endpointing: z
    .union(
      [
        z.enum(['false', 'true']).transform((value) => (value === 'true' ? usualEndpointingMs : null)),
        wholeNumber(0, 60_000).transform((ms) => Math.max(leastEndpointingMs, ms)),
      ],
      { error: 'expected false, or milliseconds from 0 to 60000' },
    )
    .default(usualEndpointingMs)
    .describe('Silence that ends an utterance, in ms; false: none does.'),
  utterance_end_ms: wholeNumber(100, 60_000).optional().describe('Time without a word after which it is told, in ms.'),
  vad_events: flag.default(false).describe('Tells when speech begins.'),
});

export type ListenOptions = z.output<z.ZodObject<typeof common>>;
export type BatchListenOptions = z.output<typeof batchQuerySchema>;
export type LiveListenOptions = z.output<typeof liveQuerySchema>;

/** How a transcript is to be written. Deepgram's are in small letters and without punctuation, unless it is asked for. */
export function transcriptOptionsOf(options: ListenOptions): TranscriptOptions {
  const written = options.punctuate || options.smart_format;
  return {
    language: options.language,
    punctuation: written,
    casing: written,
    numerals: options.numerals || options.smart_format,
    profanityFilter: options.profanity_filter,
    redact: options.redact,
    keywords: [...options.keywords.flatMap(keywordOf), ...keytermsOf(options.keyterm)],
  };
}

export function keytermsOf(terms: readonly string[]): readonly Keyword[] {
  return terms.map((text) => ({ text, weight: usualKeywordWeight }));
}

/** `word` or `word:intensifier`, 1 where there is none. Words cannot be made less likely. */
function keywordOf(keyword: string): readonly Keyword[] {
  const { word = keyword, by = '1' } = /^(?<word>.*?):(?<by>-?[\d.]+)$/.exec(keyword)?.groups ?? {};
  const times = Number(by);
  return times > 0 ? [{ text: word, weight: keywordWeight(times) }] : [];
}

/** Keywords that are to be less likely, which has no effect. */
export function ignoredKeywords({ keywords }: ListenOptions): readonly string[] {
  return keywords.some((keyword) => keywordOf(keyword).length === 0) ? ['keywords'] : [];
}

/** Pairs of `key:value`, as they are sent back. */
export function extraOf(pairs: readonly string[]): { readonly extra?: Readonly<Record<string, string>> } {
  if (pairs.length === 0) return {};
  const entries = pairs.map((pair) => {
    const at = pair.indexOf(':');
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  return { extra: Object.fromEntries(entries) };
}
