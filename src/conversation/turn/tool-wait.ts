import { armDeadAir, soundDueMs } from './dead-air.js';
import type { TurnState } from './state.js';
import { type Step, step } from './step.js';
import { withTalk } from './talk-state.js';

/** What the agent has called is being carried out: the caller is not left in silence meanwhile, nor asked to speak. */
export function waitForTool(state: TurnState, seenMs: number): Step {
  const waiting = withTalk(state, { tool: { fillers: 0 } });
  return step(waiting, { type: 'disarm', timer: 'idle' }, armDeadAir(soundDueMs(state, seenMs)));
}

/** The wait goes on behind what was said to bridge it. */
export function waitOn(state: TurnState, seenMs: number): Step {
  return step(state, armDeadAir(soundDueMs(state, seenMs)));
}

/** It is answered, or the caller has said something else. */
export function noToolWait<S extends TurnState>(state: S): S {
  return state.talk.tool ? withTalk(state, { tool: undefined }) : state;
}
