import type { TextToSpeech } from '../ports/text-to-speech.js';
import { ReplySource } from './speak/reply-source.js';
import type { SpokenPiece } from './speak/spoken-piece.js';
import type { PhraseName } from './turn/events.js';

/** What is said when no engine can be waited for. */
export type PhraseTexts = Readonly<Record<PhraseName, string>>;

export const defaultPhraseTexts = {
  greeting: 'Hello! How can I help you?',
  filler: 'One moment, please.',
  apology: "I'm sorry, I'm having some trouble right now. Could you say that again?",
  reprompt: "Sorry, I didn't catch that. Could you say it again?",
  goodbye: 'Thank you for calling. Goodbye!',
} as const satisfies PhraseTexts;

/** Phrases as audio in memory: they need no engine any more. */
export type PhraseSet = Readonly<Record<PhraseName, readonly SpokenPiece[]>>;

/** Renders phrases of a voice. Done before the first call, so that a greeting starts at once and no failure is mute. */
export async function renderPhrases(
  tts: TextToSpeech,
  voice: string,
  texts: PhraseTexts,
  signal: AbortSignal,
): Promise<PhraseSet> {
  const rendered: Partial<Record<PhraseName, readonly SpokenPiece[]>> = {};
  for (const [name, text] of Object.entries(texts) as [PhraseName, string][])
    rendered[name] = await renderPhrase(tts, voice, text, signal);
  return rendered as PhraseSet;
}

export async function renderPhrase(
  tts: TextToSpeech,
  voice: string,
  text: string,
  signal: AbortSignal,
): Promise<readonly SpokenPiece[]> {
  const pieces: SpokenPiece[] = [];
  if (text.trim() === '') return pieces;
  for await (const event of tts.speak({ text, voice, signal })) {
    if (event.type !== 'audio' || event.samples.length === 0) continue;
    pieces.push({
      text: pieces.length === 0 ? text : '',
      samples: event.samples,
      rateHz: event.rateHz,
      words: event.words,
    });
  }
  return pieces;
}

export function phraseSource(pieces: readonly SpokenPiece[]): ReplySource {
  return ReplySource.of(...pieces);
}
