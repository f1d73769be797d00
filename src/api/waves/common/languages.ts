import type { Reported } from './reported.js';

/** Ways in which clients of Waves say "English, or find out": all that the models of this server know is English. */
const understood = new Set(['en', 'auto', 'multi']);

/** A language that will not be spoken or understood, though it was asked for. `en-IN` is English. */
export function reportedLanguage(language: string | undefined, name = 'language'): Reported[] {
  if (language === undefined || understood.has(language.toLowerCase().split(/[-_]/)[0] ?? '')) return [];
  return [{ name, message: `${name}: the models of this server know English only, not "${language.slice(0, 30)}".` }];
}
