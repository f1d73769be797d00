import type { OpenTurn, TurnState } from './state.js';
import { talkOf } from './talk-settings.js';

/** How much speech over the agent makes it stop: less when both began at once, since neither knew of the other. */
export function yieldsAfterMs(state: TurnState, open: OpenTurn): number {
  const { agent, settings } = state;
  const { audible } = state.talk;
  const { withinMs, yieldAfterMs } = talkOf(settings).collision;
  const { afterMs } = settings.interruption;
  if (agent.phase === 'silent' || audible?.reply !== agent.reply) return afterMs;
  return Math.abs(open.startMs - audible.atMs) <= withinMs ? Math.min(afterMs, yieldAfterMs) : afterMs;
}
