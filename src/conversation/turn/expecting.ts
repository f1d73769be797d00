import type { TurnEvent } from './events.js';
import type { TurnState } from './state.js';
import { type Step, stay } from './step.js';

/** What the agent waits for, until it is heard again. It holds for a turn that is under way too. */
export function onExpect(state: TurnState, event: Extract<TurnEvent, { type: 'expect' }>): Step {
  return stay({ ...state, expected: event.answer });
}
