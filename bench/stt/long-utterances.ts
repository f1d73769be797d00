import { join } from 'node:path';
import { concatSamples, durationMs } from '../../src/audio/frame.js';
import { resample } from '../../src/audio/resample.js';
import type { SpeechToText } from '../../src/ports/speech-to-text.js';
import { type Transcription, wordErrorRate } from '../scoring/wer.js';
import { readMono } from '../support/recordings.js';
import { transcribeAtOnce } from './transcribe-at-once.js';

const rateHz = 16_000;
const atLeastMs = 60_000;
const atMostMs = 120_000;

export type LongUtterances = {
  readonly n: number;
  readonly parts: number;
  readonly longestMs: number;
  /** Word error rate of the whole utterances, and of the recordings that they are made of, each alone. */
  readonly wholeWer: number;
  readonly partsWer: number;
  readonly whole: readonly Transcription[];
};

/** Recordings one after another as single utterances of 60-120 s: no word may be lost or doubled at a seam. */
export async function longUtterances(
  dir: string,
  rows: readonly Readonly<Record<string, string>>[],
  stt: SpeechToText,
  limit: number | undefined,
): Promise<LongUtterances> {
  const whole: Transcription[] = [];
  const parts: Transcription[] = [];
  let longestMs = 0;
  let pending: { readonly samples: Float32Array; readonly reference: string }[] = [];
  const lengthMs = (): number => pending.reduce((sum, { samples }) => sum + durationMs(samples.length, rateHz), 0);
  const flush = async (): Promise<void> => {
    if (lengthMs() >= atLeastMs) {
      longestMs = Math.max(longestMs, lengthMs());
      const { text } = await transcribeAtOnce(concatSamples(pending.map(({ samples }) => samples)), stt);
      whole.push({ reference: pending.map(({ reference }) => reference).join(' '), hypothesis: text });
      for (const { samples, reference } of pending)
        parts.push({ reference, hypothesis: (await transcribeAtOnce(samples, stt)).text });
    }
    pending = [];
  };
  for (const { file = '', transcript = '' } of rows) {
    if (limit !== undefined && whole.length >= limit) break;
    const audio = await readMono(join(dir, file));
    const samples = await resample(audio.samples, audio.rateHz, rateHz);
    if (lengthMs() + durationMs(samples.length, rateHz) > atMostMs) await flush();
    pending.push({ samples, reference: transcript });
    if (lengthMs() > (atLeastMs + atMostMs) / 2) await flush();
  }
  await flush();
  return {
    n: whole.length,
    parts: parts.length,
    longestMs,
    wholeWer: wordErrorRate(whole).wer ?? 1,
    partsWer: wordErrorRate(parts).wer ?? 1,
    whole,
  };
}
