/** What an opener answers: a request is accepted, a statement acknowledged, a question thought about. */
export type OpenerKind = 'accept' | 'acknowledge' | 'think';

/** Beginnings of a reply, those that fit best first. All end in a comma: the sentence goes on. */
export const openerTexts = {
  accept: ['Sure,', 'Of course,', 'Alright,', 'Okay,', 'Okay, so,', 'Alright, so,', 'Let me see,', 'Okay, let me see,'],
  acknowledge: [
    'Got it,',
    'Okay,',
    'Alright,',
    'Thank you,',
    'So,',
    'Okay, so,',
    'Alright, so,',
    'Alright, let me see,',
  ],
  think: ['Let me see,', 'Well,', 'So,', 'Let me think,'],
} as const satisfies Readonly<Record<OpenerKind, readonly string[]>>;

/**
 * These say that the agent has heard and is thinking, and no more: any answer to an ordinary question or request may
 * follow, "I'm afraid we are out of milk" too. So they may be heard before the first word of the answer is known.
 */
const noncommittal: ReadonlySet<string> = new Set([
  'Okay,',
  'Alright,',
  'Thank you,',
  'Okay, so,',
  'Alright, so,',
  'Let me see,',
  'Okay, let me see,',
  'Alright, let me see,',
  'Let me think,',
  'Well,',
  'So,',
]);

/** Whether any answer may follow this opener. */
export function isNoncommittal(opener: string): boolean {
  return noncommittal.has(opener);
}

/** Words of callers who need something else than a cheerful beginning. */
const unhappy =
  /\b(?:sorry|died|dead|death|dying|passed away|funeral|hospital|sick|ill|hurts?|hurting|pain(?:ful)?|emergency|ambulance|accident|lost|stolen|complain(?:t|ing)?|complaint|terrible|awful|horrible|worst|angry|upset|frustrat\w+|refund|wrong|broken|cancel\w*|problem|late|never|hate|robot|human|machine|bot|real person|ai)\b/i;
const request =
  /\b(?:can|could|may|might) (?:i|we|you)\b|\bi(?:'d| would) (?:like|love)\b|\bi(?:'ll| will) (?:have|take|get)\b|\b(?:give|get|bring|make|send|add|book|order|put) (?:me|us|a|an|the|that|it|one|two|another|some)\b|\bi (?:want|need)\b|\bplease\b/i;
const asked =
  /\?["')]?$|^(?:and |so |but )?(?:what|when|where|which|who|whose|why|how|do|does|did|is|are|was|were|has|have|will|would)\b/i;
/** Too short for anything but a direct answer, unless it is a yes or a no. */
const leastWords = 3;
const yesOrNo =
  /^(?:yes|yeah|yep|yup|no|nope|nah|sure|okay|ok|right|correct|exactly|absolutely|definitely|not really|of course|please)\b[\s\w,.!']*$/i;

/** What kind of opener fits what the caller said, or undefined where none does. */
export function fittingOpener(callerText: string): OpenerKind | undefined {
  const text = callerText.trim().replaceAll('’', "'");
  if (unhappy.test(text)) return undefined;
  if (text.split(/\s+/).length < leastWords) return yesOrNo.test(text) ? 'acknowledge' : undefined;
  if (request.test(text)) return 'accept';
  return asked.test(text) ? 'think' : 'acknowledge';
}

/** Beginnings of an answer that says no, or is sorry. */
const refusal =
  /^(?:oh,? (?:no|dear)|no\b|not\b|nope\b|i'?m (?:(?:so|very|really|truly) )?(?:sorry|afraid|unable|not)\b|i am (?:(?:so|very|really|truly) )?(?:sorry|afraid|unable|not)\b|sorry\b|my (?:apologies|condolences)|apologies\b|unfortunately\b|regrettably\b|(?:i|we) (?:can't|cannot|can not|don't|do not|won't|will not|couldn't|could not|only)\b|(?:that's|that is) (?:terrible|awful|not)\b|there (?:is|are) no\b|there (?:isn't|aren't)\b)/i;
/** First words that a refusal may begin with. */
const ambiguous = new Set(
  "oh no not nope i i'm sorry my apologies unfortunately regrettably we that that's there there's".split(' '),
);
/** With this many words an answer that refuses has shown it. */
const tellingWords = 3;

/** Whether an opener may stand before this beginning of an answer; undefined while too little of it is known. */
export function opensWell(answer: string, complete: boolean): boolean | undefined {
  const text = answer.trim().replaceAll('’', "'");
  if (refusal.test(text)) return false;
  const words = text.split(/\s+/);
  // The last word may still grow.
  const known = complete ? words : words.slice(0, -1);
  const [first] = known;
  if (complete || known.length >= tellingWords) return true;
  return first !== undefined && !ambiguous.has(first.toLowerCase().replace(/[,.!?]+$/, '')) ? true : undefined;
}

export const openerKinds = Object.keys(openerTexts) as readonly OpenerKind[];

const allOpeners: ReadonlySet<string> = new Set(Object.values(openerTexts).flat());

/** Whether a clause is an opener, whoever wrote it. */
export function isOpener(clause: string): boolean {
  return allOpeners.has(clause);
}
