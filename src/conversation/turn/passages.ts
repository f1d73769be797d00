import { wait } from './endpointing.js';
import type { TurnEvent } from './events.js';
import { floorReturns } from './interruption.js';
import type { TurnState } from './state.js';
import { type Step, stay } from './step.js';
import { withTalk } from './talk-state.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;

/** From here on the agent is heard to the end of the passage, whoever speaks. */
export function onPassageBegins(state: TurnState, event: Of<'passage-begins'>): Step {
  const { agent } = state;
  if (agent.phase === 'silent' || agent.reply !== event.reply) return stay(state);
  return floorReturns(withTalk(state, { passage: event.reply }), event.seenMs);
}

/** What the caller said meanwhile counts from now on: speech that goes on interrupts, a turn that is over is answered. */
export function onPassageOver(state: TurnState, event: Of<'passage-over'>): Step {
  if (state.talk.passage !== event.reply) return stay(state);
  return wait(withTalk(state, { passage: undefined }), event);
}
