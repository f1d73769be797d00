import type { InferenceSession } from 'onnxruntime-node';

/** One thread and no spinning: the governor hands out cores, and a spinning pool burns one that it was not given. */
export const singleThreadSession: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  extra: { session: { intra_op: { allow_spinning: '0' } } },
};
