import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import { answerProgress } from './answer-progress.js';
import {
  type CompletenessModels,
  completeness,
  completenessModels,
  fewWords,
  type Look,
  wordsIn,
} from './completeness.js';
import { dictationWaitMs, type SpokenSound } from './dictation.js';
import { type CallerPace, stretchOf, unknownPace } from './pace.js';
import type { EndpointingSettings } from './settings.js';
import { cueInWords, textCue } from './text-cues.js';

/** How long to wait after the end of speech, and the reason in words. */
export type WaitingTime = { readonly waitMs: number; readonly because: string };

/** All that the decision knows. */
export type WaitingCues = {
  /** The end-of-turn model's answers about this silence, the first one first. */
  readonly looks: readonly Look[];
  /** The words so far. */
  readonly text: string;
  /** How likely they are complete to the brain that has read them, where it has. */
  readonly wordsOver?: number | undefined;
  /** What the agent waits for. */
  readonly expected?: ExpectedAnswer | undefined;
  readonly pace?: CallerPace;
  /** What was heard of the turn; undefined where that is not known of all of it. */
  readonly sound?: SpokenSound | undefined;
};

/**
 * The one place that decides how long a silence must be before it is the end of the turn:
 *
 *   the expected answer is there         `answerWaitMs`
 *   it has begun, and more must come     `patientWaitMs`
 *   it is dictated, its words unsure     some more than the longest gap in it, `patientWaitMs` at most
 *   no end-of-turn estimate yet          `blindWaitMs`
 *   else                                 a logistic curve over the probability that the turn is complete, from
 *                                        `maxWaitMs` (surely not) down to `minWaitMs` (surely), half-way at `midpoint`,
 *                                        stretched for callers who pause for long
 *
 * The last one stays within `minWaitMs` and `maxWaitMs`. Where those two are the same, the wait is fixed: nothing else
 * counts.
 */
export function waitingTime(
  cues: WaitingCues,
  settings: EndpointingSettings,
  models: CompletenessModels = completenessModels,
): WaitingTime {
  const { looks, text, wordsOver, expected = { kind: 'free' }, pace = unknownPace, sound } = cues;
  const { minWaitMs, maxWaitMs, answerWaitMs, patientWaitMs, blindWaitMs } = settings;
  if (minWaitMs === maxWaitMs) return waited(minWaitMs, ['a fixed wait']);
  const heard = looks.at(-1)?.probability;
  const estimate = heard === undefined ? 'no end-of-turn estimate' : `end-of-turn ${heard.toFixed(2)}`;
  const progress = answerProgress(expected, text, sound);
  if (progress.state === 'complete') return waited(answerWaitMs, [estimate, progress.said]);
  if (progress.state === 'begun') return waited(patientWaitMs, [estimate, progress.said]);
  if (progress.state === 'dictated' && sound)
    return waited(Math.min(patientWaitMs, Math.max(minWaitMs, dictationWaitMs(sound))), [estimate, progress.said]);
  const complete = completeness({ looks, text, wordsOver }, models);
  if (complete === undefined) return waited(blindWaitMs, [estimate]);
  const curveMs = curve(complete, settings) * stretchOf(pace);
  const waitMs = Math.round(Math.min(maxWaitMs, Math.max(minWaitMs, curveMs)));
  const stretched = Math.abs(stretchOf(pace) - 1) >= 0.05 ? `pauses of ${pace.meanMs} ms before` : undefined;
  const said = progress.state === 'unknown' ? undefined : progress.said;
  const bound = progress.state === 'likely' ? Math.max(minWaitMs, answerWaitMs) : waitMs;
  return waited(Math.min(waitMs, bound), [
    `turn over ${complete.toFixed(2)} (${[estimate, ...judgedBy(cues)].join(', ')})`,
    said,
    stretched,
  ]);
}

/** What went into the probability that the turn is over, but for the end-of-turn model's last answer. */
function judgedBy({ looks, text, wordsOver }: WaitingCues): string[] {
  const decayDb = looks[0]?.decayDb;
  const cue = cueInWords[textCue(text)];
  const words = wordsIn(text);
  return [
    ...(decayDb === undefined ? [] : [`voice down ${Math.round(-decayDb)} dB`]),
    ...(wordsOver === undefined ? [] : [`words complete ${wordsOver.toFixed(2)}`]),
    ...(cue === undefined ? [] : [cue]),
    ...(words > fewWords ? [] : [words === 0 ? 'no words' : `only ${words} word${words === 1 ? '' : 's'}`]),
  ];
}

/** Whether what the turn sounds like has a say. */
export function looksMatter(cues: WaitingCues, { minWaitMs, maxWaitMs }: EndpointingSettings): boolean {
  if (minWaitMs === maxWaitMs) return false;
  const { state } = answerProgress(cues.expected ?? { kind: 'free' }, cues.text, cues.sound);
  return state !== 'complete' && state !== 'begun' && state !== 'dictated';
}

/** Whether the words are the beginning of an answer that must go on: hardly any silence behind them is the end. */
export function mustGoOn({ expected = { kind: 'free' }, text, sound }: Omit<WaitingCues, 'looks'>): boolean {
  const { state } = answerProgress(expected, text, sound);
  return state === 'begun' || state === 'dictated';
}

function curve(complete: number, { minWaitMs, maxWaitMs, midpoint, steepness }: EndpointingSettings): number {
  const raw = (p: number): number => 1 / (1 + Math.exp(steepness * (p - midpoint)));
  // Scaled so that the curve reaches its bounds at 0 and 1.
  const share = (raw(complete) - raw(1)) / (raw(0) - raw(1));
  return minWaitMs + (maxWaitMs - minWaitMs) * share;
}

function waited(waitMs: number, reasons: readonly (string | undefined)[]): WaitingTime {
  return { waitMs, because: `waited ${waitMs} ms: ${reasons.filter((reason) => reason !== undefined).join(', ')}` };
}
