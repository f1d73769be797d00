import { durationMs, samplesOf } from '../../audio/frame.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToText, SpeechToTextInput, TranscribedWord } from '../../ports/speech-to-text.js';
import { type VoiceActivity, vadRateHz, vadWindowSamples } from '../../ports/voice-activity.js';

export type Transcript = { readonly text: string; readonly words: readonly TranscribedWord[] };

const startThreshold = 0.5;
const stopThreshold = 0.35;
/** Taken in front of speech: it begins a little before it is noticed. */
const beforeMs = 250;
/** Taken behind it. No more: silence after the last word tempts the recogniser into a polite "Thank you." */
const afterMs = 96;
/** Shorter pauses stay inside an utterance. */
const joinMs = 700;

/**
 * Transcribes a whole recording (16 kHz mono): only what voice activity calls speech is looked at, so nothing is made
 * up for music and silence. Word times count from the beginning of the recording.
 */
export async function transcribeSamples(
  samples: Float32Array,
  options: { readonly vad: VoiceActivity; readonly stt: SpeechToText; readonly signal: AbortSignal },
): Promise<Transcript> {
  const { vad, stt, signal } = options;
  const stretches = await speechStretches(samples, vad);
  const input = new EventQueue<SpeechToTextInput>(signal, stretches.length * 3 + 16);
  const events = stt.listen({ callId: 'transcribe', input, signal })[Symbol.asyncIterator]();
  const texts: string[] = [];
  const words: TranscribedWord[] = [];
  try {
    for (const [index, { from, to }] of stretches.entries()) {
      input.push({ type: 'start', utterance: index });
      input.push({ type: 'audio', samples: samples.slice(from, to) });
      input.push({ type: 'freeze', utterance: index, request: index });
      for (;;) {
        const { value, done } = await events.next();
        if (done) return { text: texts.join(' '), words };
        if (value.type === 'error') throw value.error;
        if (value.type !== 'final' || value.request !== index) continue;
        const offsetMs = durationMs(from, vadRateHz);
        if (value.text !== '') texts.push(value.text);
        for (const word of value.words)
          words.push({
            text: word.text,
            startMs: Math.round(word.startMs + offsetMs),
            endMs: Math.round(word.endMs + offsetMs),
            confidence: word.confidence,
          });
        break;
      }
    }
  } finally {
    input.end();
    await events.return?.();
  }
  return { text: texts.join(' '), words };
}

type Stretch = { readonly from: number; readonly to: number };

async function speechStretches(samples: Float32Array, vad: VoiceActivity): Promise<Stretch[]> {
  const stream = vad.open({ callId: 'transcribe' });
  const stretches: { from: number; to: number }[] = [];
  let speaking = false;
  try {
    for (let at = 0; at < samples.length; at += vadWindowSamples) {
      const window = new Float32Array(vadWindowSamples);
      window.set(samples.subarray(at, at + vadWindowSamples));
      const probability = await stream.push(window);
      speaking = probability >= (speaking ? stopThreshold : startThreshold);
      if (!speaking) continue;
      const last = stretches.at(-1);
      if (last && at - last.to < samplesOf(joinMs, vadRateHz)) last.to = at + vadWindowSamples;
      else stretches.push({ from: at, to: at + vadWindowSamples });
    }
  } finally {
    stream.close();
  }
  return stretches.map(({ from, to }) => ({
    from: Math.max(0, from - samplesOf(beforeMs, vadRateHz)),
    to: Math.min(samples.length, to + samplesOf(afterMs, vadRateHz)),
  }));
}
