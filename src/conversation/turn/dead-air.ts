import type { TurnCommand } from './events.js';
import type { AgentState, TurnState } from './state.js';
import { type Step, stay, step } from './step.js';

/**
 * Taken off the longest silence, so that a phrase is audible in time: the detector takes speech to end up to 250 ms late,
 * audio leaves in frames, phrases begin softly, and a loaded machine fires its timers late.
 */
const headStartMs = 500;
/** After the wait for the caller is over, what is ready may still take its moment before somebody is put off. */
export const graceMs = 200;

/** When silence that began then has to be filled. */
export function soundDueMs(state: TurnState, silentSinceMs: number): number {
  const { maxSilenceMs } = state.settings.silence;
  return silentSinceMs + Math.max(maxSilenceMs - headStartMs, maxSilenceMs / 2);
}

export function armDeadAir(atSeenMs: number): TurnCommand {
  return { type: 'arm', timer: 'dead-air', atSeenMs };
}

/** A pause in which nobody speaks is watched from now on; without one, nothing is. */
export function watchPause(state: TurnState, seenMs: number): TurnCommand {
  const watched = state.listening.phase === 'pause' && state.agent.phase === 'silent' && state.settings.respond;
  return watched ? armDeadAir(soundDueMs(state, seenMs)) : disarmDeadAir;
}

export const disarmDeadAir: TurnCommand = { type: 'disarm', timer: 'dead-air' };

/** What is being said to bridge the wait for the words of this turn. */
export function waitsFor(agent: AgentState, turn: number): Extract<AgentState, { reply: number }> | undefined {
  if (agent.phase === 'silent' || agent.source.kind !== 'wait' || agent.source.turn !== turn) return undefined;
  return agent;
}

/** Ends what bridges the wait for a turn that does not come to its answer. */
export function stopWaiting(state: TurnState, turn: number, why: 'interrupted' | 'cancelled' | 'failed'): Step {
  const waiting = waitsFor(state.agent, turn);
  if (!waiting) return stay(state);
  const silent: TurnState = { ...state, agent: { phase: 'silent' } };
  return step(silent, { type: 'stop', reply: waiting.reply, why }, disarmDeadAir);
}
