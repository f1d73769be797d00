import { unitWords } from '../../language/number-words.js';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import { canHold, dictatedPieces, isShortPieces, type SpokenSound } from './dictation.js';
import { spokenDigits } from './spoken-digits.js';
import { textCue } from './text-cues.js';

/** How far the caller has come with what the agent is waiting for. */
export type AnswerProgress =
  /** The words say nothing about it. */
  | { readonly state: 'unknown' }
  /** More must come. */
  | { readonly state: 'begun'; readonly said: string }
  /** Dictated piece by piece, and words and pieces do not agree on whether all has been said: the gaps decide. */
  | { readonly state: 'dictated'; readonly said: string }
  /** Enough for an answer that may still be longer: the sound decides. */
  | { readonly state: 'enough'; readonly said: string }
  /** It sounds like one, as far as its length goes, but no known word was understood. */
  | { readonly state: 'likely'; readonly said: string }
  | { readonly state: 'complete'; readonly said: string };

const unknown: AnswerProgress = { state: 'unknown' };

/**
 * Compares the words so far with the answer that is expected.
 * @param sound of all of the turn, where it is known
 */
export function answerProgress(expected: ExpectedAnswer, text: string, sound?: SpokenSound): AnswerProgress {
  const words = plainWords(text);
  if (words.length === 0) return unknown;
  switch (expected.kind) {
    case 'free':
      return unknown;
    case 'yes-no':
      return yesNo(words, text);
    case 'anything-else':
      return isOpen(text) ? unknown : nothingElse(words);
    case 'choice':
      return isOpen(text) ? unknown : choice(words, expected.options);
    case 'number':
      return number(text, expected, sound);
    case 'date':
      return date(words, text);
    case 'email':
      return email(text);
    case 'spelling':
      return spelling(text);
  }
}

function plainWords(text: string): string[] {
  return text
    .toLowerCase()
    .replaceAll('’', "'")
    .split(/[^\p{L}\p{N}']+/u)
    .filter((word) => word !== '');
}

/** Something follows these words, whatever they answer. */
function isOpen(text: string): boolean {
  const cue = textCue(text);
  return cue === 'open' || cue === 'filler' || cue === 'comma';
}

const yesNoHeads = new Set(
  'yes yeah yep yup yah no nope nah sure okay ok alright absolutely definitely certainly correct right exactly perfect great never fine please true false wrong incorrect'.split(
    ' ',
  ),
);
const yesNoPhrases =
  /^(?:of course|that's (?:right|correct|fine|it|all|me|good|wrong|true|not (?:right|correct))|that is (?:right|correct|fine|all|wrong|true|not (?:right|correct))|it is|it isn't|i do|i don't|i am|i'm not|i did|i didn't|i have|i haven't|i will|i won't|i would|go ahead|not (?:really|yet|today|at all|now)|uh huh|mm hm|mhm|sounds good|why not|i think so|i don't think so|i guess so)\b/;
/** What may stand beside a yes or a no without making it more than that. */
const beside = new Set(
  "yes yeah yep yup no nope nah sure okay ok alright absolutely definitely certainly correct right exactly perfect great fine please thanks thank you very much so that that's is it it's all me good course of i do don't am not did didn't have haven't will won't would really yet today now at go ahead sounds think guess oh well true false wrong incorrect a lot sir madam ma'am never uh huh mm hm mhm why".split(
    ' ',
  ),
);

/** A yes or no that was misheard is still short. */
const shortAnswerWords = 1;

function yesNo(words: readonly string[], text: string): AnswerProgress {
  const cue = textCue(text);
  if (cue === 'open' || cue === 'filler') return unknown;

  const said = words.join(' ');
  const begins =
    yesNoHeads.has(words[0] ?? '') || yesNoPhrases.test(said) || (words[0] === 'oh' && yesNoHeads.has(words[1] ?? ''));
  if (words.length <= shortAnswerWords && !begins) return { state: 'likely', said: 'a short answer to a yes or no' };
  if (!begins || !words.every((word) => beside.has(word))) return unknown;
  // The recogniser likes to write a comma where the sound is cut off.
  return { state: cue === 'comma' ? 'likely' : 'complete', said: 'a yes or no' };
}

const nothing =
  /^(?:(?:oh|well|okay|ok|alright) )?(?:no|nope|nah|not? (?:really|thanks|thank you)|that's (?:it|all|everything)|that is (?:it|all|everything)|that will be all|that'll be all|nothing(?: else)?|i'm (?:good|fine|done|all set)|i am (?:good|fine|done)|all good)\b/;
const besideNothing = new Set(
  "no nope nah not really thanks thank you very much so that that's is it all everything will be that'll nothing else i'm i am good fine done set just for now today oh well okay ok alright sir madam ma'am please".split(
    ' ',
  ),
);

/** Who wants something else goes on to say what. */
function nothingElse(words: readonly string[]): AnswerProgress {
  if (!nothing.test(words.join(' ')) || !words.every((word) => besideNothing.has(word))) return unknown;
  return { state: 'complete', said: 'nothing else' };
}

/** Words around a choice that are no part of it. */
const aroundChoice = new Set(
  "a an the i i'd i'll we we'd like love want have take go with for get me us please thanks thank you one ones of that that's would could can be let's make it just uh um well sure yes yeah okay ok to my will prefer rather".split(
    ' ',
  ),
);

function choice(words: readonly string[], options: readonly string[]): AnswerProgress {
  const said = ` ${words.join(' ')} `;
  const named = options.filter((option) => {
    const name = plainWords(option).join(' ');
    return name !== '' && said.includes(` ${name} `);
  });
  const first = named[0];
  if (first === undefined || named.length > 1) return unknown;
  const own = new Set(plainWords(first));
  const complete = words.every((word) => own.has(word) || aroundChoice.has(word));
  return complete ? { state: 'complete', said: `"${first}" was named` } : unknown;
}

const namedUpTo = 12;

function inWords(count: number): string {
  return count === 0 ? 'no' : ((count <= namedUpTo ? unitWords[count] : undefined) ?? String(count));
}

/** Who says words one by one, and not in sentences, says no more of them between two pauses. */
const wordsAPiece = 1.5;
/** Words behind the digits that show that the caller speaks of something else by now. */
const strayWords = 3;

/** One-word answers to who asks for a number. All others may be a digit: "one" is heard as "what", "five" as "bye". */
const noDigits = new Set('no nope nah never none nothing sorry pardon hello help stop wait'.split(' '));
/** Of a digit that is said alone the recogniser makes no more words. */
const wordsADigit = 2;

function mayBeDigits(words: readonly string[], sound: SpokenSound): boolean {
  const pieces = sound.pauses.count + 1;
  return isShortPieces(sound) && words.length <= pieces * wordsADigit && !words.some((word) => noDigits.has(word));
}

function number(
  text: string,
  { minDigits, maxDigits }: { readonly minDigits: number; readonly maxDigits: number },
  sound: SpokenSound | undefined,
): AnswerProgress {
  const { count, wordsSince, otherWords } = spokenDigits(text);
  const pieces = sound && dictatedPieces(sound);
  if (pieces !== undefined) {
    const said = `${inWords(count)} digits in ${inWords(pieces)} pieces`;
    const agree = count >= minDigits && count <= maxDigits && pieces >= minDigits;
    // Pieces are counted more surely than words are recognised.
    const nearly = count >= maxDigits - 1 && otherWords === 0;
    if (!agree && nearly && pieces === maxDigits) return { state: 'likely', said };
    if (!agree && (count >= minDigits || pieces >= minDigits)) return { state: 'dictated', said };
    // Digits that were all misheard are still said one by one.
    if (count === 0 && plainWords(text).length <= pieces * wordsAPiece) return { state: 'begun', said };
  }
  if (count === 0 && sound && mayBeDigits(plainWords(text), sound))
    return { state: 'begun', said: 'short words that may be misheard digits' };
  if (count === 0 || wordsSince >= strayWords) return unknown;
  if (sound && !canHold(sound, count)) return { state: 'begun', said: 'more digits than can have been said' };
  if (count >= maxDigits) return { state: 'complete', said: `${inWords(count)} digits` };
  if (count >= minDigits) return { state: 'enough', said: `${inWords(count)} digits` };
  return { state: 'begun', said: `${inWords(count)} of ${inWords(minDigits)} digits` };
}

const months = /\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b/;
const dayOfMonth =
  /\b(?:[12]?\d|3[01])(?:st|nd|rd|th)?\b|\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|thirty first|twenty (?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty)\b/;
const namedDay =
  /\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|today|tomorrow|tonight|yesterday|christmas|new year's(?: eve| day)?|(?:next|this|the) (?:week|weekend|month))\b/;
const numericDate = /\b\d{1,2}\s*[/.]\s*\d{1,2}\b|\b\d{4}-\d{2}-\d{2}\b/;

function date(words: readonly string[], text: string): AnswerProgress {
  const said = words.join(' ');
  const asMonth = months.test(said.replace(/^may (?:i|we)\b.*/, ''));
  const day = dayOfMonth.test(said);
  const named =
    namedDay.test(said) || numericDate.test(text) || (asMonth && day) || /\bthe \w+(?:th|st|nd|rd)\b/.test(said);
  if (named)
    return isOpen(text) || words.at(-1) === 'next'
      ? { state: 'begun', said: 'a date that goes on' }
      : { state: 'complete', said: 'a date' };
  if (asMonth) return { state: 'begun', said: 'a month without its day' };
  return unknown;
}

const domainEnd =
  /(?:\.|\bdot\b)\s*(?:com|org|net|edu|gov|io|ai|dev|app|info|biz|me|tv|uk|us|ca|au|nz|ie|in|de|fr|es|it|nl|be|ch|at|se|no|dk|fi|pl|pt|eu)[.!]?$/i;
const emailBegun = /@|\bat\b|\bdot\b|\bunderscore\b|\b(?:gmail|hotmail|outlook|yahoo|icloud)\b/i;

function email(text: string): AnswerProgress {
  const trimmed = text.trim();
  if (/(?:@|\bat\b)/i.test(trimmed) && domainEnd.test(trimmed))
    return { state: 'complete', said: 'an address with its domain' };
  return emailBegun.test(trimmed) ? { state: 'begun', said: 'an address without its domain' } : unknown;
}

function spelling(text: string): AnswerProgress {
  const letters = text
    .split(/[\s,.;-]+/)
    .filter((token) => /^\p{L}$/u.test(token) || /^(?:double|triple|dash|hyphen|apostrophe)$/i.test(token));
  return letters.length > 0
    ? { state: 'begun', said: `${inWords(letters.length)} ${letters.length === 1 ? 'letter' : 'letters'}` }
    : unknown;
}
