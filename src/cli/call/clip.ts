import { defaultAnalyserOptions } from '../../analyser/options.js';
import { callerSegments } from '../../analyser/speech-segments.js';
import { ParleyError } from '../../audio/error.js';
import { durationMs } from '../../audio/frame.js';
import { resample } from '../../audio/resample.js';
import { type RoomTone, roomToneOf } from '../../audio/room-tone.js';
import { monoOf, type Recording } from '../../audio/wav.js';
import { realtimeRateHz } from '../../client/pcm.js';

/** Where the caller speaks within a file, ms from its first sample. */
export type SpeechBounds = { readonly startMs: number; readonly endMs: number };

/** One recorded turn of the caller, ready to be played: mono at 24 kHz. */
export type CallerClip = {
  /** As it appears in results. */
  readonly file: string;
  readonly samples: Float32Array;
  readonly speech: SpeechBounds;
  /** Labels are truth; `energy` is our own measure; `whole file` means that nothing stood out of the room. */
  readonly speechFrom: 'label' | 'energy' | 'whole file';
  readonly roomTone: RoomTone;
};

/** Longest clip, ms. */
export const longestClipMs = 15 * 60_000;
/** Labels are often rounded to 10 ms, so the last may lie behind the last sample. */
const labelToleranceMs = 20;

/**
 * Makes a clip of a decoded recording.
 *
 * @throws ParleyError `call.bad_clip` for audio that is empty or longer than {@link longestClipMs}, and for labels that
 * lie outside it; `resample.rate` for rates that cannot be converted.
 */
export async function callerClip(file: string, recording: Recording, label?: SpeechBounds): Promise<CallerClip> {
  const lengthMs = durationMs(recording.channels[0]?.length ?? 0, recording.rateHz);
  if (lengthMs === 0) throw badClip(`The file holds no audio; expected a recording of the caller.`);
  if (lengthMs > longestClipMs) {
    throw badClip(`It lasts ${Math.round(lengthMs / 1000)} s; expected at most ${longestClipMs / 1000} s.`);
  }
  if (label && !(label.startMs >= 0 && label.startMs < label.endMs && label.endMs <= lengthMs + labelToleranceMs)) {
    throw badClip(
      `The turns say that ${file} has speech from ${label.startMs} to ${label.endMs} ms, but it lasts ` +
        `${Math.round(lengthMs)} ms; expected 0 <= startMs < endMs <= its length.`,
    );
  }
  const samples = await resample(monoOf(recording.channels), recording.rateHz, realtimeRateHz);
  const energy = label ? undefined : speechBounds(samples);
  return {
    file,
    samples,
    speech: label
      ? { startMs: label.startMs, endMs: Math.min(label.endMs, lengthMs) }
      : (energy ?? { startMs: 0, endMs: lengthMs }),
    speechFrom: label ? 'label' : energy ? 'energy' : 'whole file',
    roomTone: roomToneOf(samples, realtimeRateHz),
  };
}

/** The analyser's measure, so that a call and its analysis agree on where the caller speaks. */
function speechBounds(samples: Float32Array): SpeechBounds | undefined {
  const segments = callerSegments(samples, realtimeRateHz, defaultAnalyserOptions);
  const first = segments[0];
  const last = segments.at(-1);
  return first && last ? { startMs: first.startMs, endMs: last.endMs } : undefined;
}

function badClip(message: string): ParleyError {
  return new ParleyError(message, { code: 'call.bad_clip', status: 400 });
}
