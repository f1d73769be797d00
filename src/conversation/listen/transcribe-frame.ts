import type { AudioFrame } from '../../audio/frame.js';
import { createResampler } from '../../audio/resample.js';
import { vadRateHz } from '../../ports/voice-activity.js';
import { type TranscribeOptions, transcribeSamples } from './transcribe-samples.js';

/** The words of a stretch of audio that is no turn of the call, such as a message that was spoken before. */
export async function transcribeFrame({ samples, rateHz }: AudioFrame, options: TranscribeOptions): Promise<string> {
  if (rateHz === vadRateHz) return (await transcribeSamples(samples, options)).text;
  const resampler = await createResampler({ fromHz: rateHz, toHz: vadRateHz });
  try {
    const parts = [resampler.push(samples), resampler.end()];
    const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return (await transcribeSamples(whole, options)).text;
  } finally {
    resampler.close();
  }
}
