import { samplesOf } from '../../audio/frame.js';
import type { CallerSound } from '../callers/acoustics/caller-sound.js';
import type { EchoPath } from '../callers/acoustics/echo-path.js';
import { loopNoise } from '../callers/acoustics/mixing.js';

/** What is heard around the caller, whatever they do. */
export type Surroundings = {
  /** Repeated without a seam; empty for none. */
  readonly noise: Float32Array;
  readonly others: { readonly sounds: readonly CallerSound[]; readonly everyMs: number } | undefined;
  readonly echo: EchoPath | undefined;
};

export type CallerChannel = {
  /** Begins with the next frame; what is heard already goes on. @returns when it begins, ms from the first sample */
  play(sound: CallerSound): number;
  /** The next samples, as many as the agent's audio that is heard meanwhile. */
  next(agent: Float32Array): Float32Array;
};

/** The caller's microphone: their lines, what is around them, and what comes back of the agent. */
export function createCallerChannel(rateHz: number, { noise, others, echo }: Surroundings): CallerChannel {
  let position = 0;
  let playing: { readonly samples: Float32Array; readonly from: number }[] = [];
  let spokenByOthers = 0;

  const callOthers = (count: number): void => {
    if (!others || others.sounds.length === 0) return;
    const due = samplesOf((spokenByOthers + 1) * others.everyMs, rateHz);
    if (due >= position + count) return;
    const sound = others.sounds[spokenByOthers % others.sounds.length];
    if (sound) playing.push({ samples: sound.samples, from: due });
    spokenByOthers += 1;
  };

  return {
    play(sound) {
      playing.push({ samples: sound.samples, from: position });
      return (position / rateHz) * 1000;
    },
    next(agent) {
      const count = agent.length;
      callOthers(count);
      const mixed = noise.length > 0 ? loopNoise(noise, count, rateHz, position) : new Float32Array(count);
      for (const { samples, from } of playing)
        for (let i = Math.max(0, from - position); i < count; i++)
          mixed[i] = (mixed[i] as number) + (samples[position + i - from] ?? 0);
      if (echo) {
        const returned = echo.process(agent);
        for (let i = 0; i < count; i++) mixed[i] = (mixed[i] as number) + (returned[i] as number);
      }
      position += count;
      playing = playing.filter(({ samples, from }) => from + samples.length > position);
      return mixed;
    },
  };
}
