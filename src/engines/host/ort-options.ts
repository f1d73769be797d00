import type { InferenceSession } from 'onnxruntime-node';

/**
 * One thread by default, and no spinning: the governor hands out cores, and a pool that spins burns one that it was not
 * given.
 */
export function sessionOptions(threads = 1): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}
