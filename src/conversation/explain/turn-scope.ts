import { vadWindowMs } from '../../ports/voice-activity.js';
import type { TurnEvent } from '../turn/events.js';
import type { TurnSettings } from '../turn/settings.js';
import { isAnswer } from './question.js';
import type { RecordedCall, RecordedTurn } from './recorded-turns.js';

/** Longer than any wait that can be set. */
const silenceMs = 30_000;

/**
 * What would have reached the machine during a turn, whenever it ended: the recorded events without the answers to questions,
 * which depend on when they were asked. Behind the recorded end come the windows of what the caller went on to say, where
 * they had heard nothing of the reply; else silence, because what they said later answers the agent.
 *
 * @param change applied to settings that the client changes meanwhile
 */
export function* turnScope(
  call: RecordedCall,
  turn: RecordedTurn,
  from: number,
  change: (settings: TurnSettings) => TurnSettings,
): Generator<TurnEvent, void, undefined> {
  let last: TurnEvent | undefined;
  for (let index = from; index <= (turn.until ?? call.events.length - 1); index++) {
    const event = call.events[index];
    if (!event || isAnswer(event)) continue;
    last = event;
    yield event.type === 'configure' ? { ...event, settings: change(event.settings) } : event;
  }
  if (turn.until === undefined) return;
  for (let each: RecordedTurn | undefined = turn; each?.wentOnMs !== undefined; ) {
    const next = nextOf(call, each);
    if (next?.until === undefined) break;
    for (let index = next.from; index <= next.until; index++) {
      const event = call.events[index];
      if (event?.type !== 'window') continue;
      last = event;
      yield event;
    }
    each = next;
  }
  if (last) yield* silence(last);
}

/** The turn after this one. */
export function nextOf(call: RecordedCall, turn: RecordedTurn): RecordedTurn | undefined {
  return call.turns[call.turns.indexOf(turn) + 1];
}

function* silence({ atMs, seenMs }: TurnEvent): Generator<TurnEvent, void, undefined> {
  for (let afterMs = vadWindowMs; afterMs <= silenceMs; afterMs += vadWindowMs)
    yield { type: 'window', probability: 0, windowMs: vadWindowMs, atMs: atMs + afterMs, seenMs: seenMs + afterMs };
}
