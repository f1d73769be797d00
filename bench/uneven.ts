import { Option } from 'commander';
import { bootstrap } from '../src/analyser/statistics.js';
import { ParleyError } from '../src/audio/error.js';
import { defaultAutoGain, type TreatmentSettings } from '../src/conversation/listen/treatment-settings.js';
import { wordErrorRate } from './scoring/wer.js';
import type { BenchFlags } from './support/bench.js';
import { startEars } from './support/engines.js';
import { audioDir } from './support/recordings.js';
import type { BenchResult, Row } from './support/report.js';
import { type Condition, conditions } from './uneven/conditions.js';
import { type Material, readMaterial } from './uneven/material.js';
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

/**
 * What automatic gain and noise suppression do for speech to text, the end-of-turn model and voice activity, on recorded
 * speech in noise, across the room, and from quiet callers.
 */
export async function benchUneven(flags: UnevenFlags): Promise<BenchResult> {
  const wanted = chosen(
    flags.only,
    conditions.map(({ name }) => name),
  );
  // What is done is compared with nothing.
  const names = [...new Set(['none', ...chosen(flags.treat, Object.keys(treatments))])];
  const ears = await startEars();
  try {
    const material = await readMaterial(audioDir(flags.audio), flags.limit ?? standardCount, ears);
    const rows: Row[] = [];
    const details: unknown[] = [];
    for (const condition of conditions.filter(({ name }) => wanted.includes(name))) {
      let untreated: Measured | undefined;
      for (const name of names) {
        process.stderr.write(`${condition.name}: ${name}\n`);
        const measured = await measure(material, condition, treatments[name] ?? { denoise: false }, ears);
        untreated ??= measured;
        rows.push(rowOf(condition, name, measured, untreated));
        details.push({ condition: condition.name, treatment: name, ...measured });
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

/** @throws ParleyError `bench.unknown` for a name that is none of `names` */
function chosen(given: string | undefined, names: readonly string[]): readonly string[] {
  if (given === undefined) return names;
  const wanted = given.split(';').map((name) => name.trim());
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown === undefined) return wanted;
  throw new ParleyError(`There is no "${unknown}" here: expected some of ${names.join('; ')}.`, {
    code: 'bench.unknown',
  });
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function share(part: number, whole: number): string {
  return ((100 * part) / Math.max(1, whole)).toFixed(1);
}
