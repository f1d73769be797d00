import { unitWords } from '../../language/number-words.js';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';

const free: ExpectedAnswer = { kind: 'free' };

/** Asked to say it again, or to wait, the caller still answers what was asked before. */
const asBefore =
  /\b(?:say|repeat|tell me) (?:that|it|this)(?: again| once more|,? please)?\b.*\?$|\bdidn't (?:catch|hear|get|understand)\b|^(?:pardon|sorry|excuse me)(?: me)?\?$|^(?:one|just a|a) (?:moment|second|sec)\b|\b(?:hold on|bear with me)\b/i;

/**
 * What an agent that has said this is waiting for, judged by its last question, or its last request. Anything that is
 * not clearly one of the kinds is free speech: too much patience costs less than a caller who is cut off.
 *
 * @returns undefined when it is still what it was before: the agent only asked to hear it again, or for patience
 */
export function inferExpectedAnswer(agentText: string): ExpectedAnswer | undefined {
  if (asBefore.test(agentText.trim().replaceAll('’', "'"))) return undefined;
  const sentence = lastRequest(agentText);
  if (sentence === undefined) return free;
  const text = sentence.toLowerCase().replaceAll('’', "'");
  return dictation(text) ?? asked(text, sentence) ?? free;
}

/** The last question; else the last sentence that asks for something. */
function lastRequest(agentText: string): string | undefined {
  const sentences = agentText
    .trim()
    .split(/(?<=[.!?]["')]?)\s+/)
    .filter((sentence) => sentence !== '');
  return (
    sentences.findLast((sentence) => /\?["')]?$/.test(sentence)) ??
    sentences.findLast((sentence) => request.test(sentence))
  );
}

const request =
  /\b(?:please|tell me|give me|say|spell|read|i(?:'ll| will)? (?:just )?need|i'd need|can i|may i|could you|what(?:'s| is))\b/i;

/** A thing is asked for, and not only talked about. */
const wants =
  /\b(?:what|which|tell me|give me|have|need|provide|read|say|confirm|repeat|take|get|enter|share|spell|leave|on what|for what)\b/;

type NumberRule = readonly [pattern: RegExp, of: 'phone' | 'card' | 'other', minDigits: number, maxDigits: number];

/** Numbers by name; lengths are those of the usual formats, where there is one. */
const numberRules: readonly NumberRule[] = [
  [/\blast (?:four|4)\b/, 'other', 4, 4],
  [/\blast (?:three|3)\b/, 'other', 3, 3],
  [/\b(?:security code|cvv|cvc)\b/, 'card', 3, 4],
  [/\b(?:expiry|expiration)\b/, 'other', 4, 6],
  [
    /\b(?:card|credit card|debit card) number\b|\bnumber (?:on|of) (?:your|the) (?:\w+ )?card\b|\blong number\b/,
    'card',
    15,
    16,
  ],
  [
    /\b(?:phone|mobile|cell|telephone|callback|call-back|contact) (?:phone )?number\b|\bnumber (?:can|should|may) (?:we|i) (?:call|reach)|\bnumber to (?:call|reach)|\bbest number\b|\breach you (?:at|on)\b/,
    'phone',
    10,
    11,
  ],
  [/\b(?:zip(?: code)?)\b/, 'other', 5, 9],
  [/\bsocial security\b/, 'other', 9, 9],
  [/\b(?:pin|passcode)(?: code| number)?\b/, 'other', 4, 6],
  [/\b(?:verification|confirmation|one[- ]time) code\b/, 'other', 4, 8],
  [
    /\b(?:account|order|booking|reference|customer|member(?:ship)?|policy|invoice|tracking|ticket|case|confirmation) (?:number|id)\b/,
    'other',
    5,
    20,
  ],
];
/** How many digits a number is said to have, in words. */
const namedCounts = new Map<string, number>(
  ([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16] as const).map((count) => [unitWords[count], count]),
);
const digitsNamed = new RegExp(`\\b(\\d{1,2}|${[...namedCounts.keys()].join('|')})[- ]digits?\\b`);

function dictation(text: string): ExpectedAnswer | undefined {
  if (!wants.test(text)) return undefined;
  // "Do you have a membership number?" asks whether, not which.
  if (
    isYesNoQuestion(text) &&
    !/^(?:can|could|may|might) (?:i|we|you)\b|^would you (?:please )?(?:tell|give|read|spell|say|repeat)\b/.test(text)
  )
    return undefined;
  if (
    /\b(?:send|text|call|use|charge|keep|have) (?:\w+ ){0,3}(?:to|on|for)\b.*\b(?:number|e-?mail)\b/.test(text) &&
    !/\bwhat|which\b/.test(text)
  )
    return undefined;
  if (/\bspell(?:ing|ed|s)?\b|\bletter by letter\b/.test(text)) return { kind: 'spelling' };
  if (/\be-?mail(?: address)?\b/.test(text) && !/\bsubject\b/.test(text)) return { kind: 'email' };
  const named = digitsNamed.exec(text)?.[1];
  const count = named === undefined ? undefined : (namedCounts.get(named) ?? Number(named));
  const rule = numberRules.find(([pattern]) => pattern.test(text));
  if (rule) return { kind: 'number', of: rule[1], minDigits: count ?? rule[2], maxDigits: count ?? rule[3] };
  if (count !== undefined) return { kind: 'number', of: 'other', minDigits: count, maxDigits: count };
  if (/\b(?:what|which) (?:date|day)\b|\bdate of birth\b|\bbirth ?(?:day|date)\b|\bborn\b|\bthe date\b/.test(text))
    return { kind: 'date' };
  return undefined;
}

function asked(text: string, sentence: string): ExpectedAnswer | undefined {
  if (
    !sentence
      .trimEnd()
      .replace(/["')]+$/, '')
      .endsWith('?')
  )
    return undefined;
  if (
    /^(?:and |so |okay,? |alright,? |great,? |sure,? |then )*(?:when|what day|which day|what date|which date)\b/.test(
      text,
    ) &&
    /\b(?:day|date|when (?:would|do|should|can|were|is) )/.test(text)
  )
    return /\bwhen (?:did|do you (?:close|open))\b/.test(text) ? undefined : { kind: 'date' };
  if (anythingElse.test(text)) return { kind: 'anything-else' };
  const options = optionsOf(text);
  if (options) return { kind: 'choice', options };
  return isYesNoQuestion(text) || isTag(text) ? { kind: 'yes-no' } : undefined;
}

const anythingElse = /(?<!\bor )\b(?:anything|something) (?:else|more)\b|\bany other questions\b/;
const lead =
  /^(?:(?:and|so|but|okay|ok|alright|right|great|perfect|sure|well|then|now|lovely|thanks|thank you|got it|of course|good|sorry)[,.!]? +)+/;
const auxiliary =
  /^(?:is|are|was|were|am|do|does|did|have|has|had|can|could|will|would|shall|should|may|might|must|isn't|aren't|wasn't|don't|doesn't|didn't|haven't|hasn't|can't|couldn't|won't|wouldn't|shouldn't)\b/;
/** A yes or a no is only the beginning of an answer to these. */
const wantsMore =
  /\b(?:tell me|describe|explain|what|which|who|where|when|why|how|anything|something|else|more about|help you|any (?:questions|other|particular|preference|special))\b/;

function isYesNoQuestion(text: string): boolean {
  const question = text.replace(lead, '');
  const fragment = /^(?:anything|something) else\b/.test(question);
  if (fragment) return false;
  return auxiliary.test(question) && !wantsMore.test(question);
}

/** "..., right?", "..., is that correct?", "Ready?" */
function isTag(text: string): boolean {
  return (
    /[, ](?:right|correct|okay|ok|yes|no|is that (?:right|correct|okay|ok|fine|all right)|is it|isn't it|does that (?:work|sound good|help)|shall (?:i|we)|all right|alright)\?$/.test(
      text,
    ) || /^(?:ready|correct|right|okay|is that all|that's all|all good|sounds good)\?$/.test(text.replace(lead, ''))
  );
}

const leastOptions = 2;
const mostOptions = 8;
const longestOptionWords = 4;
const beforeOptions =
  /^.*?\b(?:like|want|prefer|need|have|take|be|get|is it|is that|was it|do you mean|make that|that(?:'s| is)|it|for|rather|choose between|we have|there(?:'s| is| are)|with|in|between|would it be|by)\b[ :,]*(?=\S)/;

/** The things between which a question lets the caller choose: "small, medium or large?". */
function optionsOf(text: string): readonly string[] | undefined {
  const question = text.replace(/\?["')]*$/, '').trim();
  if (!/\bor\b/.test(question)) return undefined;
  if (
    /\bor (?:not|no|something(?: else)?|anything(?: else)?|would you|do you|is (?:that|it)|shall|should|maybe)\b/.test(
      question,
    )
  )
    return undefined;
  const comma = question.lastIndexOf(':') >= 0 ? question.slice(question.lastIndexOf(':') + 1) : question;
  const parts = comma
    .split(/,\s*(?:or\s+|and\s+)?|\s+or\s+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const [first, ...rest] = parts;
  if (first === undefined || rest.length + 1 < leastOptions) return undefined;
  // What stands in front of the options: as long as the second option, counted from the end, is the first one.
  const options = [headless(first), ...rest]
    .map((option) =>
      option
        .replace(/^(?:a|an|the|some|for|in|by|to|at|with|on|your|is it|is that) /, '')
        .replace(/ (?:today|please|instead|then|for you)$/, ''),
    )
    .filter((option) => option !== '' && !/^(?:would you|do you|what|which|how|okay|so|and|sure)\b/.test(option));
  if (options.length < leastOptions || options.length > mostOptions) return undefined;
  return options.every((option) => option.split(/\s+/).length <= longestOptionWords) ? options : undefined;
}

function headless(first: string): string {
  let text = first;
  for (let cut = beforeOptions.exec(text); cut && cut[0].length < text.length; cut = beforeOptions.exec(text))
    text = text.slice(cut[0].length);
  return text
    .replace(lead, '')
    .replace(/^(?:would|do|did|is|are|was|will|shall|should|can) (?:you|it|that|this|we|i) /, '');
}
