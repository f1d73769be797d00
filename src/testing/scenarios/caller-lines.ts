import { createBiquadFilter, lowPass } from '../../audio/biquad.js';
import { rmsEnvelope } from '../../audio/loudness.js';
import { digitWords } from '../../language/number-words.js';
import {
  atRate,
  atSpeechLevel,
  type CallerSound,
  concatenate,
  soundMs,
  speechSpan,
  withSamples,
} from '../callers/acoustics/caller-sound.js';
import { farField } from '../callers/acoustics/far-field.js';
import { cough, doorBang, hum, keyboard, mmHm, throatClearing } from '../callers/acoustics/noises.js';
import { choosePauses, insertPauses, type Pause } from '../callers/acoustics/pauses.js';
import { telephone } from '../callers/acoustics/telephone.js';
import { between, type Random, randomFrom } from '../seeded-random.js';
import { type Conditions, isTurn, type Scenario, type ScenarioStep, type soundKinds } from './scenario-schema.js';

/** How the caller speaks a text; what is left out is the caller's usual. */
export type Manner = {
  readonly voice?: string | undefined;
  readonly pitch?: number | undefined;
  readonly pace?: number | undefined;
};

/** Where the caller's sound comes from: real speech, or tones that stand for words. At 16 kHz. */
export type CallerSource = {
  say(text: string, manner: Manner): Promise<CallerSound>;
  /** A recording, or one of a folder. */
  play(
    path: string,
    options: { readonly words?: string | undefined; readonly pace?: number | undefined; readonly random: Random },
  ): Promise<CallerSound>;
  /** One recorded digit of a folder. */
  digit(digit: string, folder: string, random: Random): Promise<CallerSound>;
};

/** `turn`: meant for the agent; the others want no answer. */
export type LineRole = 'turn' | 'aside' | 'sound' | 'backchannel';

/** One thing that is heard of the caller. */
export type CallerLine = {
  /** Which step of the scenario. */
  readonly step: number;
  readonly role: LineRole;
  readonly sound: CallerSound;
};

/** RMS of the caller's speech, dBFS: a person's usual level at a telephone. */
export const callerLevelDb = -26;
const asideDb = -15;
/** Somebody who turns away from the telephone loses the high part of their voice. */
const asideLowPassHz = 2_500;
const defaultDigitGapMs = [150, 350] as const;
const noiseLengthMs = 2_000;

/**
 * Everything that the caller will say, in the order of the steps: the same scenario, seed and source give the same samples.
 * @param rateHz of the channel it is for
 * @param rendered whether conditions that only change the sound (telephone, far field) are applied
 */
export async function prepareLines(
  scenario: Scenario,
  source: CallerSource,
  options: { readonly rateHz: number; readonly seed: number; readonly rendered: boolean },
): Promise<CallerLine[]> {
  const lines: CallerLine[] = [];
  const random = randomFrom(options.seed);
  for (const [index, step] of scenario.steps.entries()) {
    const seed = Math.floor(random() * 2 ** 31);
    for (const { role, sound } of await soundsOf(step, scenario, source, seed)) {
      const levelDb =
        callerLevelDb + (scenario.caller.level_db ?? 0) + (step.level_db ?? (role === 'aside' ? asideDb : 0));
      const levelled = atSpeechLevel(role === 'aside' ? turnedAway(sound) : sound, levelDb);
      const heard = options.rendered ? await inConditions(levelled, scenario.conditions, seed) : levelled;
      lines.push({ step: index, role, sound: await atRate(heard, options.rateHz) });
    }
  }
  return lines;
}

type RawLine = { readonly role: LineRole; readonly sound: CallerSound };

async function soundsOf(
  step: ScenarioStep,
  scenario: Scenario,
  source: CallerSource,
  seed: number,
): Promise<RawLine[]> {
  const manner = mannerOf(scenario.caller, step);
  const random = randomFrom(seed);
  if (step.backchannels) {
    const sounds: RawLine[] = [];
    for (const text of step.backchannels.say)
      sounds.push({ role: 'backchannel', sound: await source.say(text, manner) });
    return sounds;
  }
  if (step.sound) return [{ role: 'sound', sound: soundMakers[step.sound](seed) }];
  const spoken = await speechOf(step, manner, source, random);
  if (!spoken) return [];
  const paused = step.pauses ? withPauses(spoken, step.pauses, seed) : spoken;
  const { correction } = step;
  const whole = correction
    ? concatenate([paused, await source.say(correction.say, manner)], [correction.after_ms])
    : paused;
  return [{ role: isTurn(step) ? 'turn' : 'aside', sound: whole }];
}

/** What is said in one breath; undefined in a step without words. */
async function speechOf(
  step: ScenarioStep,
  manner: Manner,
  source: CallerSource,
  random: Random,
): Promise<CallerSound | undefined> {
  if (step.say !== undefined) return source.say(step.say, manner);
  if (step.play !== undefined) return source.play(step.play, { words: step.words, pace: manner.pace, random });
  if (step.digits === undefined) return undefined;
  const folder = step.recordings;
  const digits = [...step.digits.replaceAll(' ', '')];
  const sounds: CallerSound[] = [];
  for (const digit of digits)
    sounds.push(
      folder === undefined
        ? await source.say(digitWords[Number(digit)] ?? digit, manner)
        : await source.digit(digit, folder, random),
    );
  const gaps = digits.map(() => inRange(step.gap_ms ?? defaultDigitGapMs, random));
  return concatenate(sounds, gaps);
}

const soundMakers: Readonly<Record<(typeof soundKinds)[number], (seed: number) => CallerSound>> = {
  cough,
  throat_clearing: throatClearing,
  door_bang: doorBang,
  keyboard: (seed) => keyboard(seed, noiseLengthMs),
  hum,
  mm_hm: mmHm,
};

function mannerOf(usual: Scenario['caller'], step: ScenarioStep): Manner {
  return {
    voice: step.voice ?? usual.voice,
    pitch: step.pitch ?? usual.pitch,
    pace: step.pace ?? usual.pace,
  };
}

function inRange(range: number | readonly [number, number], random: Random): number {
  return typeof range === 'number' ? range : Math.round(between(random, range[0], range[1]));
}

function withPauses(sound: CallerSound, asked: NonNullable<ScenarioStep['pauses']>, seed: number): CallerSound {
  const random = randomFrom(seed);
  if (asked.after_words) {
    const pauses = asked.after_words.map((word) => ({ afterWord: word - 1, lengthMs: inRange(asked.ms, random) }));
    return insertPauses(sound, pauses);
  }
  const [minMs, maxMs] = typeof asked.ms === 'number' ? [asked.ms, asked.ms] : asked.ms;
  const chosen: Pause[] = sound.words
    ? choosePauses(sound, seed, { count: asked.count, minMs, maxMs })
    : quietPlaces(sound, asked.count).map((atMs) => ({ atMs, lengthMs: inRange(asked.ms, random) }));
  return insertPauses(sound, chosen);
}

const hopMs = 10;
const searchMs = 200;

/** Where words are not known: the quietest places near even distances. */
function quietPlaces(sound: CallerSound, count: number): number[] {
  const { startMs, endMs } = speechSpan(sound);
  const levels = rmsEnvelope(sound.samples, sound.rateHz, hopMs);
  return Array.from({ length: count }, (_, index) => {
    const middleMs = startMs + ((index + 1) * (endMs - startMs)) / (count + 1);
    let best = Math.round(middleMs / hopMs);
    for (let hop = best - searchMs / hopMs; hop <= middleMs / hopMs + searchMs / hopMs; hop++)
      if ((levels[hop] ?? Number.POSITIVE_INFINITY) < (levels[best] ?? Number.POSITIVE_INFINITY)) best = hop;
    return best * hopMs + hopMs / 2;
  });
}

function turnedAway(sound: CallerSound): CallerSound {
  return withSamples(sound, createBiquadFilter([lowPass(asideLowPassHz, sound.rateHz)])(sound.samples));
}

async function inConditions(sound: CallerSound, conditions: Conditions, seed: number): Promise<CallerSound> {
  const { far_field: room, telephone: byPhone } = conditions;
  // The noise of the room does not stop when the caller does: it is part of the surroundings.
  const distant = room
    ? farField(sound, { seed, snrDb: 60, ...(room.decay_ms === undefined ? {} : { decayMs: room.decay_ms }) })
    : sound;
  return byPhone ? telephone(distant) : distant;
}

/** From the first moment at which the caller can be heard to the last: of a sound without words, all of it. */
export function audibleSpan(sound: CallerSound): { readonly startMs: number; readonly endMs: number } {
  return sound.speech.length > 0 ? speechSpan(sound) : { startMs: 0, endMs: soundMs(sound) };
}
