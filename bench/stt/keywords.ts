import { join } from 'node:path';
import { resample } from '../../src/audio/resample.js';
import type { Keyword, SpeechToText } from '../../src/ports/speech-to-text.js';
import { normalizeEnglish } from '../scoring/normalize-english.js';
import { wordErrorRate } from '../scoring/wer.js';
import { readMono } from '../support/recordings.js';
import type { Row } from '../support/report.js';
import { transcribeAtOnce } from './transcribe-at-once.js';

const rateHz = 16_000;
const weights = [1, 2, 3, 4, 5];

/** Names, products and places that none of the recordings has. */
const others =
  'Kowalczyk Siobhan Amoxicillin Lisinopril Gonzalez Nguyen Metformin Fitzgerald Worcestershire Szczecin Moonshine Parley Xfinity Verizon Atorvastatin Papadopoulos Krzysztof Anastasia Bartholomew Chihuahua Edinburgh Guadalajara Hernandez Ibuprofen Jakarta Kubernetes Leominster Montgomery Nebraska Oberlin Pritchard Quetzal Rasmussen Saskatchewan Tchaikovsky Uzbekistan Villanueva Wojciech Xavier Yosemite Zimmerman frappuccino cappuccino macchiato cortado gnocchi prosciutto quinoa sriracha tiramisu'.split(
    ' ',
  );

/**
 * Recall of the rare words of each recording without keywords, with them, with fifty others too, and what the others alone
 * do. Finals of whole recordings, not in real time.
 *
 * @param dir folder of the recordings
 */
export async function keywordRows(
  dir: string,
  rows: readonly Record<string, string>[],
  stt: SpeechToText,
): Promise<Row[]> {
  const spoken = await Promise.all(
    rows.map(async ({ file = '', transcript = '', rare_words = '[]' }) => {
      const audio = await readMono(join(dir, file));
      const samples = await resample(audio.samples, audio.rateHz, rateHz);
      return { samples, transcript, rare: JSON.parse(rare_words) as readonly string[] };
    }),
  );
  const measure = async (what: string, keywordsOf: (rare: readonly string[]) => readonly Keyword[]): Promise<Row> => {
    let found = 0;
    let rareWords = 0;
    let invented = 0;
    const heard: { readonly reference: string; readonly hypothesis: string }[] = [];
    for (const { samples, transcript, rare } of spoken) {
      const keywords = keywordsOf(rare);
      const { text } = await transcribeAtOnce(samples, stt, keywords);
      heard.push({ reference: transcript, hypothesis: text });
      rareWords += rare.length;
      found += rare.filter((word) => has(text, word)).length;
      invented += keywords.filter((keyword) => has(text, keyword.text) && !has(transcript, keyword.text)).length;
    }
    const wer = wordErrorRate(heard);
    const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
    return {
      what,
      n: `${rareWords} rare words, ${wer.referenceWords} words`,
      result: `recall ${percent(found / Math.max(1, rareWords))} (${found}), WER ${percent(wer.wer ?? 1)}, keywords invented ${invented}`,
    };
  };
  const table = [await measure('no keywords', () => [])];
  for (const weight of weights) {
    const weighted = (texts: readonly string[]): Keyword[] => texts.map((text) => ({ text, weight }));
    table.push(await measure(`weight ${weight}, the rare words`, weighted));
    table.push(
      await measure(`weight ${weight}, and ${others.length} others`, (rare) => weighted([...rare, ...others])),
    );
    table.push(await measure(`weight ${weight}, only ${others.length} others`, () => weighted(others)));
  }
  return table;
}

function has(text: string, word: string): boolean {
  return ` ${normalizeEnglish(text)} `.includes(` ${normalizeEnglish(word)} `);
}
