import { join } from 'node:path';
import { concatSamples, durationMs } from '../../src/audio/frame.js';
import { resample } from '../../src/audio/resample.js';
import type { SpeechToText } from '../../src/ports/speech-to-text.js';
import { type Transcription, wordErrorRate } from '../scoring/wer.js';
import { readMono } from '../support/recordings.js';
import { transcribeAtOnce } from './transcribe-at-once.js';

const rateHz = 16_000;

export type LongUtterances = {
  readonly n: number;
  readonly parts: number;
  readonly lengthsMs: readonly number[];
  /** Word error rate of the whole utterances, and of the recordings that they are made of, each alone. */
  readonly wholeWer: number;
  readonly partsWer: number;
  readonly whole: readonly Transcription[];
};

/**
 * All recordings of a speaker one after another as a single utterance: no word may be lost or doubled at a seam. (Speakers are
 * not mixed: the recogniser hears worse across a change of voice, seam or no seam.)
 *
 * @param rows files named by speaker first, as LibriSpeech does, and their transcripts
 */
export async function longUtterances(
  dir: string,
  rows: readonly Readonly<Record<string, string>>[],
  stt: SpeechToText,
  limit: number | undefined,
): Promise<LongUtterances> {
  const whole: Transcription[] = [];
  const parts: Transcription[] = [];
  const lengthsMs: number[] = [];
  const speakers = [...new Set(rows.map(({ file = '' }) => speakerOf(file)))];
  for (const speaker of speakers.slice(0, limit)) {
    const own = rows.filter(({ file = '' }) => speakerOf(file) === speaker);
    const samples: Float32Array[] = [];
    for (const { file = '', transcript = '' } of own) {
      const audio = await readMono(join(dir, file));
      const part = await resample(audio.samples, audio.rateHz, rateHz);
      samples.push(part);
      parts.push({ reference: transcript, hypothesis: (await transcribeAtOnce(part, stt)).text });
    }
    const joined = concatSamples(samples);
    lengthsMs.push(durationMs(joined.length, rateHz));
    const reference = own.map(({ transcript = '' }) => transcript).join(' ');
    whole.push({ reference, hypothesis: (await transcribeAtOnce(joined, stt)).text });
  }
  return {
    n: whole.length,
    parts: parts.length,
    lengthsMs,
    wholeWer: wordErrorRate(whole).wer ?? 1,
    partsWer: wordErrorRate(parts).wer ?? 1,
    whole,
  };
}

function speakerOf(file: string): string {
  return file.split('-')[0] ?? '';
}
