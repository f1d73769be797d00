import { ParleyError } from '../../ports/errors.js';
import type { ParsedLog } from '../read-event-log.js';

/**
 * Makes sure that the turn machine held the call, so that it can be run again.
 * @throws ParleyError `call.held_by_model` (400)
 */
export function assertHeldHere({ header: { callId, heldBy } }: ParsedLog): void {
  if (heldBy === undefined) return;
  throw new ParleyError(
    `${callId} was held by ${heldBy}, which ends turns and answers them by itself: there are no decisions of ours to run again. "parley explain" tells what happened in it, and "parley analyse" measures its recording.`,
    { code: 'call.held_by_model', status: 400 },
  );
}
