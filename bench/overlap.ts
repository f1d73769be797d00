import { join } from 'node:path';
import { Option } from 'commander';
import { percentile, seededRandom } from '../src/analyser/statistics.js';
import { samplesOf } from '../src/audio/frame.js';
import { resample } from '../src/audio/resample.js';
import type { SpokenPiece } from '../src/conversation/speak/spoken-piece.js';
import { defaultTurnSettings } from '../src/conversation/turn/settings.js';
import { EventQueue } from '../src/ports/event-queue.js';
import type { SpeechToText, SpeechToTextInput } from '../src/ports/speech-to-text.js';
import {
  agentTexts,
  backchannelTexts,
  otherBackchannelTexts,
  otherStopTexts,
  otherVoiceSizes,
  spoken,
  stopTexts,
  trimmed,
  voiceSizes,
} from './overlap/clips.js';
import {
  type Echo,
  type Happening,
  type Heard,
  type Latencies,
  type Rehearsal,
  rehearse,
} from './overlap/rehearsal.js';
import { atLevel, bang, cough, lineNoise, rateHz, roomTaps } from './overlap/sounds.js';
import type { BenchFlags } from './support/bench.js';
import { startEars } from './support/engines.js';
import { audioDir, readMono, readSpeechTable } from './support/recordings.js';
import type { BenchResult, Row } from './support/report.js';

type Kind = {
  readonly name: string;
  /** Whether the agent has to stop for it. */
  readonly takesFloor: boolean;
  readonly trials: readonly Trial[];
};

type Trial = Rehearsal & { readonly name: string; readonly onsetMs: number };
type Outcome = {
  readonly trial: string;
  readonly onsetMs: number;
  readonly happened: readonly Happening[];
  readonly heard: readonly Heard[];
};

/** Loudness of the caller's loud parts; the voice of the agent has about -20. */
const callerDb = -26;
/** A shorter silence inside what the agent says is none. */
const gapFromMs = 100;
/** When the agent begins to speak, for callers who have spoken before. */
const agentFromMs = 4_000;

export type OverlapFlags = BenchFlags & { readonly only?: string };

export const overlapOptions = [new Option('--only <text>', 'try only the sounds whose names contain this')];

/**
 * Sounds over the agent's speech, through the real voice detector and recogniser, in audio time: who lowers it, who stops
 * it, how soon, and what comes back.
 */
export async function benchOverlap(flags: OverlapFlags): Promise<BenchResult> {
  const dir = audioDir(flags.audio);
  const ears = await startEars();
  const rows: Row[] = [];
  const details: unknown[] = [];
  try {
    const transcriber = openTranscriber(ears.stt);
    const kinds = await makeKinds(dir, ears.tts, flags.limit ?? 30);
    for (const kind of kinds.filter(({ name }) => name.includes(flags.only ?? ''))) {
      const outcomes: Outcome[] = [];
      for (const trial of kind.trials) {
        const vad = ears.vad.open({ callId: trial.name });
        const { happened, heard } = await rehearse(
          trial,
          { vad, transcribe: transcriber.transcribe },
          defaultTurnSettings,
          latencies,
        );
        vad.close();
        outcomes.push({ trial: trial.name, onsetMs: trial.onsetMs, happened, heard });
      }
      rows.push(rowOf(kind, outcomes));
      details.push({ kind: kind.name, outcomes });
    }
    transcriber.close();
  } finally {
    await ears.close();
  }
  return {
    title: 'Sounds over the agent, in audio time',
    rows,
    notes: [
      `Words are taken to come ${latencies.partialMs} ms after they are asked for, transcripts ${latencies.finalMs} ms; the rest of the computing takes no time here.`,
      `Heard: at the far end, which plays what was sent. A gap: the agent was silent for more than ${gapFromMs} ms and went on.`,
      'Orders, other speakers and kitchen are recordings; backchannels and stop words are our voice in four sizes; coughs and knocks are made.',
    ],
    details,
  };
}

/** Of the recogniser here on an idle machine: a partial of 1 s, and a final after it. */
const latencies: Latencies = { partialMs: 90, finalMs: 120 };

function rowOf(kind: Kind, outcomes: readonly Outcome[]): Row {
  const after = outcomes.map(({ happened, onsetMs }) => ({
    onsetMs,
    happened: happened.filter(({ atMs }) => atMs >= onsetMs),
  }));
  const first = (what: readonly Happening['what'][]): number[] =>
    after.flatMap(({ happened, onsetMs }) => {
      const found = happened.find((each) => what.includes(each.what));
      return found ? [found.heardMs - onsetMs] : [];
    });
  const yields = first(['lower', 'pause', 'stop']);
  const silences = after.flatMap(({ happened, onsetMs }) => {
    const stop = happened.find(({ what }) => what === 'stop');
    const pause = happened.findLast(({ what, atMs }) => what === 'pause' && (!stop || atMs <= stop.atMs));
    const back = happened.some(
      ({ what, atMs }) => what === 'restore' && pause && atMs > pause.atMs && (!stop || atMs < stop.atMs),
    );
    if (!stop) return [];
    return [(pause && !back ? pause : stop).heardMs - onsetMs];
  });
  const gaps = after.map(({ happened }) => longestGapMs(happened));
  const disturbed = after.filter(
    ({ happened }, index) => happened.some(({ what }) => what === 'stop') || (gaps[index] ?? 0) > gapFromMs,
  ).length;
  const lowerings = after.map(({ happened }) => {
    let longest = 0;
    let since: number | undefined;
    for (const { what, atMs } of happened) {
      if (what === 'lower') since = atMs;
      else if (since !== undefined) {
        longest = Math.max(longest, atMs - since);
        since = undefined;
      }
    }
    return longest;
  });
  const p = (values: readonly number[], percent: number): string =>
    values.length === 0 ? '–' : percentile(values, percent).toFixed(0);
  const n = outcomes.length;
  return {
    sound: kind.name,
    n,
    lowered: after.filter(({ happened }) => happened.some(({ what }) => what === 'lower')).length,
    lowerings: after.reduce((sum, { happened }) => sum + happened.filter(({ what }) => what === 'lower').length, 0),
    stopped: silences.length,
    'neither stopped nor gapped %': ((100 * (n - disturbed)) / Math.max(1, n)).toFixed(0),
    'yield P50 ms': kind.takesFloor ? p(yields, 50) : '',
    'yield P95 ms': kind.takesFloor ? p(yields, 95) : '',
    'stop P50 ms': kind.takesFloor ? p(silences, 50) : '',
    'stop P95 ms': kind.takesFloor ? p(silences, 95) : '',
    'longest lowering ms': lowerings.length === 0 ? 0 : Math.max(...lowerings).toFixed(0),
  };
}

/** The agent's longest silence in the middle of what it says, ms; without end when it did not go on. */
function longestGapMs(happened: readonly Happening[]): number {
  let longest = 0;
  for (const [index, { what, heardMs }] of happened.entries()) {
    if (what !== 'pause') continue;
    const back = happened.slice(index).find((later) => later.what === 'restore');
    longest = Math.max(longest, (back?.heardMs ?? Number.POSITIVE_INFINITY) - heardMs);
  }
  return longest;
}

type Transcriber = { readonly transcribe: (samples: Float32Array) => Promise<string>; readonly close: () => void };

/** One decoding after another: what a partial sees, without the pace of partials. */
function openTranscriber(stt: SpeechToText): Transcriber {
  const abort = new AbortController();
  const input = new EventQueue<SpeechToTextInput>(abort.signal);
  const events = stt.listen({ callId: 'overlap', input, signal: abort.signal })[Symbol.asyncIterator]();
  let request = 0;
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (samples: Float32Array): Promise<string> => {
    const utterance = ++request;
    input.push({ type: 'start', utterance });
    input.push({ type: 'audio', samples });
    input.push({ type: 'freeze', utterance, request: utterance });
    for (;;) {
      const { value, done } = await events.next();
      if (done) return '';
      if (value.type === 'error' && value.request === utterance) return '';
      if (value.type === 'final' && value.request === utterance) return value.text;
    }
  };
  return {
    transcribe: (samples) => {
      const text = last.then(() => ask(samples));
      last = text.catch(() => {});
      return text;
    },
    close: () => input.end(),
  };
}

type Speech = { readonly name: string; readonly samples: Float32Array };

async function makeKinds(
  dir: string,
  tts: Awaited<ReturnType<typeof startEars>>['tts'],
  limit: number,
): Promise<Kind[]> {
  const random = seededRandom(7);
  const replies: SpokenPiece[][] = [];
  for (const text of agentTexts) replies.push([await spoken(tts, text)]);
  const reply = (index: number) => replies[index % replies.length] ?? [];
  const orders: Speech[] = [];
  for (const row of (await readSpeechTable(join(dir, 'coffee-orders'))).slice(0, limit)) {
    const { samples, rateHz: fileRate } = await readMono(join(dir, 'coffee-orders', row.file));
    const at16k = await resample(samples, fileRate, rateHz);
    orders.push({ name: row.file, samples: at16k.slice(samplesOf(row.startMs, rateHz), samplesOf(row.endMs, rateHz)) });
  }
  const others: Speech[] = [];
  for (const row of (await readSpeechTable(join(dir, 'speakers'))).slice(0, limit)) {
    const { samples, rateHz: fileRate } = await readMono(join(dir, 'speakers', row.file));
    const at16k = await resample(samples, fileRate, rateHz);
    const from = samplesOf(row.startMs, rateHz);
    others.push({ name: row.file, samples: at16k.slice(from, from + samplesOf(2_000, rateHz)) });
  }
  const kitchen = (await readMono(join(dir, 'noise', 'kitchen.flac'))).samples;
  const voices = async (texts: readonly string[], sizes: readonly number[] = voiceSizes): Promise<Speech[]> => {
    const made: Speech[] = [];
    for (const text of texts)
      for (const size of sizes)
        made.push({ name: `${text} ${size}`, samples: trimmed((await spoken(tts, text, size)).samples) });
    return made;
  };
  const made = (name: string, sound: (seed: number) => Float32Array): Speech[] =>
    Array.from({ length: limit }, (_, seed) => ({ name: `${name} ${seed}`, samples: sound(seed + 1) }));

  /** The caller has spoken, the agent answers, and `sound` comes over the answer. */
  const over = (sounds: readonly Speech[], levelDb: number, echo?: () => Echo): Trial[] =>
    sounds.map(({ name, samples }, index) => {
      const onsetMs = agentFromMs + 1_200 + Math.round(random() * 1_500);
      const spokenBefore = orders[(index + 3) % orders.length]?.samples.subarray(0, samplesOf(2_800, rateHz));
      const untilMs = onsetMs + 3_000;
      const caller = lineNoise(samplesOf(untilMs + 100, rateHz), index + 1);
      if (spokenBefore) mix(caller, atLevel(spokenBefore, callerDb), samplesOf(300, rateHz));
      mix(caller, atLevel(samples.subarray(0, samplesOf(2_900, rateHz)), levelDb), samplesOf(onsetMs, rateHz));
      return { name, onsetMs, caller, untilMs, startMs: agentFromMs, replies: [reply(index)], echo: echo?.() };
    });
  /** The caller speaks over the greeting. */
  const early = (sounds: readonly Speech[]): Trial[] =>
    sounds.map(({ name, samples }, index) => {
      const onsetMs = 700 + Math.round(random() * 1_300);
      const untilMs = onsetMs + 3_000;
      const caller = lineNoise(samplesOf(untilMs + 100, rateHz), index + 1);
      mix(caller, atLevel(samples.subarray(0, samplesOf(2_900, rateHz)), callerDb), samplesOf(onsetMs, rateHz));
      return { name, onsetMs, caller, untilMs, startMs: 300, replies: [reply(index)], echo: undefined };
    });
  const anyEcho = (levelDb: number): Echo => ({
    levelDb,
    delayMs: 80 + Math.round(170 * random()),
    taps: roomTaps(1 + Math.floor(1_000 * random()), 150 + 250 * random()),
  });
  /** Calls of five replies of the agent, and nobody speaks. */
  const alone = (levelDb: number): Trial[] =>
    Array.from({ length: Math.max(1, Math.round(limit / 6)) }, (_, index) => {
      const said = [0, 1, 2, 3, 4].map((turn) => reply(index + 2 * turn));
      const lengthMs = said.flat().reduce((sum, { samples }) => sum + (samples.length / rateHz) * 1_000 + 900, 0);
      const untilMs = Math.round(lengthMs + 800);
      const caller = lineNoise(samplesOf(untilMs + 100, rateHz), index + 1);
      return {
        name: `call ${index}`,
        onsetMs: 0,
        caller,
        untilMs,
        startMs: 300,
        replies: said,
        echo: anyEcho(levelDb),
      };
    });

  const kinds: Kind[] = [
    { name: 'orders', takesFloor: true, trials: over(orders, callerDb) },
    { name: 'orders over the greeting', takesFloor: true, trials: early(orders) },
    { name: 'stop words', takesFloor: true, trials: over(await voices(stopTexts), callerDb) },
    ...[-30, -20, -10, 0].map((levelDb) => ({
      name: `orders over echo of ${levelDb} dB`,
      takesFloor: true,
      trials: over(orders, callerDb, () => anyEcho(levelDb)),
    })),
    { name: 'backchannels', takesFloor: false, trials: over(await voices(backchannelTexts), callerDb) },
    { name: 'coughs', takesFloor: false, trials: over(made('cough', cough), callerDb) },
    { name: 'knocks', takesFloor: false, trials: over(made('knock', bang), callerDb) },
    {
      name: 'kitchen',
      takesFloor: false,
      trials: over(
        made('kitchen', (seed) => kitchen.slice(seed * rateHz, (seed + 2) * rateHz)),
        callerDb - 6,
      ),
    },
    { name: 'other speakers at -15 dB', takesFloor: false, trials: over(others, callerDb - 15) },
    ...[0, -10, -20, -30].map((levelDb) => ({
      name: `own echo of ${levelDb} dB, calls of five replies`,
      takesFloor: false,
      trials: alone(levelDb),
    })),
  ];
  // Last, so that the moments of the others are what they were without them.
  return [
    ...kinds,
    {
      name: 'other stop words',
      takesFloor: true,
      trials: over(await voices(otherStopTexts, otherVoiceSizes), callerDb),
    },
    {
      name: 'other backchannels',
      takesFloor: false,
      trials: over(await voices(otherBackchannelTexts, otherVoiceSizes), callerDb),
    },
  ];
}

function mix(into: Float32Array, samples: Float32Array, from: number): void {
  for (let i = 0; i < samples.length && from + i < into.length; i++)
    into[from + i] = (into[from + i] as number) + (samples[i] as number);
}
