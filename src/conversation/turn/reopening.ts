import { watchPause } from './dead-air.js';
import type { TurnCommand } from './events.js';
import type { OpenTurn, TurnState } from './state.js';
import { type Step, step } from './step.js';
import { talkOf } from './talk-settings.js';
import { type AnsweredTurn, inPassage, withTalk } from './talk-state.js';

/**
 * The turn that the caller goes on with, when what they say now begins soon after it was taken to be over and the reply
 * to it is not audible, or has only just begun. Undefined: what they say is a turn of its own.
 */
export function reopens(state: TurnState, open: OpenTurn): AnsweredTurn | undefined {
  const { agent, settings, ending } = state;
  const { answered, audible } = state.talk;
  const { withinMs, heardMs } = talkOf(settings).reopening;
  if (!answered || agent.phase === 'silent' || agent.reply !== answered.reply || inPassage(state)) return undefined;
  if (!settings.interruption.enabled || ending !== undefined || open.turn === answered.turn) return undefined;
  if (open.startMs - answered.committedAtMs > withinMs) return undefined;
  if (audible?.reply === answered.reply) return open.startMs - audible.atMs < heardMs ? answered : undefined;
  // Somebody who was told to wait knows that the turn is over.
  return agent.bridges === 0 ? answered : undefined;
}

/** The reply is taken back, and the words that it answers are those that the open turn begins with. */
export function reopen(state: TurnState, open: OpenTurn, answered: AnsweredTurn, seenMs: number): Step {
  const { turn, startMs } = open;
  const { listening } = state;
  const continued = { turn, said: answered.text, pauseMs: Math.max(0, startMs - answered.speechEndMs) };
  const reopened: TurnState = {
    ...state,
    listening: listening.phase === 'quiet' ? listening : { ...listening, interrupted: true },
    agent: { phase: 'silent' },
  };
  return step(
    withTalk(reopened, { answered: undefined, continued }),
    { type: 'stop', reply: answered.reply, why: 'interrupted' },
    watchPause(reopened, seenMs),
    { type: 'reopen', turn, continues: answered.turn },
  );
}

/** Before a reply is audible there is nothing that a short sound could be a "mm-hm" to: it goes on with the turn. */
export function reopensInPassing(state: TurnState, open: OpenTurn): AnsweredTurn | undefined {
  const answered = reopens(state, open);
  if (!answered || state.agent.phase !== 'preparing') return undefined;
  return open.voicedMs >= talkOf(state.settings).reopening.leastMs ? answered : undefined;
}

/** What the caller has said of this turn before it was reopened; empty for a turn that was not. */
export function saidBefore(state: TurnState, turn: number): string {
  const { continued } = state.talk;
  return continued?.turn === turn ? continued.said : '';
}

/** All words of a turn, given those of its last stretch. */
export function wholeText(state: TurnState, turn: number, text: string): string {
  return [saidBefore(state, turn), text].filter((part) => part !== '').join(' ');
}

/** The open turn comes to nothing. Words that it was reopened with have been said all the same. */
export function endWithoutAnswer(
  state: TurnState,
  open: OpenTurn,
  why: Extract<TurnCommand, { type: 'drop-turn' }>['why'],
): TurnCommand {
  const { turn, revision, lastVoicedMs: speechEndMs } = open;
  const text = saidBefore(state, turn);
  if (text === '') return { type: 'drop-turn', turn, why };
  const because = 'what was said before stands, and nothing was added';
  return { type: 'commit', turn, revision, text, reply: undefined, speechEndMs, because };
}
