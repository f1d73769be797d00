import type { TurnEvent } from './events.js';
import type { TurnState } from './state.js';
import { type Step, stay } from './step.js';

/**
 * What the agent waits for, until it is heard again. It holds for a turn that is under way too. What the client declares
 * holds until the caller is answered: news of how much of an earlier reply was heard may come later than that.
 */
export function onExpect(state: TurnState, { answer, by }: Extract<TurnEvent, { type: 'expect' }>): Step {
  if (by !== 'client' && state.declared) return stay(state);
  return stay({ ...state, expected: answer, declared: by === 'client' });
}
