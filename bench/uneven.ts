import { join } from 'node:path';
import { Option } from 'commander';
import { bootstrap } from '../src/analyser/statistics.js';
import { resample } from '../src/audio/resample.js';
import { defaultAutoGain, type TreatmentSettings } from '../src/conversation/listen/treatment-settings.js';
import {
  type CallerSound,
  callerRateHz,
  pad,
  speechSpan,
  trim,
} from '../src/testing/callers/acoustics/caller-sound.js';
import { hearWords } from '../src/testing/callers/acoustics/hear-words.js';
import { choosePauses, insertPauses } from '../src/testing/callers/acoustics/pauses.js';
import { readCallerSound } from '../src/testing/callers/acoustics/recordings.js';
import { wordErrorRate } from './scoring/wer.js';
import type { BenchFlags } from './support/bench.js';
import { startEars } from './support/engines.js';
import { audioDir, readMono, readSpeechTable, readTable, type SpeechRow } from './support/recordings.js';
import type { BenchResult, Row } from './support/report.js';
import { babbleOf, type Condition, conditions, type Surroundings } from './uneven/conditions.js';
import {
  areaUnderCurve,
  completeness,
  type Ears,
  heardText,
  treat,
  type VadCount,
  voiceActivity,
} from './uneven/measure.js';

/** Recordings of each kind, unless `--limit` says otherwise. */
const standardCount = 24;
/** Long recordings cost more than they tell. */
const longestMs = 7_000;
/** Before and behind what is said: a call is open before its caller speaks. */
const marginMs = 1_000;
const pause = { count: 1, minMs: 500, maxMs: 1_000 };

const treatments: Readonly<Record<string, TreatmentSettings>> = {
  none: { denoise: false },
  gain: { gain: defaultAutoGain, denoise: false },
  denoise: { denoise: true },
  'denoise and gain': { gain: defaultAutoGain, denoise: true },
};

export type UnevenFlags = BenchFlags & { readonly only?: string; readonly treat?: string };

export const unevenOptions = [
  new Option(
    '--only <names>',
    `conditions, with semicolons between them: ${conditions.map(({ name }) => name).join('; ')}`,
  ),
  new Option('--treat <names>', `treatments, with semicolons between them: ${Object.keys(treatments).join('; ')}`),
];

type Sentence = { readonly file: string; readonly reference: string; readonly sound: CallerSound };
type Material = {
  readonly sentences: readonly Sentence[];
  /** Each has a pause inside a phrase, and its end. */
  readonly orders: readonly { readonly file: string; readonly sound: CallerSound }[];
  readonly around: Surroundings;
};

/**
 * What automatic gain and noise suppression do for speech to text, the end-of-turn model and voice activity, on recorded
 * speech in noise, across the room, and from quiet callers.
 */
export async function benchUneven(flags: UnevenFlags): Promise<BenchResult> {
  const ears = await startEars();
  try {
    const material = await readMaterial(audioDir(flags.audio), flags.limit ?? standardCount, ears);
    const names = flags.treat?.split(';').map((name) => name.trim()) ?? Object.keys(treatments);
    const only = flags.only?.split(';').map((name) => name.trim());
    const rows: Row[] = [];
    const details: unknown[] = [];
    for (const condition of conditions.filter(({ name }) => only?.includes(name) ?? true)) {
      let untreated: Measured | undefined;
      for (const name of names) {
        const settings = treatments[name];
        if (!settings) continue;
        const measured = await measure(material, condition, settings, ears);
        untreated ??= measured;
        const row = rowOf(condition, name, measured, untreated);
        rows.push(row);
        details.push({ condition: condition.name, treatment: name, ...measured });
        process.stderr.write(`${JSON.stringify(row)}\n`);
      }
    }
    const words = material.sentences.map(({ reference }) => ({ reference, hypothesis: '' }));
    return {
      title: 'Uneven audio: what treating it does',
      rows,
      notes: [
        `Words: ${material.sentences.length} sentences, ${wordErrorRate(words).referenceWords} words. End of turn: ${material.orders.length} orders, each asked at a pause inserted inside a phrase and at its end, after 96 ms.`,
        'Every other recording is in kitchen noise, the rest in babble of six. Each recording is the first turn of a call.',
        'The interval is of the change in word error rate against no treatment, 95 %, by bootstrap over recordings.',
      ],
      details,
    };
  } finally {
    await ears.close();
  }
}

type Measured = {
  readonly texts: readonly { readonly reference: string; readonly hypothesis: string }[];
  readonly pauses: readonly number[];
  readonly ends: readonly number[];
  readonly vad: VadCount;
};

async function measure(
  { sentences, orders, around }: Material,
  condition: Condition,
  settings: TreatmentSettings,
  ears: Ears,
): Promise<Measured> {
  const texts: { reference: string; hypothesis: string }[] = [];
  for (const [index, { reference, sound }] of sentences.entries()) {
    const treated = await treat(condition.apply(sound, index, around), settings);
    texts.push({ reference, hypothesis: await heardText(treated, ears) });
  }
  const pauses: number[] = [];
  const ends: number[] = [];
  const vad = { speechWindows: 0, missed: 0, silentWindows: 0, invented: 0 };
  for (const [index, { sound }] of orders.entries()) {
    const treated = await treat(condition.apply(sound, index, around), settings);
    const [atPause = 0, atEnd = 0] = await completeness(treated, ears);
    pauses.push(atPause);
    ends.push(atEnd);
    const count = await voiceActivity(treated, ears);
    for (const key of Object.keys(vad) as (keyof VadCount)[]) vad[key] += count[key];
  }
  return { texts, pauses, ends, vad };
}

function rowOf(condition: Condition, treatment: string, measured: Measured, untreated: Measured): Row {
  const { texts, pauses, ends, vad } = measured;
  const change = measured === untreated ? undefined : wordErrorChange(measured, untreated);
  return {
    condition: condition.name,
    treatment,
    'WER %': (100 * (wordErrorRate(texts).wer ?? 0)).toFixed(1),
    'change (95 %)': change ?? '',
    'end of turn, AUC': areaUnderCurve(ends, pauses).toFixed(3),
    'P(end) - P(pause)': (mean(ends) - mean(pauses)).toFixed(3),
    'speech missed %': share(vad.missed, vad.speechWindows),
    'speech invented %': share(vad.invented, vad.silentWindows),
  };
}

function wordErrorChange(measured: Measured, untreated: Measured): string {
  const clusters = measured.texts.map((_, index) => [index]);
  const change = (indexes: readonly number[]): number => {
    const rate = ({ texts }: Measured): number =>
      100 * (wordErrorRate(indexes.flatMap((index) => texts[index] ?? [])).wer ?? 0);
    return rate(measured) - rate(untreated);
  };
  const interval = bootstrap(clusters, change, { resamples: 500 });
  return interval ? `${interval.low.toFixed(1)} to ${interval.high.toFixed(1)}` : '';
}

async function readMaterial(dir: string, limit: number, ears: Ears): Promise<Material> {
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function share(part: number, whole: number): string {
  return ((100 * part) / Math.max(1, whole)).toFixed(1);
}
