import { waitOfPause } from './endpointing.js';
import type { TurnState } from './state.js';

/** How long after `atMs` the open turn is over if these are its words and the silence goes on, as things stand. */
export function decidedInMs(state: TurnState, text: string, atMs: number): number {
  const { listening } = state;
  if (listening.phase !== 'pause' || listening.forced) return 0;
  const { waitMs } = waitOfPause(state, listening, text);
  return listening.lastVoicedMs + waitMs - atMs;
}
