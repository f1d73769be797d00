import type { MicrophoneFrame } from '../../src/cli/call/run-call.js';
import { realtimeRateHz } from '../../src/client/pcm.js';
import { createEchoPath } from '../../src/testing/callers/acoustics/echo-path.js';
import type { MadeCall } from '../call/make-calls.js';
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

/** A microphone that also picks up the agent. */
export function echoingMicrophone(index: number, seed: number): (frame: MicrophoneFrame) => Float32Array {
  const path = createEchoPath({ ...(paths[index % paths.length] as (typeof paths)[0]), seed, rateHz: realtimeRateHz });
  return ({ caller, agent }) => {
    const echo = path.process(agent);
    return caller.map((sample, i) => sample + (echo[i] as number));
  };
}

/** The caller never speaks over the agent in these calls: whatever lowers or stops it is its own echo. */
export function judgeEcho({ measured, log, planned }: MadeCall): EchoVerdict {
  const { greeting, replies } = measured.analysis;
  const spoken = [...(greeting ? [greeting] : []), ...replies];
  const over = (atMs: number): boolean => spoken.some(({ startMs, endMs }) => atMs >= startMs && atMs <= endMs + 500);
  return {
    agentTurns: planned.turns.length + (greeting ? 1 : 0),
    agentMinutes: spoken.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0) / 60_000,
    stops: interruptionsOf(log).filter(over).length,
    lowerings: commandsOf(log, 'lower').filter(({ atMs }) => over(atMs)).length,
  };
}

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
