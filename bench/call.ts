import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareWithServerMarks } from '../src/analyser/agreement.js';
import { analyseCall, type CallAnalysis } from '../src/analyser/analyse-call.js';
import { percentile } from '../src/analyser/statistics.js';
import { summarise } from '../src/analyser/summary.js';
import { samplesOf } from '../src/audio/frame.js';
import { writeCall } from '../src/cli/call/call-files.js';
import type { CallResult } from '../src/cli/call/call-result.js';
import { type CallerClip, callerClip } from '../src/cli/call/clip.js';
import { nodeSockets } from '../src/cli/call/node-socket.js';
import { runCall } from '../src/cli/call/run-call.js';
import { ensureServer } from '../src/cli/call/server.js';
import { judgeOrders } from './scoring/order-slots.js';
import type { OrderLabel } from './scoring/order-vocabulary.js';
import { audioDir, readMono, readSpeechTable } from './support/recordings.js';
import type { BenchResult } from './support/report.js';

/** Room tone of the recording kept behind the caller's speech. */
const orderTailMs = 4_000;
const orders = 10;
const sentences = 20;
const shuffleSeed = 7;
/** A port of its own, so that a server someone talks to is not measured by accident. */
const port = 8_797;

type Measured = {
  readonly kind: 'order' | 'sentence';
  readonly file: string;
  readonly result: CallResult;
  readonly analysis: CallAnalysis;
};

/** Whole calls, one recording each, over the socket to a server process of their own. */
export async function benchCall(flags: {
  readonly audio?: string;
  readonly limit?: number;
  readonly keep?: string;
}): Promise<BenchResult> {
  const dir = audioDir(flags.audio);
  const wanted = (n: number): number => Math.min(n, flags.limit ?? n);
  const orderClips = await clipsOf(
    join(dir, 'coffee-orders'),
    wanted(orders),
    (row) => row.endMs - row.startMs > 1_500,
  );
  const sentenceClips = await clipsOf(join(dir, 'librispeech-other'), wanted(sentences), () => true);
  const dataDir = join(tmpdir(), `parley-bench-${process.pid}`);
  process.env.PARLEY_DATA_DIR = dataDir;
  process.env.PARLEY_PORT = String(port);
  process.env.PARLEY_LOG_LEVEL = 'warn';
  const url = `ws://127.0.0.1:${port}/v1/realtime?model=parley`;
  const server = await ensureServer({ url, onProgress: (message) => process.stderr.write(`${message}\n`) });
  const measured: Measured[] = [];
  try {
    for (const [kind, clips] of [
      ['order', orderClips],
      ['sentence', sentenceClips],
    ] as const)
      for (const clip of clips) {
        const result = await runCall({ url, clips: [clip], openSocket: nodeSockets() });
        const truth = result.turns.map(({ startMs, endMs }) => ({ startMs, endMs }));
        const analysis = analyseCall(
          { channels: [result.caller, result.agent], rateHz: result.rateHz },
          { callerTurns: truth },
        );
        measured.push({ kind, file: clip.file, result, analysis });
        process.stderr.write(
          `${clip.file}: ${result.turns[0]?.responseLatencyMs ?? 'no answer'} ms: ${result.turns[0]?.reply ?? ''}\n`,
        );
        if (flags.keep) {
          const folder = join(flags.keep, clip.file.replace(/\.\w+$/, ''));
          await mkdir(folder, { recursive: true });
          await writeCall(folder, result);
        }
      }
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
  return report(measured, await orderLabels(dir));
}

function report(measured: readonly Measured[], labels: ReadonlyMap<string, OrderLabel>): BenchResult {
  const groups = [
    ['orders', measured.filter(({ kind }) => kind === 'order')],
    ['LibriSpeech', measured.filter(({ kind }) => kind === 'sentence')],
    ['all', measured],
  ] as const;
  const rows = groups.map(([name, group]) => {
    const summary = summarise(group.map(({ analysis }) => analysis));
    const latency = summary.response_latency_all_turns;
    return {
      calls: name,
      n: latency.n,
      'response_latency P50 ms': rounded(latency.p50),
      'P95 ms': rounded(latency.p95),
      'cut off': `${summary.false_cutoff_rate.count} of ${summary.false_cutoff_rate.of}`,
      missed: `${summary.missed_turn_rate.count} of ${summary.missed_turn_rate.of}`,
      'dead air > 2.5 s': group.filter(({ analysis }) => analysis.turns.some((turn) => turn.deadAirMs > 2_500)).length,
    };
  });
  const answered = measured.filter(({ kind, file }) => kind === 'order' && labels.has(file));
  const replies = answered.map(({ result }) => result.turns[0]?.reply ?? '');
  const verdict = judgeOrders(
    replies,
    answered.map(({ file }) => labels.get(file) as OrderLabel),
    shuffleSeed,
  );
  const agreement = measured.map(({ result, analysis }) =>
    compareWithServerMarks(
      analysis,
      result.turns.flatMap((turn) => {
        // Of a recording that was taken for several turns, the first answer is what both sides measured.
        const [mark] = turn.marks;
        return mark ? [{ turn: turn.turn, firstAudioHeardMs: mark.agent_onset_audio_ms }] : [];
      }),
    ),
  );
  const differences = agreement.flatMap(({ turns }) => turns.flatMap(({ differenceMs }) => differenceMs ?? []));
  const agreeing = differences.filter((difference) => Math.abs(difference) <= 20).length;
  return {
    title: 'Calls over the socket, one recording each, agent-first greeting',
    rows,
    notes: [
      waterfall(measured),
      `Orders: ${verdict.own.contains} of ${verdict.own.n} replies contain a slot value of their order, ${verdict.own.contradicts} contradict it; against shuffled labels ${verdict.shuffled.passes} pass.`,
      `Server's marks against the recording: ${agreeing} of ${differences.length} within 20 ms, median difference ${rounded(percentile(differences, 50))} ms, largest ${rounded(Math.max(...differences.map(Math.abs)))} ms.`,
    ],
    details: {
      verdict,
      agreement,
      calls: measured.map(({ kind, file, result, analysis }) => ({
        kind,
        file,
        turns: result.turns,
        analysis: analysis.turns,
      })),
    },
  };
}

/** The medians of the server's marks: where the time of a turn goes. */
function waterfall(measured: readonly Measured[]): string {
  const marks = measured.flatMap(({ result }) => result.turns.flatMap((turn) => turn.marks.at(-1) ?? []));
  const median = (pick: (mark: (typeof marks)[number]) => number | null): string => {
    const values = marks.flatMap((mark) => pick(mark) ?? []);
    return values.length === 0 ? '–' : rounded(percentile(values, 50));
  };
  const steps = [
    ['silence seen', median(({ steps: s }) => s.vad_silence_ms)],
    ['end-of-turn model', median(({ steps: s }) => s.end_of_turn_ms)],
    ['transcript', median(({ steps: s }) => s.stt_final_ms)],
    ['first token', median(({ steps: s }) => s.llm_first_token_ms)],
    ['first clause', median(({ steps: s }) => s.first_clause_ms)],
    ['first audio', median(({ steps: s }) => s.tts_first_audio_ms)],
    ['turn decided', median((mark) => mark.eou_delay_ms)],
    ['response', median((mark) => mark.response_latency_ms)],
  ];
  return `Waterfall, medians of the server's marks in ms after the end of speech: ${steps.map(([name, ms]) => `${name} ${ms}`).join(', ')}.`;
}

async function clipsOf(
  dir: string,
  count: number,
  wanted: (row: { startMs: number; endMs: number }) => boolean,
): Promise<CallerClip[]> {
  const clips: CallerClip[] = [];
  for (const row of (await readSpeechTable(dir)).filter(wanted).slice(0, count)) {
    const { samples, rateHz } = await readMono(join(dir, row.file));
    const cut = samples.subarray(0, samplesOf(row.endMs + orderTailMs, rateHz));
    clips.push(await callerClip(row.file, { channels: [cut], rateHz }, { startMs: row.startMs, endMs: row.endMs }));
  }
  return clips;
}

async function orderLabels(dir: string): Promise<Map<string, OrderLabel>> {
  return new Map(
    Object.entries(
      JSON.parse(await readFile(join(dir, 'coffee-orders/labels.json'), 'utf8')) as Record<string, OrderLabel>,
    ),
  );
}

function rounded(value: number | null): string {
  return value === null ? '–' : String(Math.round(value));
}
