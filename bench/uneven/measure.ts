import { durationMs, samplesOf } from '../../src/audio/frame.js';
import { transcribeSamples } from '../../src/conversation/listen/transcribe-samples.js';
import { createTreatment } from '../../src/conversation/listen/treatment.js';
import type { TreatmentSettings } from '../../src/conversation/listen/treatment-settings.js';
import { vadRateHz, vadWindowSamples } from '../../src/ports/voice-activity.js';
import { type CallerSound, speechSpan } from '../../src/testing/callers/acoustics/caller-sound.js';
import type { startEars } from '../support/engines.js';

export type Ears = Awaited<ReturnType<typeof startEars>>;

/** The turn machine asks after so much silence. */
const askAfterMs = 96;
const preRollMs = 800;
const speechFrom = 0.5;
/** Voice activity may go on for so long behind speech, and begin before it. */
const edgeMs = 200;

/** A sound as it is listened to. */
export type Treated = { readonly sound: CallerSound; readonly latencyMs: number };

/** Passes a sound through a treatment that has heard nothing before: the first turn of a call. */
export async function treat(sound: CallerSound, settings: TreatmentSettings): Promise<Treated> {
  const treatment = await createTreatment(settings);
  const samples = new Float32Array(Math.ceil(sound.samples.length / vadWindowSamples) * vadWindowSamples);
  samples.set(sound.samples);
  for (let at = 0; at < samples.length; at += vadWindowSamples)
    samples.set(treatment.process(samples.slice(at, at + vadWindowSamples)), at);
  treatment.close();
  return { sound: { ...sound, samples }, latencyMs: treatment.latencyMs };
}

/** What is understood of it. */
export async function heardText({ sound }: Treated, ears: Ears): Promise<string> {
  const { signal } = new AbortController();
  return (await transcribeSamples(sound.samples, { vad: ears.vad, stt: ears.stt, signal })).text;
}

/** How complete the turn sounds 96 ms behind each of its stretches of speech; the last one is its end. */
export async function completeness({ sound, latencyMs }: Treated, ears: Ears): Promise<number[]> {
  const { signal } = new AbortController();
  const from = samplesOf(Math.max(0, speechSpan(sound).startMs - preRollMs), vadRateHz);
  const probabilities: number[] = [];
  for (const { endMs } of sound.speech) {
    const to = samplesOf(endMs + askAfterMs + latencyMs, vadRateHz);
    const { probability } = await ears.endOfTurn.predict(sound.samples.slice(from, to), { signal });
    probabilities.push(probability);
  }
  return probabilities;
}

export type VadCount = {
  readonly speechWindows: number;
  readonly missed: number;
  readonly silentWindows: number;
  readonly invented: number;
};

/** Windows of 32 ms that lie in speech and are not called so, and the other way round. */
export async function voiceActivity({ sound, latencyMs }: Treated, ears: Ears): Promise<VadCount> {
  const vad = ears.vad.open({ callId: 'uneven' });
  const count = { speechWindows: 0, missed: 0, silentWindows: 0, invented: 0 };
  try {
    for (let at = 0; at + vadWindowSamples <= sound.samples.length; at += vadWindowSamples) {
      const speech = (await vad.push(sound.samples.slice(at, at + vadWindowSamples))) >= speechFrom;
      const startMs = durationMs(at, vadRateHz) - latencyMs;
      const endMs = startMs + durationMs(vadWindowSamples, vadRateHz);
      if (sound.speech.some((stretch) => startMs >= stretch.startMs && endMs <= stretch.endMs)) {
        count.speechWindows += 1;
        if (!speech) count.missed += 1;
      } else if (
        sound.speech.every((stretch) => endMs <= stretch.startMs - edgeMs || startMs >= stretch.endMs + edgeMs)
      ) {
        count.silentWindows += 1;
        if (speech) count.invented += 1;
      }
    }
  } finally {
    vad.close();
  }
  return count;
}

/** Chance that a finished turn sounds more complete than an unfinished one: the area under the ROC curve. */
export function areaUnderCurve(finished: readonly number[], unfinished: readonly number[]): number {
  let wins = 0;
  for (const end of finished) for (const pause of unfinished) wins += end > pause ? 1 : end === pause ? 0.5 : 0;
  return wins / Math.max(1, finished.length * unfinished.length);
}
