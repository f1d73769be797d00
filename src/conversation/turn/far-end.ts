import { armDeadAir, soundDueMs, watchPause } from './dead-air.js';
import type { TimerName, TurnCommand, TurnEvent } from './events.js';
import { armIdle } from './replying.js';
import type { TurnState } from './state.js';
import { type Step, stay, step } from './step.js';
import { withTalk } from './talk-state.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;

/** Nothing is said to a far end that cannot be reached; what was being said goes on when it is back. */
export function onFarEnd(state: TurnState, { reachable, seenMs, lostMs }: Of<'far-end'>): Step {
  if (reachable !== state.talk.away) return stay(state);
  const next = withTalk(state, { away: !reachable });
  if (!reachable) return step(next, { type: 'hold-output' });
  return step(next, { type: 'release-output', ...(lostMs === undefined ? {} : { lostMs }) }, ...watched(next, seenMs));
}

/** The far end has been silent for no reason of its own: every wait begins anew. */
function watched(state: TurnState, seenMs: number): readonly TurnCommand[] {
  const { agent, listening } = state;
  if (agent.phase === 'silent')
    return listening.phase === 'quiet' ? [armIdle(state, seenMs)] : [watchPause(state, seenMs)];
  const waits = agent.source.kind !== 'phrase' && (agent.phase === 'preparing' || agent.dry);
  return waits ? [armDeadAir(soundDueMs(state, seenMs))] : [];
}

/** Nobody hears a filler or a prompt: the timer goes on until somebody does. */
export function putOff(state: TurnState, timer: Extract<TimerName, 'dead-air' | 'idle'>, seenMs: number): Step {
  return step(state, { type: 'arm', timer, atSeenMs: seenMs + state.settings.silence.maxSilenceMs });
}
