import { samplesOf } from '../../src/audio/frame.js';
import { rmsDb } from '../../src/audio/loudness.js';
import type { CallResult } from '../../src/cli/call/call-result.js';
import type { ParsedLog } from '../../src/conversation/read-event-log.js';
import { commandsOf } from './judge-overlaps.js';

const hopMs = 10;
/** What counts as lowered, and how long it stays so to be told from the gap between two sounds. */
const downDb = 12;
const staysMs = 60;
/** The agent's level is that of its sounds over this time before it was told to be quieter. */
const beforeMs = 500;
const audibleDb = -45;
/** Audio that was sent ahead is heard within this time. */
const latestMs = 300;

/**
 * From the onset of the caller's speech until the agent is 12 dB down at their ear, ms, by the recording; undefined when
 * it was not lowered. A reply that stops is down when it stops.
 */
export function heardLoweredMs(
  log: ParsedLog,
  { agent, rateHz }: Pick<CallResult, 'agent' | 'rateHz'>,
  { onsetMs, stopLatencyMs }: { readonly onsetMs: number; readonly stopLatencyMs: number },
): number | undefined {
  const told = commandsOf(log, 'lower').findLast(({ atMs }) => atMs >= onsetMs && atMs <= onsetMs + stopLatencyMs);
  if (!told) return undefined;
  const level = (fromMs: number, untilMs: number): number =>
    rmsDb(agent.subarray(samplesOf(fromMs, rateHz), samplesOf(untilMs, rateHz)));
  const sounds = hops(told.atMs - beforeMs, told.atMs)
    .map((atMs) => level(atMs, atMs + hopMs))
    .filter((db) => db > audibleDb)
    .sort((a, b) => a - b);
  const usual = sounds[Math.floor(sounds.length / 2)];
  if (usual === undefined) return undefined;
  const down = (atMs: number): boolean =>
    hops(atMs, atMs + staysMs).every((at) => level(at, at + hopMs) <= usual - downDb);
  const heard = hops(told.atMs, told.atMs + latestMs).find(down);
  return heard === undefined ? undefined : Math.min(heard - onsetMs, stopLatencyMs);
}

function hops(fromMs: number, untilMs: number): number[] {
  return Array.from(
    { length: Math.max(0, Math.floor((untilMs - fromMs) / hopMs)) },
    (_, index) => fromMs + index * hopMs,
  );
}
