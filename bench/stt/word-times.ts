import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { resample } from '../../src/audio/resample.js';
import type { SpeechToText } from '../../src/ports/speech-to-text.js';
import { normalizeEnglish } from '../scoring/normalize-english.js';
import { alignWords } from '../scoring/wer.js';
import { readMono } from '../support/recordings.js';
import { transcribeAtOnce } from './transcribe-at-once.js';

const rateHz = 16_000;
const toleratedMs = 150;

const referenceSchema = z.object({
  files: z.record(z.string(), z.array(z.tuple([z.string(), z.number(), z.number()]))),
});

export type WordTimes = {
  readonly utterances: number;
  /** Beginnings and ends of the words that were heard right, against the alignment: absolute errors. */
  readonly errorsMs: readonly number[];
  readonly within: number;
};

/** Word times of finals against the alignment in bench/data. @param dir folder of the recordings */
export async function wordTimes(dir: string, stt: SpeechToText, limit: number | undefined): Promise<WordTimes> {
  const file = new URL('../data/librispeech-word-times.json', import.meta.url);
  const { files } = referenceSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const errorsMs: number[] = [];
  const chosen = Object.entries(files).slice(0, limit);
  for (const [name, reference] of chosen) {
    const audio = await readMono(join(dir, name));
    const { words } = await transcribeAtOnce(await resample(audio.samples, audio.rateHz, rateHz), stt);
    const { steps } = alignWords(
      reference.map(([word]) => plain(word)),
      words.map(({ text }) => plain(text)),
    );
    let said = 0;
    let heard = 0;
    for (const { type } of steps) {
      const [, startMs, endMs] = reference[said] ?? ['', 0, 0];
      const word = words[heard];
      if (type === 'match' && word) errorsMs.push(Math.abs(word.startMs - startMs), Math.abs(word.endMs - endMs));
      if (type !== 'insertion') said += 1;
      if (type !== 'deletion') heard += 1;
    }
  }
  return {
    utterances: chosen.length,
    errorsMs,
    within: errorsMs.filter((error) => error <= toleratedMs).length / errorsMs.length,
  };
}

function plain(word: string): string {
  return normalizeEnglish(word).replaceAll(' ', '');
}
