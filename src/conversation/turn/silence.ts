import { clearTurn } from './endpointing.js';
import type { TurnEvent } from './events.js';
import { armIdle, say } from './replying.js';
import type { TurnState } from './state.js';
import { andThen, type Step, stay, step } from './step.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;

/** The call begins. */
export function onBegin(state: TurnState, event: Of<'begin'>): Step {
  const { silence } = state.settings;
  const begun = step(
    state,
    { type: 'arm', timer: 'max-call', atSeenMs: event.seenMs + silence.maxCallMs },
    armIdle(state, event.seenMs),
  );
  return event.greeting ? andThen(begun, (next) => say(next, 'greeting')) : begun;
}

export function onTimer(state: TurnState, event: Of<'timer'>): Step {
  switch (event.timer) {
    case 'dead-air':
      return bridge(state, event);
    case 'idle':
      return state.listening.phase === 'quiet' && state.agent.phase === 'silent'
        ? farewell(state, 'idle')
        : stay(state);
    case 'max-call':
      return farewell(state, 'max-call');
  }
}

/** Somebody outside of the conversation ends the call. */
export function onWindDown(state: TurnState, event: Of<'wind-down'>): Step {
  return farewell(state, event.reason);
}

/** Nothing was audible for too long: first a filler, then an apology in place of the reply. */
function bridge(state: TurnState, event: Of<'timer'>): Step {
  const { agent } = state;
  if (agent.phase !== 'preparing') return stay(state);
  if (agent.bridges === 0)
    return step(
      { ...state, agent: { ...agent, bridges: 1 } },
      // Within the reply, which goes on being prepared and follows it.
      { type: 'say', phrase: 'filler', reply: agent.reply },
      { type: 'arm', timer: 'dead-air', atSeenMs: event.seenMs + 2 * state.settings.silence.maxSilenceMs },
    );
  return andThen(step(state, { type: 'stop', reply: agent.reply, why: 'failed' }), (next) => say(next, 'apology'));
}

function farewell(state: TurnState, reason: string): Step {
  if (state.ending !== undefined) return stay(state);
  const { agent } = state;
  const cleared = andThen(stay(state), clearTurn);
  const stopped =
    agent.phase === 'silent'
      ? cleared
      : andThen(cleared, (next) => step(next, { type: 'stop', reply: agent.reply, why: 'cancelled' }));
  return andThen(stopped, (next) => say({ ...next, ending: reason }, 'goodbye'));
}
