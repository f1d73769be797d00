import type { TurnCommand } from './events.js';
import type { TurnState } from './state.js';

/** What one event changes and causes. */
export type Step = { readonly state: TurnState; readonly commands: readonly TurnCommand[] };

export function stay(state: TurnState): Step {
  return { state, commands: [] };
}

export function step(state: TurnState, ...commands: readonly TurnCommand[]): Step {
  return { state, commands };
}

/** Does one thing after another. Not called `then`: a module with such an export is taken for a promise when it is awaited. */
export function andThen(first: Step, next: (state: TurnState) => Step): Step {
  const second = next(first.state);
  return { state: second.state, commands: [...first.commands, ...second.commands] };
}
