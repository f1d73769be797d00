import type { TurnEvent } from './events.js';
import type { TurnState } from './state.js';
import { type Step, stay, step } from './step.js';
import { talkOf } from './talk-settings.js';
import { withTalk } from './talk-state.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;

/** A caller who has said much and goes on after this pause hears that somebody listens. */
export function murmur(state: TurnState, { atMs, probability }: Of<'end-of-turn'>): Step {
  const { listening, agent, talk, settings } = state;
  const { enabled, afterMs, everyMs, maxProbability } = talkOf(settings).backchannels;
  if (!enabled || settings.detection === 'manual' || talk.written || talk.away) return stay(state);
  if (listening.phase !== 'pause' || listening.forced || agent.phase !== 'silent') return stay(state);
  if (listening.voicedMs < afterMs || probability > maxProbability) return stay(state);
  if (talk.murmuredAtMs !== undefined && atMs - talk.murmuredAtMs < everyMs) return stay(state);
  const reply = state.nextReply;
  const next: TurnState = { ...state, nextReply: reply + 1 };
  return step(withTalk(next, { murmuredAtMs: atMs }), { type: 'murmur', reply });
}
