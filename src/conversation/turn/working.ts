import { armDeadAir } from './dead-air.js';
import type { TurnEvent } from './events.js';
import type { Reply, TurnState } from './state.js';
import { type Step, stay, step } from './step.js';
import { talkOf } from './talk-settings.js';
import { withTalk } from './talk-state.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;

/** The reply will take a while: the caller is told soon, instead of when the silence has become long. */
export function onReplyWorking(state: TurnState, event: Of<'reply-working'>): Step {
  const { turn, revision, seenMs } = event;
  const next = withTalk(state, { working: { turn, revision } });
  const { agent } = next;
  const waited = agent.phase === 'preparing' && agent.bridges === 0 && isWorking(next, agent);
  return waited ? step(next, armDeadAir(seenMs + talkOf(next.settings).working.fillerAfterMs)) : stay(next);
}

/** Whether the draft that this reply is made of has said that it is at work. */
export function isWorking({ talk }: TurnState, { source }: Reply): boolean {
  const { working } = talk;
  return source.kind === 'turn' && working?.turn === source.turn && working.revision === source.revision;
}
