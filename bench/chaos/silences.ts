import { type AnalyseCallOptions, analyseCall } from '../../src/analyser/analyse-call.js';
import type { CallResult } from '../../src/cli/call/call-result.js';

/**
 * The longest silence of each turn, from the call's recording: from the caller's last word to the first sound of the
 * agent, and between its sounds until the last one before the caller speaks again. What follows that is the caller's
 * own pause. A turn in which the agent is never heard is silent until the next one.
 */
export function longestSilences(result: CallResult, options: AnalyseCallOptions = {}): number[] {
  const callerTurns = result.turns.map(({ startMs, endMs }) => ({ startMs, endMs }));
  const recording = { channels: [result.caller, result.agent], rateHz: result.rateHz };
  const { replies, durationMs } = analyseCall(recording, { ...options, callerTurns });
  const sounds = replies.flatMap((reply) => reply.segments);
  return callerTurns.map(({ endMs }, index) => {
    const untilMs = callerTurns[index + 1]?.startMs ?? durationMs;
    const heard = sounds.filter((sound) => sound.endMs > endMs && sound.startMs < untilMs);
    if (heard.length === 0) return untilMs - endMs;
    let silentSinceMs = endMs;
    let longestMs = 0;
    for (const sound of heard) {
      longestMs = Math.max(longestMs, sound.startMs - silentSinceMs);
      silentSinceMs = Math.max(silentSinceMs, sound.endMs);
    }
    return longestMs;
  });
}
