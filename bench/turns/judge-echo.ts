import { realtimeRateHz } from '../../src/client/pcm.js';
import { createEchoPath } from '../../src/testing/callers/acoustics/echo-path.js';
import type { CallSetting, MadeCall } from '../call/make-calls.js';
import { commandsOf, interruptionsOf } from './judge-overlaps.js';

/** How the agent took its own echo. */
export type EchoVerdict = {
  readonly agentTurns: number;
  readonly agentMinutes: number;
  readonly stops: number;
  readonly lowerings: number;
};

export const noEcho: EchoVerdict = { agentTurns: 0, agentMinutes: 0, stops: 0, lowerings: 0 };

/** The loudspeakers and rooms that take turns, from faint and near to as loud as the agent itself. */
const paths = [
  { levelDb: -30, delayMs: 80 },
  { levelDb: -20, delayMs: 140 },
  { levelDb: -10, delayMs: 250, driftPpm: 100 },
  { levelDb: 0, delayMs: 180, clipAt: 0.5 },
] as const;

/** An agent that brings its own instructions has no greeting of its own. */
const greeting =
  'Thank you for calling Harbour Coffee, this is Ava. We have fresh pastries this morning, and a new dark roast. What can I get you?';

/** The `index`-th call of this kind: the agent greets, and the microphone also picks it up. */
export function echoingCall(index: number, seed: number): Pick<CallSetting, 'greeting' | 'microphone'> {
  const path = createEchoPath({ ...(paths[index % paths.length] as (typeof paths)[0]), seed, rateHz: realtimeRateHz });
  return {
    greeting,
    microphone: ({ caller, agent }) => {
      const echo = path.process(agent);
      return caller.map((sample, i) => sample + (echo[i] as number));
    },
  };
}

/** What an echo causes comes within this long of the agent's last sound. */
const echoesWithinMs = 500;
/** The voice detector needs this long to notice that a caller has ended. */
const noticedWithinMs = 150;

/**
 * The caller waits until the agent has ended: whatever lowers or stops it is its own echo, unless it has cut the caller
 * off and they are still speaking.
 */
export function judgeEcho({ measured: { analysis }, planned, result, log }: MadeCall): EchoVerdict {
  // The greeting is one of them.
  const { greeting, replies } = analysis;
  const within = (stretches: readonly Stretch[], moreMs: number, atMs: number): boolean =>
    stretches.some(({ startMs, endMs }) => atMs >= startMs && atMs <= endMs + moreMs);
  const caused = (times: readonly number[]): number =>
    times.filter((atMs) => within(replies, echoesWithinMs, atMs) && !within(result.turns, noticedWithinMs, atMs))
      .length;
  return {
    agentTurns: planned.turns.length + (greeting ? 1 : 0),
    agentMinutes: replies.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / 60_000,
    stops: caused(interruptionsOf(log)),
    lowerings: caused(commandsOf(log, 'lower').map(({ atMs }) => atMs)),
  };
}

type Stretch = { readonly startMs: number; readonly endMs: number };

export function sumOfEcho(a: EchoVerdict, b: EchoVerdict): EchoVerdict {
  return {
    agentTurns: a.agentTurns + b.agentTurns,
    agentMinutes: a.agentMinutes + b.agentMinutes,
    stops: a.stops + b.stops,
    lowerings: a.lowerings + b.lowerings,
  };
}

export function echoNotes({ agentTurns, agentMinutes, stops, lowerings }: EchoVerdict): string[] {
  if (agentTurns === 0) return [];
  return [
    `Own echo (-30 to 0 dB, 80-250 ms, from the greeting on, no cancellation): ${stops} stops in ${agentTurns} agent turns, ${(lowerings / agentMinutes).toFixed(2)} lowerings per minute of the agent's speech (${agentMinutes.toFixed(1)} min).`,
  ];
}
