import { type CallerTurn, findCallerTurns } from './caller-turns.js';
import { longestDigitalSilenceMs } from './digital-silence.js';
import { type AnalyserOptions, defaultAnalyserOptions } from './options.js';
import { type CallRecording, callSides, type Interval } from './recording.js';
import { groupReplies, type Reply } from './replies.js';
import { agentSegments } from './speech-segments.js';
import { measureTurns, type TurnMeasurement } from './turn-measurement.js';

export type HeardReply = Reply & {
  /** Longest run of digital silence in it, ms: what a listener's player puts in where the audio ran out. */
  readonly digitalSilenceMs: number;
};

/** Everything measured of one call. Times are ms on the recording's clock. */
export type CallAnalysis = {
  readonly durationMs: number;
  readonly options: AnalyserOptions;
  /** Where the caller's turns come from. */
  readonly turnSource: CallerTurn['source'];
  /** What the agent said before the caller's first turn began; `null` when the caller spoke first. */
  readonly greeting: Interval | null;
  readonly turns: readonly TurnMeasurement[];
  readonly replies: readonly HeardReply[];
  readonly callerSegments: readonly Interval[];
};

export type AnalyseCallOptions = Partial<AnalyserOptions> & {
  /** Where the caller really speaks, when known: in order, apart, within the recording. An empty list means nowhere. */
  readonly callerTurns?: readonly Interval[];
};

/**
 * Measures a call from its recording alone: channel 0 the caller, channel 1 the agent, one clock, any rate from 4 kHz.
 *
 * @throws ParleyError `analyser.bad_recording`, `analyser.bad_turns`.
 */
export function analyseCall(recording: CallRecording, options: AnalyseCallOptions = {}): CallAnalysis {
  const { callerTurns, ...changed } = options;
  const settings: AnalyserOptions = { ...defaultAnalyserOptions, ...changed };
  const sides = callSides(recording);
  const caller = findCallerTurns(sides, callerTurns, settings);
  const replies = groupReplies(agentSegments(sides.agent, sides.rateHz, settings), caller.turns, settings);
  const firstTurnMs = caller.turns[0]?.startMs ?? Number.POSITIVE_INFINITY;
  const greetings = replies.filter((reply) => reply.startMs < firstTurnMs);
  const firstGreeting = greetings[0];
  const lastGreeting = greetings.at(-1);
  return {
    durationMs: sides.durationMs,
    options: settings,
    turnSource: callerTurns === undefined ? 'energy' : 'label',
    greeting: firstGreeting && lastGreeting ? { startMs: firstGreeting.startMs, endMs: lastGreeting.endMs } : null,
    turns: measureTurns(caller, replies, sides.durationMs, settings),
    replies: replies.map((reply) => ({
      ...reply,
      digitalSilenceMs: longestDigitalSilenceMs(sides.agent, sides.rateHz, reply),
    })),
    callerSegments: caller.segments,
  };
}
