import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { defaultAnalyserOptions } from '../../analyser/options.js';
import { callerSegments } from '../../analyser/speech-segments.js';
import { decodeAudioFile } from '../../audio/decode.js';
import { resample } from '../../audio/resample.js';
import { monoOf } from '../../audio/wav.js';
import { ParleyError } from '../../ports/errors.js';
import type { TextToSpeech } from '../../ports/text-to-speech.js';
import { type CallerSound, callerRateHz, trimToSpeech } from '../callers/acoustics/caller-sound.js';
import { changePace } from '../callers/acoustics/pace.js';
import { speakLine } from '../callers/acoustics/spoken-lines.js';
import { pick } from '../seeded-random.js';
import type { CallerSource } from './caller-lines.js';
import type { ReadRecordings } from './surroundings.js';

/** Longest recording of one turn. */
const longestBytes = 64 * 1024 ** 2;
/** Kept of the recording's own room around what is said. */
const margins = { beforeMs: 200, afterMs: 200 };
const recordingName = /\.(wav|flac|mp3|ogg|opus|m4a|aac|webm)$/i;

export type SpokenCallerOptions = {
  /** Asked for when the first text is to be spoken: a scenario of recordings needs no engine. */
  readonly tts: () => Promise<TextToSpeech>;
  /** The absolute path of what a scenario names. */
  readonly resolve: (path: string) => string;
  readonly signal: AbortSignal;
};

/** A caller with a voice: texts by text to speech, in another voice where asked, and recordings of people. */
export function spokenCaller(options: SpokenCallerOptions): CallerSource & { readonly readRecordings: ReadRecordings } {
  const { resolve, signal } = options;
  return {
    async say(text, { voice, pitch = 1, pace = 1 }) {
      const tts = await options.tts();
      const base = voice ?? tts.voices[0] ?? '';
      // A higher voice comes from a shorter throat.
      const change = pitch === 1 && pace === 1 ? undefined : { pitch, pace, formants: Math.sqrt(pitch) };
      return speakLine(tts, { text, base, signal, ...(change ? { voice: change } : {}) });
    },
    async play(path, { pace = 1, random }) {
      const file = pick(random, await recordingsAt(resolve(path)));
      const spoken = trimToSpeech(await readRecording(file ?? path), margins);
      return pace === 1 ? spoken : changePace(spoken, pace);
    },
    async digit(digit, folder, random) {
      const files = await recordingsAt(resolve(folder));
      const file = pick(
        random,
        files.filter((each) => basename(each).startsWith(`${digit}_`)),
      );
      if (file === undefined)
        throw noRecording(
          `${resolve(folder)} has no recording of the digit ${digit}: expected a file such as ${digit}_anna_0.wav.`,
        );
      return trimToSpeech(await readRecording(file), { beforeMs: 0, afterMs: 0 });
    },
    async readRecordings(path) {
      const sounds: CallerSound[] = [];
      for (const file of await recordingsAt(resolve(path))) sounds.push(await readRecording(file));
      return sounds;
    },
  };
}

/** The file itself, or the recordings of a folder in the order of their names. */
async function recordingsAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => recordingName.test(name)).sort();
  if (names.length === 0) throw noRecording(`${path} has no recordings: expected files such as order.wav.`);
  return names.map((name) => join(path, name));
}

async function readRecording(file: string): Promise<CallerSound> {
  const { size } = await stat(file);
  if (size > longestBytes) throw noRecording(`${file} has ${size} bytes; expected at most ${longestBytes}.`);
  try {
    const { channels, rateHz } = await decodeAudioFile(new Uint8Array(await readFile(file)));
    const samples = await resample(monoOf(channels), rateHz, callerRateHz);
    const speech = callerSegments(samples, callerRateHz, defaultAnalyserOptions);
    if (speech.length === 0) throw noRecording('nobody speaks in it.');
    return { samples, rateHz: callerRateHz, speech };
  } catch (cause) {
    if (!ParleyError.isInstance(cause)) throw cause;
    throw new ParleyError(`${file}: ${cause.message}`, { code: cause.code, status: cause.status, cause });
  }
}

function noRecording(message: string): ParleyError {
  return new ParleyError(message, { code: 'scenario.recording', status: 400 });
}
