import { analyseCall, type CallAnalysis } from '../../analyser/analyse-call.js';
import type { TurnMeasurement } from '../../analyser/turn-measurement.js';
import { durationMs } from '../../audio/frame.js';
import { defaultDirectorTiming, type StepMark } from './director.js';
import { judgeOverlap } from './judge-overlap.js';
import type { ObservedCall, TimedText } from './observed-call.js';
import { type CallExpectation, type Scenario, type StepExpectation, wantsAnswer } from './scenario-schema.js';
import { wordsOf } from './scripted-agent.js';
import type { Verdict } from './verdict.js';

export type CallKind = 'virtual' | 'real_time';

/** A call with all that is measured of it. */
export type JudgedCall = { readonly verdicts: readonly Verdict[]; readonly analysis: CallAnalysis };

/** What one step is judged by. */
export type StepView = {
  readonly mark: StepMark;
  readonly place: number;
  /** From when on what follows counts: the end of what the caller says or does. */
  readonly fromMs: number;
  /** Up to the caller's next turn, or the end of the call. */
  readonly untilMs: number;
  /** What the analyser has measured; undefined for steps that are no turns. */
  readonly turn: TurnMeasurement | undefined;
};

/**
 * Judges a call by its scenario. Sound is judged from the recording, by the analyser; where the caller speaks is known.
 */
export function judge(scenario: Scenario, call: ObservedCall, kind: CallKind): JudgedCall {
  const lengthMs = durationMs(call.caller.length, call.rateHz);
  const turns = call.lines.filter(({ role, endMs }) => role === 'turn' && endMs <= lengthMs);
  const analysis = analyseCall(
    { channels: [call.caller, call.agent], rateHz: call.rateHz },
    { callerTurns: turns.map(({ startMs, endMs }) => ({ startMs, endMs })) },
  );
  const verdicts: Verdict[] = [];
  for (const [place, mark] of call.marks.entries()) {
    const expectations = scenario.steps[mark.step]?.expect ?? [];
    const view: StepView = {
      mark,
      place,
      fromMs: mark.endedMs,
      untilMs: Math.min(
        lengthMs,
        ...turns.filter(({ startMs }) => startMs > mark.endedMs).map(({ startMs }) => startMs),
      ),
      turn: analysis.turns[turns.findIndex((turn) => turn.place === place)],
    };
    for (const expectation of expectations)
      verdicts.push(
        verdictOf(mark.step, stepText(expectation), expectation.only, kind, () =>
          judgeStep(expectation, view, call, analysis),
        ),
      );
  }
  for (const [step, { expect: expectations }] of scenario.steps.entries())
    if (call.marks.every((mark) => mark.step !== step))
      for (const expectation of expectations ?? [])
        verdicts.push({
          step,
          expected: stepText(expectation),
          met: false,
          seen: 'the call was over before this step',
        });
  for (const expectation of scenario.expect)
    verdicts.push(
      verdictOf(undefined, callText(expectation), expectation.only, kind, () =>
        judgeCall(
          expectation,
          scenario,
          call,
          analysis,
          turns.map(({ place }) => place),
        ),
      ),
    );
  return { verdicts, analysis };
}

/** Whether it holds, and what was seen. */
export type Judgement = { readonly met: boolean; readonly seen: string };

function verdictOf(
  step: number | undefined,
  expected: string,
  only: CallKind | undefined,
  kind: CallKind,
  judged: () => Judgement,
): Verdict {
  if (only !== undefined && only !== kind)
    return { step, expected, met: undefined, seen: `judged in ${only === 'virtual' ? 'virtual' : 'real'} time only` };
  return { step, expected, ...judged() };
}

function judgeStep(
  expectation: StepExpectation,
  view: StepView,
  call: ObservedCall,
  analysis: CallAnalysis,
): Judgement {
  if (view.mark.stuck !== undefined && expectation.event === undefined)
    return { met: false, seen: `this did not come about: ${view.mark.stuck}` };
  if (expectation.not_cut_off) return notCutOff(view);
  if (expectation.agent_keeps_talking || expectation.agent_stops_within_ms !== undefined)
    return judgeOverlap(expectation, view, call, analysis);
  switch (expectation.event) {
    case 'heard':
      return textEvent(expectation, view, call.heard, 'the agent understood nothing');
    case 'problem':
      return textEvent(expectation, view, call.problems, 'no problem was reported');
    case 'call_ends':
      return callEnds(expectation, view, call);
    default:
      return expectation.absent ? noReply(expectation, view, analysis) : reply(expectation, view, call, analysis);
  }
}

function notCutOff({ turn }: StepView): Judgement {
  if (!turn) return { met: false, seen: 'the call was over before the turn was' };
  return turn.falseCutoff
    ? { met: false, seen: `the agent began ${ms(-(turn.responseLatencyMs ?? 0))} before the end of the turn` }
    : { met: true, seen: 'not cut off' };
}

/** The agent becomes audible, in time and with the words. */
function reply(expectation: StepExpectation, view: StepView, call: ObservedCall, analysis: CallAnalysis): Judgement {
  const { within_ms: within, text_contains: wanted } = expectation;
  const latencyMs = view.turn
    ? view.turn.missed === null
      ? view.turn.responseLatencyMs
      : null
    : firstReplyAfter(view, analysis);
  if (latencyMs === null) return { met: false, seen: 'the agent did not answer' };
  if (latencyMs < 0) return { met: false, seen: `the agent cut in ${ms(-latencyMs)} before the end of the turn` };
  const soon = within === undefined || latencyMs <= within;
  const said = textBetween(call.words, view.fromMs, view.untilMs);
  const absent = missingOf(wanted, said);
  return {
    met: soon && absent.length === 0,
    seen: `after ${ms(latencyMs)}${wanted === undefined ? '' : `: "${said.trim()}"`}`,
  };
}

function firstReplyAfter({ fromMs }: StepView, analysis: CallAnalysis): number | null {
  const first = analysis.replies.find(({ startMs }) => startMs >= fromMs);
  return first ? first.startMs - fromMs : null;
}

function noReply({ within_ms: within }: StepExpectation, view: StepView, analysis: CallAnalysis): Judgement {
  const windowMs = within ?? defaultDirectorTiming.absenceMs;
  const latencyMs = firstReplyAfter(view, analysis);
  return latencyMs === null || latencyMs > windowMs
    ? { met: true, seen: `nothing within ${ms(windowMs)}` }
    : { met: false, seen: `the agent spoke after ${ms(latencyMs)}` };
}

function textEvent(
  expectation: StepExpectation,
  { mark, fromMs, untilMs }: StepView,
  events: readonly TimedText[],
  none: string,
): Judgement {
  const { within_ms: within, text_contains: wanted, absent } = expectation;
  const lastMs = within === undefined ? Math.max(untilMs, fromMs) : fromMs + within;
  const found = events.filter(({ atMs }) => atMs >= mark.beganMs && atMs <= lastMs);
  const [first] = found;
  if (absent) return first ? { met: false, seen: `"${first.text}"` } : { met: true, seen: none };
  if (!first) return { met: false, seen: none };
  const said = found.map(({ text }) => text).join(' ');
  return { met: missingOf(wanted, said).length === 0, seen: `"${said}" after ${ms(first.atMs - fromMs)}` };
}

function callEnds({ within_ms: within, absent }: StepExpectation, view: StepView, call: ObservedCall): Judgement {
  const afterMs = call.endedByAgentMs === undefined ? undefined : call.endedByAgentMs - view.fromMs;
  const windowMs = within ?? (absent ? defaultDirectorTiming.absenceMs : Number.POSITIVE_INFINITY);
  const ended = afterMs !== undefined && afterMs <= windowMs;
  return {
    met: ended !== (absent === true),
    seen: afterMs === undefined ? 'the agent did not hang up' : `after ${ms(afterMs)}`,
  };
}

function judgeCall(
  expectation: CallExpectation,
  scenario: Scenario,
  call: ObservedCall,
  analysis: CallAnalysis,
  turnPlaces: readonly number[],
): Judgement {
  const counted = (count: number, most: number): Judgement => ({ met: count <= most, seen: String(count) });
  const wanted = (index: number): boolean => {
    const step = scenario.steps[(turnPlaces[index] ?? 0) % scenario.steps.length];
    return step !== undefined && wantsAnswer(step);
  };
  if (expectation.missed !== undefined)
    return counted(
      analysis.turns.filter(({ missed }, index) => missed !== null && wanted(index)).length,
      expectation.missed,
    );
  if (expectation.stuck !== undefined) {
    const stuck = call.marks.flatMap((mark) =>
      mark.stuck === undefined ? [] : [`step ${mark.step + 1}: ${mark.stuck}`],
    );
    return { met: stuck.length <= expectation.stuck, seen: stuck.length === 0 ? '0' : `${stuck.length} (${stuck[0]})` };
  }
  if (expectation.overlaps !== undefined) return counted(call.overlaps, expectation.overlaps);
  if (expectation.cut_offs !== undefined)
    return counted(analysis.turns.filter(({ falseCutoff }) => falseCutoff).length, expectation.cut_offs);
  if (expectation.false_stops !== undefined) return counted(falseStops(call), expectation.false_stops);
  if (expectation.event === 'call_ends')
    return {
      met: (call.endedByAgentMs === undefined) === (expectation.absent === true),
      seen: call.endedByAgentMs === undefined ? 'the caller ended it' : 'the agent ended it',
    };
  const [problem] = call.problems;
  const said = call.problems.map(({ text }) => text).join('; ');
  if (expectation.absent) return { met: problem === undefined, seen: said === '' ? 'none' : said };
  return {
    met: problem !== undefined && missingOf(expectation.text_contains, said).length === 0,
    seen: said === '' ? 'none' : said,
  };
}

/** What the caller says may still be on its way when the reply ends. */
const turnBeginsWithinMs = 1_000;

/** Replies that were broken off though no turn of the caller had begun over them. */
function falseStops(call: ObservedCall): number {
  return call.replies.filter(
    ({ startMs, endMs, end }) =>
      end === 'interrupted' &&
      !call.lines.some(
        (line) => line.role === 'turn' && line.startMs <= endMs + turnBeginsWithinMs && line.endMs >= startMs,
      ),
  ).length;
}

function textBetween(words: readonly TimedText[], fromMs: number, untilMs: number): string {
  return words
    .filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
    .map(({ text }) => text)
    .join(' ');
}

function missingOf(wanted: string | readonly string[] | undefined, said: string): string[] {
  const words = wordsOf(said);
  return [wanted ?? []].flat().filter((text) => !words.includes(wordsOf(text)));
}

export function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

const eventTexts: Readonly<Record<NonNullable<StepExpectation['event']>, string>> = {
  agent_starts: 'the agent answers',
  heard: 'the agent understands',
  problem: 'a problem is reported',
  call_ends: 'the agent ends the call',
};

function stepText(expectation: StepExpectation): string {
  const { event, within_ms: within, text_contains: wanted, absent } = expectation;
  if (expectation.not_cut_off) return 'the caller is not cut off';
  if (expectation.agent_keeps_talking) return 'the agent keeps talking';
  if (expectation.agent_stops_within_ms !== undefined)
    return `the agent stops within ${ms(expectation.agent_stops_within_ms)}`;
  const time = within === undefined ? '' : ` within ${ms(within)}`;
  const words = wanted === undefined ? '' : `, with ${quoted(wanted)}`;
  return `${absent ? 'never: ' : ''}${eventTexts[event ?? 'agent_starts']}${time}${words}`;
}

function callText(expectation: CallExpectation): string {
  for (const [key, text] of Object.entries(countTexts)) {
    const most = expectation[key as keyof typeof countTexts];
    if (most !== undefined) return `${text}: ${most === 0 ? 'none' : `at most ${most}`}`;
  }
  const words = expectation.text_contains === undefined ? '' : `, with ${quoted(expectation.text_contains)}`;
  return `${expectation.absent ? 'never: ' : ''}${eventTexts[expectation.event ?? 'problem']}${words}`;
}

const countTexts = {
  missed: 'turns without an answer',
  stuck: 'waits in vain',
  overlaps: 'overlapping replies',
  cut_offs: 'turns cut off',
  false_stops: 'replies broken off for nothing',
} as const;

function quoted(wanted: string | readonly string[]): string {
  return [wanted]
    .flat()
    .map((text) => `"${text}"`)
    .join(' and ');
}
