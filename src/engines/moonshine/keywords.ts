import { ParleyError } from '../../ports/errors.js';
import { keywordLimits } from '../../ports/keyword-limits.js';
import type { Keyword } from '../../ports/speech-to-text.js';

/** @throws ParleyError `stt.bad_keywords` for too many, for empty or long ones, and for a weight that is none */
export function checkKeywords(keywords: readonly Keyword[]): readonly Keyword[] {
  const { count, characters, weight: largest } = keywordLimits;
  if (keywords.length > count)
    throw bad(`There are ${keywords.length} keywords: expected at most ${count}. Leave out common words.`);
  for (const { text, weight } of keywords) {
    if (!/[\p{L}\p{N}]/u.test(text)) throw bad(`The keyword ${JSON.stringify(text)} has no letter: expected a phrase.`);
    if (text.length > characters)
      throw bad(`The keyword "${text.slice(0, 20)}…" has ${text.length} characters: expected at most ${characters}.`);
    if (!(weight > 0 && weight <= largest))
      throw bad(`The keyword "${text}" has the weight ${weight}: expected more than 0 and at most ${largest}.`);
  }
  return keywords;
}

function bad(message: string): ParleyError {
  return new ParleyError(message, { code: 'stt.bad_keywords', status: 400 });
}
