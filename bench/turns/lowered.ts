import type { ParsedLog } from '../../src/conversation/read-event-log.js';
import { commandsOf } from './judge-overlaps.js';

/**
 * From the onset of the caller's speech until the agent is 12 dB down at their ear, ms; undefined when it was not lowered
 * before it stopped. What was sent ahead is still heard at full level.
 */
export function heardLoweredMs(
  log: ParsedLog,
  { onsetMs, stopLatencyMs }: { readonly onsetMs: number; readonly stopLatencyMs: number },
): number | undefined {
  const lowered = commandsOf(log, 'lower').find(({ atMs }) => atMs >= onsetMs && atMs <= onsetMs + stopLatencyMs);
  if (!lowered) return undefined;
  return lowered.atMs - onsetMs;
}
