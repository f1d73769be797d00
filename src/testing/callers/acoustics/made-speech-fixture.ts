import { samplesOf } from '../../../audio/frame.js';
import { gainOf } from '../../../audio/loudness.js';
import { randomFrom, whiteNoise } from '../../seeded-random.js';
import { type CallerSound, type CallerWord, callerRateHz } from './caller-sound.js';

/** Tones of 160 ms, soft at their edges, with 40 ms between them in a room of -60 dBFS: two words from 500 ms, a pause, three more. */
export function madeSpeech(rateHz = callerRateHz): CallerSound {
  const starts = [500, 700, 1_500, 1_700, 1_900];
  const words: CallerWord[] = starts.map((startMs, index) => ({ text: `w${index}`, startMs, endMs: startMs + 160 }));
  const samples = whiteNoise(randomFrom(1), samplesOf(4_500, rateHz)).map((sample) => sample * gainOf(-60));
  const fade = samplesOf(10, rateHz);
  for (const [index, { startMs, endMs }] of words.entries()) {
    const from = samplesOf(startMs, rateHz);
    const to = samplesOf(endMs, rateHz);
    for (let i = from; i < to; i++) {
      const ramp = Math.min(1, (i - from) / fade, (to - i) / fade);
      samples[i] = (samples[i] as number) + 0.2 * ramp * Math.sin((2 * Math.PI * (150 + 40 * index) * i) / rateHz);
    }
  }
  return {
    samples,
    rateHz,
    speech: [
      { startMs: 500, endMs: 860 },
      { startMs: 1_500, endMs: 2_060 },
    ],
    words,
  };
}
