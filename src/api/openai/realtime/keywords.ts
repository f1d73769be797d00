import { z } from 'zod';
import { keywordLimits, usualKeywordWeight } from '../../../ports/keyword-limits.js';
import type { Keyword } from '../../../ports/speech-to-text.js';

/** A prompt with a longer part is a sentence. */
const mostWords = 4;

const keywordText = z
  .string()
  .max(keywordLimits.characters)
  .regex(/[\p{L}\p{N}]/u);

/** A phrase, or one with how much likelier it is. */
const keywordSchema = z.union(
  [
    keywordText,
    z.object({
      text: keywordText,
      weight: z.number().positive().max(keywordLimits.weight).default(usualKeywordWeight),
    }),
  ],
  {
    error: `Expected a phrase of at most ${keywordLimits.characters} characters, or {"text": phrase, "weight": number}`,
  },
);
export const keywordsSchema = z
  .array(keywordSchema)
  .max(keywordLimits.count, { error: `Expected at most ${keywordLimits.count} keywords` });

export function keywordsOf(given: z.infer<typeof keywordsSchema>): readonly Keyword[] {
  return given.map((each) => (typeof each === 'string' ? { text: each, weight: usualKeywordWeight } : each));
}

/** A prompt is a list of words, as for Whisper ("Zyntrix, Digique Plus"); undefined for one that is a sentence. */
export function keywordsOfPrompt(prompt: string): readonly Keyword[] | undefined {
  const texts = prompt
    .replace(/^\s*(?:keywords|glossary)\s*:/i, '')
    .split(/[,;\n]/)
    .map((part) => part.trim().replace(/\.$/, ''))
    .filter((part) => part !== '');
  const isList = texts.every((text) => keywordText.safeParse(text).success && text.split(/\s+/).length <= mostWords);
  if (!isList || texts.length > keywordLimits.count) return undefined;
  return keywordsOf(texts);
}
