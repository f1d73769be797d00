/** What an agent says when it is asked whether it is one. A small model denies it whatever its prompt says. */
export const disclosure = "I'm an AI assistant, not a person.";

const adverbs = '(?:really |actually |just |even |like |some kind of |some sort of )*';
const machine =
  '(?:robot|bot|chat ?bot|voice ?bot|machine|computer|computer program|program|recording|answering machine|ai|a\\.? ?i\\.?|artificial(?: intelligence)?|automated|virtual assistant|virtual agent|language model)';
const person =
  '(?:human(?: being)?|real(?: person| human| one)?|(?:actual |live |living )?person|actual human|live agent)';
const either = `${adverbs}(?:(?:a|an|the) )?${adverbs}(?:${machine}|${person})`;

/** Ends the question: what follows is punctuation, the end, or another clause ("am I speaking to a person or …"). */
const end =
  '(?=\\s*(?:$|[.,!?;:…-]|(?:or|right|here|there|and|because|by|speaking|talking|anyway|please|today|assistant|though|voice)\\b))';

const questions = [
  `(?:are you|you are|you're|aren't you|are u) ${either}${end}`,
  `(?:am i|i am|i'm) ${adverbs}(?:talking|speaking|chatting) (?:to|with) ${either}${end}`,
  `(?:is this|is it|is that|isn't this) ${either}${end}`,
].map((pattern) => new RegExp(`\\b${pattern}`, 'i'));

/** A statement about oneself ("I'm a computer program developer") must not be taken for a question about the agent. */
const asked =
  /\?|^(?:so |and |but |wait |hey |hi |hello |sorry |okay |ok |um |uh |well )*(?:are|aren't|am|is|isn't)\b/i;

/**
 * Whether a caller asks if they speak with a machine, and whether they say anything besides.
 */
export function asksWhetherMachine(said: string): 'no' | 'only' | 'also' {
  const plain = said.replaceAll('’', "'").replace(/\s+/g, ' ');
  let asks = false;
  let otherWords = 0;
  for (const sentence of plain.match(/[^.!?]+[.!?]*/g) ?? []) {
    const text = sentence.trim();
    if (asked.test(text.replaceAll(',', '')) && questions.some((question) => question.test(text))) asks = true;
    else otherWords += text === '' ? 0 : text.split(' ').length;
  }
  if (!asks) return 'no';
  return otherWords > maxGreetingWords ? 'also' : 'only';
}

/** "Hello there, Ava." before the question is no business of its own. */
const maxGreetingWords = 3;
