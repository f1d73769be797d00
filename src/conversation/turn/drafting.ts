import type { TurnCommand } from './events.js';
import type { Pausing, TurnState } from './state.js';
import { type Step, stay, step } from './step.js';

/**
 * A reply is prepared as soon as a transcript is frozen, beside the wait for the end of the turn. Nothing of it is heard
 * before the turn is committed.
 */
export function drafted(
  state: TurnState,
  tag: { readonly turn: number; readonly revision: number },
  text: string,
): Step {
  if (!state.settings.respond) return stay(state);
  const { turn, revision } = tag;
  return step(state, { type: 'draft', turn, revision, text });
}

/** What is left of a suspected end that was none. */
export function forgetDraft(pausing: Pausing): readonly TurnCommand[] {
  return pausing.transcript.status === 'ready' && pausing.transcript.draft !== 'none'
    ? [{ type: 'discard', turn: pausing.turn, revision: pausing.revision }]
    : [];
}

/** Before the commit a failed draft only means that the commit has to begin it anew. */
export function draftFailedInPause(state: TurnState, turn: number, revision: number): Step | undefined {
  const { listening } = state;
  if (listening.phase !== 'pause' || listening.turn !== turn || listening.revision !== revision) return undefined;
  if (listening.transcript.status !== 'ready' || listening.transcript.draft === 'none') return undefined;
  return stay({ ...state, listening: { ...listening, transcript: { ...listening.transcript, draft: 'failed' } } });
}
