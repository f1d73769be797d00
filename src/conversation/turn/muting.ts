import type { TurnEvent } from './events.js';
import { armIdle } from './replying.js';
import type { TurnState } from './state.js';
import { type Step, stay, step } from './step.js';
import { withTalk } from './talk-state.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;

/**
 * The caller is muted: from now on there is silence, and what they said before ends as it does in any silence. Whoever is
 * muted is not asked to speak.
 */
export function onMute(state: TurnState, { muted, seenMs }: Of<'mute'>): Step {
  return muted === state.talk.muted ? stay(state) : rearmed(withTalk(state, { muted }), seenMs);
}

/** Whether the agent writes from now on: whoever reads is not asked to speak. */
export function onWritten(state: TurnState, { written, seenMs }: Of<'written'>): Step {
  return written === state.talk.written ? stay(state) : rearmed(withTalk(state, { written }), seenMs);
}

function rearmed(state: TurnState, seenMs: number): Step {
  const waiting = state.listening.phase === 'quiet' && state.agent.phase === 'silent';
  return waiting ? step(state, armIdle(state, seenMs)) : stay(state);
}
