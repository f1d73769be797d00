import { armDeadAir, soundDueMs, stopWaiting, waitsFor } from './dead-air.js';
import { drafted, draftedLate, forgetDraft } from './drafting.js';
import type { TurnEvent } from './events.js';
import {
  floorReturns,
  floorYields,
  overlapBegins,
  overlapDips,
  overlapEnds,
  overlapHears,
  overlapLasts,
  overlapSaid,
  withoutEcho,
} from './interruption.js';
import { keysAwaited } from './keys.js';
import { murmur } from './murmuring.js';
import { addPause, learnPause, noPauses } from './pace.js';
import { endWithoutAnswer, reopen, reopensInPassing, saidBefore, wholeText } from './reopening.js';
import { answer, armIdle, say } from './replying.js';
import { type OpenTurn, type Pausing, quiet, type Speaking, type TurnState } from './state.js';
import { andThen, type Step, stay, step } from './step.js';
import { inPassage } from './talk-state.js';
import { looksMatter, mustGoOn, type WaitingCues, type WaitingTime, waitingTime } from './waiting-time.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;

/** A transcript this much shorter than the last partial has lost words to the decode, not to the caller. */
const shrunkenShare = 0.6;
/** What the end-of-turn model needs for an answer, on one core. */
const answerTakesMs = 70;

/** One window of caller audio: the only clock that endpointing knows. */
export function onWindow(state: TurnState, heard: Of<'window'>): Step {
  const event = withoutEcho(state, heard);
  const { startThreshold, stopThreshold } = state.settings.endpointing;
  if (state.settings.detection === 'manual' || state.ending !== undefined) return stay(state);
  const { listening } = state;
  switch (listening.phase) {
    case 'quiet':
      return event.probability >= startThreshold
        ? maybeOpen(state, event, listening.voicedMs)
        : stay({ ...state, listening: quiet });
    case 'speech':
      return event.probability >= stopThreshold
        ? goOnSpeaking(state, listening, event)
        : maybeSuspect(state, listening, event);
    case 'pause':
      return event.probability >= startThreshold
        ? maybeResume(state, listening, event)
        : andThen(
            andThen(stay({ ...state, listening: { ...listening, resumedMs: 0 } }), (next) => lookAgain(next, event)),
            (next) => wait(next, event),
          );
  }
}

function maybeOpen(state: TurnState, event: Of<'window'>, before: number): Step {
  const voicedMs = before + event.windowMs;
  if (voicedMs < state.settings.endpointing.startMs)
    // Lowering is undone as easily, and what has left cannot be lowered any more: it does not wait for the turn.
    return overlapBegins({ ...state, listening: { phase: 'quiet', voicedMs } }, event);
  const turn = state.nextTurn;
  const startMs = event.atMs - voicedMs;
  const listening: Speaking = {
    phase: 'speech',
    turn,
    revision: 0,
    startMs,
    lastVoicedMs: event.atMs,
    voicedMs,
    pauses: noPauses,
    lastPartial: '',
    interrupted: false,
  };
  const opened = step(
    { ...state, listening, nextTurn: turn + 1 },
    { type: 'open-turn', turn, startMs },
    { type: 'disarm', timer: 'idle' },
  );
  return andThen(opened, (next) => (next.overlap ? overlapLasts(next, event) : overlapBegins(next, event)));
}

function goOnSpeaking(state: TurnState, listening: Speaking, event: Of<'window'>): Step {
  const next: Speaking = { ...listening, lastVoicedMs: event.atMs, voicedMs: listening.voicedMs + event.windowMs };
  const speaking = { ...state, listening: next };
  return speaking.overlap ? overlapLasts(speaking, event) : overlapBegins(speaking, event);
}

function maybeSuspect(state: TurnState, listening: Speaking, event: Of<'window'>): Step {
  if (event.atMs - listening.lastVoicedMs < state.settings.endpointing.suspectMs)
    return overlapDips(state, event.seenMs);
  const answered = reopensInPassing(state, listening);
  if (answered)
    return andThen(reopen(state, listening, answered, event.seenMs), (next) =>
      suspect(next, { ...listening, interrupted: true }, event, false),
    );
  const ended = overlapEnds(state, listening, event.seenMs);
  return ended ?? suspect(state, listening, event, false);
}

type Moment = { readonly atMs: number; readonly seenMs: number };

function suspect(state: TurnState, open: OpenTurn, now: Moment, forced: boolean): Step {
  const { turn, startMs, lastVoicedMs, voicedMs, pauses, lastPartial, interrupted } = open;
  const revision = open.revision + 1;
  const listening: Pausing = {
    phase: 'pause',
    turn,
    revision,
    startMs,
    lastVoicedMs,
    voicedMs,
    pauses,
    lastPartial,
    interrupted,
    looks: [],
    looksAsked: 1,
    transcript: { status: 'asked', tries: 1 },
    resumedMs: 0,
    forced,
    silentSinceMs: now.seenMs - Math.max(0, now.atMs - lastVoicedMs),
  };
  const suspected: TurnState = { ...state, listening };
  // Whatever becomes of the engines that are asked now: the caller is not left in silence.
  const watched = state.settings.respond && state.agent.phase === 'silent';
  return step(
    suspected,
    { type: 'suspect-end', turn, revision, speechEndMs: lastVoicedMs },
    ...(watched ? [armDeadAir(soundDueMs(suspected, listening.silentSinceMs))] : []),
  );
}

function maybeResume(state: TurnState, listening: Pausing, event: Of<'window'>): Step {
  const resumedMs = listening.resumedMs + event.windowMs;
  if (resumedMs < state.settings.endpointing.startMs) return stay({ ...state, listening: { ...listening, resumedMs } });
  const { turn, revision, startMs, voicedMs, lastPartial, interrupted } = listening;
  const pauseMs = event.atMs - resumedMs - listening.lastVoicedMs;
  const speaking: Speaking = {
    phase: 'speech',
    turn,
    revision,
    startMs,
    lastVoicedMs: event.atMs,
    voicedMs: voicedMs + resumedMs,
    pauses: addPause(listening.pauses, pauseMs),
    lastPartial,
    interrupted,
  };
  const pace = learnPause(state.pace, pauseMs);
  const resumed = step(
    { ...state, listening: speaking, pace },
    { type: 'resume-turn', turn, revision },
    ...forgetDraft(listening),
  );
  return andThen(resumed, (next) => stopWaiting(next, turn, 'interrupted'));
}

/** How long the silence of a pause must last, as far as is known. @param text the words so far, where they are newer */
export function waitOfPause(state: TurnState, pausing: Pausing, text?: string): WaitingTime {
  return waitingTime(cuesOf(state, pausing, text), state.settings.endpointing);
}

function cuesOf(state: TurnState, pausing: Pausing, text?: string): WaitingCues {
  const { transcript, looks, voicedMs, pauses } = pausing;
  const frozen = transcript.status === 'ready' ? transcript.text : '';
  // Of a turn that was reopened, only the last stretch is known by its sound.
  const sound = saidBefore(state, pausing.turn) === '' ? { voicedMs, pauses } : undefined;
  const { expected, pace } = state;
  return { looks, wordsOver: pausing.wordsOver, text: text ?? frozen, expected, pace, sound };
}

/** A longer silence sounds different: the end-of-turn model is asked about it, if the answer can still matter. */
function lookAgain(state: TurnState, event: Moment): Step {
  const { listening } = state;
  if (listening.phase !== 'pause' || listening.forced) return stay(state);
  const { endpointing } = state.settings;
  const { looksAsked, looks, lastVoicedMs, turn, revision } = listening;
  const dueMs = endpointing.lookAgainMs[looksAsked - 1];
  const silenceMs = event.atMs - lastVoicedMs;
  if (dueMs === undefined || silenceMs < dueMs || looks.length < looksAsked) return stay(state);
  const cues = cuesOf(state, listening);
  const decidedInMs = waitingTime(cues, endpointing).waitMs - silenceMs;
  if (!looksMatter(cues, endpointing) || decidedInMs < answerTakesMs) return stay(state);
  return step(
    { ...state, listening: { ...listening, looksAsked: looksAsked + 1 } },
    { type: 'look-again', turn, revision, speechEndMs: lastVoicedMs },
  );
}

/** The silence has grown, or something that was awaited has come: is it enough? */
export function wait(state: TurnState, event: Moment): Step {
  const { listening } = state;
  if (listening.phase !== 'pause') return stay(state);
  const { retryMs } = state.settings.endpointing;
  const silenceMs = event.atMs - listening.lastVoicedMs;
  const { transcript, turn, revision } = listening;
  if (transcript.status === 'empty' && transcript.tries < 2 && (silenceMs >= retryMs || listening.forced))
    return step(
      { ...state, listening: { ...listening, transcript: { status: 'asked', tries: transcript.tries + 1 } } },
      { type: 'freeze-again', turn, revision },
    );
  if (transcript.status === 'asked' || inPassage(state) || keysAwaited(state)) return stay(state);
  const { waitMs, because } = waitOfPause(state, listening);
  if (!listening.forced && silenceMs < waitMs) return draftedLate(state, listening, silenceMs, waitMs);
  if (transcript.status === 'empty') return dropEmpty(state, listening, transcript.failed, event.seenMs);
  return answer(state, listening, transcript, listening.forced ? 'the client ended the turn' : because, event);
}

function dropEmpty(state: TurnState, listening: Pausing, failed: boolean, seenMs: number): Step {
  const { turn, interrupted, lastPartial } = listening;
  const waited = waitsFor(state.agent, turn) !== undefined;
  const end = endWithoutAnswer(state, listening, 'empty');
  const dropped = andThen(step({ ...state, listening: quiet }, end), (next) => stopWaiting(next, turn, 'failed'));
  if (dropped.state.agent.phase !== 'silent') return andThen(dropped, (next) => floorReturns(next, seenMs));
  // Either the agent was stopped for what proves to be noise, or words were said and are lost: silence now would be ours.
  if (waited || interrupted || failed || lastPartial !== '') return andThen(dropped, (next) => say(next, 'reprompt'));
  return andThen(dropped, (next) => step(next, armIdle(next, seenMs)));
}

export function onEndOfTurn(state: TurnState, event: Of<'end-of-turn'>): Step {
  const { listening } = state;
  if (listening.phase !== 'pause' || listening.turn !== event.turn || listening.revision !== event.revision)
    return stay(state);
  const { probability, decayDb, silenceMs = state.settings.endpointing.suspectMs } = event;
  if (listening.looks.some((look) => look.silenceMs === silenceMs)) return stay(state);
  const look = { silenceMs, probability, ...(decayDb === undefined ? {} : { decayDb }) };
  const looks = [...listening.looks, look].sort((a, b) => a.silenceMs - b.silenceMs);
  return andThen(murmur({ ...state, listening: { ...listening, looks } }, event), (next) => wait(next, event));
}

/** The words tell whether they are complete only to who understands them: later than the sound, and surer. */
export function onWordsRead(state: TurnState, event: Of<'words-read'>): Step {
  const { listening } = state;
  if (listening.phase !== 'pause' || listening.turn !== event.turn || listening.revision !== event.revision)
    return stay(state);
  return wait({ ...state, listening: { ...listening, wordsOver: event.probability } }, event);
}

export function onPartial(state: TurnState, event: Of<'partial'>): Step {
  const { listening } = state;
  if (listening.phase === 'quiet' || listening.turn !== event.turn) return stay(state);
  return overlapHears({ ...state, listening: { ...listening, lastPartial: event.text } }, event);
}

export function onFinal(state: TurnState, event: Of<'final'> | Of<'final-failed'>): Step {
  const { listening } = state;
  if (listening.phase !== 'pause' || listening.turn !== event.turn || listening.revision !== event.revision)
    return stay(state);
  if (listening.transcript.status !== 'asked') return stay(state);
  const { tries } = listening.transcript;
  const failed = event.type === 'final-failed';
  const stretch = event.type === 'final' ? event.text : '';
  // Where the client ends the turn, what was said is meant.
  const said = listening.forced ? undefined : overlapSaid(state, listening, stretch, event.seenMs);
  if (said) return said;
  if (state.overlap && !listening.forced)
    return andThen(floorYields(state, event.seenMs), (next) => onFinal({ ...next, overlap: undefined }, event));
  const shrunken = stretch.length < listening.lastPartial.length * shrunkenShare;
  // A turn that was reopened has words, whatever made a sound after them.
  const wordless = stretch === '' && saidBefore(state, event.turn) === '';
  if (wordless || ((shrunken || failed) && tries < 2)) {
    const empty: Pausing = { ...listening, transcript: { status: 'empty', tries, failed } };
    return wait({ ...state, listening: empty }, event);
  }
  const queueMs = event.type === 'final' ? event.queueMs : undefined;
  const text = wholeText(state, event.turn, stretch);
  const unlikely = mustGoOn(cuesOf(state, listening, text));
  return andThen(drafted(state, listening, text, { queueMs, unlikely }), (next) => wait(next, event));
}

/** The client ends the turn itself. */
export function onClientCommit(state: TurnState, event: Of<'client-commit'>): Step {
  const { listening } = state;
  // A goodbye is not interrupted.
  if (state.ending !== undefined) return stay(state);
  if (listening.phase === 'pause') return wait({ ...state, listening: { ...listening, forced: true } }, event);
  if (listening.phase === 'speech') return suspect(state, { ...listening, lastVoicedMs: event.atMs }, event, true);
  const turn = state.nextTurn;
  const startMs = event.bufferStartMs;
  const open: OpenTurn = {
    turn,
    revision: 0,
    startMs,
    lastVoicedMs: event.atMs,
    voicedMs: 0,
    pauses: noPauses,
    lastPartial: '',
    interrupted: false,
  };
  const opened = step(
    { ...state, nextTurn: turn + 1 },
    { type: 'open-turn', turn, startMs },
    { type: 'disarm', timer: 'idle' },
  );
  return andThen(opened, (next) => suspect(next, open, event, true));
}

/** The client takes back what was said: whoever had the floor before has it again. */
export function onClientClear(state: TurnState, event: Of<'client-clear'>): Step {
  if (state.listening.phase === 'quiet') return stay(state);
  return andThen(clearTurn(state), (next) => {
    if (next.agent.phase === 'silent') return step(next, armIdle(next, event.seenMs));
    return floorReturns(next, event.seenMs);
  });
}

/** What was said since the last turn is not meant. */
export function clearTurn(state: TurnState): Step {
  const { listening } = state;
  if (listening.phase === 'quiet') return stay(state);
  const discard = listening.phase === 'pause' ? forgetDraft(listening) : [];
  const { turn } = listening;
  const end = endWithoutAnswer(state, listening, 'cleared');
  const cleared = step({ ...state, listening: quiet }, ...discard, end);
  return andThen(cleared, (next) => stopWaiting(next, turn, 'cancelled'));
}
