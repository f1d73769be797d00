import { keywordWeight } from '../../../platform/layers/transcription/options.js';
import { ParleyError } from '../../../ports/errors.js';
import { usualKeywordWeight } from '../../../ports/keyword-limits.js';
import type { Keyword } from '../../../ports/speech-to-text.js';

/**
 * Phrases with multipliers, such as `Blackwell,Jensen Huang:2`; 1 is that of a phrase without one.
 * @throws ParleyError `waves.keywords` (400)
 */
export function readKeywords(given: string | undefined): readonly Keyword[] {
  if (given === undefined) return [];
  return given
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(readEntry);
}

function readEntry(entry: string): Keyword {
  const colon = entry.lastIndexOf(':');
  if (colon < 0) return { text: entry, weight: usualKeywordWeight };
  const text = entry.slice(0, colon).trim();
  const times = Number(entry.slice(colon + 1));
  if (text === '' || entry.slice(colon + 1).trim() === '' || !(times > 0 && Number.isFinite(times)))
    throw new ParleyError(
      `keywords: "${entry.slice(0, 60)}" is no phrase with a multiplier; expected for example "Blackwell:1.5".`,
      { code: 'waves.keywords', status: 400 },
    );
  return { text, weight: keywordWeight(times) };
}
