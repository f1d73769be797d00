import {
  onClientClear,
  onClientCommit,
  onEndOfTurn,
  onFinal,
  onPartial,
  onWindow,
  onWordsRead,
} from './endpointing.js';
import type { TurnEvent } from './events.js';
import { onExpect } from './expecting.js';
import { onFarEnd } from './far-end.js';
import { settleOverlap } from './interruption.js';
import { keysDue, onKey, takeKeys } from './keys.js';
import { onMute, onWritten } from './muting.js';
import { onPassageBegins, onPassageOver } from './passages.js';
import { onAudible, onClientCancel, onClientRespond, onDraftFailed, onReplyDone } from './replying.js';
import { onBegin, onConfigure, onReplyDry, onReplyFlows, onTimer, onWindDown } from './silence.js';
import type { TurnState } from './state.js';
import { andThen, type Step, stay } from './step.js';
import { onReplyWorking } from './working.js';

/**
 * The turn machine: who has the floor, and what follows. Pure: the same state and event always give the same step; it
 * reads no clock, awaits nothing and logs nothing.
 */
export function reduceTurn(state: TurnState, event: TurnEvent): Step {
  if (state.ended) return stay(state);
  // Keys that were pressed over the agent wait for whatever ends what it says.
  const noted = andThen(happened(state, event), (next) => (keysDue(next) ? takeKeys(next, event) : stay(next)));
  return andThen(noted, (next) => (next.ended ? stay(next) : settleOverlap(next, event.seenMs)));
}

function happened(state: TurnState, event: TurnEvent): Step {
  switch (event.type) {
    case 'begin':
      return onBegin(state, event);
    case 'window':
      return onWindow(state, event);
    case 'end-of-turn':
      return onEndOfTurn(state, event);
    case 'words-read':
      return onWordsRead(state, event);
    case 'partial':
      return onPartial(state, event);
    case 'final':
    case 'final-failed':
      return onFinal(state, event);
    case 'draft-failed':
      return onDraftFailed(state, event);
    case 'reply-audible':
      return onAudible(state, event);
    case 'reply-done':
      return onReplyDone(state, event);
    case 'reply-dry':
      return onReplyDry(state, event);
    case 'reply-flows':
      return onReplyFlows(state, event);
    case 'timer':
      return onTimer(state, event);
    case 'client-commit':
      return onClientCommit(state, event);
    case 'client-clear':
      return onClientClear(state, event);
    case 'client-respond':
      return onClientRespond(state, event);
    case 'client-cancel':
      return onClientCancel(state, event);
    case 'configure':
      return onConfigure(state, event);
    case 'wind-down':
      return onWindDown(state, event);
    case 'expect':
      return onExpect(state, event);
    case 'hung-up':
      return stay({ ...state, ended: true });
    case 'passage-begins':
      return onPassageBegins(state, event);
    case 'passage-over':
      return onPassageOver(state, event);
    case 'key':
      return onKey(state, event);
    case 'mute':
      return onMute(state, event);
    case 'written':
      return onWritten(state, event);
    case 'far-end':
      return onFarEnd(state, event);
    case 'reply-working':
      return onReplyWorking(state, event);
  }
}
