import { samplesOf } from '../../audio/frame.js';
import { gainOf, rms } from '../../audio/loudness.js';
import { resample } from '../../audio/resample.js';
import { atRate, atSpeechLevel, type CallerSound, callerRateHz } from '../callers/acoustics/caller-sound.js';
import { createEchoPath, type EchoPath } from '../callers/acoustics/echo-path.js';
import { babble, loopNoise } from '../callers/acoustics/mixing.js';
import { keyboard, pinkNoise } from '../callers/acoustics/noises.js';
import { telephone } from '../callers/acoustics/telephone.js';
import type { Surroundings } from './caller-channel.js';
import { type CallerSource, callerLevelDb } from './caller-lines.js';
import type { Scenario } from './scenario-schema.js';

/** Long enough that its repetition is not noticed. */
const noiseMs = 20_000;
/** Where a scenario asks for no noise: a quiet room. Digital silence between words is what no microphone gives. */
const quietRoomDb = -70;
const farFieldSnrDb = 20;
const babbleTexts = [
  'I told her that we would be there at seven',
  'and then the whole thing fell off the table',
  'do you remember what it was called',
  'they said it would rain again tomorrow',
  'could you pass me the other one please',
] as const;

/** Recordings, decoded to 16 kHz mono. */
export type ReadRecordings = (path: string) => Promise<CallerSound[]>;

export type SurroundingsOptions = {
  readonly scenario: Scenario;
  readonly source: CallerSource;
  readonly readRecordings: ReadRecordings;
  readonly rateHz: number;
  readonly seed: number;
};

/** What is heard around the caller in a real call. */
export async function realSurroundings(options: SurroundingsOptions): Promise<Surroundings> {
  const { scenario, rateHz, seed } = options;
  const { conditions } = scenario;
  const level = callerLevelDb + (scenario.caller.level_db ?? 0);
  const layers = [atLevel(pinkNoise(seed, samplesOf(noiseMs, callerRateHz)), roomDb(scenario))];
  const { noise, babble: crowd } = conditions;
  if (noise) layers.push(atLevel(await noiseOf(options), level - noise.snr_db));
  if (crowd) layers.push(atLevel(await babbleOf(options), level - crowd.snr_db));
  const mixed = { samples: mixLoops(layers), rateHz: callerRateHz, speech: [] };
  const heard = conditions.telephone ? await telephone(mixed) : mixed;
  return {
    noise: await resample(heard.samples, callerRateHz, rateHz),
    others: await othersOf(options),
    echo: echoOf(scenario, rateHz, seed),
  };
}

/** What scripted ears can tell: other people, and the agent's own voice. Noise they do not hear at all. */
export async function virtualSurroundings(options: Omit<SurroundingsOptions, 'readRecordings'>): Promise<Surroundings> {
  const { scenario, rateHz, seed } = options;
  return { noise: new Float32Array(0), others: await othersOf(options), echo: echoOf(scenario, rateHz, seed) };
}

/** Conditions of a scenario that a virtual call leaves out. */
export function leftOutInVirtualTime({ conditions }: Scenario): string[] {
  return (['noise', 'babble', 'telephone', 'far_field'] as const).filter((name) => conditions[name] !== undefined);
}

function echoOf({ conditions }: Scenario, rateHz: number, seed: number): EchoPath | undefined {
  const { echo } = conditions;
  if (!echo) return undefined;
  return createEchoPath({
    levelDb: echo.level_db,
    delayMs: echo.delay_ms,
    driftPpm: echo.drift_ppm,
    rateHz,
    seed,
    ...(echo.clip_at === undefined ? {} : { clipAt: echo.clip_at }),
  });
}

async function othersOf({
  scenario,
  source,
  rateHz,
}: Pick<SurroundingsOptions, 'scenario' | 'source' | 'rateHz'>): Promise<Surroundings['others']> {
  const other = scenario.conditions.second_person;
  if (!other) return undefined;
  const sounds: CallerSound[] = [];
  // Another person has another voice.
  for (const text of other.say) {
    const spoken = await source.say(text, {
      ...scenario.caller,
      pitch: (scenario.caller.pitch ?? 1) > 1 ? 0.78 : 1.25,
    });
    const level = callerLevelDb + (scenario.caller.level_db ?? 0) + other.level_db;
    sounds.push(await atRate(atSpeechLevel(spoken, level), rateHz));
  }
  return { sounds, everyMs: other.every_ms };
}

function roomDb({ caller, conditions }: Scenario): number {
  const { far_field: far } = conditions;
  return far ? callerLevelDb + (caller.level_db ?? 0) - (far.snr_db ?? farFieldSnrDb) : quietRoomDb;
}

async function noiseOf({ scenario, readRecordings, seed }: SurroundingsOptions): Promise<Float32Array> {
  const { noise } = scenario.conditions;
  if (noise?.file !== undefined) {
    const [recording] = await readRecordings(noise.file);
    return recording?.samples ?? new Float32Array(0);
  }
  if (noise?.kind === 'keyboard') return keyboard(seed, noiseMs).samples;
  return pinkNoise(seed + 1, samplesOf(noiseMs, callerRateHz));
}

async function babbleOf({ scenario, source, readRecordings, seed }: SurroundingsOptions): Promise<Float32Array> {
  const crowd = scenario.conditions.babble;
  const recordings: CallerSound[] = [];
  if (crowd?.recordings !== undefined) recordings.push(...(await readRecordings(crowd.recordings)));
  else
    for (const [index, text] of babbleTexts.entries())
      recordings.push(await source.say(text, { pitch: 0.8 + 0.12 * index }));
  return babble(recordings, { lengthMs: noiseMs, voices: crowd?.voices ?? 6, seed });
}

function atLevel(samples: Float32Array, levelDb: number): Float32Array {
  const level = rms(samples);
  if (level === 0) return samples;
  const gain = gainOf(levelDb) / level;
  return samples.map((sample) => sample * gain);
}

/** Loops of different lengths together, as long as the first. */
function mixLoops(layers: readonly Float32Array[]): Float32Array {
  const length = layers[0]?.length ?? 0;
  const mixed = new Float32Array(length);
  for (const layer of layers) {
    const looped = loopNoise(layer, length, callerRateHz);
    for (let i = 0; i < length; i++) mixed[i] = (mixed[i] as number) + (looped[i] as number);
  }
  return mixed;
}
