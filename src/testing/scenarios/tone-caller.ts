import { durationMs } from '../../audio/frame.js';
import { type CallerSound, callerRateHz } from '../callers/acoustics/caller-sound.js';
import { speakTones, type ToneVocabulary } from '../tone-words.js';
import type { CallerSource } from './caller-lines.js';

/** Stands for what is said in a recording whose words nobody has written down. */
const unknownWords = 'something that was recorded';

/** A caller who says words in tones, which scripted ears understand. Recordings are not opened: their `words` are said. */
export function toneCaller(vocabulary: ToneVocabulary): CallerSource {
  const say = async (text: string, pace: number | undefined): Promise<CallerSound> => {
    const spoken = speakTones(text, { rateHz: callerRateHz, vocabulary, speed: pace ?? 1 });
    const first = spoken.words[0];
    const last = spoken.words.at(-1);
    return {
      samples: spoken.samples,
      rateHz: callerRateHz,
      // The gap behind the last word is none of its sound.
      speech:
        first && last
          ? [{ startMs: first.startMs, endMs: Math.min(last.endMs, durationMs(spoken.samples.length, callerRateHz)) }]
          : [],
      words: spoken.words,
    };
  };
  return {
    say: (text, { pace }) => say(text, pace),
    play: (_path, { words, pace }) => say(words ?? unknownWords, pace),
    digit: (digit) => say(digit, undefined),
  };
}
