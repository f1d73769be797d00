import { readFile } from 'node:fs/promises';
import { FrontEnd } from '../../src/engines/hibari/front-end.js';
import { asTable, readModelJson } from '../../src/engines/hibari/model-files.js';
import { alignWords } from './wer.js';

/** Where the tables lie; bench/data/README.md says what is in them. */
const dataDir = new URL('../data/', import.meta.url);

export type HardItem = { readonly kind: string; readonly text: string; readonly readings: readonly string[] };
export type Homograph = { readonly text: string; readonly readings: readonly string[] };
/** A sentence with the phonemes that the Python package hibari-tts gives it. */
export type OrdinarySentence = { readonly text: string; readonly phonemes: string };
/** What became of one item: `said` is what the front end made of it, in phonemes without stress. */
export type Checked = {
  readonly text: string;
  readonly holds: boolean;
  readonly said: string;
  readonly wanted: string;
};

export async function readHardItems(): Promise<HardItem[]> {
  const rows = await tsv('hard-items.tsv');
  return rows.map(([kind = '', text = '', reading = '']) => ({ kind, text, readings: reading.split(' | ') }));
}

export async function readHomographs(): Promise<Homograph[]> {
  const rows = await tsv('homographs.tsv');
  return rows.map(([text = '', phonemes = '']) => ({ text, readings: phonemes.split('|') }));
}

export async function readOrdinarySentences(): Promise<OrdinarySentence[]> {
  const rows = await tsv('ordinary-sentences.tsv');
  return rows.map(([, text = '', phonemes = '']) => ({ text, phonemes }));
}

/** Edits between our phonemes and the reference's (stress and punctuation count), over those of the reference; 0..1. */
export async function phonemeErrorRate(frontEnd: FrontEnd, sentences: readonly OrdinarySentence[]): Promise<number> {
  let edits = 0;
  let length = 0;
  for (const { text, phonemes } of sentences) {
    const reference = Array.from(phonemes);
    const { substitutions, deletions, insertions } = alignWords(
      reference,
      Array.from((await frontEnd.phonemize(text)).phonemes),
    );
    edits += substitutions + deletions + insertions;
    length += reference.length;
  }
  return length === 0 ? 0 : edits / length;
}

/** The text front end of the hibari voice alone, without its network. */
export async function loadFrontEnd(modelDir: string): Promise<FrontEnd> {
  const alphabet = asTable<number>(await readModelJson(modelDir, 'vocab.json'), 'vocab.json');
  return FrontEnd.load(modelDir, new Set(Object.keys(alphabet)));
}

/** An item holds when its text sounds like one of its readings, whatever the stress and the pauses. */
export async function checkHardItem(frontEnd: FrontEnd, item: HardItem): Promise<Checked> {
  const said = sounds((await frontEnd.phonemize(item.text)).phonemes);
  const wanted: string[] = [];
  for (const reading of item.readings) wanted.push(sounds((await frontEnd.phonemize(lettered(reading))).phonemes));
  return { text: item.text, holds: wanted.includes(said), said, wanted: wanted.join(' | ') };
}

/** In a reading, a capital A by itself is the letter, never the article. */
function lettered(reading: string): string {
  return reading.replace(/(?<![\p{L}[])A(?![\p{L}\]])/gu, '[A](/ˈA/)');
}

/** A homograph holds when the marked word has one of its readings. */
export async function checkHomograph(frontEnd: FrontEnd, { text, readings }: Homograph): Promise<Checked> {
  const before = text.slice(0, text.indexOf('*')).split(' ').length - 1;
  const { pieces } = await frontEnd.phonemize(text.replaceAll('*', ''));
  const words = pieces.flatMap((piece) => piece.words.map(({ start, end }) => piece.phonemes.slice(start, end)));
  const said = sounds(words[before] ?? '');
  const wanted = readings.map(sounds);
  return { text, holds: wanted.includes(said), said, wanted: wanted.join(' | ') };
}

/**
 * Phonemes without what the tables do not compare: stress, length, spaces, punctuation, and letters that stand for nearly
 * the same sound (a flap, a reduced vowel, a sound doubled where two words meet).
 */
export function sounds(phonemes: string): string {
  return Array.from(phonemes, (phoneme) => alike[phoneme] ?? phoneme)
    .filter((phoneme) => /\p{L}/u.test(phoneme))
    .filter((phoneme, i, all) => phoneme !== all[i - 1])
    .join('');
}

const alike: Readonly<Record<string, string>> = {
  ˈ: '',
  ˌ: '',
  ː: '',
  T: 't',
  ɾ: 't',
  ʊ: 'u',
  ᵊ: 'ə',
  ᵻ: 'ə',
  ɪ: 'ə',
  ɐ: 'ə',
};

async function tsv(name: string): Promise<string[][]> {
  const [, ...lines] = (await readFile(new URL(name, dataDir), 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => line.split('\t'));
}
