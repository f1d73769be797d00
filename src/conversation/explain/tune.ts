import { changeSettings, type SettingChange, settingAt } from '../turn/change-settings.js';
import type { TurnEvent } from '../turn/events.js';
import { reduceTurn } from '../turn/machine.js';
import { defaultTurnSettings, type TurnSettings } from '../turn/settings.js';
import type { TurnState } from '../turn/state.js';
import { logAnswers } from './log-answers.js';
import type { RecordedCall, RecordedTurn } from './recorded-turns.js';
import { type Asked, type Question, simulateTurn } from './simulate-turn.js';
import { keptSettings, tuneGrid } from './tune-grid.js';
import { nextOf, turnScope } from './turn-scope.js';

/** With fewer turns in which the caller paused and went on, nothing can be said of whom a setting cuts off. */
export const fewestTurnsWithPauses = 20;

/** With fewer turns than this a share of 5 % is anything between none and one in nine: not enough to recommend by. */
export const fewestTurns = 100;

/** How a setting does on recorded turns. */
export type TunePoint = {
  /** What is searched, by its path. */
  readonly settings: Readonly<Record<string, number>>;
  readonly cutOff: number;
  readonly cutOffShare: number;
  /** Silence before the turn was taken to be over, in the mean of the turns that were not cut off. */
  readonly meanDelayMs: number;
  readonly p95DelayMs: number;
};

export type TuneReport = {
  readonly calls: number;
  readonly turns: number;
  /** Turns with a pause after which the caller went on: only they can be cut off. */
  readonly turnsWithPauses: number;
  /** Turns that cannot be judged: ended by the client, dropped, or not whole in the log. */
  readonly leftOut: number;
  readonly maxCutOffShare: number;
  readonly shipped: TunePoint;
  /** The least delay for each number of cut-off turns, and none that another is better than in both. */
  readonly curve: readonly TunePoint[];
  readonly recommended: TunePoint;
  /** Chosen on one half of the turns, judged on the other, both ways. */
  readonly heldOut: Pick<TunePoint, 'cutOff' | 'cutOffShare' | 'meanDelayMs'>;
  /** Fewer than `fewestTurns`, or than `fewestTurnsWithPauses`. */
  readonly tooFew: boolean;
};

/** A turn from its first suspected end on: before it no wait has a say. */
type Unit = {
  readonly call: RecordedCall;
  readonly turn: RecordedTurn;
  readonly state: TurnState;
  readonly asked: Asked;
  readonly answer: (question: Question) => Asked['answers'] | undefined;
  /** Where the caller went on after a pause. */
  readonly resumedMs: readonly number[];
};

/** What became of a unit. Undefined delay: cut off. */
type Outcome = { readonly delayMs: number | undefined };

/**
 * Searches the endpointing settings over recorded calls, from what their logs hold.
 *
 * @param maxCutOffShare the largest share of turns that may be cut off, 0..1
 * @returns undefined when no turn could be judged
 */
export function tune(calls: readonly RecordedCall[], maxCutOffShare: number): TuneReport | undefined {
  const found = calls.map(unitsOf);
  const units = found.flatMap((each) => each.units);
  const shippedSettings = searchedIn(defaultTurnSettings);
  const candidates = [shippedSettings, ...combinations()];
  const outcomes = candidates.map((settings) => {
    const change = changeTo(settings);
    return { settings, outcomes: units.map((unit) => judge(unit, change)) };
  });
  // A unit that one of the settings leaves open is judged by none.
  const judged = units.flatMap((_, index) => (outcomes.every((each) => each.outcomes[index]) ? [index] : []));
  if (judged.length === 0) return undefined;
  const pointsOn = (indices: readonly number[]): TunePoint[] =>
    outcomes.map((each) =>
      pointOf(
        each.settings,
        indices.flatMap((index) => each.outcomes[index] ?? []),
      ),
    );
  const points = pointsOn(judged);
  const [shipped] = points;
  if (!shipped) return undefined;
  const turnsWithPauses = judged.filter((index) => (units[index]?.resumedMs.length ?? 0) > 0).length;
  return {
    calls: calls.length,
    turns: judged.length,
    turnsWithPauses,
    leftOut: found.reduce((sum, each) => sum + each.leftOut, 0) + units.length - judged.length,
    maxCutOffShare,
    shipped,
    curve: frontier(points),
    recommended: best(points, shipped, maxCutOffShare),
    heldOut: heldOut(judged, pointsOn, maxCutOffShare),
    tooFew: judged.length < fewestTurns || turnsWithPauses < fewestTurnsWithPauses,
  };
}

function unitsOf(call: RecordedCall): { readonly units: readonly Unit[]; readonly leftOut: number } {
  const fromLog = logAnswers(call);
  const answer = (question: Question): Asked['answers'] | undefined => fromLog(question)?.answers;
  const units: Unit[] = [];
  let leftOut = 0;
  let continued: RecordedTurn | undefined;
  for (const turn of call.turns) {
    const part = turn === continued;
    continued = turn.wentOnMs === undefined ? undefined : nextOf(call, turn);
    // It is the rest of the turn before, which was cut off, and is judged with that.
    if (part) continue;
    const unit = unitOf(call, turn, answer);
    if (unit) units.push(unit);
    else leftOut += 1;
  }
  return { units, leftOut };
}

function unitOf(call: RecordedCall, turn: RecordedTurn, answer: Unit['answer']): Unit | undefined {
  const [first] = turn.questions;
  if (!first || turn.byClient || turn.end?.kind !== 'committed') return undefined;
  let state = turn.state;
  for (let index = turn.from; index <= first.index; index++)
    state = reduceTurn(state, call.events[index] as TurnEvent).state;
  const { listening } = state;
  if (listening.phase !== 'pause') return undefined;
  const { atMs, speechEndMs, revision } = first;
  const question = {
    kind: 'suspected',
    turn: listening.turn,
    revision,
    startMs: listening.startMs,
    speechEndMs,
    atMs,
  } as const;
  const answers = answer(question);
  if (!answers) return undefined;
  const asked = { question, answers, seenMs: call.events[first.index]?.seenMs ?? atMs };
  return { call, turn, state, asked, answer, resumedMs: resumesOf(call, turn) };
}

/** Everywhere in the turn, and in those that prove to be the rest of it. */
function resumesOf(call: RecordedCall, turn: RecordedTurn): number[] {
  const resumed: number[] = [];
  for (let each: RecordedTurn | undefined = turn; each; each = nextOf(call, each)) {
    resumed.push(...each.resumedMs);
    if (each.wentOnMs === undefined) break;
    resumed.push(each.wentOnMs);
  }
  return resumed;
}

/** @returns undefined when the log does not say what would have become of it */
function judge(unit: Unit, change: (settings: TurnSettings) => TurnSettings): Outcome | undefined {
  const { call, turn, state, asked, answer, resumedMs } = unit;
  const from = (turn.questions[0]?.index ?? 0) + 1;
  const start = { ...state, settings: change(state.settings) };
  const simulation = simulateTurn(start, turnScope(call, turn, from, change), asked);
  let step = simulation.next();
  while (!step.done) step = simulation.next(answer(step.value));
  const { end } = step.value;
  if (end?.kind !== 'committed') return undefined;
  return { delayMs: resumedMs.some((ms) => ms > end.atMs) ? undefined : end.atMs - end.speechEndMs };
}

/** The shipped settings with those that are searched, and with those that decided what the log holds. */
function changeTo(settings: TunePoint['settings']): (recorded: TurnSettings) => TurnSettings {
  const searched = Object.entries(settings).map(([path, value]) => ({ path, value }));
  // All turns of a call share their settings.
  const changed = new Map<TurnSettings, TurnSettings>();
  return (recorded) => {
    const known = changed.get(recorded);
    if (known) return known;
    const kept = keptSettings.map((path) => ({ path, value: settingAt(recorded, path) as SettingChange['value'] }));
    const base = { ...recorded, endpointing: defaultTurnSettings.endpointing };
    const result = changeSettings(base, [...kept, ...searched]);
    changed.set(recorded, result);
    return result;
  };
}

function searchedIn(settings: TurnSettings): TunePoint['settings'] {
  return Object.fromEntries(Object.keys(tuneGrid).map((path) => [path, settingAt(settings, path) as number]));
}

function combinations(): TunePoint['settings'][] {
  let all: TunePoint['settings'][] = [{}];
  for (const [path, values] of Object.entries(tuneGrid))
    all = all.flatMap((settings) => values.map((value) => ({ ...settings, [path]: value })));
  return all.filter((settings) => (settings['endpointing.minWaitMs'] ?? 0) <= (settings['endpointing.maxWaitMs'] ?? 0));
}

function pointOf(settings: TunePoint['settings'], outcomes: readonly Outcome[]): TunePoint {
  const delays = outcomes.flatMap(({ delayMs }) => (delayMs === undefined ? [] : [delayMs])).sort((a, b) => a - b);
  const cutOff = outcomes.length - delays.length;
  return {
    settings,
    cutOff,
    cutOffShare: cutOff / Math.max(1, outcomes.length),
    meanDelayMs: delays.reduce((sum, delay) => sum + delay, 0) / Math.max(1, delays.length),
    p95DelayMs: delays[Math.min(delays.length - 1, Math.ceil(0.95 * delays.length) - 1)] ?? 0,
  };
}

function frontier(points: readonly TunePoint[]): TunePoint[] {
  const curve: TunePoint[] = [];
  const sorted = [...points].sort((a, b) => a.cutOff - b.cutOff || a.meanDelayMs - b.meanDelayMs);
  for (const point of sorted) {
    const last = curve.at(-1);
    if (!last || (point.cutOff > last.cutOff && point.meanDelayMs < last.meanDelayMs)) curve.push(point);
  }
  return curve;
}

/** The fastest of those that cut off few enough; where none does, of those that cut off no more than the shipped one. */
function best(points: readonly TunePoint[], shipped: TunePoint, maxCutOffShare: number): TunePoint {
  const curve = frontier(points);
  const few = curve.filter(({ cutOffShare }) => cutOffShare <= maxCutOffShare);
  const among = few.length > 0 ? few : curve.filter(({ cutOff }) => cutOff <= shipped.cutOff);
  // Along the curve more are cut off, and the delay falls.
  return among.at(-1) ?? shipped;
}

function heldOut(
  judged: readonly number[],
  pointsOn: (indices: readonly number[]) => readonly TunePoint[],
  maxCutOffShare: number,
): TuneReport['heldOut'] {
  const halves = [judged.filter((_, n) => n % 2 === 0), judged.filter((_, n) => n % 2 === 1)] as const;
  let cutOff = 0;
  let delayMs = 0;
  let heard = 0;
  for (const [chosenOn, judgedOn] of [halves, [halves[1], halves[0]] as const]) {
    const points = pointsOn(chosenOn);
    const other = pointsOn(judgedOn);
    const [shipped] = points;
    const chosen = shipped && other[points.indexOf(best(points, shipped, maxCutOffShare))];
    if (!chosen) continue;
    cutOff += chosen.cutOff;
    delayMs += chosen.meanDelayMs * (judgedOn.length - chosen.cutOff);
    heard += judgedOn.length - chosen.cutOff;
  }
  return { cutOff, cutOffShare: cutOff / Math.max(1, judged.length), meanDelayMs: delayMs / Math.max(1, heard) };
}
