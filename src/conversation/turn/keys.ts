import { watchPause } from './dead-air.js';
import { forgetDraft } from './drafting.js';
import type { TurnCommand, TurnEvent } from './events.js';
import { armIdle, onClientRespond } from './replying.js';
import { quiet, type TurnState } from './state.js';
import { andThen, type Step, stay, step } from './step.js';
import { talkOf } from './talk-settings.js';
import { inPassage, noKeys, withTalk } from './talk-state.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;
type Moment = { readonly atMs: number; readonly seenMs: number };

/** Ends an entry, as it does on telephones. */
const lastKey = '#';

/** The caller presses a key: whoever does has heard enough, and more keys may follow. */
export function onKey(state: TurnState, event: Of<'key'>): Step {
  if (state.ending !== undefined) return stay(state);
  const { completeAfterMs, most } = talkOf(state.settings).keys;
  const before = state.talk.keys.complete ? '' : state.talk.keys.digits;
  const digits = before + event.digit;
  const complete = event.digit === lastKey || digits.length >= most;
  const pressed = withTalk(state, { keys: { digits, complete }, prompts: 0 });
  const timer: TurnCommand = complete
    ? { type: 'disarm', timer: 'keys' }
    : { type: 'arm', timer: 'keys', atSeenMs: event.seenMs + completeAfterMs };
  return andThen(yieldToKeys(pressed, event), (next) => step(next, timer));
}

function yieldToKeys(state: TurnState, { seenMs }: Moment): Step {
  const { agent, settings } = state;
  if (agent.phase === 'silent' || !settings.interruption.enabled || inPassage(state)) return stay(state);
  const silent: TurnState = { ...state, agent: { phase: 'silent' } };
  const stopped = step(silent, { type: 'stop', reply: agent.reply, why: 'interrupted' }, watchPause(silent, seenMs));
  return state.listening.phase === 'quiet' ? andThen(stopped, (next) => step(next, armIdle(next, seenMs))) : stopped;
}

/** No more keys come. */
export function onKeysComplete(state: TurnState): Step {
  const { digits } = state.talk.keys;
  return stay(digits === '' ? state : withTalk(state, { keys: { digits, complete: true } }));
}

/** Keys that are being entered hold up the answer to what was said before them. */
export function keysAwaited({ talk }: TurnState): boolean {
  return talk.keys.digits !== '';
}

/** Whether an entry is complete and the agent is free to take it. */
export function keysDue({ talk, agent, ended }: TurnState): boolean {
  return talk.keys.complete && agent.phase === 'silent' && !ended;
}

/** An entry is what the caller says: it is noted behind their words, and answered with them. */
export function takeKeys(state: TurnState, now: Moment): Step {
  const { listening, talk } = state;
  const text = `pressed ${[...talk.keys.digits].join(' ')}`;
  const taken = withTalk(state, { keys: noKeys });
  if (listening.phase === 'quiet') return noted(taken, text, now);
  if (listening.phase !== 'pause' || listening.transcript.status !== 'ready') {
    // What is being said is answered together with the keys, even if nothing can be made of it.
    const turn = state.nextTurn;
    const going: TurnState = { ...taken, nextTurn: turn + 1, listening: { ...listening, interrupted: true } };
    return step(going, { type: 'note', turn, text });
  }
  const { turn, revision, lastVoicedMs: speechEndMs, transcript } = listening;
  const because = 'keys followed';
  const words = step({ ...taken, listening: quiet }, ...forgetDraft(listening), {
    type: 'commit',
    turn,
    revision,
    text: transcript.text,
    reply: undefined,
    speechEndMs,
    because,
  });
  return andThen(words, (next) => noted(next, text, now));
}

function noted(state: TurnState, text: string, now: Moment): Step {
  const turn = state.nextTurn;
  const note = step({ ...state, nextTurn: turn + 1 }, { type: 'note', turn, text });
  return andThen(note, (next) =>
    next.settings.respond
      ? onClientRespond(next, { type: 'client-respond', ...now })
      : step(next, armIdle(next, now.seenMs)),
  );
}
