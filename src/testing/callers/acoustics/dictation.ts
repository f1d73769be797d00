import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeAudioFile } from '../../../audio/decode.js';
import { ParleyError } from '../../../audio/error.js';
import { durationMs } from '../../../audio/frame.js';
import { monoOf } from '../../../audio/wav.js';
import { between, pick, type Random, randomFrom, shuffled } from '../../seeded-random.js';
import {
  atRate,
  atSpeechLevel,
  type CallerSound,
  callerRateHz,
  callerSound,
  concatenate,
  roomOf,
  type Stretch,
  speechSpan,
  trim,
} from './caller-sound.js';

/** A single spoken digit. */
export type SpokenDigit = { readonly digit: string; readonly speaker: string; readonly sound: CallerSound };

/** RMS of a caller's speech, dBFS. */
const levelDb = -26;

/** `{digit}_{speaker}_{n}.wav` */
const digitFile = /^(\d)_([^_]+)_\d+\.wav$/;

/**
 * Reads a folder of single digits, named `{digit}_{speaker}_{n}.wav`, with `speech.tsv` (file, duration_ms,
 * speech_start_ms, speech_end_ms) beside them. All are brought to 16 kHz.
 *
 * @throws ParleyError `acoustics.no_digits` for a folder without such files
 */
export async function readDigits(dir: string): Promise<SpokenDigit[]> {
  const bounds = await readBounds(join(dir, 'speech.tsv'));
  const digits: SpokenDigit[] = [];
  for (const file of (await readdir(dir)).sort()) {
    const [, digit, speaker] = digitFile.exec(file) ?? [];
    const stretch = bounds.get(file);
    if (digit === undefined || speaker === undefined || !stretch) continue;
    const { channels, rateHz } = await decodeAudioFile(new Uint8Array(await readFile(join(dir, file))));
    const recorded = callerSound({ samples: monoOf(channels), rateHz, speech: [stretch] });
    digits.push({ digit, speaker, sound: await atRate(recorded, callerRateHz) });
  }
  if (digits.length === 0)
    throw new ParleyError(`${dir} has no digits: expected files such as 7_anna_0.wav, and their speech.tsv.`, {
      code: 'acoustics.no_digits',
      status: 400,
    });
  return digits;
}

async function readBounds(file: string): Promise<Map<string, Stretch>> {
  const [, ...rows] = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return new Map(
    rows.map((row) => {
      const [name = '', , start, end] = row.split('\t');
      return [name, { startMs: Number(start), endMs: Number(end) }];
    }),
  );
}

export type NumberOptions = {
  /** How many digits. @defaultValue 10 */
  readonly length?: number;
  readonly gaps: GapPlan;
};

/** Silence between digits, ms. */
export type GapPlan = {
  readonly minMs: number;
  readonly maxMs: number;
  /** Digits that are said together, such as [3, 3, 4], with `withinMs` between them; gaps lie between groups. */
  readonly groups?: { readonly sizes: readonly number[]; readonly withinMs: number };
};

/** A number dictated by one speaker; the same seed, the same number, speaker and gaps. */
export type DictatedNumber = {
  readonly digits: string;
  readonly speaker: string;
  readonly gapsMs: readonly number[];
  readonly sound: CallerSound;
};

/** @throws ParleyError `acoustics.no_digits` when there is no speaker with every digit */
export function dictateNumber(
  recordings: readonly SpokenDigit[],
  seed: number,
  options: NumberOptions,
): DictatedNumber {
  const { length = 10, gaps } = options;
  const random = randomFrom(seed);
  const speaker = pick(random, completeSpeakers(recordings));
  if (speaker === undefined)
    throw new ParleyError('A number needs one speaker for all ten digits, and none of these has them all.', {
      code: 'acoustics.no_digits',
      status: 400,
    });
  const own = recordings.filter((each) => each.speaker === speaker);
  const chosen = Array.from({ length }, () => {
    const digit = String(Math.floor(random() * 10));
    return pick(
      random,
      shuffled(random, own).filter((each) => each.digit === digit),
    ) as SpokenDigit;
  });
  const gapsMs = gapsOf(length, gaps, random);
  return { digits: chosen.map(({ digit }) => digit).join(''), speaker, gapsMs, sound: dictate(chosen, gapsMs) };
}

/**
 * Digits with exactly `gapsMs[i]` of the speaker's room between the speech of digit i and that of the next, all at one
 * level. Its words are the digits.
 */
export function dictate(digits: readonly SpokenDigit[], gapsMs: readonly number[]): CallerSound {
  const spoken = digits.map(({ digit, sound }) => {
    const { startMs, endMs } = speechSpan(sound);
    const only = atSpeechLevel(trim(sound, { startMs, endMs }), levelDb);
    const span = { startMs: 0, endMs: durationMs(only.samples.length, only.rateHz) };
    return { ...only, speech: [span], words: [{ text: digit, ...span }] };
  });
  const [first] = digits;
  // A digit that is cut out has no room of its own: the recording that it came from has.
  return concatenate(spoken, gapsMs, first && roomOf(atSpeechLevel(first.sound, levelDb)));
}

function completeSpeakers(recordings: readonly SpokenDigit[]): string[] {
  const speakers = [...new Set(recordings.map(({ speaker }) => speaker))].sort();
  return speakers.filter(
    (speaker) => new Set(recordings.filter((each) => each.speaker === speaker).map(({ digit }) => digit)).size === 10,
  );
}

function gapsOf(length: number, { minMs, maxMs, groups }: GapPlan, random: Random): number[] {
  const last = new Set<number>();
  let at = -1;
  for (const size of groups?.sizes ?? []) {
    at += size;
    last.add(at);
  }
  return Array.from({ length: Math.max(0, length - 1) }, (_, index) =>
    groups && !last.has(index) ? groups.withinMs : Math.round(between(random, minMs, maxMs)),
  );
}
