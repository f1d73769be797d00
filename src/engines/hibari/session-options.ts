import type { InferenceSession } from 'onnxruntime-node';

/**
 * One thread by default: a clause takes about 20 ms, and the second core belongs to the ears. Spinning is off because idle
 * worker threads that spin take that core away from other processes.
 */
export function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}
