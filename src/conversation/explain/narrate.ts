import type { WrittenMessage } from '../../ports/brain.js';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import type { TurnMarks } from '../session-events.js';
import type { TimerName } from '../turn/events.js';
import type { CallStory, LateKnowledge, StoryReply, StoryStep, StoryTurn } from './call-story.js';

/** The story in plain words, one line for each thing that happened. @param turn only that turn */
export function narrate(story: CallStory, turn?: number): string {
  const shown = story.turns.filter((each) => (turn === undefined ? !isEmpty(each) : each.turn === turn));
  return [headline(story), ...shown.map((each) => narrateTurn(each, story))].join('\n\n');
}

function isEmpty({ steps, replies }: StoryTurn): boolean {
  return steps.length === 0 && replies.length === 0;
}

function headline({ callId, startedAt, heldBy, lastedMs, endedBecause, turns }: CallStory): string {
  const spoken = turns.filter(({ turn }) => turn > 0).length;
  const end = endedBecause === undefined ? 'its log stops before its end' : `ended: ${endedBecause}`;
  const held =
    heldBy === undefined
      ? ''
      : `\nIt was held by ${heldBy}, which ends turns and answers them by itself: why it waited, spoke or stopped is not in the log.`;
  return `${callId}, ${startedAt}, ${seconds(lastedMs)} s, ${spoken} turn${spoken === 1 ? '' : 's'}, ${end}.${held}\nTimes are positions in the caller's audio, in seconds; a waterfall goes by the clock, with what hearing and sending take.`;
}

function narrateTurn(turn: StoryTurn, story: CallStory): string {
  const title = turn.turn === 0 ? 'Before the first turn' : `Turn ${turn.turn}`;
  const lines = turn.steps.map((step) => `  ${seconds(step.atMs).padStart(8)}  ${wordsOf(step)}`);
  const replies = turn.replies.flatMap(repliedWords);
  const waterfall = turn.marks ? waterfallWords(turn.marks) : [];
  return [
    title,
    ...lines,
    ...[...replies, ...waterfall, ...unknownWords(turn, story)].map((line) => `            ${line}`),
  ].join('\n');
}

/** What older logs do not say. */
function unknownWords({ steps }: StoryTurn, { noted, writtenNoted }: CallStory): string[] {
  const has = (wanted: StoryStep['what']): boolean => steps.some(({ what }) => what === wanted);
  if (!noted && has('sounded')) return ['This log is of schema 1, which does not say what was said and heard.'];
  if (!writtenNoted && has('responded'))
    return ['This log is older than schema 4: what was written, and what tools gave, is not in it.'];
  return [];
}

function repliedWords({ reply, said, heard, status, heardBasis }: StoryReply): string[] {
  const all = said.join(' ');
  const lines = [`Reply ${reply} said: ${all === '' ? 'nothing' : quoted(all)}`];
  if (status === undefined) return [...lines, 'How it ended is not in the log.'];
  const basis = heardBasis === 'estimated' ? 'to judge by what was sent' : `as the client says (${heardBasis})`;
  if (status === 'completed' && heard === all) return [...lines, `All of it was heard, ${basis}.`];
  return [...lines, `${ended[status]}; heard: ${heard ? quoted(heard) : 'nothing'}, ${basis}.`];
}

const ended = {
  completed: 'It was said to its end',
  interrupted: 'It was interrupted',
  cancelled: 'It was cancelled',
  failed: 'It was given up',
} as const;

function wordsOf(step: StoryStep): string {
  switch (step.what) {
    case 'began':
      return step.over === undefined
        ? `The caller began to speak (at ${seconds(step.startMs)}).`
        : `The caller began to speak (at ${seconds(step.startMs)}) over reply ${step.over}.`;
    case 'paused':
      return `The caller paused (at ${seconds(step.speechEndMs)}): after ${step.silenceMs} ms of silence the end is suspected${step.revision > 1 ? `, for the ${ordinal(step.revision)} time` : ''}.`;
    case 'fell-silent':
      return `The caller fell silent (at ${seconds(step.speechEndMs)}).`;
    case 'answered':
      return `The model began reply ${step.reply}.`;
    case 'estimated':
      return `The end-of-turn model says ${step.probability.toFixed(2)}${after(step.afterMs)}.`;
    case 'read':
      return `To the language model the words are complete with ${step.probability.toFixed(2)}${after(step.afterMs)}.`;
    case 'transcribed':
      return step.text === ''
        ? `The transcript is empty${after(step.afterMs)}.`
        : `The transcript${after(step.afterMs)}: ${quoted(step.text)}`;
    case 'transcript-failed':
      return 'The transcript failed.';
    case 'asked-again':
      return 'The transcript was asked for again: it was empty, or shorter than what had been heard.';
    case 'drafted':
      return `A reply to ${quoted(step.text)} was begun ahead of the decision.`;
    case 'draft-failed':
      return 'The reply could not be made.';
    case 'discarded':
      return `The draft was discarded${costWords(step.cost)}.`;
    case 'went-on':
      return `The caller went on after a pause of ${step.pauseMs} ms: the turn had not ended.`;
    case 'committed':
      return `The turn ended, ${step.waitedMs} ms after the caller's last word: ${step.because}${step.late === undefined ? '' : lateWords[step.late]}.${step.reply === undefined ? ' Nobody asked for a reply.' : ` Reply ${step.reply} answers ${quoted(step.text)}.`}`;
    case 'dropped':
      return `It was no turn: ${dropped[step.why]}.${step.heard === '' ? '' : ` Its words: ${quoted(step.heard)}.`}`;
    case 'lowered':
      return `Reply ${step.reply} was lowered: somebody speaks over it.`;
    case 'restored':
      return `Reply ${step.reply} came back to full level${step.loweredMs === undefined ? '' : ` after ${step.loweredMs} ms`}.`;
    case 'stopped':
      return `Reply ${step.reply} was stopped: ${stopped[step.why]}${step.afterMs === undefined ? '' : `, ${step.afterMs} ms after they began`}.${step.heard === undefined ? '' : knownWords(step.heard)}`;
    case 'said':
      return `The ${step.phrase} was said (reply ${step.reply})${step.afterMs === undefined ? '' : `, ${step.afterMs} ms after the caller's last word`}.`;
    case 'responded':
      return step.asked
        ? `Reply ${step.reply} was asked for by the client.`
        : `Reply ${step.reply} answers what was pressed.`;
    case 'sounded':
      return `The first ${step.written ? 'words' : 'sound'} of reply ${step.reply} left${step.afterMs === undefined ? '' : `, ${step.afterMs} ms after the caller's last word`}.`;
    case 'ran-dry':
      return `Reply ${step.reply} fell silent: what follows was not ready.`;
    case 'held':
      return `Reply ${step.reply} fell silent until it was known what the caller says over it.`;
    case 'pressed':
      return `The caller pressed ${step.digit}.`;
    case 'muted':
      return step.muted ? 'The caller was muted.' : 'The caller was no longer muted.';
    case 'far-end':
      return step.reachable ? 'The connection was back.' : 'The connection was lost: nothing is said until it is back.';
    case 'passage':
      return `From here on a passage of reply ${step.reply} is heard to its end, whoever speaks.`;
    case 'reopened':
      return `The caller goes on with turn ${step.continues}, which was taken to be over: its reply is taken back.`;
    case 'noted':
      return `The agent is told: ${quoted(step.text)}`;
    case 'wrote':
      return `${wrote[step.role]}${step.inserted ? ', to stand earlier in the conversation' : ''}: ${quoted(step.text)}`;
    case 'tool-gave':
      return `${step.name ?? 'A call'} gave: ${shortened(step.output)}`;
    case 'replies-written':
      return step.written ? 'From here on replies are written, not spoken.' : 'From here on replies are spoken.';
    case 'murmured':
      return 'The agent gave a sign that it listens.';
    case 'expects':
      return `From here on the agent waits for ${expectedInWords(step.answer)}.`;
    case 'flowed':
      return `Reply ${step.reply} went on.`;
    case 'reply-over':
      return `Reply ${step.reply} was over.`;
    case 'client':
      return clientAsked[step.asked];
    case 'timer':
      return timers[step.timer];
    case 'called':
      return `The agent called ${step.name} with ${step.arguments}.`;
    case 'problem':
      return `Problem ${step.code}: ${step.message}`;
    case 'ended':
      return `The call ends: ${step.reason}.`;
    case 'other':
      return `${step.type}.`;
  }
}

function knownWords(heard: string): string {
  return heard === '' ? ' None of their words was known yet.' : ` Known of their words by then: ${quoted(heard)}.`;
}

const dropped = {
  empty: 'no words were found in it',
  backchannel: 'it was too short for an interruption, so it counts as a sign of listening or a noise',
  cleared: 'the client took it back, or the call was ending',
} as const;

const stopped = {
  interrupted: 'the caller interrupted it',
  cancelled: 'it was cancelled',
  failed: 'it did not come in time, or failed',
} as const;

const wrote: Readonly<Record<WrittenMessage['role'], string>> = {
  user: 'The caller wrote',
  assistant: 'The client noted as words of the agent',
  system: 'The agent was told in writing',
};

const clientAsked = {
  commit: 'The client ended the turn.',
  clear: 'The client took back what was said.',
  respond: 'The client asked for a reply, and got none of its own: one was under way, or the call was ending.',
  cancel: 'The client cancelled the reply.',
  configure: 'The client changed the settings.',
} as const;

const lateWords: Readonly<Record<LateKnowledge, string>> = {
  transcript: ', and then for the transcript',
  estimate: ', which was only known when the end-of-turn model had answered',
  reading: ', which was only known when the language model had read the words',
};

const timers: Readonly<Record<TimerName, string>> = {
  'dead-air': 'Nothing had been audible for too long.',
  idle: 'Nobody had spoken for too long.',
  'max-call': 'The call had reached its greatest length.',
  overlap: 'What is said over the reply had not become clear in time.',
  keys: 'No further key was pressed.',
};

function costWords(cost: { readonly tokens: number; readonly audioMs: number } | undefined): string {
  return cost
    ? `: ${cost.tokens} token${cost.tokens === 1 ? '' : 's'} and ${cost.audioMs} ms of audio were made for nothing`
    : '';
}

/** Where the time went, as a list of moments after the caller's last word. */
export function waterfallWords(marks: TurnMarks): string[] {
  const moments: readonly (readonly [string, number | undefined])[] = [
    ['silence noticed', marks.vadSilenceMs],
    ['end-of-turn answer', marks.endOfTurnMs],
    ['transcript', marks.sttFinalMs],
    ['first token', marks.llmFirstTokenMs],
    ['first clause', marks.firstClauseMs],
    ['its audio', marks.ttsFirstAudioMs],
    ['turn ended', marks.eouDelayMs],
    ['heard', marks.responseLatencyMs],
  ];
  const known = moments.flatMap(([name, ms]) => (ms === undefined ? [] : [{ name, ms }]));
  const listed = known.sort((a, b) => a.ms - b.ms).map(({ name, ms }) => `${name} ${Math.round(ms)}`);
  const extra = [
    ...(marks.opener === undefined ? [] : [`It began with the opener ${quoted(marks.opener)}.`]),
    ...(marks.bridged ? ['A filler bridged the wait.'] : []),
    ...(marks.contentLatencyMs === undefined || marks.contentLatencyMs === marks.responseLatencyMs
      ? []
      : [`Its own words were heard after ${Math.round(marks.contentLatencyMs)} ms.`]),
    ...(marks.gapWithinReplyMs > 0 ? [`Longest gap in it: ${Math.round(marks.gapWithinReplyMs)} ms.`] : []),
  ];
  const { drafts, tokens } = marks;
  return [
    `Waterfall, ms after the caller's last word: ${listed.join(', ')}.`,
    `Drafts ${drafts}; tokens ${tokens.computed} computed, ${tokens.reused} reused, ${tokens.generated} generated.`,
    ...extra,
  ];
}

function after(ms: number | undefined): string {
  return ms === undefined ? '' : ` after ${ms} ms`;
}

const longestOutput = 500;

function shortened(output: string): string {
  if (output.length <= longestOutput) return output;
  return `${output.slice(0, longestOutput)}… (${output.length} characters in all)`;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}

function quoted(text: string): string {
  return `“${text}”`;
}

function ordinal(n: number): string {
  return ['first', 'second', 'third', 'fourth', 'fifth'][n - 1] ?? `${n}th`;
}

function expectedInWords(answer: ExpectedAnswer): string {
  switch (answer.kind) {
    case 'free':
      return 'any answer';
    case 'yes-no':
      return 'a yes or no';
    case 'anything-else':
      return 'a no, or what else is wanted';
    case 'choice':
      return `one of: ${answer.options.join(', ')}`;
    case 'date':
      return 'a date';
    case 'email':
      return 'an e-mail address';
    case 'spelling':
      return 'a spelling';
    case 'number': {
      const { of, minDigits, maxDigits } = answer;
      const length = minDigits === maxDigits ? String(minDigits) : `${minDigits} to ${maxDigits}`;
      return `a ${of === 'other' ? '' : `${of} `}number of ${length} digits`;
    }
  }
}
