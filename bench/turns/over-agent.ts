import { join } from 'node:path';
import { samplesOf } from '../../src/audio/frame.js';
import { gainOf, rms } from '../../src/audio/loudness.js';
import { resample } from '../../src/audio/resample.js';
import { audibleFromMs } from '../../src/cli/call/audibility.js';
import type { MicrophoneFrame } from '../../src/cli/call/run-call.js';
import { realtimeRateHz } from '../../src/client/pcm.js';
import {
  atRate,
  type CallerSound,
  callerRateHz,
  soundMs,
  trim,
} from '../../src/testing/callers/acoustics/caller-sound.js';
import { cough, doorBang, keyboard, mmHm, throatClearing } from '../../src/testing/callers/acoustics/noises.js';
import { speakLines } from '../../src/testing/callers/acoustics/spoken-lines.js';
import { randomFrom, shuffled } from '../../src/testing/seeded-random.js';
import type { startEars } from '../support/engines.js';
import { readMono, readSpeechTable } from '../support/recordings.js';

/** What is heard at the caller's end while the agent speaks, and is not meant for it. */
export type OverAgentSound = {
  readonly kind: 'backchannel' | 'cough' | 'noise' | 'other speaker';
  /** Recorded, or made by our own voices and models of noises. */
  readonly origin: 'recorded' | 'made';
  readonly name: string;
  /** 24 kHz. */
  readonly samples: Float32Array;
};

/** RMS of a caller's speech, and what another person has at -15 dB. */
const callerDb = -26;
const otherDb = callerDb - 15;
const noiseMs = 1_200;
const otherMs = 2_500;

type Ears = Awaited<ReturnType<typeof startEars>>;

/** `count` sounds, the kinds in turn; the same seed, the same sounds. */
export async function soundsOverAgent(
  dir: string,
  ears: Ears,
  { count, seed, signal }: { readonly count: number; readonly seed: number; readonly signal: AbortSignal },
): Promise<OverAgentSound[]> {
  const random = randomFrom(seed);
  const each = Math.ceil(count / 4);
  const lines = await speakLines(ears.tts, { kind: 'backchannel', count: each, seed, signal });
  const kitchen = await readAt16k(join(dir, 'noise/kitchen.flac'));
  const speakers = shuffled(random, await readSpeechTable(join(dir, 'speakers')));
  const sounds: OverAgentSound[] = [];
  for (let i = 0; i < each; i++) {
    const line = lines[i];
    sounds.push(
      i % 4 === 3 || !line
        ? await ready('backchannel', 'made', 'mm-hm', mmHm(seed + i), callerDb)
        : await ready('backchannel', 'made', line.text, line.sound, callerDb),
      i % 2 === 0
        ? await ready('cough', 'made', 'cough', cough(seed + i), callerDb)
        : await ready('cough', 'made', 'throat clearing', throatClearing(seed + i), callerDb),
    );
    const at = random() * Math.max(0, soundMs(kitchen) - noiseMs);
    const noises = [
      () => ready('noise', 'recorded', 'kitchen', trim(kitchen, { startMs: at, endMs: at + noiseMs }), callerDb - 6),
      () => ready('noise', 'made', 'door', doorBang(seed + i), callerDb),
      () => ready('noise', 'made', 'keyboard', keyboard(seed + i, noiseMs), callerDb - 6),
    ];
    sounds.push(await (noises[i % noises.length] as (typeof noises)[0])());
    const row = speakers[i % speakers.length];
    if (!row) continue;
    const other = await readAt16k(join(dir, 'speakers', row.file));
    const stretch = { startMs: row.startMs, endMs: Math.min(row.endMs, row.startMs + otherMs) };
    sounds.push(await ready('other speaker', 'recorded', row.file, trim(other, stretch), otherDb));
  }
  return sounds.slice(0, count);
}

async function readAt16k(path: string): Promise<CallerSound> {
  const { samples, rateHz } = await readMono(path);
  return { samples: await resample(samples, rateHz, callerRateHz), rateHz: callerRateHz, speech: [] };
}

async function ready(
  kind: OverAgentSound['kind'],
  origin: OverAgentSound['origin'],
  name: string,
  sound: CallerSound,
  levelDb: number,
): Promise<OverAgentSound> {
  const { samples } = await atRate(sound, realtimeRateHz);
  const hop = samplesOf(20, realtimeRateHz);
  const levels = Array.from({ length: Math.floor(samples.length / hop) }, (_, at) =>
    rms(samples.subarray(at * hop, (at + 1) * hop)),
  );
  const gain = gainOf(levelDb) / loudRms(levels);
  return { kind, origin, name, samples: samples.map((sample) => sample * gain) };
}

/** A sound that was played over an answer, in recording time. */
export type PlayedOver = { readonly sound: OverAgentSound; readonly startMs: number; readonly endMs: number };

/** Into the answer to an order, counted from the answer's first sound: the longest of them is over well before the next. */
const soundsAtMs = [700, 4_000];

/** What is this much quieter than the loudest of a sound is no part of its level. */
const loudWithin = 10 ** (-20 / 20);

/**
 * Puts the next sounds over every answer, for as long as it is audible when their time comes. They are as loud against the
 * caller who was just heard as they were made against one of -26 dB: callers differ by more than the others from them.
 */
export function playOverAnswers(sounds: readonly OverAgentSound[]) {
  const played: PlayedOver[] = [];
  const callerLevels: number[] = [];
  let next = 0;
  let answerMs: number | undefined;
  let due: number[] = [];
  let current: { readonly samples: Float32Array; at: number } | undefined;
  return {
    /** What has been played so far. */
    played,
    beforeTurn: (): readonly never[] => {
      answerMs = undefined;
      due = [...soundsAtMs];
      callerLevels.length = 0;
      return [];
    },
    microphone: ({ caller, agent, nowMs }: MicrophoneFrame): Float32Array => {
      const audible = audibleFromMs(agent) !== null;
      if (audible && due.length > 0) answerMs ??= nowMs;
      if (answerMs === undefined) callerLevels.push(rms(caller));
      const [dueMs] = due;
      if (answerMs !== undefined && dueMs !== undefined && nowMs - answerMs >= dueMs && audible && !current) {
        due.shift();
        const sound = sounds[next % sounds.length];
        next += 1;
        if (sound) {
          const gain = loudRms(callerLevels) / gainOf(callerDb);
          current = { samples: sound.samples.map((sample) => sample * gain), at: 0 };
          played.push({ sound, startMs: nowMs, endMs: nowMs + (sound.samples.length / realtimeRateHz) * 1000 });
        }
      }
      if (!current) return caller;
      const mixed = caller.map((sample, i) => sample + (current?.samples[current.at + i] ?? 0));
      current.at += samplesOf(20, realtimeRateHz);
      if (current.at >= current.samples.length) current = undefined;
      return mixed;
    },
  };
}

function loudRms(levels: readonly number[]): number {
  const least = Math.max(...levels) * loudWithin;
  const loud = levels.filter((level) => level > least);
  return loud.length === 0 ? gainOf(callerDb) : Math.sqrt(loud.reduce((sum, x) => sum + x * x, 0) / loud.length);
}
