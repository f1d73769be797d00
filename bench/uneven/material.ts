import { join } from 'node:path';
import { resample } from '../../src/audio/resample.js';
import {
  type CallerSound,
  callerRateHz,
  pad,
  speechSpan,
  trim,
} from '../../src/testing/callers/acoustics/caller-sound.js';
import { hearWords } from '../../src/testing/callers/acoustics/hear-words.js';
import { choosePauses, insertPauses } from '../../src/testing/callers/acoustics/pauses.js';
import { readCallerSound } from '../../src/testing/callers/acoustics/recordings.js';
import { readMono, readSpeechTable, readTable, type SpeechRow } from '../support/recordings.js';
import { babbleOf, type Surroundings } from './conditions.js';
import type { Ears } from './measure.js';

/** Long recordings cost more than they tell. */
const longestMs = 7_000;
/** Before and behind what is said: a call is open before its caller speaks. */
const marginMs = 1_000;
const pause = { count: 1, minMs: 500, maxMs: 1_000 };

type Sentence = { readonly file: string; readonly reference: string; readonly sound: CallerSound };
export type Material = {
  readonly sentences: readonly Sentence[];
  /** Each has a pause inside a phrase, and its end. */
  readonly orders: readonly { readonly file: string; readonly sound: CallerSound }[];
  readonly around: Surroundings;
};

/** At most `limit` sentences and as many orders, spread over the speakers. */
export async function readMaterial(dir: string, limit: number, ears: Ears): Promise<Material> {
  const { signal } = new AbortController();
  const sentencesDir = join(dir, 'librispeech-other');
  const transcripts = new Map(
    (await readTable(join(sentencesDir, 'transcripts.tsv'))).map((row) => [row.file, row.transcript ?? '']),
  );
  const sentences: Sentence[] = [];
  for (const row of spread(await shortRows(sentencesDir), limit))
    sentences.push({
      file: row.file,
      reference: transcripts.get(row.file) ?? '',
      sound: await readSound(sentencesDir, row),
    });
  const ordersDir = join(dir, 'coffee-orders');
  const orders: { file: string; sound: CallerSound }[] = [];
  for (const [index, row] of spread(await shortRows(ordersDir), 2 * limit).entries()) {
    if (orders.length === limit) break;
    const heard = await hearWords(await readSound(ordersDir, row), { ...ears, signal });
    const sound = insertPauses(heard, choosePauses(heard, index, pause));
    if (sound.speech.length === 2) orders.push({ file: row.file, sound });
  }
  const speakersDir = join(dir, 'speakers');
  const speakers = await Promise.all(
    spread(await readSpeechTable(speakersDir), 12).map((row) => readSound(speakersDir, row)),
  );
  const kitchen = await readMono(join(dir, 'noise', 'kitchen.flac'));
  return {
    sentences,
    orders,
    around: { kitchen: await resample(kitchen.samples, kitchen.rateHz, callerRateHz), babble: babbleOf(speakers) },
  };
}

async function shortRows(dir: string): Promise<SpeechRow[]> {
  return (await readSpeechTable(dir)).filter(({ startMs, endMs }) => endMs - startMs <= longestMs);
}

/** A recording with a second before and behind what is said, its own or of its own room. */
async function readSound(dir: string, { file, startMs, endMs }: SpeechRow): Promise<CallerSound> {
  const recorded = await readCallerSound(join(dir, file), [{ startMs, endMs }]);
  const padded = pad(recorded, { beforeMs: marginMs, afterMs: marginMs });
  const span = speechSpan(padded);
  return trim(padded, { startMs: span.startMs - marginMs, endMs: span.endMs + marginMs });
}

/** `count` of them, evenly over the list: speakers stand side by side in it. */
function spread<Item>(items: readonly Item[], count: number): Item[] {
  return items
    .filter(
      (_, index) => Math.floor((index * count) / items.length) !== Math.floor(((index - 1) * count) / items.length),
    )
    .slice(0, count);
}
