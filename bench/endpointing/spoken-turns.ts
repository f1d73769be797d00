import { join } from 'node:path';
import { seededRandom } from '../../src/analyser/statistics.js';
import { concatSamples, durationMs, samplesOf } from '../../src/audio/frame.js';
import { gainOf, rms, rmsEnvelope } from '../../src/audio/loudness.js';
import { resample } from '../../src/audio/resample.js';
import type { RoomTone } from '../../src/audio/room-tone.js';
import type { ExpectedAnswer } from '../../src/ports/expected-answer.js';
import {
  type CallerSound,
  pad,
  callerRateHz as rateHz,
  soundMs,
  speechSpan,
  toneSamples,
  trim,
} from '../../src/testing/callers/acoustics/caller-sound.js';
import { choosePauses, insertPauses } from '../../src/testing/callers/acoustics/pauses.js';
import { readCallerSound } from '../../src/testing/callers/acoustics/recordings.js';
import { whiteNoise } from '../../src/testing/seeded-random.js';
import { transcribeAtOnce } from '../stt/transcribe-at-once.js';
import type { startEars } from '../support/engines.js';
import { readMono, readSpeechTable, type SpeechRow } from '../support/recordings.js';

export type TurnKind = 'order' | 'paused order' | 'number' | 'number in groups' | 'yes-no' | 'sentence';

/** A turn as a caller speaks it, 16 kHz, with silence behind it. */
export type SpokenTurn = { readonly samples: Float32Array; readonly endMs: number };

export type PlannedTurn = {
  readonly id: string;
  readonly kind: TurnKind;
  /** Who speaks, as far as it is known: the file, for the orders. Nobody is in both halves. */
  readonly speaker: string;
  readonly expected: ExpectedAnswer;
  readonly speak: (ears: Ears) => Promise<SpokenTurn>;
};

export type Ears = Awaited<ReturnType<typeof startEars>>;

/** Longer than any wait. */
const tailMs = 2_400;
/** What is put into orders, behind words inside of a phrase. */
const pauseMs = { minMs: 300, maxMs: 1_500 };
const free: ExpectedAnswer = { kind: 'free' };

/** All turns that are judged. The same list on every machine. */
export async function planTurns(dir: string, limit: number | undefined): Promise<PlannedTurn[]> {
  const orders = (await readSpeechTable(join(dir, 'coffee-orders'))).slice(0, limit);
  const sentences = (await readSpeechTable(join(dir, 'librispeech-other'))).slice(0, limit);
  const digits = await readSpeechTable(join(dir, 'digits'));
  return [
    ...orders.map((row) => recorded(dir, 'coffee-orders', row, 'order', row.file)),
    ...[1, 2].flatMap((take) => orders.map((row) => paused(dir, row, take))),
    ...dictated(dir, digits, 'number').slice(0, limit),
    ...dictated(dir, digits, 'number in groups').slice(0, limit),
    ...yesAndNo().slice(0, limit),
    ...sentences.map((row) => recorded(dir, 'librispeech-other', row, 'sentence', row.file.split('-')[0] ?? row.file)),
  ];
}

function recorded(dir: string, set: string, row: SpeechRow, kind: TurnKind, speaker: string): PlannedTurn {
  const speak = async (): Promise<SpokenTurn> => withTail(await readCallerSound(join(dir, set, row.file), [row]));
  return { id: `${kind}/${row.file}`, kind, speaker, expected: free, speak };
}

function paused(dir: string, row: SpeechRow, take: number): PlannedTurn {
  const speak = async ({ stt }: Ears): Promise<SpokenTurn> => {
    const order = await readCallerSound(join(dir, 'coffee-orders', row.file), [row]);
    const { words } = await transcribeAtOnce(order.samples.slice(0, samplesOf(row.endMs + 96, rateHz)), stt);
    const seed = hash(`${row.file} ${take}`);
    const count = 1 + Math.floor(seededRandom(seed)() * 2);
    const sound = { ...order, words };
    return withTail(insertPauses(sound, choosePauses(sound, seed, { count, ...pauseMs })));
  };
  return { id: `paused order/${row.file}/${take}`, kind: 'paused order', speaker: row.file, expected: free, speak };
}

const numbersPerSpeaker = 8;
const numberDigits = 10;

/** Ten digits, with 0.3-1.2 s after each; in groups of three, three and four, with 60 ms inside of a group. */
function dictated(dir: string, digits: readonly SpeechRow[], kind: 'number' | 'number in groups'): PlannedTurn[] {
  const speakers = [...new Set(digits.map(({ file }) => file.split('_')[1] ?? ''))].sort();
  const planned: PlannedTurn[] = [];
  for (let take = 0; take < numbersPerSpeaker; take++)
    for (const speaker of speakers) {
      const id = `${kind}/${speaker}/${take}`;
      const speak = async (): Promise<SpokenTurn> => {
        const random = seededRandom(hash(id));
        const own = digits.filter(({ file }) => file.split('_')[1] === speaker);
        const parts: Float32Array[] = [];
        let floor = gainOf(-50);
        for (let at = 0; at < numberDigits; at++) {
          const row = own[Math.floor(random() * own.length)] as SpeechRow;
          const samples = await at16k(join(dir, 'digits', row.file));
          floor = Math.min(floor, quietest(samples));
          parts.push(
            samples.slice(samplesOf(Math.max(0, row.startMs - 20), rateHz), samplesOf(row.endMs + 20, rateHz)),
          );
        }
        // These recordings end with the word: their room is noise as loud as their quietest moment.
        const room = hissing(floor, random);
        const spread = parts.flatMap((part, at) => {
          const grouped = kind === 'number in groups' && at !== 2 && at !== 5;
          const gapMs = at === numberDigits - 1 ? 0 : grouped ? 60 : 300 + random() * 900;
          return [part, toneSamples(room, samplesOf(gapMs, rateHz))];
        });
        const lead = toneSamples(room, samplesOf(400, rateHz));
        const speech = concatSamples([lead, ...spread]);
        const endMs = durationMs(speech.length, rateHz) - 20;
        return { samples: concatSamples([speech, toneSamples(room, samplesOf(tailMs, rateHz))]), endMs };
      };
      const expected: ExpectedAnswer = { kind: 'number', of: 'phone', minDigits: 10, maxDigits: 10 };
      planned.push({ id, kind, speaker, expected, speak });
    }
  return planned;
}

const answers = [
  'Yes.',
  'No.',
  'Yeah.',
  'Yes, please.',
  'No, thanks.',
  'Nope.',
  "That's right.",
  'Sure.',
  'Yep.',
  'No, thank you.',
];
/** One voice, its pitch and formants moved together by this factor: as near to several voices as one comes. */
const voiceFactors = [0.8, 0.9, 1, 1.1, 1.2, 1.3];

function yesAndNo(): PlannedTurn[] {
  return voiceFactors.flatMap((factor) =>
    answers.map((text): PlannedTurn => {
      const id = `yes-no/${factor}/${text}`;
      const speak = async ({ tts }: Ears): Promise<SpokenTurn> => {
        const pieces: Float32Array[] = [];
        const { signal } = new AbortController();
        for await (const event of tts.speak({ text, voice: 'heart', speed: 1 / factor, signal }))
          if (event.type === 'audio') pieces.push(event.samples);
        const spoken = await resample(concatSamples(pieces), Math.round(tts.rateHz * factor), rateHz);
        const room = hissing(gainOf(-60), seededRandom(hash(id)));
        const speech = spoken.slice(0, samplesOf(endOf(spoken), rateHz));
        const lead = toneSamples(room, samplesOf(400, rateHz));
        const endMs = durationMs(lead.length + speech.length, rateHz);
        const samples = concatSamples([lead, speech, toneSamples(room, samplesOf(tailMs, rateHz))]);
        return { samples, endMs };
      };
      return { id, kind: 'yes-no', speaker: `factor ${factor}`, expected: { kind: 'yes-no' }, speak };
    }),
  );
}

/** Where synthesised speech falls below -45 dB for good, in milliseconds. */
function endOf(samples: Float32Array): number {
  const levels = rmsEnvelope(samples, rateHz);
  const loudest = Math.max(...levels);
  const last = levels.findLastIndex((level) => level > loudest * gainOf(-45));
  return (last + 1) * 10;
}

/** Noise for a room, at this RMS. */
function hissing(level: number, random: () => number): RoomTone {
  const noise = whiteNoise(random, samplesOf(2_000, rateHz));
  return { loop: noise.map((sample) => sample * level), fromMs: null };
}

function quietest(samples: Float32Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at + 160 <= samples.length; at += 80) least = Math.min(least, rms(samples.subarray(at, at + 160)));
  return least;
}

async function at16k(file: string): Promise<Float32Array> {
  const audio = await readMono(file);
  return resample(audio.samples, audio.rateHz, rateHz);
}

/** With what follows the speech in its own recording, and its room where that is too short. */
function withTail(sound: CallerSound): SpokenTurn {
  const { endMs } = speechSpan(sound);
  const lengthMs = endMs + tailMs;
  const long = pad(sound, { beforeMs: 0, afterMs: Math.max(0, lengthMs - soundMs(sound)) });
  return { samples: trim(long, { startMs: 0, endMs: lengthMs }).samples, endMs };
}

/** Whether a speaker (of the orders: a file) is in the half that the waiting time was not fitted on. */
export function isHeldOut(speaker: string): boolean {
  return (hash(speaker) >>> 8) % 2 === 0;
}

/** A number from a text that is the same everywhere (FNV-1a, 32 bit). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
