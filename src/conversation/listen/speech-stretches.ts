import { concatSamples, durationMs } from '../../audio/frame.js';
import { type VoiceActivity, vadRateHz, vadWindowMs, vadWindowSamples } from '../../ports/voice-activity.js';

/** What voice activity finds in a recording, as it goes through it. */
export type StretchEvent =
  /** Speech with a little of what is around it; `fromMs` is where its first sample is. */
  | { readonly type: 'speech'; readonly samples: Float32Array; readonly fromMs: number; readonly toMs: number }
  /** How far it has come: told about once in a second of the recording. */
  | { readonly type: 'progress'; readonly doneMs: number };

const startThreshold = 0.5;
const stopThreshold = 0.35;
/** Taken in front of speech: it begins a little before it is noticed. */
const beforeMs = 250;
/** Taken behind it. No more: silence after the last word tempts the recogniser into a polite "Thank you." */
const afterMs = 96;
/** Shorter pauses stay inside a stretch. */
const joinMs = 700;
/** Once a stretch has grown this long a shorter pause ends it too. */
const longMs = 10_000;
const longJoinMs = 250;
/** Where there is no pause either, it is cut at its quietest moment since `longMs`; the recogniser hears 20 s at once. */
const longestMs = 15_000;
const progressEveryMs = 1_000;

type Window = { readonly samples: Float32Array; readonly probability: number };

/**
 * Finds speech in audio of any length (16 kHz mono, in pieces of any size) and hands it out in stretches of at most some
 * 15 s. No more than one stretch is kept, and nothing is looked at before it is asked for.
 */
export async function* speechStretches(
  audio: AsyncIterable<Float32Array> | Iterable<Float32Array>,
  vad: VoiceActivity,
): AsyncGenerator<StretchEvent, void, undefined> {
  const stream = vad.open({ callId: 'transcribe' });
  const beforeWindows = Math.ceil(beforeMs / vadWindowMs);
  /** What came before the stretch, then all of it. */
  let windows: Window[] = [];
  /** Index in `windows` of the first one with speech, and behind the last one. */
  let speech: { from: number; to: number } | undefined;
  let speaking = false;
  let doneSamples = 0;
  let toldMs = 0;

  /** The speech up to `to`; what lies behind it stays. */
  const take = (to: number): StretchEvent => {
    const samples = concatSamples(windows.slice(0, to).map((window) => window.samples));
    const firstSample = doneSamples - windows.reduce((sum, window) => sum + window.samples.length, 0);
    windows = windows.slice(to);
    speech = undefined;
    const fromMs = durationMs(firstSample, vadRateHz);
    return { type: 'speech', samples, fromMs, toMs: fromMs + durationMs(samples.length, vadRateHz) };
  };

  const afterSpeech = (to: number): number => Math.min(windows.length, to + Math.ceil(afterMs / vadWindowMs));

  try {
    for await (const window of windowsOf(audio)) {
      const probability = await stream.push(padded(window));
      doneSamples += window.length;
      windows.push({ samples: window, probability });
      speaking = probability >= (speaking ? stopThreshold : startThreshold);
      if (speaking) {
        if (speech) speech.to = windows.length;
        else {
          windows = windows.slice(-beforeWindows - 1);
          speech = { from: windows.length - 1, to: windows.length };
        }
      }
      if (!speech) windows = windows.slice(-beforeWindows);
      else {
        const lengthMs = (speech.to - speech.from) * vadWindowMs;
        const pauseMs = (windows.length - speech.to) * vadWindowMs;
        if (pauseMs >= (lengthMs >= longMs ? longJoinMs : joinMs)) yield take(afterSpeech(speech.to));
        else if (lengthMs >= longestMs) {
          yield take(quietest(windows, speech.from + Math.floor(longMs / vadWindowMs)));
          speech = { from: 0, to: Math.max(1, windows.length) };
        }
      }
      const doneMs = durationMs(doneSamples, vadRateHz);
      if (doneMs - toldMs < progressEveryMs) continue;
      toldMs = doneMs;
      yield { type: 'progress', doneMs };
    }
    if (speech) yield take(afterSpeech(speech.to));
    yield { type: 'progress', doneMs: durationMs(doneSamples, vadRateHz) };
  } finally {
    stream.close();
  }
}

/** Index of the window from `from` on that is least like speech; of those that are as little, the last. */
function quietest(windows: readonly Window[], from: number): number {
  let best = windows.length;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, { probability }] of windows.entries())
    if (index >= from && probability <= least) {
      best = index;
      least = probability;
    }
  return Math.max(1, best);
}

/** The last window may be shorter. */
async function* windowsOf(
  audio: AsyncIterable<Float32Array> | Iterable<Float32Array>,
): AsyncGenerator<Float32Array, void, undefined> {
  let left = new Float32Array(0);
  for await (const piece of audio) {
    const joined = left.length === 0 ? piece : concatSamples([left, piece]);
    let at = 0;
    for (; at + vadWindowSamples <= joined.length; at += vadWindowSamples)
      yield joined.slice(at, at + vadWindowSamples);
    left = joined.slice(at);
  }
  if (left.length > 0) yield left;
}

function padded(window: Float32Array): Float32Array {
  if (window.length === vadWindowSamples) return window.slice();
  const full = new Float32Array(vadWindowSamples);
  full.set(window);
  return full;
}
