import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import { percentile } from '../src/analyser/statistics.js';
import { resample } from '../src/audio/resample.js';
import { normVersion } from './scoring/normalize-english.js';
import { type Transcription, wordErrorRate } from './scoring/wer.js';
import { keywordRows } from './stt/keywords.js';
import { type Ears, type Heard, listenTo } from './stt/listen-to.js';
import { longUtterances } from './stt/long-utterances.js';
import { nonSpeechClips } from './stt/non-speech.js';
import { stabilityOf } from './stt/stability.js';
import { wordTimes } from './stt/word-times.js';
import { startEars } from './support/engines.js';
import { audioDir, readMono, readTable } from './support/recordings.js';
import type { BenchResult, Row } from './support/report.js';

const rateHz = 16_000;
/** Recordings at once: real callers also share the machine. */
const atOnce = 2;
/** Where nothing is said, nothing depends on the pace. */
const nonSpeechSpeed = 4;

export const sttOptions = [new Option('--keywords', 'only what keywords do for rare words, offline')];

type SttFlags = { readonly audio?: string; readonly limit?: number; readonly keywords?: boolean };

/**
 * Speech to text as a caller meets it: recordings at real time through voice activity, turns and the streaming
 * recogniser; then word times, long utterances, and what is made of sounds that are no speech.
 */
export async function benchStt(flags: SttFlags): Promise<BenchResult> {
  const audio = audioDir(flags.audio);
  const dir = join(audio, 'librispeech-other');
  const rows = await readTable(join(dir, 'transcripts.tsv'));
  const ears = await startEars();
  try {
    if (flags.keywords)
      return {
        title: 'Keywords (LibriSpeech test-other; finals of whole recordings)',
        rows: await keywordRows(dir, rows.slice(0, flags.limit), ears.stt),
        notes: [`Normaliser ${normVersion}; the keywords of a recording are its own rare words.`],
        details: {},
      };
    const streamed = await inTurn(rows.slice(0, flags.limit), async ({ file = '', transcript = '' }) => ({
      file,
      reference: transcript,
      ...(await listenTo(await read(join(dir, file)), ears)),
    }));
    const times = await wordTimes(dir, ears.stt, flags.limit);
    const long = await longUtterances(dir, rows, ears.stt, flags.limit);
    const kitchen = join(audio, 'noise', 'kitchen.flac');
    const clips = nonSpeechClips(existsSync(kitchen) ? await read(kitchen) : undefined);
    const invented = await inTurn(clips, async ({ name, samples }) => ({ name, ...(await invention(samples, ears)) }));
    return {
      title: 'Speech to text (LibriSpeech test-other; streaming at real-time pace)',
      rows: [
        ...streamingRows(streamed),
        {
          what: 'word times, error',
          n: `${times.errorsMs.length} ends of words in ${times.utterances} utterances`,
          result: `P50 ${ms(times.errorsMs, 50)}, P90 ${ms(times.errorsMs, 90)}, ${asPercent(times.within)} within 150 ms`,
        },
        {
          what: 'long utterances, WER',
          n: `${long.n} (${seconds(Math.min(...long.lengthsMs))}-${seconds(Math.max(...long.lengthsMs))} s, of ${long.parts} recordings)`,
          result: `${asPercent(long.wholeWer)}; the recordings alone ${asPercent(long.partsWer)}`,
        },
        {
          what: 'words invented on non-speech',
          n: `${invented.length} clips`,
          result: `${count(invented, ({ turnWords }) => turnWords)} in turns, ${count(invented, ({ partialWords }) => partialWords)} in partials`,
        },
      ],
      notes: [`Normaliser ${normVersion}; ${atOnce} recordings at once; turns of one recording are joined.`],
      details: { streamed, times, long, invented },
    };
  } finally {
    await ears.close();
  }
}

type Streamed = Transcription & Heard & { readonly file: string };

function streamingRows(streamed: readonly Streamed[]): Row[] {
  const wer = wordErrorRate(streamed);
  const stability = streamed.flatMap(({ events }) => stabilityOf(events));
  const lags = stability.flatMap(({ lagsMs }) => lagsMs);
  const stable = count(stability, ({ stableWords }) => stableWords);
  const corrected = count(stability, ({ corrections }) => corrections);
  const firsts = stability.flatMap(({ firstPartialMs }) => (firstPartialMs === undefined ? [] : [firstPartialMs]));
  const events = streamed.flatMap((each) => each.events.map(({ event }) => event));
  const computeMs = events.flatMap((event) => (event.type === 'final' ? [event.computeMs] : []));
  const n = `${streamed.length} recordings`;
  return [
    {
      what: 'streaming WER',
      n: `${n}, ${wer.referenceWords} words`,
      result: `${asPercent(wer.wer ?? 1)} (S ${wer.substitutions}, D ${wer.deletions}, I ${wer.insertions})`,
    },
    {
      what: 'first partial after the first word begins',
      n: `${firsts.length} utterances`,
      result: `P50 ${ms(firsts, 50)}, P95 ${ms(firsts, 95)}`,
    },
    {
      what: 'word stable after its end',
      n: `${lags.length} words`,
      result: `P50 ${ms(lags, 50)}, P95 ${ms(lags, 95)}`,
    },
    {
      what: 'stable words corrected',
      n: `${stable} stable words`,
      result: `${corrected} (${asPercent(corrected / Math.max(1, stable))})`,
    },
    {
      what: 'final',
      n: `${computeMs.length} finals`,
      result: `P50 ${ms(computeMs, 50)}, P95 ${ms(computeMs, 95)}`,
    },
    {
      what: 'turns and partials per recording',
      n,
      result: `${perEach(streamed, ({ turns }) => turns)}, ${perEach(streamed, (each) => each.events.filter(({ event }) => event.type === 'partial').length)}`,
    },
  ];
}

async function invention(
  samples: Float32Array,
  ears: Ears,
): Promise<{ readonly turnWords: number; readonly partialWords: number; readonly heard: string }> {
  const { hypothesis, events } = await listenTo(samples, ears, nonSpeechSpeed);
  const partialWords = events.map(({ event }) => (event.type === 'partial' ? wordsIn(event.text) : 0));
  return { turnWords: wordsIn(hypothesis), partialWords: Math.max(0, ...partialWords), heard: hypothesis };
}

async function inTurn<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const queue = [...items.entries()];
  const results: Result[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

async function read(file: string): Promise<Float32Array> {
  const { samples, rateHz: fileHz } = await readMono(file);
  return resample(samples, fileHz, rateHz);
}

function wordsIn(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

function count<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

function perEach<Item>(items: readonly Item[], of: (item: Item) => number): string {
  return (count(items, of) / Math.max(1, items.length)).toFixed(1);
}

function asPercent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}

function ms(values: readonly number[], share: number): string {
  return values.length === 0 ? '–' : `${Math.round(percentile(values, share))} ms`;
}
