import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ParleyError } from '../../../ports/errors.js';
import { sessionOptions } from '../../host/ort-options.js';
import { asTable, readModelFile, readModelJson } from '../model-files.js';

/** Readings kept; a conversation uses the same few names again and again. */
const CACHED_WORDS = 2_000;

/**
 * Readings of words that are in no dictionary: a small character network (`chars` int64 [1, L] → `ids` [1, T], CTC: repeats
 * collapse, 0 is blank), about a millisecond per word.
 */
export class UnknownWordReader {
  private readonly cache = new Map<string, string>();

  private constructor(
    private readonly session: InferenceSession,
    private readonly characters: ReadonlyMap<string, number>,
    private readonly phonemes: readonly string[],
    private readonly longest: number,
  ) {}

  static async load(modelDir: string): Promise<UnknownWordReader> {
    const tables = asTable<unknown>(await readModelJson(modelDir, 'oov.json'), 'oov.json');
    const characters = listOf(tables.in);
    const phonemes = listOf(tables.out);
    const longest = typeof tables.maxlen === 'number' ? tables.maxlen : 24;
    const session = await InferenceSession.create(await readModelFile(modelDir, 'oov.onnx'), sessionOptions(1));
    return new UnknownWordReader(session, new Map(characters.map((c, i) => [c, i + 1])), phonemes, longest);
  }

  /** The reading of a word that {@link learn} has seen. */
  known(word: string): string | undefined {
    return this.cache.get(word);
  }

  /** Reads a word and remembers it; only its first 24 letters count. '' where no character is known to the network. */
  async learn(word: string): Promise<string> {
    const ids: bigint[] = [];
    for (const character of word) {
      const id = this.characters.get(character);
      if (id !== undefined && ids.push(BigInt(id)) === this.longest) break;
    }
    const reading = ids.length === 0 ? '' : await this.run(ids);
    const oldest = this.cache.keys().next().value;
    if (this.cache.size >= CACHED_WORDS && oldest !== undefined) this.cache.delete(oldest);
    this.cache.set(word, reading);
    return reading;
  }

  async close(): Promise<void> {
    await this.session.release();
  }

  private async run(ids: readonly bigint[]): Promise<string> {
    const out = await this.session.run({ chars: new Tensor('int64', BigInt64Array.from(ids), [1, ids.length]) });
    const best = (out[this.session.outputNames[0] ?? 'ids'] as Tensor | undefined)?.data ?? [];
    let reading = '';
    let previous = 0;
    for (const value of best as ArrayLike<number | bigint> & Iterable<number | bigint>) {
      const id = Number(value);
      if (id !== previous && id !== 0) reading += this.phonemes[id - 1] ?? '';
      previous = id;
    }
    return reading;
  }
}

function listOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new ParleyError('oov.json lacks its lists of characters and phonemes. Delete it and fetch the model again.', {
    code: 'models.corrupt',
  });
}
