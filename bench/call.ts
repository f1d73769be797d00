import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
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
import type { BenchFlags } from './support/bench.js';
import { audioDir, readMono, readSpeechTable } from './support/recordings.js';
import type { BenchResult } from './support/report.js';

/** Room tone of the recording kept behind the caller's speech. */
const orderTailMs = 4_000;
const orders = 10;
const sentences = 20;
/** Orders that are spoken into the agent's answer to another one. */
const interruptions = 10;
/** They begin this long after the answer has become audible. */
const bargeInMs = 400;
/** Kept in front of the speech of an interruption. */
const leadMs = 60;
const shuffleSeed = 7;
/** A port of its own, so that a server someone talks to is not measured by accident. */
const port = 8_797;

type Kind = 'order' | 'sentence' | 'interruption';

type Measured = {
  readonly kind: Kind;
  readonly file: string;
  readonly result: CallResult;
  readonly analysis: CallAnalysis;
};

export type CallFlags = BenchFlags & {
  readonly keep?: string;
  /** One kind of call only. */
  readonly only?: Kind;
};

export const callOptions = [
  new Option('--keep <dir>', 'keep recordings of the calls here'),
  new Option('--only <kind>', 'one kind of call only').choices(['order', 'sentence', 'interruption']),
];

/** Whole calls, one recording each, over the socket to a server process of their own. */
export async function benchCall(flags: CallFlags): Promise<BenchResult> {
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
    const measure = async (
      kind: Kind,
      clips: readonly CallerClip[],
      options: { bargeInMs?: number } = {},
    ): Promise<void> => {
      const result = await runCall({ url, clips, openSocket: nodeSockets(), ...options });
      const callerTurns = result.turns.map(({ startMs, endMs }) => ({ startMs, endMs }));
      const recording = { channels: [result.caller, result.agent], rateHz: result.rateHz };
      const file = clips.map((clip) => clip.file).join(' + ');
      measured.push({ kind, file, result, analysis: analyseCall(recording, { callerTurns }) });
      for (const turn of result.turns)
        process.stderr.write(`${turn.file}: ${turn.responseLatencyMs ?? 'no answer'} ms: ${turn.reply}\n`);
      if (!flags.keep) return;
      const folder = join(flags.keep, `${kind}-${file.replace(/\.\w+/g, '').replaceAll(' + ', '-')}`);
      await mkdir(folder, { recursive: true });
      await writeCall(folder, result);
    };
    const wants = (kind: Kind): boolean => flags.only === undefined || flags.only === kind;
    for (const clip of wants('order') ? orderClips : []) await measure('order', [clip]);
    for (const clip of wants('sentence') ? sentenceClips : []) await measure('sentence', [clip]);
    for (const [index, clip] of (wants('interruption') ? orderClips.slice(0, interruptions) : []).entries()) {
      const next = orderClips[(index + 1) % orderClips.length] ?? clip;
      await measure('interruption', [clip, await trimmed(next)], { bargeInMs });
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
    ['all', measured.filter(({ kind }) => kind !== 'interruption')],
  ] as const;
  const rows = groups
    .filter(([, group]) => group.length > 0)
    .map(([name, group]) => {
      const summary = summarise(group.map(({ analysis }) => analysis));
      const latency = summary.response_latency_all_turns;
      return {
        calls: name,
        n: latency.n,
        'response_latency P50 ms': rounded(latency.p50),
        'P95 ms': rounded(latency.p95),
        'cut off': `${summary.false_cutoff_rate.count} of ${summary.false_cutoff_rate.of}`,
        missed: `${summary.missed_turn_rate.count} of ${summary.missed_turn_rate.of}`,
        'dead air > 2.5 s': group.filter(({ analysis }) => analysis.turns.some((turn) => turn.deadAirMs > 2_500))
          .length,
      };
    });
  const stops = summarise(measured.filter(({ kind }) => kind === 'interruption').map(({ analysis }) => analysis));
  const stop = stops.barge_in_stop_latency;
  const answered = measured.filter(({ kind, file }) => kind === 'order' && labels.has(file));
  const replies = answered.map(({ result }) => result.turns[0]?.reply ?? '');
  const ordered = answered.map(({ file }) => labels.get(file) as OrderLabel);
  // Fewer than two cannot be shuffled.
  const verdict = replies.length > 1 ? judgeOrders(replies, ordered, shuffleSeed) : undefined;
  const plain = measured.filter(({ kind }) => kind !== 'interruption');
  const agreement = plain.map(({ result, analysis }) =>
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
      ...(plain.length > 0 ? [waterfall(plain)] : []),
      ...(verdict
        ? [
            `Orders: ${verdict.own.contains} of ${verdict.own.n} replies contain a slot value of their order, ${verdict.own.contradicts} contradict it; against shuffled labels ${verdict.shuffled.passes} pass.`,
          ]
        : []),
      ...(stop.n > 0
        ? [
            `Interruptions: barge_in_stop_latency (onset of speech over the agent to silence) P50 ${rounded(stop.p50)} ms, P95 ${rounded(stop.p95)} ms, n ${stop.n}; stopped within 2 s: ${stops.barge_in_success.count} of ${stops.barge_in_success.of}.`,
          ]
        : []),
      ...(differences.length > 0
        ? [
            `Server's marks against the recording: ${agreeing} of ${differences.length} within 20 ms, median difference ${rounded(percentile(differences, 50))} ms, largest ${rounded(Math.max(...differences.map(Math.abs)))} ms.`,
          ]
        : []),
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

/** Without what stands in front of its speech. */
async function trimmed({ file, samples, speech }: CallerClip): Promise<CallerClip> {
  const fromMs = Math.max(0, speech.startMs - leadMs);
  const kept = samples.subarray(samplesOf(fromMs, 24_000));
  const label = { startMs: speech.startMs - fromMs, endMs: speech.endMs - fromMs };
  return callerClip(file, { channels: [kept], rateHz: 24_000 }, label);
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
