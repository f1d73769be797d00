import { durationMs } from '../../audio/frame.js';
import { ParleyError } from '../../ports/errors.js';
import { serveHost } from '../host/serve.js';
import { HibariSynthesizer, type SynthesizedSpeech } from './synthesizer.js';
import type { DropJob, HibariInit, SpeakPiece, SpokenPiece } from './wire.js';

/** Jobs that nobody finished or dropped are forgotten, oldest first. */
const maxJobs = 16;

serveHost<HibariInit>(async ({ modelDir }) => {
  const synthesizer = await HibariSynthesizer.load({ modelDir });
  await synthesizer.synthesize('Hello there.');
  const jobs = new Map<number, AsyncGenerator<SynthesizedSpeech>>();

  const drop = async (job: number): Promise<void> => {
    const pieces = jobs.get(job);
    jobs.delete(job);
    await pieces?.return(undefined);
  };

  return {
    speak: async (payload): Promise<SpokenPiece> => {
      const { job, start } = payload as SpeakPiece;
      if (start) {
        jobs.set(
          job,
          synthesizer.stream(start.text, { speed: start.speed, final: !start.continues, after: start.after }),
        );
        for (const oldest of [...jobs.keys()].slice(0, Math.max(0, jobs.size - maxJobs))) await drop(oldest);
      }
      const pieces = jobs.get(job);
      if (!pieces)
        throw new ParleyError(`Speech job ${job} is not known to the voice any more.`, {
          code: 'host.lost_state',
          retryable: true,
        });
      const { value, done } = await pieces.next();
      if (done) {
        jobs.delete(job);
        return { done: true };
      }
      const { rateHz } = value;
      const words = value.words.map(({ text, startSample, endSample }) => ({
        text,
        startMs: durationMs(startSample, rateHz),
        endMs: durationMs(endSample, rateHz),
      }));
      return { done: false, samples: value.samples, rateHz, words };
    },
    drop: async (payload) => {
      await drop((payload as DropJob).job);
      return null;
    },
  };
});
