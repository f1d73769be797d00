import { armDeadAir, disarmDeadAir, graceMs, soundDueMs, watchPause } from './dead-air.js';
import { forgetDraft } from './drafting.js';
import { clearTurn, waitOfPause } from './endpointing.js';
import type { TurnEvent } from './events.js';
import { putOff } from './far-end.js';
import { onOverlapTimer } from './interruption.js';
import { onKeysComplete } from './keys.js';
import { promptsAgain } from './prompting.js';
import { endWithoutAnswer } from './reopening.js';
import { armIdle, say } from './replying.js';
import { type AgentState, type Pausing, quiet, type TurnState } from './state.js';
import { andThen, type Step, stay, step } from './step.js';
import { talkOf } from './talk-settings.js';
import { withTalk } from './talk-state.js';
import { bridgeTool } from './tool-fillers.js';
import { isWorking } from './working.js';

type Replying = Extract<AgentState, { phase: 'preparing' | 'speaking' }>;
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

/** Other settings hold from now on, for a pause that is under way too. */
export function onConfigure(state: TurnState, { settings, seenMs }: Of<'configure'>): Step {
  const configured = { ...state, settings };
  if (state.agent.phase !== 'silent') return stay(configured);
  if (state.listening.phase === 'pause') return step(configured, watchPause(configured, seenMs));
  return state.listening.phase === 'quiet' ? step(configured, armIdle(configured, seenMs)) : stay(configured);
}

export function onTimer(state: TurnState, event: Of<'timer'>): Step {
  const { timer } = event;
  switch (timer) {
    case 'dead-air':
      return state.talk.away ? putOff(state, timer, event.seenMs) : bridge(state, event);
    case 'idle':
      return state.talk.away ? putOff(state, timer, event.seenMs) : nobodySpeaks(state);
    case 'overlap':
      return onOverlapTimer(state, event.seenMs);
    case 'max-call':
      return farewell(state, 'max-call');
    case 'keys':
      return onKeysComplete(state);
  }
}

/** The caller is asked whether they are still there, and if that does not help, the call is over. */
function nobodySpeaks(state: TurnState): Step {
  if (state.listening.phase !== 'quiet' || state.agent.phase !== 'silent') return stay(state);
  if (!promptsAgain(state)) return farewell(state, 'idle');
  return say(withTalk(state, { prompts: state.talk.prompts + 1 }), 'still-there');
}

/** Somebody outside of the conversation ends the call. */
export function onWindDown(state: TurnState, event: Of<'wind-down'>): Step {
  return farewell(state, event.reason);
}

/** How often in a row a wait is bridged before it is given up. */
const maxBridges = 2;

/** Nothing was audible for too long: fillers, then an apology in place of the reply. */
function bridge(state: TurnState, event: Of<'timer'>): Step {
  const { agent, listening } = state;
  if (agent.phase === 'silent' && listening.phase === 'pause') return bridgePause(state, listening, event);
  if (agent.phase === 'silent') return bridgeTool(state, event.seenMs);
  if (agent.source.kind === 'phrase' || (agent.phase === 'speaking' && !agent.dry)) return stay(state);
  const most = isWorking(state, agent) ? talkOf(state.settings).working.mostFillers : maxBridges;
  if (agent.bridges < most)
    // Within the reply, which goes on being prepared and follows it.
    return filled(state, { ...agent, bridges: agent.bridges + 1 }, event.seenMs);
  const given = agent.source.kind === 'wait' ? andThen(stay(state), giveUpTurn) : stay(state);
  const stopped = andThen(given, (next) => step(next, { type: 'stop', reply: agent.reply, why: 'failed' }));
  return andThen(stopped, (next) => say(next, 'apology'));
}

/** The caller has been silent for too long while the words of the turn are not there. */
function bridgePause(state: TurnState, pausing: Pausing, event: Of<'timer'>): Step {
  const { transcript, turn, silentSinceMs, forced } = pausing;
  if (!state.settings.respond) return stay(state);
  const waitedMs = forced ? 0 : waitOfPause(state, pausing).waitMs;
  const dueMs = silentSinceMs + waitedMs + graceMs;
  // The caller may still go on, or the commit is a window away.
  if (event.seenMs < dueMs) return step(state, armDeadAir(dueMs));
  if (transcript.status === 'ready') return step(state, armDeadAir(event.seenMs + graceMs));
  const reply = state.nextReply;
  const agent: Replying = {
    phase: 'preparing',
    reply,
    source: { kind: 'wait', turn },
    lowered: false,
    bridges: 1,
  };
  return filled({ ...state, nextReply: reply + 1 }, agent, event.seenMs);
}

function filled(state: TurnState, agent: Replying, seenMs: number): Step {
  return step(
    { ...state, agent },
    { type: 'say', phrase: 'filler', reply: agent.reply },
    // Moved to an earlier time as soon as the filler is over.
    armDeadAir(seenMs + 2 * state.settings.silence.maxSilenceMs),
  );
}

/** The words do not come: the caller will be asked to say them again. */
function giveUpTurn(state: TurnState): Step {
  const { listening } = state;
  if (listening.phase !== 'pause') return stay(state);
  const discard = forgetDraft(listening);
  return step({ ...state, listening: quiet }, ...discard, endWithoutAnswer(state, listening, 'empty'));
}

/** A reply has begun, or what bridged it is over, and nothing follows. */
export function onReplyDry(state: TurnState, event: Of<'reply-dry'>): Step {
  const { agent } = state;
  if (agent.phase === 'silent' || agent.reply !== event.reply || agent.source.kind === 'phrase') return stay(state);
  const dry: AgentState = agent.phase === 'speaking' ? { ...agent, dry: true } : agent;
  return step({ ...state, agent: dry }, armDeadAir(soundDueMs(state, event.seenMs)));
}

export function onReplyFlows(state: TurnState, event: Of<'reply-flows'>): Step {
  const { agent } = state;
  if (agent.phase !== 'speaking' || agent.reply !== event.reply) return stay(state);
  return step({ ...state, agent: { ...agent, dry: false, bridges: 0 } }, disarmDeadAir);
}

function farewell(state: TurnState, reason: string): Step {
  if (state.ending !== undefined) return stay(state);
  const stopped = andThen(clearTurn(state), (next) =>
    next.agent.phase === 'silent'
      ? stay(next)
      : step(next, { type: 'stop', reply: next.agent.reply, why: 'cancelled' }),
  );
  // Nobody would hear a goodbye.
  if (state.talk.away)
    return andThen(stopped, (next) =>
      step({ ...next, agent: { phase: 'silent' }, ending: reason, ended: true }, { type: 'end-call', reason }),
    );
  return andThen(stopped, (next) => say({ ...next, ending: reason }, 'goodbye'));
}
