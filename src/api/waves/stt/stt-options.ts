import type { TranscriptOptions } from '../../../platform/layers/transcription/options.js';
import { type Reported, unknownReported } from '../common/reported.js';
import { readKeywords } from './stt-keywords.js';
import { unofferedFlags, type WrittenQuery } from './stt-query.js';

export type SttOptions = {
  readonly transcript: TranscriptOptions;
  /** What is told as the language of the transcript. */
  readonly language: string;
  /** What was asked for and is not as it was asked for. */
  readonly reported: readonly Reported[];
};

/**
 * How a transcript is to be written.
 * @param languages what the recogniser understands, the first being what it is made for
 * @throws ParleyError `waves.keywords` (400)
 */
export function sttOptionsOf(query: WrittenQuery, languages: readonly string[]): SttOptions {
  const [usual = 'en'] = languages;
  const reported: Reported[] = [];
  const spoken = understood(query.language, languages);
  if (spoken === undefined && query.language !== undefined)
    reported.push({
      name: 'language',
      message: `language: "${query.language.slice(0, 30)}" is not known to this model, which takes what is said for "${usual}"; it knows: ${languages.join(', ')}.`,
    });
  for (const name of unofferedFlags)
    if (query[name]) reported.push({ name, message: `${name} is not offered here; nothing is told of it.` });
  if (query.redact_pii)
    reported.push({ name: 'redact_pii', message: 'redact_pii: names of people are not taken out.' });
  const { format, punctuate, capitalize, numerals, itn_normalize: normalize } = query;
  return {
    language: spoken ?? usual,
    reported,
    transcript: {
      language: spoken,
      keywords: readKeywords(query.keywords),
      punctuation: format && punctuate,
      casing: format && capitalize,
      numerals: format && (numerals === 'true' || normalize),
      redact: [...(query.redact_pii ? (['pii'] as const) : []), ...(query.redact_pci ? (['pci'] as const) : [])],
    },
  };
}

/** The language, where it is one that the model has been made for: groups such as `multi-eu` are none. */
function understood(asked: string | undefined, languages: readonly string[]): string | undefined {
  const base = asked?.toLowerCase().split(/[-_]/)[0] ?? '';
  return languages.includes(base) ? asked : undefined;
}

/** Parameters that are given and mean nothing here. */
export function unknownParameters(given: object, known: readonly string[]): readonly Reported[] {
  return unknownReported(
    Object.keys(given)
      .filter((name) => !known.includes(name))
      .slice(0, 32),
  );
}
