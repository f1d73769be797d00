import { percentile } from '../src/analyser/statistics.js';
import { concatSamples } from '../src/audio/frame.js';
import { resample } from '../src/audio/resample.js';
import { transcribeSamples } from '../src/conversation/listen/transcribe-samples.js';
import { wordErrorRate } from './scoring/wer.js';
import { roundTripSentences } from './sentences.js';
import { startEars } from './support/engines.js';
import type { BenchResult } from './support/report.js';

/** Text to first sound, speed, and the word error rate of our own recogniser on our own voice. */
export async function benchTts(flags: { readonly limit?: number }): Promise<BenchResult> {
  const ears = await startEars();
  const { signal } = new AbortController();
  const firstMs: number[] = [];
  const factors: number[] = [];
  const pairs: { reference: string; hypothesis: string }[] = [];
  try {
    for (const text of roundTripSentences.slice(0, flags.limit)) {
      const startedMs = performance.now();
      const parts: Float32Array[] = [];
      let first: number | undefined;
      for await (const event of ears.tts.speak({ text, voice: 'heart', signal })) {
        if (event.type !== 'audio') continue;
        first ??= performance.now() - startedMs;
        parts.push(event.samples);
      }
      const spentMs = performance.now() - startedMs;
      const samples = concatSamples(parts);
      firstMs.push(first ?? spentMs);
      factors.push(samples.length / ears.tts.rateHz / (spentMs / 1000));
      const heard = await transcribeSamples(await resample(samples, ears.tts.rateHz, 16_000), { ...ears, signal });
      pairs.push({ reference: text, hypothesis: heard.text });
    }
  } finally {
    await ears.close();
  }
  const report = wordErrorRate(pairs);
  return {
    title: 'Text to speech (hibari heart) and back through Moonshine',
    rows: [
      {
        n: pairs.length,
        'first audio P50 ms': percentile(firstMs, 50).toFixed(0),
        'first audio P95 ms': percentile(firstMs, 95).toFixed(0),
        'x real time P50': percentile(factors, 50).toFixed(0),
        'round-trip WER %': (100 * (report.wer ?? 1)).toFixed(2),
        words: report.referenceWords,
      },
    ],
    notes: [
      'First audio is the first audible sample: leading silence is trimmed to 10 ms. Whole sentences, one after another.',
    ],
    details: pairs,
  };
}
