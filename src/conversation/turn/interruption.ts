import { yieldsAfterMs } from './collision.js';
import { endWithoutAnswer, reopen, reopens } from './reopening.js';
import { type OpenTurn, quiet, type Speaking, type TurnState } from './state.js';
import { type Step, stay, step } from './step.js';
import { inPassage } from './talk-state.js';

/** The caller has begun to speak. Over the agent, the agent is lowered at once; what it means is decided later. */
export function overlapBegins(state: TurnState): Step {
  const { agent } = state;
  if (!interruptible(state) || agent.phase === 'silent') return stay(state);
  return step({ ...state, agent: { ...agent, lowered: true } }, { type: 'lower', reply: agent.reply });
}

/** The caller keeps speaking: long enough over the agent, and the agent stops. */
export function overlapLasts(state: TurnState): Step {
  const { agent, listening } = state;
  if (agent.phase === 'silent' || listening.phase !== 'speech') return stay(state);
  if (!interruptible(state) || listening.voicedMs < yieldsAfterMs(state, listening)) return stay(state);
  const answered = reopens(state, listening);
  if (answered) return reopen(state, listening, answered);
  const interrupted: Speaking = { ...listening, interrupted: true };
  return step(
    { ...state, listening: interrupted, agent: { phase: 'silent' } },
    { type: 'stop', reply: agent.reply, why: 'interrupted' },
    { type: 'disarm', timer: 'dead-air' },
  );
}

/** The caller stopped before it was an interruption: a backchannel or a noise, and the agent comes back. */
export function overlapEnds(state: TurnState, open: OpenTurn): Step | undefined {
  const { agent, settings } = state;
  if (agent.phase === 'silent') return undefined;
  // What would have been an interruption is answered when the passage is over.
  if (inPassage(state) && open.voicedMs >= settings.interruption.afterMs) return undefined;
  return step(
    { ...state, listening: quiet, agent: { ...agent, lowered: false } },
    endWithoutAnswer(state, open, 'backchannel'),
    { type: 'restore', reply: agent.reply },
  );
}

/** The overlap is over in another way: an agent that was lowered comes back. */
export function floorReturns(state: TurnState): Step {
  const { agent } = state;
  if (agent.phase === 'silent' || !agent.lowered) return stay(state);
  return step({ ...state, agent: { ...agent, lowered: false } }, { type: 'restore', reply: agent.reply });
}

/** A goodbye is not interrupted: the call is over. Nor is a passage that is to be heard to its end. */
function interruptible(state: TurnState): boolean {
  return state.settings.interruption.enabled && state.ending === undefined && !inPassage(state);
}
