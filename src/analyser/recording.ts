import { ParleyError } from '../audio/error.js';
import { durationMs } from '../audio/frame.js';

/** A call as `readWav` returns it: channel 0 is the caller, channel 1 the agent, both on one clock. */
export type CallRecording = { readonly channels: readonly Float32Array[]; readonly rateHz: number };

/** Stretch of time on the recording's clock, ms from its first sample; `endMs` is exclusive. */
export type Interval = { readonly startMs: number; readonly endMs: number };

/** The two sides of a call, checked. */
export type CallSides = {
  readonly caller: Float32Array;
  readonly agent: Float32Array;
  readonly rateHz: number;
  readonly durationMs: number;
};

/**
 * Checks that a recording has two channels of equal length at a usable rate and names them.
 *
 * @throws ParleyError `analyser.bad_recording` otherwise.
 */
export function callSides(recording: CallRecording): CallSides {
  const { channels, rateHz } = recording;
  if (!Number.isFinite(rateHz) || rateHz < 4000 || rateHz > 384_000) {
    throw badRecording(`The recording's rate is ${rateHz} Hz; expected 4,000 to 384,000 Hz.`);
  }
  const [caller, agent] = channels;
  if (channels.length !== 2 || caller === undefined || agent === undefined) {
    const found = channels.length === 1 ? 'one channel (mono)' : `${channels.length} channels`;
    throw badRecording(
      `The recording has ${found}; expected two channels: the caller on the left, the agent on the right. ` +
        'Record both sides of the call on one clock, or join two mono files of equal length into a stereo file.',
    );
  }
  if (caller.length !== agent.length) {
    throw badRecording(
      `The channels have ${caller.length} and ${agent.length} samples; expected the same number in both, on one clock.`,
    );
  }
  return { caller, agent, rateHz, durationMs: durationMs(caller.length, rateHz) };
}

function badRecording(message: string): ParleyError {
  return new ParleyError(message, { code: 'analyser.bad_recording', status: 400 });
}

/** Total time that two lists of non-overlapping, sorted intervals share, ms. */
export function overlapMs(a: readonly Interval[], b: readonly Interval[]): number {
  let total = 0;
  for (const first of a) {
    for (const second of b) {
      total += Math.max(0, Math.min(first.endMs, second.endMs) - Math.max(first.startMs, second.startMs));
    }
  }
  return total;
}

/** The parts of `intervals` that lie within `window`. */
export function clip(intervals: readonly Interval[], window: Interval): Interval[] {
  const parts: Interval[] = [];
  for (const { startMs, endMs } of intervals) {
    const from = Math.max(startMs, window.startMs);
    const to = Math.min(endMs, window.endMs);
    if (to > from) parts.push({ startMs: from, endMs: to });
  }
  return parts;
}
