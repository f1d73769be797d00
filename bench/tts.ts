import { percentile } from '../src/analyser/statistics.js';
import { concatSamples, durationMs } from '../src/audio/frame.js';
import { resample } from '../src/audio/resample.js';
import { transcribeSamples } from '../src/conversation/listen/transcribe-samples.js';
import { findSpeech } from '../src/engines/hibari/silence.js';
import { modelDir } from '../src/models/cache.js';
import { readSettings } from '../src/settings/settings.js';
import { measureJoins } from './scoring/joins.js';
import {
  checkHardItem,
  checkHomograph,
  loadFrontEnd,
  phonemeErrorRate,
  readHardItems,
  readHomographs,
  readOrdinarySentences,
} from './scoring/readings.js';
import { wordErrorRate } from './scoring/wer.js';
import { roundTripSentences, twoClauseSentences } from './sentences.js';
import { startEars } from './support/engines.js';
import type { BenchResult, Row } from './support/report.js';

type Ears = Awaited<ReturnType<typeof startEars>>;

/** What is read, how fast, how clearly, and how clauses join. */
export async function benchTts(flags: { readonly limit?: number }): Promise<BenchResult> {
  const readings = await readTexts();
  const ears = await startEars();
  try {
    const spoken = await speakAndHear(ears, roundTripSentences.slice(0, flags.limit));
    const joins = await compareJoins(ears, flags.limit);
    return {
      title: 'Text to speech (hibari heart)',
      rows: [...readings.rows, ...spoken.rows, ...joins.rows],
      notes: [
        'First audible sample: from the request to the arrival of the audio, plus what is silent in front of it. Whole sentences, one after another.',
        'Hard items and homographs are compared by sound, ordinary sentences by phoneme and stress mark with hibari-tts 0.2.1. Joins: two clauses asked for one after the other, against one synthesis of the sentence.',
      ],
      details: { readings: readings.details, roundTrip: spoken.details, joins: joins.details },
    };
  } finally {
    await ears.close();
  }
}

type Part = { readonly rows: readonly Row[]; readonly details: unknown };

/** The front end alone: no sound is made. */
async function readTexts(): Promise<Part> {
  const frontEnd = await loadFrontEnd(modelDir(readSettings(process.env).cacheDir, 'hibari'));
  try {
    const items = [];
    for (const item of await readHardItems()) items.push(await checkHardItem(frontEnd, item));
    const homographs = [];
    for (const homograph of await readHomographs()) homographs.push(await checkHomograph(frontEnd, homograph));
    const ordinary = await readOrdinarySentences();
    const errorRate = await phonemeErrorRate(frontEnd, ordinary);
    const count = (checked: readonly { holds: boolean }[]) => checked.filter(({ holds }) => holds).length;
    return {
      rows: [
        row('hard items that hold', count(items), items.length),
        row('homographs that hold', count(homographs), homographs.length),
        row('phoneme error, ordinary sentences, %', (100 * errorRate).toFixed(3), ordinary.length),
      ],
      details: { failing: [...items, ...homographs].filter(({ holds }) => !holds) },
    };
  } finally {
    await frontEnd.close();
  }
}

/** Full scale: a sample here was limited. */
const clippedAbove = 0.999;

/** Time to sound, speed, and the word error rate of our own recogniser on our own voice. */
async function speakAndHear(ears: Ears, sentences: readonly string[]): Promise<Part> {
  const { signal } = new AbortController();
  const firstMs: number[] = [];
  const realTimeFactors: number[] = [];
  const pairs: { reference: string; hypothesis: string }[] = [];
  let clipped = 0;
  for (const text of sentences) {
    const startedMs = performance.now();
    const parts: Float32Array[] = [];
    let arrivedMs: number | undefined;
    for await (const event of ears.tts.speak({ text, voice: 'heart', signal })) {
      if (event.type !== 'audio') continue;
      arrivedMs ??= performance.now() - startedMs;
      parts.push(event.samples);
    }
    const spentMs = performance.now() - startedMs;
    const samples = concatSamples(parts);
    firstMs.push((arrivedMs ?? spentMs) + durationMs(findSpeech(samples)?.start ?? 0, ears.tts.rateHz));
    realTimeFactors.push(spentMs / durationMs(samples.length, ears.tts.rateHz));
    clipped += samples.reduce((sum, sample) => sum + (Math.abs(sample) > clippedAbove ? 1 : 0), 0);
    const heard = await transcribeSamples(await resample(samples, ears.tts.rateHz, 16_000), { ...ears, signal });
    pairs.push({ reference: text, hypothesis: heard.text });
  }
  const n = sentences.length;
  const report = wordErrorRate(pairs);
  return {
    rows: [
      row('text to first audible sample, P50 ms', percentile(firstMs, 50).toFixed(0), n),
      row('text to first audible sample, P95 ms', percentile(firstMs, 95).toFixed(0), n),
      row('real time factor, P50', percentile(realTimeFactors, 50).toFixed(4), n),
      row(`round-trip word errors, %, of ${report.referenceWords} words`, (100 * (report.wer ?? 1)).toFixed(2), n),
      row('clipped samples', clipped, n),
    ],
    details: pairs,
  };
}

async function compareJoins(ears: Ears, limit: number | undefined): Promise<Part> {
  const joins = await measureJoins(ears.tts, twoClauseSentences.slice(0, limit));
  const p50 = (values: readonly number[]) => percentile(values, 50);
  const n = joins.length;
  return {
    rows: [
      row('pause at a join, P50 ms', p50(joins.map((join) => join.joinedPauseMs)).toFixed(0), n),
      row('the same pause in one synthesis, P50 ms', p50(joins.map((join) => join.wholePauseMs)).toFixed(0), n),
      row('pitch before a join, off by, P50 semitones', p50(joins.map((j) => Math.abs(j.endSemitones))).toFixed(2), n),
      row('pitch after a join, off by, P50 semitones', p50(joins.map((j) => Math.abs(j.startSemitones))).toFixed(2), n),
    ],
    details: joins.map(({ joined: _, ...join }) => join),
  };
}

function row(measure: string, value: string | number, n: number): Row {
  return { measure, value, n };
}
