import { ParleyError } from '../../ports/errors.js';
import { changeSettings, type SettingChange } from '../turn/change-settings.js';
import type { TurnSettings } from '../turn/settings.js';
import { logAnswers } from './log-answers.js';
import type { RecordedCall, RecordedTurn, TurnEnd } from './recorded-turns.js';
import { type Answers, type Question, type SimulatedTurn, simulateTurn } from './simulate-turn.js';
import { turnScope } from './turn-scope.js';

/** Answers what the log cannot, from the recording. `undefined`: nobody can. */
export type Hearing = (question: Question) => Promise<Answers | undefined>;

/** Where what was heard about a turn comes from. `joined`: in part, from what the log says of a later part of the turn. */
export type HeardFrom = 'log' | 'joined' | 'recording';

export type TurnVerdict = {
  readonly turn: number;
  readonly recorded: EndVerdict;
  readonly wouldBe: EndVerdict | undefined;
  /** By how much the turn would have ended later; below 0: earlier. Undefined where one of the two did not end in words. */
  readonly laterMs: number | undefined;
  /** The same for an agent that was stopped in this turn. */
  readonly stopLaterMs: number | undefined;
  readonly heardFrom: HeardFrom;
  /** In words, when nothing can be said. */
  readonly unknown: string | undefined;
  /** An earlier turn would have ended otherwise, so the caller might never have said this. */
  readonly afterDivergence: boolean;
};

export type EndVerdict = {
  readonly end: TurnEnd | undefined;
  readonly stoppedMs: number | undefined;
  /** Silence between the caller's last sound and the end. */
  readonly waitedMs: number | undefined;
  /** Whether the caller had not finished, as far as the log shows. */
  readonly cutOff: boolean;
};

export type WhatIf = {
  readonly callId: string;
  readonly changes: readonly SettingChange[];
  readonly turns: readonly TurnVerdict[];
};

/** What would have become of each turn, up to its end, under other settings. Each begins as it did begin. */
export async function whatIf(call: RecordedCall, changes: readonly SettingChange[], hear?: Hearing): Promise<WhatIf> {
  const change = (settings: TurnSettings): TurnSettings => changeSettings(settings, changes);
  const fromLog = logAnswers(call);
  const turns: TurnVerdict[] = [];
  let diverged = false;
  for (const turn of call.turns) {
    let heardFrom: HeardFrom = 'log';
    const simulation = simulateTurn(
      { ...turn.state, settings: change(turn.state.settings) },
      turnScope(call, turn, turn.from, change),
    );
    let step = simulation.next();
    while (!step.done) {
      const logged = fromLog(step.value);
      const heard = logged?.exact ? undefined : await hear?.(step.value);
      if (heard) heardFrom = 'recording';
      else if (logged && !logged.exact && heardFrom === 'log') heardFrom = 'joined';
      step = simulation.next(heard ?? logged?.answers);
    }
    const verdict = verdictOf(turn, step.value, heardFrom, diverged);
    turns.push(verdict);
    diverged ||= differs(verdict);
  }
  return { callId: call.callId, changes, turns };
}

function verdictOf(
  turn: RecordedTurn,
  simulated: SimulatedTurn,
  heardFrom: HeardFrom,
  afterDivergence: boolean,
): TurnVerdict {
  const recorded = judged(turn, turn.end, turn.stopped?.atMs);
  const common = { turn: turn.turn, recorded, heardFrom, afterDivergence };
  const nothing = { ...common, wouldBe: undefined, laterMs: undefined, stopLaterMs: undefined };
  if (turn.byClient) return { ...nothing, unknown: 'the client said where this turn ends: nothing was waited for' };
  if (simulated.unanswered) return { ...nothing, unknown: unansweredWords(simulated.unanswered) };
  if (!simulated.end) return { ...nothing, unknown: 'the log stops before it would have ended' };
  const wouldBe = judged(turn, simulated.end, simulated.stopped?.atMs);
  return {
    ...common,
    wouldBe,
    laterMs: difference(committedMs(recorded.end), committedMs(wouldBe.end)),
    stopLaterMs: difference(recorded.stoppedMs, wouldBe.stoppedMs),
    unknown: undefined,
  };
}

function unansweredWords({ atMs, speechEndMs }: Question): string {
  const second = (speechEndMs / 1_000).toFixed(2);
  return `the log does not say what would have been heard ${Math.round(atMs - speechEndMs)} ms after the caller's last sound at ${second} s; the recording does`;
}

function judged(turn: RecordedTurn, end: TurnEnd | undefined, stoppedMs: number | undefined): EndVerdict {
  if (end?.kind !== 'committed') return { end, stoppedMs, waitedMs: undefined, cutOff: false };
  const later = [...turn.resumedMs, ...(turn.wentOnMs === undefined ? [] : [turn.wentOnMs])];
  return {
    end,
    stoppedMs,
    waitedMs: Math.round(end.atMs - end.speechEndMs),
    cutOff: later.some((atMs) => atMs > end.atMs),
  };
}

function committedMs(end: TurnEnd | undefined): number | undefined {
  return end?.kind === 'committed' ? end.atMs : undefined;
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : Math.round(after - before);
}

/** Whether the caller would have met something else than they did. */
function differs({ recorded, wouldBe, laterMs, stopLaterMs }: TurnVerdict): boolean {
  if (!wouldBe) return false;
  return (
    recorded.end?.kind !== wouldBe.end?.kind ||
    (laterMs ?? 0) !== 0 ||
    (stopLaterMs ?? 0) !== 0 ||
    (recorded.stoppedMs === undefined) !== (wouldBe.stoppedMs === undefined)
  );
}

/** Whether the effect of a setting can be read off a log. */
export function isReplayable(path: string): boolean {
  return /^(endpointing|interruption)\./.test(path);
}

/** Settings whose effect cannot be read off a log of one call. @throws ParleyError `settings.not_replayable` */
export function assertReplayable(changes: readonly SettingChange[]): void {
  const other = changes.find(({ path }) => !isReplayable(path));
  if (other)
    throw new ParleyError(
      `${other.path} acts through the client or after a turn has ended, and what would have followed is not in the log; expected settings of endpointing or interruption.`,
      { code: 'settings.not_replayable', status: 400 },
    );
}
