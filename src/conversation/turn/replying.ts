import { armDeadAir, graceMs, soundDueMs, waitsFor, watchPause } from './dead-air.js';
import { draftAdopted, draftFailedInPause, forgetDraft } from './drafting.js';
import type { PhraseName, TurnCommand, TurnEvent } from './events.js';
import { floorReturns } from './interruption.js';
import { idleAfterMs } from './prompting.js';
import { type AgentState, type FrozenTranscript, type Pausing, quiet, type TurnState } from './state.js';
import { andThen, type Step, stay, step } from './step.js';
import { talkOf } from './talk-settings.js';
import { withTalk } from './talk-state.js';
import { noToolWait, waitForTool, waitOn } from './tool-wait.js';
import { isWorking } from './working.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;

/** The turn is over: the draft becomes the reply. */
export function answer(
  state: TurnState,
  pausing: Pausing,
  transcript: Extract<FrozenTranscript, { status: 'ready' }>,
  because: string,
  { atMs, seenMs }: { readonly atMs: number; readonly seenMs: number },
): Step {
  const { turn, revision, lastVoicedMs: speechEndMs } = pausing;
  const { text } = transcript;
  const base = { type: 'commit', turn, revision, text, speechEndMs, because } as const;
  if (!state.settings.respond) {
    const noted = step({ ...state, listening: quiet, declared: false }, ...forgetDraft(pausing), {
      ...base,
      reply: undefined,
    });
    if (state.agent.phase !== 'silent') return andThen(noted, (next) => floorReturns(next, seenMs));
    return andThen(noted, (next) => step(next, armIdle(next, seenMs)));
  }
  const waiting = waitsFor(state.agent, turn);
  const reply = waiting?.reply ?? state.nextReply;
  const retried = transcript.draft === 'failed';
  const anew = transcript.draft !== 'made';
  // Without a draft the agent has had something else to say since: the caller was not in silence.
  const silentSinceMs = transcript.draft === 'none' ? seenMs : pausing.silentSinceMs;
  const agent: AgentState = {
    phase: 'preparing',
    reply,
    source: { kind: 'turn', turn, revision, text, retried },
    lowered: false,
    bridges: waiting?.bridges ?? 0,
  };
  // One reply at a time: a client that ends its turn while the agent speaks has interrupted it.
  const before =
    waiting || state.agent.phase === 'silent'
      ? []
      : [{ type: 'stop', reply: state.agent.reply, why: 'interrupted' } as const];
  const answered = { turn, reply, text, speechEndMs, committedAtMs: atMs };
  const preparing: TurnState = {
    ...state,
    listening: quiet,
    declared: false,
    agent,
    nextReply: Math.max(state.nextReply, reply + 1),
    drafts: anew ? state.drafts : draftAdopted(state.drafts),
  };
  const bridgedFromMs = isWorking(state, agent)
    ? seenMs + talkOf(state.settings).working.fillerAfterMs
    : Math.max(soundDueMs(state, silentSinceMs), seenMs + graceMs);
  return step(
    withTalk(preparing, { answered, prompts: 0, tool: undefined }),
    ...before,
    ...(anew ? [{ type: 'draft', turn, revision, text } as const] : []),
    { ...base, reply },
    // What bridges already has its timer.
    ...(waiting ? [] : [armDeadAir(bridgedFromMs)]),
  );
}

/** Says one of the phrases that are always ready. */
export function say(state: TurnState, phrase: PhraseName): Step {
  const reply = state.nextReply;
  const agent: AgentState = {
    phase: 'preparing',
    reply,
    source: { kind: 'phrase', phrase },
    lowered: false,
    bridges: 0,
  };
  return step({ ...state, agent, nextReply: reply + 1 }, { type: 'say', phrase, reply });
}

export function onAudible(state: TurnState, event: Of<'reply-audible'>): Step {
  const { agent } = state;
  if (agent.phase !== 'preparing' || agent.reply !== event.reply) return stay(state);
  const audible = { reply: event.reply, atMs: event.atMs };
  return step(withTalk({ ...state, agent: { ...agent, phase: 'speaking', dry: false, bridges: 0 } }, { audible }), {
    type: 'disarm',
    timer: 'dead-air',
  });
}

export function onReplyDone(state: TurnState, event: Of<'reply-done'>): Step {
  const { agent } = state;
  if (agent.phase === 'silent' || agent.reply !== event.reply) return stay(state);
  const ending = state.ending ?? event.endCall;
  const silent: TurnState = { ...state, agent: { phase: 'silent' }, ending };
  if (ending !== undefined)
    return step(
      { ...silent, ended: true },
      { type: 'disarm', timer: 'dead-air' },
      { type: 'end-call', reason: ending },
    );
  if (event.calls) return waitForTool(silent, event.seenMs);
  // A reply without a sound (the model had nothing to say) must not leave the caller in silence.
  if (agent.phase === 'preparing' && agent.source.kind === 'turn')
    return andThen(stay(silent), (next) => say(next, 'reprompt'));
  if (silent.talk.tool && agent.source.kind === 'phrase') return waitOn(silent, event.seenMs);
  return step(silent, watchPause(silent, event.seenMs), armIdle(state, event.seenMs));
}

/** A draft could not be made: once more, then the caller is told. */
export function onDraftFailed(state: TurnState, event: Of<'draft-failed'>): Step {
  const inPause = draftFailedInPause(state, event.turn, event.revision);
  if (inPause) return inPause;
  const { agent } = state;
  if (agent.phase === 'silent' || agent.source.kind !== 'turn') return stay(state);
  const { source } = agent;
  if (source.turn !== event.turn || source.revision !== event.revision) return stay(state);
  if (agent.phase === 'preparing' && !source.retried) {
    const { turn, revision, text } = source;
    return step(
      { ...state, agent: { ...agent, source: { ...source, retried: true } } },
      { type: 'draft', turn, revision, text },
    );
  }
  return andThen(step(state, { type: 'stop', reply: agent.reply, why: 'failed' }), (next) => say(next, 'apology'));
}

export function onClientRespond(state: TurnState, event: Of<'client-respond'>): Step {
  if (state.agent.phase !== 'silent' || state.ended) return stay(state);
  const reply = state.nextReply;
  const turn = state.nextTurn;
  const source = { kind: 'turn', turn, revision: 0, text: '', retried: true } as const;
  const { listening } = state;
  // One reply is prepared at a time: the paused turn's draft gives way, and a commit of that turn begins anew.
  const pausing = listening.phase === 'pause' && listening.transcript.status === 'ready' ? listening : undefined;
  return step(
    {
      ...noToolWait(state),
      listening: pausing ? withoutDraft(pausing) : listening,
      nextReply: reply + 1,
      nextTurn: turn + 1,
      agent: { phase: 'preparing', reply, source, lowered: false, bridges: 0 },
    },
    ...(pausing ? forgetDraft(pausing) : []),
    { type: 'respond', turn, reply },
    { type: 'disarm', timer: 'idle' },
    armDeadAir(soundDueMs(state, event.seenMs)),
  );
}

function withoutDraft(pausing: Pausing): Pausing {
  const { transcript } = pausing;
  return transcript.status === 'ready' ? { ...pausing, transcript: { ...transcript, draft: 'none' } } : pausing;
}

export function onClientCancel(state: TurnState, event: Of<'client-cancel'>): Step {
  const { agent } = state;
  if (agent.phase === 'silent' || state.ending !== undefined) return stay(state);
  const silent: TurnState = { ...state, agent: { phase: 'silent' } };
  return step(
    silent,
    { type: 'stop', reply: agent.reply, why: 'cancelled' },
    watchPause(silent, event.seenMs),
    armIdle(state, event.seenMs),
  );
}

/** Nobody has the floor from now on: after a while the caller is asked to speak, and in the end the call is over. */
export function armIdle(state: TurnState, seenMs: number): TurnCommand {
  return { type: 'arm', timer: 'idle', atSeenMs: seenMs + idleAfterMs(state) };
}
