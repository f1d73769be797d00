import { ParleyError } from '../../ports/errors.js';
import { serveHost } from '../host/serve.js';
import { type Decoding, MoonshineRecognizer } from './recognizer.js';
import type { BeginDecoding, DecodingState, DropDecoding, MoonshineInit, StepDecoding } from './wire.js';

/** Decodings that nobody finished or dropped are forgotten, oldest first. */
const maxDecodings = 16;
const unfinished: DecodingState = { done: false, words: [], beginnings: [] };

serveHost<MoonshineInit>(async ({ modelDir }) => {
  const recognizer = await MoonshineRecognizer.load(modelDir);
  const warmUp = await recognizer.begin(new Float32Array(16_000));
  await recognizer.step(warmUp, 20);
  const decodings = new Map<number, Decoding>();

  const advance = async (job: number, decoding: Decoding, budgetMs: number): Promise<DecodingState> => {
    await recognizer.step(decoding, budgetMs);
    if (decoding.done) decodings.delete(job);
    return decoding.done ? { done: true, ...recognizer.heardIn(decoding) } : unfinished;
  };

  return {
    begin: async (payload) => {
      const { job, samples, budgetMs, draft, digits, keywords } = payload as BeginDecoding;
      const startedAt = performance.now();
      const decoding = await recognizer.begin(samples, { draft, digits, keywords });
      decodings.set(job, decoding);
      for (const oldest of decodings.keys()) {
        if (decodings.size <= maxDecodings) break;
        decodings.delete(oldest);
      }
      const leftMs = budgetMs - (performance.now() - startedAt);
      return leftMs > 10 ? advance(job, decoding, leftMs) : unfinished;
    },
    step: async (payload) => {
      const { job, budgetMs } = payload as StepDecoding;
      const decoding = decodings.get(job);
      if (!decoding)
        throw new ParleyError(`Decoding ${job} is not known to the recogniser any more.`, {
          code: 'host.lost_state',
          retryable: true,
        });
      return advance(job, decoding, budgetMs);
    },
    drop: (payload) => {
      decodings.delete((payload as DropDecoding).job);
      return null;
    },
  };
});
