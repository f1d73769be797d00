import { rmsDb } from '../../analyser/level.js';
import { defaultAnalyserOptions } from '../../analyser/options.js';
import { samplesOf } from '../../audio/frame.js';
import { realtimeRateHz } from '../../client/pcm.js';

const hopMs = 10;

/**
 * Where sound begins in a frame, in ms from its first sample: the first 10 ms hop that reaches the analyser's threshold
 * for an agent. Null when the frame is silent to a caller.
 */
export function audibleFromMs(frame: Float32Array): number | null {
  const hop = samplesOf(hopMs, realtimeRateHz);
  for (let from = 0; from + hop <= frame.length; from += hop) {
    if (rmsDb(frame, from, from + hop, 0) >= defaultAnalyserOptions.agentThresholdDb) return (from / hop) * hopMs;
  }
  return null;
}
