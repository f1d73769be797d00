import { shareOfOurs } from '../listen/own-words.js';
import { yieldsAfterMs } from './collision.js';
import { watchPause } from './dead-air.js';
import type { TurnCommand, TurnEvent } from './events.js';
import { heardMore, noSound } from './overlap-sound.js';
import { speakerOf } from './overlap-speaker.js';
import { saysMuch, verdictOn, wordsCount, worthWords } from './overlap-verdict.js';
import { beginsWithStop, differentWords, type OverlapMeaning, overlapMeaning } from './overlap-words.js';
import { endWithoutAnswer, reopen, reopens } from './reopening.js';
import type { InterruptionSettings, TurnSettings } from './settings.js';
import { type OpenTurn, type Overlap, quiet, type TurnState } from './state.js';
import { andThen, type Step, stay, step } from './step.js';
import { type AnsweredTurn, inPassage } from './talk-state.js';

type Window = Extract<TurnEvent, { type: 'window' }>;
type Partial = Extract<TurnEvent, { type: 'partial' }>;

/** Words of which this share are the agent's own are its echo. */
const oursFrom = 0.6;
/**
 * A recogniser makes any words of short sounds ("uh-huh" is "if I", "mm-hm" is "this is"): one or two that are over so soon
 * and do not begin with a stop word are taken for the sound of a listener.
 */
const fewWords = 2;
const fewWordsMs = 448;
/** A listener who makes no more sound than this may have been misheard. */
const mishearsMs = 608;
/** A stop word has mostly begun within this much speech: its words are asked for twice as often. */
const youngMs = 384;
/** Later than this the words are known, and how they began does not count any more. */
const beginsWithinMs = 512;
/** After a silence no longer than this a phrase goes on where it was. */
const unbrokenMs = 160;

/** Our own sound that comes back with the caller's audio is nobody speaking. */
export function withoutEcho(state: TurnState, event: Window): Window {
  const { overlap } = event;
  const { foreignShare } = state.settings.interruption;
  // Speech that has begun may be covered by our own in places.
  const least = state.listening.phase === 'speech' ? foreignShare / 2 : foreignShare;
  if (!overlap || overlap.foreign >= least) return event;
  return { ...event, probability: 0 };
}

/** The caller seems to speak over the agent: it is lowered at once; what it means is decided later. */
export function overlapBegins(state: TurnState, event: Window): Step {
  const { agent, overlap } = state;
  if (!interruptible(state) || agent.phase === 'silent' || overlap) return stay(state);
  const begun: Overlap = {
    ...heardMore(noSound, event),
    reply: agent.reply,
    meaning: 'none',
    words: 0,
    worded: false,
    stopBegun: false,
    loweredMs: event.seenMs,
    pausedMs: undefined,
  };
  return step(
    { ...state, overlap: begun, agent: { ...agent, lowered: true } },
    { type: 'lower', reply: agent.reply },
    { type: 'arm', timer: 'overlap', atSeenMs: event.seenMs + state.settings.interruption.maxLoweredMs },
  );
}

/** The caller keeps speaking over the agent. */
export function overlapLasts(state: TurnState, event: Window): Step {
  const { overlap, listening, settings } = state;
  if (!overlap || listening.phase !== 'speech') return stay(state);
  const longer: Overlap = { ...overlap, ...heardMore(overlap, event) };
  // What falls silent is whole, if it was short.
  const ends = longer.fading && !overlap.fading && worthWords(longer, settings.interruption);
  const lasting = step(
    { ...state, overlap: longer },
    ...(looksBy(longer.speechMs, settings.interruption) > looksBy(overlap.speechMs, settings.interruption) || ends
      ? [{ type: 'look', turn: listening.turn } as const]
      : []),
  );
  return andThen(lasting, (next) => decide(next, event.seenMs));
}

/** How often the words are asked for in so much speech: while it is young, twice as often. */
function looksBy(speechMs: number, { lookMs }: InterruptionSettings): number {
  const young = Math.floor((2 * Math.min(speechMs, youngMs)) / lookMs) - 1;
  return Math.max(0, young) + Math.floor(Math.max(0, speechMs - youngMs) / lookMs);
}

/**
 * The caller falls silent over the agent, perhaps for an instant only. An agent that has just fallen silent for so little
 * goes on, unless that is known to have been more than a sign of listening.
 */
export function overlapDips(state: TurnState, seenMs: number): Step {
  const { overlap } = state;
  if (!overlap) return stay(state);
  const dips = { ...state, overlap: { ...overlap, fading: true } };
  const { pausedMs, worded, stopBegun, speechMs } = overlap;
  const short = pausedMs !== undefined && !worded && !stopBegun && speechMs < mishearsMs;
  return short ? comesBack(dips, seenMs) : stay(dips);
}

/** Words of the overlap have come. */
export function overlapHears(state: TurnState, event: Partial): Step {
  const { overlap, settings } = state;
  if (!overlap) return stay(state);
  const echo = (event.ours ?? 0) >= oursFrom;
  const meaning = echo ? 'none' : meaningOf(overlap, event.text, settings.interruption);
  const words = echo ? 0 : differentWords(event.text).length;
  const worded = overlap.worded || meaning === 'speech';
  const stopBegun =
    meaning !== 'backchannel' && (overlap.stopBegun || (!echo && soundsLikeStop(overlap, event, settings)));
  return decide({ ...state, overlap: { ...overlap, meaning, words, worded, stopBegun } }, event.seenMs);
}

function soundsLikeStop({ speechMs }: Overlap, { beginnings = [] }: Partial, { interruption }: TurnSettings): boolean {
  return speechMs <= beginsWithinMs && beginsWithStop(beginnings, interruption.language);
}

function meaningOf({ speechMs }: Overlap, text: string, { language }: InterruptionSettings): OverlapMeaning {
  return overlapMeaning(text, language, { misheard: speechMs < mishearsMs });
}

function decide(state: TurnState, seenMs: number): Step {
  const { overlap, agent, settings } = state;
  if (!overlap || agent.phase === 'silent') return stay(state);
  const bars = whereBothBegan(state, settings.interruption);
  switch (verdictOn(overlap, { audible: agent.phase === 'speaking' }, bars)) {
    case 'undecided':
      // As more of it is heard, it may turn out to be somebody else in the room.
      return speakerOf(overlap, bars) === 'background' && overlap.pausedMs !== undefined
        ? comesBack(state, seenMs)
        : stay(state);
    case 'backchannel':
      return comesBack(state, seenMs);
    case 'interruption':
      // What goes on with the turn before it needs no words to be meant.
      if (agent.phase === 'speaking' && !wordsCount(overlap, bars) && !goesOnWith(state))
        return overlap.fading ? stay(state) : pauses(state, overlap, settings.interruption.wordEndMs, seenMs);
      return yields(state, agent.reply, settings.interruption.wordEndMs, seenMs);
    case 'stop-begun':
      return pauses(state, overlap, 0, seenMs);
    case 'stop-word':
      return yields(state, agent.reply, 0, seenMs);
  }
}

/** When both began at once, neither knew of the other: it takes less to stop the agent. */
function whereBothBegan({ listening, ...state }: TurnState, settings: InterruptionSettings): InterruptionSettings {
  if (listening.phase === 'quiet') return settings;
  const afterMs = yieldsAfterMs({ ...state, listening }, listening);
  if (afterMs === settings.afterMs) return settings;
  return { ...settings, afterMs, wordsAfterMs: Math.min(settings.wordsAfterMs, afterMs) };
}

function yields(state: TurnState, reply: number, withinMs: number, seenMs: number): Step {
  const { listening } = state;
  const answered = goesOnWith(state);
  if (answered && listening.phase !== 'quiet')
    return andThen(reopen(state, listening, answered, seenMs), (next) => settleOverlap(next, seenMs));
  const interrupted = listening.phase === 'quiet' ? listening : { ...listening, interrupted: true };
  const silent: TurnState = { ...state, listening: interrupted, overlap: undefined, agent: { phase: 'silent' } };
  return step(
    silent,
    { type: 'stop', reply, why: 'interrupted', ...(withinMs > 0 ? { withinMs } : {}) },
    ...(state.overlap?.loweredMs === undefined ? [] : [disarmOverlap]),
    watchPause(silent, seenMs),
  );
}

function goesOnWith(state: TurnState): AnsweredTurn | undefined {
  return state.listening.phase === 'quiet' ? undefined : reopens(state, state.listening);
}

/** Somebody speaks, and the words are not there yet: the agent falls silent, and can still go on. */
function pauses(state: TurnState, overlap: Overlap, withinMs: number, seenMs: number): Step {
  if (overlap.pausedMs !== undefined || state.agent.phase === 'silent') return stay(state);
  const { maxPausedMs } = state.settings.interruption;
  return step(
    {
      ...state,
      agent: { ...state.agent, lowered: true },
      overlap: { ...overlap, pausedMs: seenMs, loweredMs: overlap.loweredMs ?? seenMs },
    },
    { type: 'pause', reply: overlap.reply, withinMs },
    { type: 'arm', timer: 'overlap', atSeenMs: seenMs + maxPausedMs },
  );
}

/** The overlap goes on, and the agent has its level back: it has been lowered for long enough, or need not be. */
function comesBack(state: TurnState, seenMs: number): Step {
  const { agent, overlap } = state;
  if (agent.phase === 'silent' || !agent.lowered) return stay(state);
  return step(
    {
      ...state,
      agent: { ...agent, lowered: false },
      overlap: overlap && { ...overlap, loweredMs: undefined, pausedMs: undefined },
    },
    restoring(state, agent.reply, seenMs),
    disarmOverlap,
  );
}

/** The time for a decision is over. */
export function onOverlapTimer(state: TurnState, seenMs: number): Step {
  const { overlap, listening, agent } = state;
  // Whoever has talked for that long over a silent agent has the floor, whatever the words are.
  if (overlap?.pausedMs !== undefined && listening.phase === 'speech' && agent.phase !== 'silent')
    return yields(state, agent.reply, 0, seenMs);
  return comesBack(state, seenMs);
}

/** The caller stopped before anything was decided. */
export function overlapEnds(state: TurnState, open: OpenTurn, seenMs: number): Step | undefined {
  const { agent, overlap } = state;
  const { enabled, afterMs } = state.settings.interruption;
  if (agent.phase === 'silent') return undefined;
  // Speech that was no overlap was said over a passage: what would have been an interruption is answered after that.
  if (enabled && open.voicedMs - (overlap?.speechMs ?? 0) >= afterMs) return undefined;
  if (overlap && (overlap.pausedMs !== undefined || worthWords(overlap, state.settings.interruption))) return undefined;
  return andThen(step({ ...state, listening: quiet }, endWithoutAnswer(state, open, 'backchannel')), (next) =>
    floorReturns(next, seenMs),
  );
}

/** All words of an overlap that has ended: undefined when they take the floor, and the turn goes on as any other. */
export function overlapSaid(state: TurnState, open: OpenTurn, text: string, seenMs: number): Step | undefined {
  const { overlap, settings } = state;
  if (!overlap || state.agent.phase === 'silent') return undefined;
  const meaning = isEcho(overlap, open, text) ? 'none' : meaningOf(overlap, text, settings.interruption);
  const words = differentWords(text).length;
  const speaker = speakerOf(overlap, settings.interruption);
  const heard = speaker === 'caller' || (speaker === 'quiet-caller' && saysMuch({ ...overlap, meaning, words }));
  if (meaning === 'stop' && heard) return undefined;
  const short = !overlap.stopBegun && open.voicedMs < fewWordsMs && words <= fewWords;
  if (meaning === 'speech' && heard && !short) return undefined;
  const why = meaning === 'none' ? 'empty' : 'backchannel';
  return andThen(step({ ...state, listening: quiet }, endWithoutAnswer(state, open, why)), (next) =>
    floorReturns(next, seenMs),
  );
}

/** The words so far were the agent's own, and there are hardly any others now. */
function isEcho({ meaning }: Overlap, { lastPartial }: OpenTurn, text: string): boolean {
  return meaning === 'none' && (shareOfOurs(text, [lastPartial]) ?? 0) >= oursFrom;
}

/** Words have taken the floor: the agent stops. */
export function floorYields(state: TurnState, seenMs: number): Step {
  const { agent, overlap } = state;
  return overlap && agent.phase !== 'silent' ? yields(state, agent.reply, 0, seenMs) : stay(state);
}

/** The overlap is over: an agent that was lowered comes back. */
export function floorReturns(state: TurnState, seenMs: number): Step {
  return andThen(comesBack(state, seenMs), (next) => stay({ ...next, overlap: undefined }));
}

/**
 * Whatever has happened: no overlap outlives the reply or the speech that it was of, and nothing stays lowered without
 * one.
 */
export function settleOverlap(state: TurnState, seenMs: number): Step {
  const { overlap, agent, listening } = state;
  if (agent.phase !== 'silent' && overlap?.reply === agent.reply) {
    const heard = listening.phase !== 'quiet' || listening.voicedMs > 0;
    return heard && interruptible(state) ? stay(state) : floorReturns(state, seenMs);
  }
  if (!overlap) return stay(state);
  const over: TurnState = { ...state, overlap: undefined };
  return overlap.loweredMs === undefined ? stay(over) : step(over, disarmOverlap);
}

const disarmOverlap: TurnCommand = { type: 'disarm', timer: 'overlap' };

/** An agent that was quiet for longer than a backchannel takes begins its phrase again. */
function restoring(state: TurnState, reply: number, seenMs: number): TurnCommand {
  const { overlap, agent, settings } = state;
  const quietMs = overlap?.loweredMs === undefined ? 0 : seenMs - overlap.loweredMs;
  const long = quietMs > settings.interruption.maxLoweredMs;
  const broken = overlap?.pausedMs !== undefined && seenMs - overlap.pausedMs > unbrokenMs;
  const again = agent.phase === 'speaking' && (long || broken);
  return { type: 'restore', reply, ...(again ? { again } : {}) };
}

/** A goodbye is not interrupted: the call is over. Nor is a passage that is to be heard to its end. */
function interruptible(state: TurnState): boolean {
  return state.settings.interruption.enabled && state.ending === undefined && !inPassage(state);
}
