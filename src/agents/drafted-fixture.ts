import type { BrainEvent, BrainSession, DraftTurn } from '../ports/brain.js';
import type { VirtualClock } from '../testing/virtual-clock.js';

/** All that a brain makes of a turn, in virtual time. */
export async function drafted(
  clock: VirtualClock,
  brain: BrainSession,
  turn: DraftTurn,
  signal = new AbortController().signal,
): Promise<BrainEvent[]> {
  const events: BrainEvent[] = [];
  const reading = (async () => {
    for await (const event of brain.draft(turn, signal)) events.push(event);
  })();
  reading.catch(() => {});
  await clock.runUntilIdle();
  await reading;
  return events;
}

/** The words of it. */
export function said(events: readonly BrainEvent[]): string {
  return events.map((event) => (event.type === 'say' ? event.text : '')).join('');
}
