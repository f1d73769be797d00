import { percentile } from '../../src/analyser/statistics.js';
import { concatSamples, durationMs } from '../../src/audio/frame.js';
import { findPause } from '../../src/engines/hibari/silence.js';
import type { SpokenWord, TextToSpeech } from '../../src/ports/text-to-speech.js';
import { pitchTrack, semitones } from './pitch.js';

export type Spoken = { readonly samples: Float32Array; readonly words: readonly SpokenWord[] };

/** One sentence, spoken as a whole and as two clauses that were asked for one after the other. */
export type Join = {
  readonly text: string;
  /** Words of the first clause. */
  readonly firstWords: number;
  readonly wholePauseMs: number;
  readonly joinedPauseMs: number;
  /** The joined sentence against the whole: pitch at the end of the first clause and at the start of the second. */
  readonly endSemitones: number;
  readonly startSemitones: number;
  /** The joined audio, the last sample before the join, and all words in it. */
  readonly joined: Spoken;
  readonly joinAt: number;
};

/** Voiced windows (10 ms apart) that make the end of a clause, and the beginning of one. */
const endWindows = 8;
const startWindows = 20;
/** How far from the join they are looked for. */
const judgedMs = 500;

/** Speaks each sentence both ways and compares. */
export async function measureJoins(
  tts: TextToSpeech,
  sentences: readonly (readonly [string, string])[],
): Promise<Join[]> {
  const reach = Math.round((judgedMs * tts.rateHz) / 1000);
  const joins: Join[] = [];
  for (const [first, second] of sentences) {
    const whole = await speakAll(tts, { text: `${first} ${second}` });
    const one = await speakAll(tts, { text: first, continues: true });
    const two = await speakAll(tts, { text: second, after: first });
    const joined = followedBy(one, two, tts.rateHz);
    const firstWords = one.words.length;
    const inWhole = pauseAfterWord(whole, firstWords, tts.rateHz);
    const inJoined = findPause(joined.samples, one.samples.length - 480, one.samples.length + 240);
    const end = ({ samples }: Spoken, at: number) =>
      percentile(pitchTrack(samples.subarray(Math.max(0, at - reach), at), tts.rateHz).slice(-endWindows), 50);
    const start = ({ samples }: Spoken, at: number) =>
      percentile(pitchTrack(samples.subarray(at, at + reach), tts.rateHz).slice(0, startWindows), 50);
    joins.push({
      text: `${first} ${second}`,
      firstWords,
      wholePauseMs: durationMs(inWhole.end - inWhole.start, tts.rateHz),
      joinedPauseMs: durationMs(inJoined.end - inJoined.start, tts.rateHz),
      endSemitones: semitones(end(joined, inJoined.start), end(whole, inWhole.start)),
      startSemitones: semitones(start(joined, inJoined.end), start(whole, inWhole.end)),
      joined,
      joinAt: one.samples.length,
    });
  }
  return joins;
}

/** Everything that one request gives, as one stretch of audio. */
export async function speakAll(
  tts: TextToSpeech,
  options: { readonly text: string; readonly continues?: boolean; readonly after?: string },
): Promise<Spoken> {
  const { signal } = new AbortController();
  let spoken: Spoken = { samples: new Float32Array(0), words: [] };
  for await (const event of tts.speak({ ...options, voice: tts.voices[0] ?? '', signal }))
    if (event.type === 'audio') spoken = followedBy(spoken, event, tts.rateHz);
  return spoken;
}

function followedBy(one: Spoken, two: Spoken, rateHz: number): Spoken {
  const offsetMs = durationMs(one.samples.length, rateHz);
  const later = two.words.map(({ text, startMs, endMs }) => ({
    text,
    startMs: startMs + offsetMs,
    endMs: endMs + offsetMs,
  }));
  return { samples: concatSamples([one.samples, two.samples]), words: [...one.words, ...later] };
}

function pauseAfterWord({ samples, words }: Spoken, count: number, rateHz: number): { start: number; end: number } {
  const sample = (ms: number | undefined) => Math.round(((ms ?? 0) * rateHz) / 1000);
  return findPause(samples, sample(words[count - 1]?.endMs) - 960, sample(words[count]?.startMs) + 960);
}
