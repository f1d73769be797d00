import { describe, percentile } from '../../src/analyser/statistics.js';
import { intervalText, rounded } from '../call/figures.js';
import type { BenchResult, Row } from '../support/report.js';
import type { Measure, StreamLevel } from './plan.js';
import type { Sample, StreamResult } from './sample.js';

/** A level as it went. */
export type LevelOutcome = { readonly level: StreamLevel; readonly streams: readonly StreamResult[] };

const figuresOf: Readonly<Record<Measure, readonly (readonly [name: string, key: string])[]>> = {
  speech: [
    ['text to first audio byte (tts_ttfb)', 'tts_ttfb'],
    ['text to first audible sample (tts_ttfa)', 'tts_ttfa'],
    ['text to last byte', 'done'],
  ],
  endpointed: [
    ['speech end to final transcript (stt_ttfs), the server ends the turn', 'stt_ttfs'],
    ['speech begin to first partial (stt_ttfp)', 'stt_ttfp'],
    ['speech begin to first stable words', 'stt_stable'],
  ],
  committed: [['speech end to final transcript (stt_ttfs), the client commits', 'stt_ttfs']],
  chat: [
    ['request to first token (llm_ttft)', 'llm_ttft'],
    ['request to last token', 'done'],
  ],
};

/** `first`: what the first requests after the start took, which no level has. */
export function apiReport(
  { done: outcomes, first }: { readonly done: readonly LevelOutcome[]; readonly first: readonly Sample[] },
  title: string,
): BenchResult {
  const [speech, chat] = first;
  return {
    title,
    rows: outcomes.flatMap(latencyRows),
    more: [
      { title: 'Speech that is played as it comes', rows: outcomes.filter(isOf('speech')).map(playoutRow) },
      { title: 'Refused or broken off', rows: outcomes.map(failureRow) },
    ].filter(({ rows }) => rows.length > 0),
    notes: [
      'Times are taken by clients in a process of their own, at their sockets. A stream makes one request after another; requests of text begin at once on all streams, recordings are spoken at real time and half a second apart.',
      'First audible sample: the first 10 ms that reach the analyser’s threshold, played as they come. Speech begins and ends where the labels of the recordings say. The wait that ends a turn is part of stt_ttfs where the server ends it.',
      'Replies of chat are written one at a time: at 4 and 8 streams llm_ttft is mostly the wait for those before.',
      `The first requests after the start are in no row: speech ${rounded(speech?.tts_ttfa ?? null)} ms to the first audible sample, chat ${rounded(chat?.llm_ttft ?? null)} ms to the first token.`,
    ],
    details: { levels: outcomes, first },
  };
}

const isOf =
  (measure: Measure) =>
  ({ level }: LevelOutcome): boolean =>
    level.measure === measure;

function latencyRows({ level, streams }: LevelOutcome): Row[] {
  return figuresOf[level.measure].map(([name, key]) => {
    const values = streams.map(({ samples }) => samples.flatMap((sample) => sample[key] ?? []));
    const { n, p50, p50Ci95, p95, max } = describe(values);
    return {
      what: name,
      streams: level.streams,
      n,
      'P50 ms': rounded(p50),
      'P50 95 % CI': intervalText(p50Ci95),
      'P95 ms': rounded(p95),
      'max ms': rounded(max),
    };
  });
}

function playoutRow({ level, streams }: LevelOutcome): Row {
  const samples = streams.flatMap((stream) => stream.samples);
  const of = (key: string): number[] => samples.flatMap((sample) => sample[key] ?? []);
  const ratios = samples.map(({ audio = 0, done = 1 }) => audio / done);
  return {
    streams: level.streams,
    n: samples.length,
    'audio s per s of one stream, P50': ratios.length > 0 ? percentile(ratios, 50).toFixed(1) : '–',
    'ran dry': of('gap').filter((gap) => gap > 0).length,
    'longest gap P95 ms': samples.length > 0 ? rounded(percentile(of('gap'), 95)) : '–',
  };
}

function failureRow({ level, streams }: LevelOutcome): Row {
  const failures = streams.flatMap((stream) => stream.failures);
  return {
    what: level.measure,
    streams: level.streams,
    requests: level.streams * level.requestsEach,
    failed: failures.length,
    why: [...new Set(failures)].slice(0, 3).join('; ') || '–',
  };
}
