import { asTable, readModelJson } from './model-files.js';
import type { PhonemizedPiece, PhonemizedText } from './phonemized.js';

type Entry = string | Readonly<Record<string, string | null>>;

export class FrontEnd {
  private constructor(
    private readonly gold: Readonly<Record<string, Entry>>,
    private readonly silver: Readonly<Record<string, Entry>>,
  ) {}

  static async load(modelDir: string): Promise<FrontEnd> {
    const gold = asTable<Entry>(await readModelJson(modelDir, 'lexicon_us_gold.json.gz'), 'gold');
    const silver = asTable<Entry>(await readModelJson(modelDir, 'lexicon_us_silver.json.gz'), 'silver');
    return new FrontEnd(gold, silver);
  }

  async phonemize(text: string): Promise<PhonemizedText> {
    const pieces: PhonemizedPiece[] = [];
    for (const sentence of text.split(/(?<=[.!?])\s+/)) {
      let phonemes = '';
      const words: { text: string; start: number; end: number }[] = [];
      for (const token of sentence.match(/[A-Za-z']+|[.,!?;:]/g) ?? []) {
        const entry = this.gold[token] ?? this.gold[token.toLowerCase()] ?? this.silver[token.toLowerCase()] ?? (/[.,!?;:]/.test(token) ? token : '');
        const read = typeof entry === 'string' ? entry : (entry['DEFAULT'] ?? '');
        if (phonemes && !/[.,!?;:]/.test(token)) phonemes += ' ';
        words.push({ text: token, start: phonemes.length, end: phonemes.length + read.length });
        phonemes += read;
      }
      if (phonemes) pieces.push({ phonemes: phonemes.slice(0, 400), words, boundary: 'sentence' });
    }
    return { pieces, phonemes: pieces.map((p) => p.phonemes).join(' '), truncated: false };
  }
  async close(): Promise<void> {}
}
