import { toneWord } from '../tone-words.js';
import { audibleSpan, type CallerLine } from './caller-lines.js';
import { actionOf, type Scenario, type ScenarioStep, wantsAnswer } from './scenario-schema.js';

/** What can be heard and seen at one step of the call. */
export type DirectorView = {
  readonly nowMs: number;
  /** The agent is audible in the last 20 ms. */
  readonly audible: boolean;
  /** A reply is being made, or waits to be played. */
  readonly busy: boolean;
  /** The other side has ended the call. */
  readonly ended: boolean;
  /** Words of the agent that have begun to be heard, all of the call. */
  readonly words: readonly { readonly text: string; readonly atMs: number }[];
};

export type DirectorAction =
  /** Begin with this line now. */
  | { readonly type: 'speak'; readonly line: CallerLine; readonly place: number }
  | { readonly type: 'keys'; readonly keys: string }
  | { readonly type: 'end' };

/** What became of one step. A step of a scenario that repeats its steps has one for each time. */
export type StepMark = {
  /** Index in the scenario. */
  readonly step: number;
  beganMs: number;
  /** The end of what the caller says or does in it. */
  endedMs: number;
  /** What was waited for in vain; undefined where all went on. */
  stuck: string | undefined;
};

/** The caller's patience. All of it counts in recording time. */
export type DirectorTiming = {
  /** A reply is over when the agent has been silent for so long. @defaultValue 700 */
  readonly replySilenceMs: number;
  /** From the end of a reply to the caller's next words. @defaultValue 300 */
  readonly pauseMs: number;
  /** No answer within this is none. @defaultValue 8000 */
  readonly answerMs: number;
  /** What a step waits for must come within this. @defaultValue 15000 */
  readonly triggerMs: number;
  /** A reply that goes on for longer is not waited for. @defaultValue 45000 */
  readonly longestReplyMs: number;
  /** How long the absence of an event is looked for where a scenario does not say. @defaultValue 2000 */
  readonly absenceMs: number;
};

export const defaultDirectorTiming: DirectorTiming = {
  replySilenceMs: 700,
  pauseMs: 300,
  answerMs: 8_000,
  triggerMs: 15_000,
  longestReplyMs: 45_000,
  absenceMs: 2_000,
};

/** A key of a telephone and the gap behind it. */
export const keyMs = 200;
/** An agent that is spoken to after it has stopped has been silent for at least so long. */
const stoppedMs = 300;

export type Director = {
  /** One for each step that has begun. */
  readonly marks: readonly StepMark[];
  /** Decides one step of the call. To be called with `nowMs` in order. */
  step(view: DirectorView): readonly DirectorAction[];
};

/**
 * Decides what the caller does and when: polite by default, otherwise as each step says. It is told what is heard; it reads no
 * clock and plays nothing itself, so that real and virtual calls are directed alike.
 */
export function createDirector(
  scenario: Scenario,
  lines: readonly CallerLine[],
  timing: DirectorTiming = defaultDirectorTiming,
): Director {
  const marks: StepMark[] = [];
  const total = scenario.steps.length * scenario.repeat;
  let place = 0;
  let begun = false;
  let currentSinceMs = 0;
  /** End of the last words that want an answer. */
  let turnEndMs = 0;
  let awaiting = scenario.agent.greeting !== undefined;
  let answerMs: number | undefined = awaiting ? timing.triggerMs : undefined;
  /** When the agent became audible after that. */
  let agentSinceMs: number | undefined;
  let lastSoundMs = Number.NEGATIVE_INFINITY;
  let lastBusyMs = Number.NEGATIVE_INFINITY;
  let ownEndMs = 0;
  let holdMs = 0;
  let backchannels = 0;
  let over = false;

  const stepAt = (at: number): ScenarioStep | undefined =>
    at < total ? scenario.steps[at % scenario.steps.length] : undefined;

  const hear = ({ nowMs, audible, busy }: DirectorView): void => {
    if (busy) lastBusyMs = nowMs;
    if (!audible) return;
    lastSoundMs = nowMs;
    if (nowMs >= turnEndMs) agentSinceMs ??= nowMs;
  };

  const quietMs = (nowMs: number): number => nowMs - Math.max(lastSoundMs, lastBusyMs);

  const markOf = (nowMs: number): StepMark => {
    const mark = marks[place] ?? {
      step: place % scenario.steps.length,
      beganMs: nowMs,
      endedMs: nowMs,
      stuck: undefined,
    };
    marks[place] = mark;
    return mark;
  };

  /** What is waited for does not come: that is noted, and the caller goes on. The end of the call is no step. */
  const stick = (why: string, nowMs: number): void => {
    const mark = place < total ? markOf(nowMs) : marks.at(-1);
    if (mark) mark.stuck ??= why;
  };

  /** What a polite caller waits for: the answer is over, or none has come. */
  const politely = ({ nowMs }: DirectorView): boolean => {
    if (nowMs < Math.max(ownEndMs + holdMs, timing.pauseMs)) return false;
    const answered = awaiting && agentSinceMs !== undefined;
    const neededMs = answered ? timing.replySilenceMs + timing.pauseMs : stoppedMs;
    const unanswered = awaiting && !answered && nowMs - turnEndMs < (answerMs ?? timing.answerMs);
    if (unanswered) return false;
    if (quietMs(nowMs) >= neededMs) return true;
    if (nowMs - Math.max(ownEndMs + holdMs, agentSinceMs ?? 0) < timing.longestReplyMs) return false;
    stick('the agent did not finish', nowMs);
    return true;
  };

  const triggered = (step: ScenarioStep, view: DirectorView): boolean => {
    const { nowMs, audible } = view;
    const { send_after: after } = step;
    if (!after) return politely(view);
    const due = (sinceMs: number | undefined): boolean => sinceMs !== undefined && nowMs >= sinceMs + after.delay_ms;
    switch (after.event) {
      case 'call_starts':
        return due(0);
      case 'caller_stops':
        return due(ownEndMs);
      case 'agent_starts':
        return audible && due(agentSinceMs);
      case 'agent_word':
        return audible && due(wordMs(view, after.word));
      case 'agent_stops':
        return agentSinceMs !== undefined && quietMs(nowMs) >= stoppedMs && due(lastSoundMs);
    }
  };

  const wordMs = ({ words }: DirectorView, wanted: number | string | undefined): number | undefined => {
    const since = words.filter(({ atMs }) => atMs >= turnEndMs);
    if (typeof wanted === 'number') return since[wanted - 1]?.atMs;
    return since.find(({ text }) => toneWord(text) === toneWord(wanted ?? ''))?.atMs;
  };

  const speak = (line: CallerLine, nowMs: number): DirectorAction => {
    ownEndMs = nowMs + audibleSpan(line.sound).endMs;
    markOf(nowMs).endedMs = ownEndMs;
    return { type: 'speak', line, place };
  };

  /** The step begins. */
  const begin = (step: ScenarioStep, nowMs: number): readonly DirectorAction[] => {
    begun = true;
    const mark = markOf(nowMs);
    mark.beganMs = mark.endedMs = nowMs;
    if (step.hang_up) {
      over = true;
      return [{ type: 'end' }];
    }
    if (step.dtmf) {
      ownEndMs = mark.endedMs = nowMs + step.dtmf.length * keyMs;
      return [{ type: 'keys', keys: step.dtmf }];
    }
    const [line] = linesOf(place);
    if (!line || step.backchannels) {
      ownEndMs = nowMs;
      return [];
    }
    const action = speak(line, nowMs);
    mark.beganMs = nowMs + audibleSpan(line.sound).startMs;
    if (line.role === 'turn') {
      turnEndMs = ownEndMs;
      agentSinceMs = undefined;
      awaiting = wantsAnswer(step);
      answerMs = Math.max(timing.answerMs, ...(step.expect ?? []).map(({ within_ms: ms }) => ms ?? 0));
    }
    return [action];
  };

  const linesOf = (at: number): CallerLine[] => lines.filter(({ step }) => step === at % scenario.steps.length);

  /** The step has begun: goes on with it. @returns whether it is over */
  const goOn = (step: ScenarioStep, view: DirectorView, actions: DirectorAction[]): boolean => {
    const { nowMs } = view;
    const { beganMs } = markOf(nowMs);
    const sinceMs = nowMs - beganMs;
    switch (actionOf(step)) {
      case 'silence':
        if (sinceMs < (step.silence ?? 0)) return false;
        ownEndMs = beganMs;
        return true;
      case 'wait_for':
        return waited(step, view, sinceMs);
      case 'backchannels':
        return backchannelled(step, view, sinceMs, actions);
      default:
        return nowMs >= ownEndMs;
    }
  };

  const waited = (step: ScenarioStep, view: DirectorView, sinceMs: number): boolean => {
    const event = step.wait_for?.event;
    const reached =
      event === 'agent_starts'
        ? agentSinceMs !== undefined
        : event === 'agent_stops' && agentSinceMs !== undefined && quietMs(view.nowMs) >= timing.replySilenceMs;
    if (!reached && sinceMs < (step.wait_for?.within_ms ?? 0)) return false;
    if (!reached) stick(`${event} did not come`, view.nowMs);
    return true;
  };

  const backchannelled = (
    step: ScenarioStep,
    { nowMs, audible }: DirectorView,
    sinceMs: number,
    actions: DirectorAction[],
  ): boolean => {
    const { every_ms: everyMs = 0, most = 0 } = step.backchannels ?? {};
    if (agentSinceMs === undefined) {
      if (sinceMs < timing.triggerMs) return false;
      stick('the agent did not begin to speak', nowMs);
      return true;
    }
    if (nowMs < ownEndMs) return false;
    if (quietMs(nowMs) >= timing.replySilenceMs) return true;
    const choice = linesOf(place);
    const line = choice[backchannels % choice.length];
    const dueMs = Math.max(agentSinceMs, markOf(nowMs).beganMs) + (backchannels + 1) * everyMs;
    if (line && audible && nowMs >= dueMs && backchannels < most) {
      backchannels += 1;
      actions.push(speak(line, nowMs));
    }
    return false;
  };

  const finish = (step: ScenarioStep, nowMs: number): void => {
    holdMs = holdOf(step, timing);
    place += 1;
    begun = false;
    backchannels = 0;
    currentSinceMs = nowMs;
  };

  return {
    marks,
    step(view) {
      if (over) return [];
      hear(view);
      const { nowMs } = view;
      const actions: DirectorAction[] = [];
      if (view.ended) {
        over = true;
        return [{ type: 'end' }];
      }
      for (;;) {
        const step = stepAt(place);
        if (!step) {
          if (!politely(view)) return actions;
          over = true;
          return [...actions, { type: 'end' }];
        }
        if (!begun) {
          const { send_after: after } = step;
          const immediate = (step.wait_for || step.backchannels) && !after;
          if (!immediate && !triggered(step, view)) {
            const patienceMs = timing.triggerMs + (after?.delay_ms ?? 0);
            if (!after || nowMs - Math.max(currentSinceMs, turnEndMs) < patienceMs) return actions;
            stick(`${after.event} did not come`, nowMs);
          }
          actions.push(...begin(step, nowMs));
          if (over) return actions;
        }
        if (!goOn(step, view, actions)) return actions;
        finish(step, nowMs);
      }
    },
  };
}

/** How long after a step must be looked before what it expects can be judged. */
function holdOf(step: ScenarioStep, timing: DirectorTiming): number {
  const waits = (step.expect ?? []).map(({ event, absent, within_ms: within }) => {
    if (event === undefined) return 0;
    if (absent) return within ?? timing.absenceMs;
    return wantsAnswer(step) && event === 'agent_starts' ? 0 : (within ?? 0);
  });
  return Math.max(0, ...waits);
}
