import { transcribeSamples } from '../../../conversation/listen/transcribe-samples.js';
import type { SpeechToText } from '../../../ports/speech-to-text.js';
import { type VoiceActivity, vadRateHz } from '../../../ports/voice-activity.js';
import { assertRate, type CallerSound } from './caller-sound.js';

/**
 * A sound with the words that speech to text hears in it, for recordings that come without: good enough to put a pause
 * between two of them, not to score a recogniser with.
 *
 * @param sound 16 kHz
 */
export async function hearWords(
  sound: CallerSound,
  engines: { readonly vad: VoiceActivity; readonly stt: SpeechToText; readonly signal: AbortSignal },
): Promise<CallerSound> {
  assertRate(sound, vadRateHz);
  const { words } = await transcribeSamples(sound.samples, engines);
  return { ...sound, words: words.map(({ text, startMs, endMs }) => ({ text, startMs, endMs })) };
}
