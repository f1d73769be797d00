import { join } from 'node:path';
import { seededRandom } from '../../src/analyser/statistics.js';
import { samplesOf } from '../../src/audio/frame.js';
import { resample } from '../../src/audio/resample.js';
import type { SpokenPiece } from '../../src/conversation/speak/spoken-piece.js';
import type { TextToSpeech } from '../../src/ports/text-to-speech.js';
import type { EchoPathOptions } from '../../src/testing/callers/acoustics/echo-path.js';
import { hum, mmHm } from '../../src/testing/callers/acoustics/noises.js';
import { type LineKind, speakLines } from '../../src/testing/callers/acoustics/spoken-lines.js';
import { readMono, readSpeechTable, readTable } from '../support/recordings.js';
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
} from './clips.js';
import { pairsOfReaders, spokenBeforeSamples } from './readers.js';
import type { Rehearsal } from './rehearsal.js';
import { atLevel, bang, cough, lineNoise, rateHz, type Speech } from './sounds.js';

export type Kind = {
  readonly name: string;
  /** Whether the agent has to stop for it. */
  readonly takesFloor: boolean;
  /** Nobody speaks: whatever happens is the agent's own echo. */
  readonly alone?: true;
  readonly trials: readonly Trial[];
};

export type Trial = Rehearsal & {
  readonly name: string;
  readonly onsetMs: number;
  /** From the onset to the end of the first word, where that is known. */
  readonly firstWordMs: number | undefined;
};
/** The voices of lines, and the seeds of hums. */
const linesSeed = 101;
/** A turn that is no longer takes no floor. */
const acknowledgedWithinMs = 700;
/** Loudness of the caller's loud parts; the voice of the agent has about -20. */
const callerDb = -26;
/** When the agent begins to speak, for callers who have spoken before. */
const agentFromMs = 4_000;

/** When a sound comes, and over what. */
type Place = Pick<Trial, 'onsetMs' | 'startMs'> & {
  readonly levelDb: number;
  readonly spokenBefore?: Float32Array | undefined;
  readonly echo?: Trial['echo'];
};

export async function makeKinds(dir: string, tts: TextToSpeech, limit: number): Promise<Kind[]> {
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
      for (const size of sizes) made.push({ name: `${text} ${size}`, ...trimmed(await spoken(tts, text, size)) });
    return made;
  };
  const made = (name: string, sound: (seed: number) => Float32Array): Speech[] =>
    Array.from({ length: limit }, (_, seed) => ({ name: `${name} ${seed}`, samples: sound(seed + 1) }));

  /** A sound over the agent's reply, of a caller who has perhaps spoken before. */
  const trial = ({ name, samples, firstWordMs }: Speech, index: number, place: Place): Trial => {
    const { onsetMs, startMs, levelDb, spokenBefore, echo } = place;
    const untilMs = onsetMs + 3_000;
    const caller = lineNoise(samplesOf(untilMs + 100, rateHz), index + 1);
    if (spokenBefore) mix(caller, atLevel(spokenBefore, callerDb), samplesOf(300, rateHz));
    mix(caller, atLevel(samples.subarray(0, samplesOf(2_900, rateHz)), levelDb), samplesOf(onsetMs, rateHz));
    return { name, onsetMs, firstWordMs, caller, untilMs, startMs, replies: [reply(index)], echo };
  };
  /** The caller has spoken, the agent answers, and `sound` comes over the answer. */
  const over = (sounds: readonly Speech[], levelDb: number, echo?: () => EchoPathOptions): Trial[] =>
    sounds.map((sound, index) =>
      trial(sound, index, {
        onsetMs: agentFromMs + 1_200 + Math.round(random() * 1_500),
        startMs: agentFromMs,
        levelDb,
        spokenBefore: (sound.before ?? orders[(index + 3) % orders.length]?.samples)?.subarray(0, spokenBeforeSamples),
        echo: echo?.(),
      }),
    );
  /** The caller speaks over the greeting. */
  const early = (sounds: readonly Speech[]): Trial[] =>
    sounds.map((sound, index) =>
      trial(sound, index, { onsetMs: 700 + Math.round(random() * 1_300), startMs: 300, levelDb: callerDb }),
    );
  const anyEcho = (levelDb: number): EchoPathOptions => ({
    levelDb,
    delayMs: 80 + Math.round(170 * random()),
    room: { decayMs: 150 + 250 * random(), directToReverbDb: 6 * random() },
    seed: 1 + Math.floor(1_000 * random()),
    rateHz,
  });
  /** Calls of five replies of the agent, and nobody speaks. */
  const alone = (levelDb: number, change: Partial<EchoPathOptions> = {}): Trial[] =>
    Array.from({ length: Math.max(1, Math.round(limit / 6)) }, (_, index) => {
      const said = [0, 1, 2, 3, 4].map((turn) => reply(index + 2 * turn));
      const lengthMs = said.flat().reduce((sum, { samples }) => sum + (samples.length / rateHz) * 1_000 + 900, 0);
      const untilMs = Math.round(lengthMs + 800);
      const caller = lineNoise(samplesOf(untilMs + 100, rateHz), index + 1);
      return {
        name: `call ${index}`,
        onsetMs: 0,
        firstWordMs: undefined,
        caller,
        untilMs,
        startMs: 300,
        replies: said,
        echo: { ...anyEcho(levelDb), ...change },
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
      alone: true as const,
      trials: alone(levelDb),
    })),
  ];
  // Last, so that the moments of the others are what they were without them.
  const more = async (texts: readonly string[]): Promise<Speech[]> => voices(texts, otherVoiceSizes);
  const abort = new AbortController();
  const lines = async (kind: LineKind): Promise<Speech[]> =>
    (await speakLines(tts, { kind, count: 2 * limit, seed: linesSeed, signal: abort.signal })).map(
      ({ text, sound }, index) => ({
        name: `${text} ${index}`,
        samples: sound.samples,
        firstWordMs: sound.words?.[0]?.endMs,
      }),
    );
  kinds.push(
    { name: 'other stop words', takesFloor: true, trials: over(await more(otherStopTexts), callerDb) },
    { name: 'other backchannels', takesFloor: false, trials: over(await more(otherBackchannelTexts), callerDb) },
    { name: 'stop words in changed voices', takesFloor: true, trials: over(await lines('stop'), callerDb) },
    { name: 'backchannels in changed voices', takesFloor: false, trials: over(await lines('backchannel'), callerDb) },
    { name: 'hums', takesFloor: false, trials: over(hums(limit), callerDb) },
    {
      name: 'recorded acknowledgements',
      takesFloor: false,
      trials: over(await recordedAcknowledgements(join(dir, 'meeting')), callerDb),
    },
    ...[
      { levelDb: 0, clipAt: 0.5 },
      { levelDb: -10, driftPpm: 100 },
    ].map((path) => ({
      name: `own echo of ${path.levelDb} dB, ${'clipAt' in path ? 'clipped' : 'clocks drift'}`,
      takesFloor: false,
      alone: true as const,
      trials: alone(path.levelDb, path),
    })),
  );
  const readers = await pairsOfReaders(join(dir, 'speakers'), limit);
  const repeated = orders.map((order) => ({ ...order, before: order.samples }));
  for (const levelDb of [-6, -10, -12])
    kinds.push(
      {
        name: `orders of the same caller at ${levelDb} dB`,
        takesFloor: true,
        trials: over(repeated, callerDb + levelDb),
      },
      {
        name: `other words of the same reader at ${levelDb} dB`,
        takesFloor: true,
        trials: over(
          readers.map(({ same }) => same),
          callerDb + levelDb,
        ),
      },
    );
  kinds.push({ name: 'other speakers at -10 dB', takesFloor: false, trials: over(others, callerDb - 10) });
  for (const levelDb of [-10, -15])
    kinds.push({
      name: `another reader at ${levelDb} dB`,
      takesFloor: false,
      trials: over(
        readers.map(({ another }) => another),
        callerDb + levelDb,
      ),
    });
  return kinds;
}

/** Lips closed all through: "mm", "mm-hm". */
function hums(count: number): Speech[] {
  return Array.from({ length: 2 * count }, (_, index) => ({
    name: `${index % 3 === 0 ? 'mm' : 'mm-hm'} ${index}`,
    samples: (index % 3 === 0 ? hum : mmHm)(linesSeed + index).samples,
  }));
}

/** What people say in a meeting in so short a turn, with nobody else speaking: heard from across the table. */
async function recordedAcknowledgements(dir: string): Promise<Speech[]> {
  const turns = (await readTable(join(dir, 'turns.tsv'))).map(({ file = '', start_ms, end_ms }) => ({
    file,
    startMs: Number(start_ms),
    endMs: Number(end_ms),
  }));
  const found: Speech[] = [];
  for (const { file, startMs, endMs } of turns) {
    const overlaps = turns.some(
      (turn) => turn.file === file && turn.startMs !== startMs && turn.startMs < endMs && turn.endMs > startMs,
    );
    if (overlaps || startMs === 0 || endMs - startMs > acknowledgedWithinMs) continue;
    const { samples, rateHz: fileRate } = await readMono(join(dir, file));
    const at16k = await resample(samples, fileRate, rateHz);
    found.push({
      name: `${file} ${startMs}`,
      samples: at16k.slice(samplesOf(startMs, rateHz), samplesOf(endMs, rateHz)),
    });
  }
  return found;
}

function mix(into: Float32Array, samples: Float32Array, from: number): void {
  for (let i = 0; i < samples.length && from + i < into.length; i++)
    into[from + i] = (into[from + i] as number) + (samples[i] as number);
}
