import { type CallTiming, frameMs } from './timing.js';

/** What the caller does in this step. */
export type FloorAction =
  | { readonly type: 'none' }
  /** Begin this file; whatever is left of the one before is dropped. */
  | { readonly type: 'play'; readonly index: number }
  /** The agent has taken the floor: leave the file's remaining room tone. */
  | { readonly type: 'cut' }
  | { readonly type: 'end' };

/** What can be heard and seen at one step of the call. */
export type FloorView = {
  readonly nowMs: number;
  /** The reply that is audible in this frame; null when the agent is silent. */
  readonly audible: string | null;
  /** Where within the frame its sound begins. */
  readonly audibleFromMs: number;
  /** A reply is being made or waits to be played. */
  readonly busy: boolean;
  /** The caller's channel is inside a file. */
  readonly inClip: boolean;
};

/**
 * How a turn went: `answered` to the end of the reply; `missed`, no reply in time; `cancelled`, the server took its
 * reply back and gave no other; `interrupted` by the next file; `unfinished`, the reply went on beyond our patience;
 * `open` when the call ended first.
 */
export type TurnOutcome = 'answered' | 'missed' | 'cancelled' | 'interrupted' | 'unfinished' | 'open';

export type FloorTurn = {
  readonly index: number;
  readonly startMs: number;
  /** End of the caller's speech in recording time. */
  readonly speechEndMs: number;
  outcome: TurnOutcome;
  /**
   * When the agent became audible with its answer: the first reply to be heard after the end of the caller's speech. It
   * may have begun before that. Null while there is none, and again when the server takes it back.
   */
  onsetMs: number | null;
  /** The agent was audible with a new reply before the caller had finished. */
  cutOff: boolean;
  /** When the rest of the file was cut. */
  cutMs: number | null;
};

export type FloorPlan = {
  /** Ends of speech, ms from the start of each file. */
  readonly speechEndsMs: readonly number[];
  /** The agent speaks first. */
  readonly greeting: boolean;
  /**
   * Start the next file over the agent's voice, this long after a reply became audible or in its next sound after that.
   * As a list, one delay for each turn whose answer is interrupted; the answers to turns behind its end are heard out.
   */
  readonly bargeInMs?: number | readonly number[];
  readonly timing: CallTiming;
};

export type Floor = {
  /** Turns so far, the current one last. */
  readonly turns: readonly FloorTurn[];
  /** The server has begun a reply; it belongs to the turn that is current now. */
  replyCreated(responseId: string): void;
  /** The server took a reply back; what was heard of it is no answer. */
  replyCancelled(responseId: string, nowMs: number): void;
  /** Decides one step. To be called with `nowMs` in order. */
  step(view: FloorView): FloorAction;
};

type Phase = { readonly name: 'greeting' | 'turn' | 'ended' } | { readonly name: 'pause'; readonly sinceMs: number };

const none: FloorAction = { type: 'none' };

/**
 * Decides when the caller speaks: the turn-taking of a polite person, or with `bargeInMs` of an impatient one. It is
 * told what is heard and when; it reads no clock and plays nothing itself.
 */
export function createFloor(plan: FloorPlan): Floor {
  const { timing } = plan;
  const turns: FloorTurn[] = [];
  /** Which turn each reply answers: -1 is the greeting. */
  const turnOfReply = new Map<string, number>();
  const cancelled = new Set<string>();
  /** Onsets of the replies to the current turn, and which of them were audible once the caller had finished. */
  let onsets = new Map<string, number>();
  let answers = new Set<string>();
  let phase: Phase = plan.greeting ? { name: 'greeting' } : { name: 'pause', sinceMs: 0 };
  let clipEndMs: number | null = null;
  let lastCancelMs = 0;
  let greetedMs: number | null = null;
  let lastAudibleMs = Number.NEGATIVE_INFINITY;
  let lastBusyMs = Number.NEGATIVE_INFINITY;

  const play = (nowMs: number): FloorAction => {
    const index = turns.length;
    const speechEndMs = plan.speechEndsMs[index];
    if (speechEndMs === undefined) {
      phase = { name: 'ended' };
      return { type: 'end' };
    }
    turns.push({
      index,
      startMs: nowMs,
      speechEndMs: nowMs + speechEndMs,
      outcome: 'open',
      onsetMs: null,
      cutOff: false,
      cutMs: null,
    });
    onsets = new Map();
    answers = new Set();
    clipEndMs = null;
    phase = { name: 'turn' };
    return { type: 'play', index };
  };

  const bargeInAfterMs = (index: number): number => {
    const { bargeInMs = Number.POSITIVE_INFINITY } = plan;
    return typeof bargeInMs === 'number' ? bargeInMs : (bargeInMs[index] ?? Number.POSITIVE_INFINITY);
  };

  const quietFor = (nowMs: number): number => nowMs - Math.max(lastAudibleMs, lastBusyMs);

  const close = (turn: FloorTurn, outcome: TurnOutcome, nowMs: number): FloorAction => {
    turn.outcome = outcome;
    const last = turn.index + 1 >= plan.speechEndsMs.length;
    // Who lost patience does not wait for silence either.
    if (last || outcome === 'unfinished') return play(nowMs);
    phase = { name: 'pause', sinceMs: nowMs };
    return none;
  };

  const updateOnset = (turn: FloorTurn): void => {
    const heard = [...answers].map((id) => onsets.get(id) ?? Number.POSITIVE_INFINITY);
    turn.onsetMs = heard.length > 0 ? Math.min(...heard) : null;
  };

  const hear = ({ nowMs, audible, audibleFromMs }: FloorView): void => {
    if (audible === null) return;
    lastAudibleMs = nowMs + frameMs;
    const turn = turns.at(-1);
    if (!turnOfReply.has(audible)) turnOfReply.set(audible, turns.length - 1);
    if (turnOfReply.get(audible) !== turns.length - 1) return;
    if (!turn) {
      greetedMs ??= nowMs;
      return;
    }
    if (cancelled.has(audible)) return;
    const soundMs = nowMs + audibleFromMs;
    if (!onsets.has(audible)) onsets.set(audible, soundMs);
    if (soundMs < turn.speechEndMs) {
      turn.cutOff = true;
    } else if (!answers.has(audible)) {
      answers.add(audible);
      updateOnset(turn);
    }
  };

  const stepGreeting = ({ nowMs }: FloorView): FloorAction => {
    const over =
      greetedMs === null
        ? nowMs >= timing.greetingBeginMs
        : quietFor(nowMs) >= timing.greetingSilenceMs || nowMs - greetedMs >= timing.replyFinishMs;
    return over ? play(nowMs) : none;
  };

  const stepTurn = (turn: FloorTurn, { nowMs, inClip, audible }: FloorView): FloorAction => {
    if (!inClip) clipEndMs ??= nowMs;
    const onset = turn.onsetMs;
    if (onset === null) {
      if (clipEndMs === null || nowMs - Math.max(clipEndMs, lastCancelMs) < timing.replyBeginMs) return none;
      const takenBack = [...turnOfReply].some(([id, index]) => index === turn.index && cancelled.has(id));
      return close(turn, takenBack ? 'cancelled' : 'missed', nowMs);
    }
    const hasNext = turn.index + 1 < plan.speechEndsMs.length;
    if (hasNext && audible !== null && nowMs - onset >= bargeInAfterMs(turn.index)) {
      turn.outcome = 'interrupted';
      return play(nowMs);
    }
    if (inClip) {
      if (nowMs < turn.speechEndMs || nowMs - onset < timing.cutAfterMs) return none;
      turn.cutMs = nowMs;
      clipEndMs = nowMs;
      return { type: 'cut' };
    }
    if (quietFor(nowMs) >= timing.replySilenceMs) return close(turn, 'answered', nowMs);
    return nowMs - Math.max(onset, clipEndMs ?? 0) >= timing.replyFinishMs ? close(turn, 'unfinished', nowMs) : none;
  };

  return {
    turns,
    replyCreated(responseId) {
      if (!turnOfReply.has(responseId)) turnOfReply.set(responseId, turns.length - 1);
    },
    replyCancelled(responseId, nowMs) {
      cancelled.add(responseId);
      const turn = turns.at(-1);
      if (!turn || !answers.delete(responseId)) return;
      lastCancelMs = nowMs;
      updateOnset(turn);
    },
    step(view) {
      if (view.busy) lastBusyMs = view.nowMs;
      hear(view);
      switch (phase.name) {
        case 'greeting':
          return stepGreeting(view);
        case 'pause': {
          const waitedMs = view.nowMs - phase.sinceMs;
          const quiet = quietFor(view.nowMs) >= Math.min(timing.pauseMs, timing.replySilenceMs);
          return (waitedMs >= timing.pauseMs && quiet) || waitedMs >= timing.replyFinishMs ? play(view.nowMs) : none;
        }
        case 'turn': {
          const turn = turns.at(-1);
          return turn ? stepTurn(turn, view) : none;
        }
        case 'ended':
          return { type: 'end' };
      }
    },
  };
}
