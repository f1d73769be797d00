import { join } from 'node:path';
import { samplesOf } from '../../src/audio/frame.js';
import { gainOf } from '../../src/audio/loudness.js';
import { resample } from '../../src/audio/resample.js';
import { type CallerClip, callerClip } from '../../src/cli/call/clip.js';
import {
  type CallerSound,
  callerRateHz,
  callerSound,
  pad,
  speechSpan,
  trimToSpeech,
} from '../../src/testing/callers/acoustics/caller-sound.js';
import { dictateNumber, readDigits } from '../../src/testing/callers/acoustics/dictation.js';
import { hearWords } from '../../src/testing/callers/acoustics/hear-words.js';
import { pinkNoise } from '../../src/testing/callers/acoustics/noises.js';
import { choosePauses, insertPauses } from '../../src/testing/callers/acoustics/pauses.js';
import { type LineKind, speakLines } from '../../src/testing/callers/acoustics/spoken-lines.js';
import { randomFrom } from '../../src/testing/seeded-random.js';
import type { PlannedCall, PlannedTurn } from '../call/plan.js';
import { recordedClip, recordingSet } from '../call/recorded-clip.js';
import { isHeldOut } from '../endpointing/spoken-turns.js';
import type { startEars } from '../support/engines.js';
import { readMono, type SpeechRow } from '../support/recordings.js';
import type { MixMaterial, MixOptions } from './plan.js';

type Ears = Awaited<ReturnType<typeof startEars>>;

/** Inserted pauses, and gaps between dictated digits. */
const pauseMs = { minMs: 300, maxMs: 1_500 };
const digitGapMs = { minMs: 300, maxMs: 1_200 };
const margins = { beforeMs: 300, afterMs: 4_000 };
/** A voice that is made has no room: this is the noise of a quiet one. */
const quietRoomDb = -62;

export type Material = {
  readonly names: MixMaterial;
  readonly clipOf: (turn: PlannedTurn, call: PlannedCall) => Promise<CallerClip>;
};

/**
 * What callers say: recorded orders as they are and with one or two pauses put into their phrases, all of them of the half
 * that the waiting time was not fitted on, ten-digit numbers of recorded digits, and what nobody has recorded in varied
 * voices of our own.
 */
export async function gatherMaterial(
  dir: string,
  ears: Ears,
  options: { readonly mix: MixOptions; readonly signal: AbortSignal },
): Promise<Material> {
  const { mix, signal } = options;
  const orders = await recordingSet(join(dir, 'coffee-orders'));
  const all = [...orders.rows.keys()];
  // Every other one has pauses put in, as far as there are places for them.
  const files = all.filter(isHeldOut);
  const made = new Map<string, CallerSound>();
  const paused: string[] = [];
  const asTheyAre: string[] = [];
  for (const [index, file] of files.entries()) {
    if (index % 2 === 0 || paused.length >= mix.pausedOrders) {
      asTheyAre.push(file);
      continue;
    }
    const sound = await withPauses(join(orders.dir, file), orders.rows.get(file) as SpeechRow, {
      ears,
      seed: mix.seed + index,
      signal,
    });
    if (!sound) {
      asTheyAre.push(file);
      continue;
    }
    const name = `${file} with pauses`;
    made.set(name, sound);
    paused.push(name);
  }
  const numbers = await dictatedNumbers(join(dir, 'digits'), mix, made);
  const said = async (kinds: readonly LineKind[], count: number): Promise<string[]> => {
    const names: string[] = [];
    for (const [index, kind] of kinds.entries()) {
      const share = Math.ceil((count - names.length) / (kinds.length - index));
      for (const [number, line] of (
        await speakLines(ears.tts, { kind, count: share, seed: mix.seed + index, signal })
      ).entries()) {
        const name = `${kind} ${number + 1}: ${line.text}`;
        made.set(name, inQuietRoom(line.sound, mix.seed + number));
        names.push(name);
      }
    }
    return names;
  };
  return {
    names: {
      order: asTheyAre,
      answeredOrders: all.filter((file) => !isHeldOut(file)),
      'paused-order': paused,
      number: numbers,
      'yes-no': await said(['yes', 'no'], mix.yesNo),
      'stop-word': await said(['stop'], mix.stopWords),
    },
    clipOf: async (turn, call) => {
      const sound = made.get(turn.file);
      return sound ? clipOfSound(turn.file, sound) : recordedClip(turn.file, orders, call.kind);
    },
  };
}

function clipOfSound(name: string, sound: CallerSound): Promise<CallerClip> {
  return callerClip(name, { channels: [sound.samples], rateHz: sound.rateHz }, speechSpan(sound));
}

async function withPauses(
  path: string,
  row: SpeechRow,
  { ears, seed, signal }: { readonly ears: Ears; readonly seed: number; readonly signal: AbortSignal },
): Promise<CallerSound | undefined> {
  const { samples, rateHz } = await readMono(path);
  const at16k = await resample(samples, rateHz, callerRateHz);
  const whole = callerSound({ samples: at16k, rateHz: callerRateHz, speech: [row] });
  const order = await hearWords(trimToSpeech(whole, margins), { ...ears, signal });
  const count = 1 + Math.floor(randomFrom(seed)() * 2);
  const pauses = choosePauses(order, seed, { count, ...pauseMs });
  return pauses.length === 0 ? undefined : insertPauses(order, pauses);
}

async function dictatedNumbers(dir: string, mix: MixOptions, made: Map<string, CallerSound>): Promise<string[]> {
  const digits = await readDigits(dir);
  const names: string[] = [];
  for (let i = 0; i < mix.numbers; i++) {
    const { digits: number, speaker, sound } = dictateNumber(digits, mix.seed + i, { gaps: digitGapMs });
    const name = `${number} by ${speaker}`;
    made.set(name, pad(sound, margins));
    names.push(name);
  }
  return names;
}

/** Speech that has no room of its own, in one. */
export function inQuietRoom(sound: CallerSound, seed: number): CallerSound {
  const before = samplesOf(margins.beforeMs, sound.rateHz);
  const length = before + sound.samples.length + samplesOf(margins.afterMs, sound.rateHz);
  const gain = gainOf(quietRoomDb);
  const samples = pinkNoise(seed, length).map((sample) => sample * gain);
  for (let i = 0; i < sound.samples.length; i++)
    samples[before + i] = (samples[before + i] as number) + (sound.samples[i] as number);
  const { startMs, endMs } = speechSpan(sound);
  return {
    samples,
    rateHz: sound.rateHz,
    speech: [{ startMs: startMs + margins.beforeMs, endMs: endMs + margins.beforeMs }],
  };
}
