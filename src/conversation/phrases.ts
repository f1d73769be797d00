import type { TextToSpeech } from '../ports/text-to-speech.js';
import type { Opener } from './openers.js';
import { PhraseCache } from './speak/phrase-cache.js';
import { ReplySource } from './speak/reply-source.js';
import type { SpokenPiece } from './speak/spoken-piece.js';
import { openerKinds, openerTexts } from './think/openers.js';
import type { PhraseName } from './turn/events.js';

/** What is said when no engine can be waited for; of several wordings, each in its turn. */
export type PhraseTexts = Readonly<Record<PhraseName, string | readonly string[]>>;

export const defaultPhraseTexts = {
  greeting: 'Hello! How can I help you?',
  filler: ['One moment, please.', 'Just a second.', 'Bear with me.'],
  apology: "I'm sorry, I'm having some trouble right now. Could you say that again?",
  reprompt: "Sorry, I didn't catch that. Could you say it again?",
  goodbye: 'Thank you for calling. Goodbye!',
  'still-there': ['Are you still there?', 'Hello? Are you still there?'],
  backchannel: ['Mm-hm.', 'Okay.', 'Right.'],
} as const satisfies PhraseTexts;

/** Sentences that replies often end with: in memory they need no computing. */
const confirmations = [
  'Okay.',
  'Sure.',
  'Got it.',
  'Thank you.',
  "You're welcome.",
  'Anything else?',
  'Would you like anything else?',
  'Is there anything else?',
  'Is that right?',
  'Is that correct?',
] as const;

/** Words that only begin a sentence are spoken faster than the sentence, and what they put off comes sooner. */
export const openerSpeed = 1.25;

/** One wording as audio. */
export type Phrase = readonly SpokenPiece[];

/** Phrases as audio in memory: they need no engine any more. */
export type PhraseSet = Readonly<Record<PhraseName, readonly Phrase[]>>;

/** All that one voice has ready before a call begins. */
export type VoicePhrases = {
  readonly named: PhraseSet;
  readonly openers: readonly Opener[];
  readonly cache: PhraseCache;
};

/** For a call in which the agent never speaks. */
export function noPhrases(): VoicePhrases {
  const named = {
    greeting: [],
    filler: [],
    apology: [],
    reprompt: [],
    goodbye: [],
    'still-there': [],
    backchannel: [],
  };
  return { named, openers: [], cache: new PhraseCache() };
}

/** Renders phrases of a voice. Done before the first call, so that a greeting starts at once and no failure is mute. */
export async function renderVoicePhrases(
  tts: TextToSpeech,
  voice: string,
  texts: PhraseTexts,
  signal: AbortSignal,
): Promise<VoicePhrases> {
  const named = await renderPhrases(tts, voice, texts, signal);
  const openers: Opener[] = [];
  for (const kind of openerKinds)
    for (const text of openerTexts[kind])
      openers.push({ kind, text, pieces: (await speakClause(tts, voice, text, true, signal, openerSpeed)).pieces });
  const cache = new PhraseCache();
  for (const text of confirmations) {
    const { pieces, computeMs } = await speakClause(tts, voice, text, false, signal);
    cache.keep(text, { continues: false, after: '' }, pieces, computeMs);
  }
  return { named, openers, cache };
}

export async function renderPhrases(
  tts: TextToSpeech,
  voice: string,
  texts: PhraseTexts,
  signal: AbortSignal,
): Promise<PhraseSet> {
  const rendered: Partial<Record<PhraseName, readonly Phrase[]>> = {};
  for (const [name, wordings] of Object.entries(texts) as [PhraseName, string | readonly string[]][]) {
    const phrases: Phrase[] = [];
    for (const text of [wordings].flat()) phrases.push(await renderPhrase(tts, voice, text, signal));
    rendered[name] = phrases;
  }
  return rendered as PhraseSet;
}

export async function renderPhrase(
  tts: TextToSpeech,
  voice: string,
  text: string,
  signal: AbortSignal,
  speed = 1,
): Promise<Phrase> {
  return (await speakClause(tts, voice, text, false, signal, speed)).pieces;
}

async function speakClause(
  tts: TextToSpeech,
  voice: string,
  text: string,
  continues: boolean,
  signal: AbortSignal,
  speed = 1,
): Promise<{ pieces: Phrase; computeMs: number }> {
  const pieces: SpokenPiece[] = [];
  let computeMs = 0;
  if (text.trim() === '') return { pieces, computeMs };
  for await (const event of tts.speak({ text, voice, speed, continues, signal })) {
    if (event.type === 'finish') computeMs = event.computeMs;
    else if (event.samples.length > 0)
      pieces.push({
        text: pieces.length === 0 ? text : '',
        samples: event.samples,
        rateHz: event.rateHz,
        words: event.words,
      });
  }
  return { pieces, computeMs };
}

export function phraseSource(pieces: Phrase): ReplySource {
  return ReplySource.of(...pieces);
}
