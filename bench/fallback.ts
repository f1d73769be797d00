import { Option } from 'commander';
import { percentile } from '../src/analyser/statistics.js';
import { defaultPhraseTexts } from '../src/conversation/phrases.js';
import { orderClips } from './chaos.js';
import { type DrillKind, drills as drillSettings } from './fallback/plan.js';
import { type Drill, runDrills } from './fallback/run-drills.js';
import { wordErrorRate } from './scoring/wer.js';
import { type BenchFlags, wholeNumber } from './support/bench.js';
import type { BenchResult, Row } from './support/report.js';

/** What a caller may at most have to wait for the rest of a sentence. */
const longestGapMs = 1_500;

export type FallbackFlags = BenchFlags & { readonly drills: number };

export const fallbackOptions = [
  new Option('--drills <n>', 'calls in which a service is killed, for each kind of service')
    .argParser(wholeNumber)
    .default(10),
];

/** Remote engines are killed in the middle of a sentence: what the caller hears of it. */
export async function benchFallback({ drills: count }: FallbackFlags): Promise<BenchResult> {
  const kinds = Object.keys(drillSettings) as DrillKind[];
  const orders = await orderClips();
  const clips = Array.from({ length: count }, (_, index) => orders[index % orders.length]).filter(
    (clip) => clip !== undefined,
  );
  const onProgress = (line: string): void => void process.stderr.write(`${line}\n`);
  const drills = await runDrills({ kinds, clips, onProgress });
  return {
    title: `A remote engine killed in the middle of a sentence, ${count} calls each; the engine of this machine goes on`,
    rows: kinds.map((kind) =>
      row(
        kind,
        drills.filter((drill) => drill.kind === kind),
      ),
    ),
    notes: [
      `The voice dies after ${drillSettings.voice.afterMs} ms of a clause's audio, the model after ${drillSettings.model.afterWords} words of its reply; both are killed with SIGKILL.`,
      'Silence: between the first and the last sound of the answer in the caller’s recording, below -50 dBFS, pauses between clauses included. Words: the answer in that recording, transcribed by this server, against what was to be said.',
      ...drills.filter(({ failure }) => failure !== null).map(({ failure }) => `A call failed: ${failure}`),
    ],
    details: drills,
  };
}

function row(kind: DrillKind, all: readonly Drill[]): Row {
  const drills = all.filter(({ killed }) => killed);
  const silences = drills.flatMap(({ longestSilenceMs }) => longestSilenceMs ?? []);
  const latencies = drills.flatMap(({ responseLatencyMs }) => responseLatencyMs ?? []);
  const of = (values: readonly number[], percent: number): number | string =>
    values.length === 0 ? '–' : Math.round(percentile(values, percent));
  // Of a model that died the rest is another one's, so the words are those the server says it has said.
  const { wer } = wordErrorRate(
    drills.map(({ written, said, heard }) => ({ reference: kind === 'voice' ? written : said, hypothesis: heard })),
  );
  return {
    killed: kind,
    n: drills.length,
    'longest silence P50 ms': of(silences, 50),
    'P95 ms': of(silences, 95),
    'max ms': of(silences, 100),
    [`over ${longestGapMs} ms`]: silences.filter((silence) => silence > longestGapMs).length,
    'apology instead of the rest': drills.filter(({ said }) => said.includes(defaultPhraseTexts.apology)).length,
    'not answered': drills.length - silences.length,
    'words wrong': wer === null ? '–' : `${(wer * 100).toFixed(1)} %`,
    'response latency P50 ms': of(latencies, 50),
  };
}
