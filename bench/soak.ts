import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Option } from 'commander';
import { samplesOf } from '../src/audio/frame.js';
import { type CallerClip, callerClip } from '../src/cli/call/clip.js';
import { runCall } from '../src/cli/call/run-call.js';
import { nodeSockets } from '../src/client/node-socket.js';
import { ParleyError } from '../src/ports/errors.js';
import { fixtureRecordingsOf } from '../test/fixtures/recordings.js';
import { memoryOfTree, type ProcessMemory } from './support/process-memory.js';
import { readMono } from './support/recordings.js';
import type { BenchOptions, BenchResult, Row } from './support/report.js';
import { handles, type Vitals, WatchedProcess } from './support/watched-process.js';

const defaultTurns = 200;
const turnsPerCall = 20;
const callsAtOnce = 2;
const sampleEveryTurns = 10;
/** Everything has been used by then: what grows afterwards grows for ever. */
const warmTurns = 20;
const port = 8_798;
const readyWithinMs = 600_000;
const stopWithinMs = 30_000;
/** Of the recordings, what comes before and after the speech. */
const marginMs = 60;
/** A short reply makes a short turn: it is their number that counts. */
const instructions = 'You confirm what you hear. Answer every message with exactly two words: "Okay, noted."';
const mebibyte = 1024 ** 2;

export type SoakFlags = BenchOptions & { readonly turns?: number };

export const soakOptions = [new Option('--turns <n>', 'how many turns').argParser(Number).default(defaultTurns)];

type Sample = { readonly turn: number; readonly processes: readonly ProcessMemory[]; readonly main: Vitals };

/** Many turns, over several calls, in one server process of its own with its real engines. */
export async function benchSoak(flags: SoakFlags): Promise<BenchResult> {
  const turns = flags.turns ?? defaultTurns;
  if (!Number.isInteger(turns) || turns <= warmTurns)
    throw new ParleyError(`--turns expects a whole number greater than ${warmTurns}.`, { code: 'bench.bad_turns' });
  const clips = await shortClips();
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-soak-'));
  const server = new WatchedProcess(['bin/parley.js', 'start'], {
    PARLEY_PORT: String(port),
    PARLEY_HOST: '127.0.0.1',
    PARLEY_API_KEY: '',
    PARLEY_DATA_DIR: dataDir,
    PARLEY_MAX_CALLS: String(callsAtOnce),
  });
  try {
    await server.wrote(/Ready after/, readyWithinMs);
    return await soak(server, clips, turns);
  } finally {
    await server.stop('SIGINT', stopWithinMs);
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function soak(server: WatchedProcess, clips: readonly CallerClip[], turns: number): Promise<BenchResult> {
  const before = await server.settled();
  const samples: Sample[] = [];
  const sample = async (turn: number, vitals: () => Promise<Vitals>): Promise<void> => {
    const processes = memoryOfTree(server.pid, 'main');
    samples.push({ turn, processes, main: await vitals() });
  };
  let begun = 0;
  let over = 0;
  let answered = 0;
  const errors: string[] = [];
  const caller = async (until: number): Promise<void> => {
    while (begun < until) {
      const count = Math.min(turnsPerCall, until - begun);
      const first = begun;
      begun += count;
      const result = await runCall({
        url: `ws://127.0.0.1:${port}/v1/realtime?model=parley`,
        openSocket: nodeSockets(),
        instructions,
        greeting: false,
        clips: Array.from({ length: count }, (_, i) => clips[(first + i) % clips.length] as CallerClip),
        onUpdate: (update) => {
          if (update.type !== 'turn') return;
          over += 1;
          if (update.turn.outcome === 'answered') answered += 1;
          if (over % sampleEveryTurns === 0 && over > warmTurns && over < turns)
            void sample(over, () => server.vitals());
        },
      });
      errors.push(...result.serverErrors);
      if (result.failure) errors.push(result.failure.message);
      process.stderr.write(`${over} of ${turns} turns, ${answered} answered\n`);
    }
  };
  const callers = (until: number) => Promise.all(Array.from({ length: callsAtOnce }, () => caller(until)));
  await callers(warmTurns);
  await sample(warmTurns, () => server.settled());
  await server.resetDelay();
  await callers(turns);
  const { eventLoopDelayMs } = await server.vitals();
  const after = await settledHandles(server, before);
  await sample(turns, async () => after);
  samples.sort((a, b) => a.turn - b.turn);
  const ended = server.child.exitCode === null ? 'the server is alive' : 'the server has ended';
  const { p50, p99, max, n } = eventLoopDelayMs;
  return {
    title: `Soak: ${over} turns, ${callsAtOnce} calls at once, ${turnsPerCall} turns each, real engines`,
    rows: [...memoryRows(samples, turns), ...heapRow(samples, turns)],
    notes: [
      `Answered ${answered} of ${over} turns; errors: ${errors.length}; ${ended}; host restarts: ${restarts(server)}.`,
      `Event-loop delay of the main process after turn ${warmTurns}: P50 ${p50} ms, P99 ${p99} ms, max ${max} ms (n = ${n}).`,
      `Handles before: ${handles(before)}; after: ${handles(after)}.`,
    ],
    details: { turns: over, answered, errors, samples, eventLoopDelayMs, before, after },
  };
}

/** Handles of calls that have just ended take a moment to go. */
async function settledHandles(server: WatchedProcess, before: Vitals): Promise<Vitals> {
  let after = await server.settled();
  for (let tries = 0; tries < 10 && handles(after) !== handles(before); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    after = await server.settled();
  }
  return after;
}

function memoryRows(samples: readonly Sample[], turns: number): Row[] {
  const names = [...new Set(samples.flatMap(({ processes }) => processes.map(({ name }) => name)))];
  return names.map((name) => {
    const points = samples.map(({ turn, processes }) => ({
      turn,
      bytes: processes.filter((each) => each.name === name).reduce((sum, { bytes }) => sum + bytes, 0),
    }));
    return row(name, points, turns);
  });
}

function heapRow(samples: readonly Sample[], turns: number): Row[] {
  // Only the first and the last follow a garbage collection.
  const points = [samples[0], samples.at(-1)].flatMap((sample) =>
    sample ? [{ turn: sample.turn, bytes: sample.main.heapBytes }] : [],
  );
  return [row('main: JavaScript heap', points, turns)];
}

type Point = { readonly turn: number; readonly bytes: number };

function row(process: string, points: readonly Point[], turns: number): Row {
  const first = points[0]?.bytes ?? 0;
  const last = points.at(-1)?.bytes ?? 0;
  return {
    process,
    [`MiB at turn ${warmTurns}`]: rounded(first / mebibyte),
    [`MiB at turn ${turns}`]: rounded(last / mebibyte),
    ratio: (last / first).toFixed(3),
    'slope MiB / 100 turns': rounded((100 * slopeOf(points)) / mebibyte),
  };
}

/** Least squares, bytes per turn. */
function slopeOf(points: readonly Point[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const turn = mean(points.map((point) => point.turn));
  const bytes = mean(points.map((point) => point.bytes));
  const spread = points.reduce((sum, point) => sum + (point.turn - turn) ** 2, 0);
  return spread === 0
    ? 0
    : points.reduce((sum, point) => sum + (point.turn - turn) * (point.bytes - bytes), 0) / spread;
}

function restarts(server: WatchedProcess): number {
  return server.output.split('a model host died').length - 1;
}

async function shortClips(): Promise<CallerClip[]> {
  const orders = fixtureRecordingsOf('order').toSorted(
    (a, b) => a.speechEndMs - a.speechStartMs - (b.speechEndMs - b.speechStartMs),
  );
  return Promise.all(
    orders.slice(0, 4).map(async ({ file, path, speechStartMs, speechEndMs }) => {
      const { samples, rateHz } = await readMono(path);
      const fromMs = Math.max(0, speechStartMs - marginMs);
      const cut = samples.subarray(samplesOf(fromMs, rateHz), samplesOf(speechEndMs + marginMs, rateHz));
      return callerClip(
        file,
        { channels: [cut], rateHz },
        { startMs: speechStartMs - fromMs, endMs: speechEndMs - fromMs },
      );
    }),
  );
}

function rounded(value: number): string {
  return value.toFixed(1);
}
