import { ParleyError } from '../audio/error.js';
import type { AnalyserOptions } from './options.js';
import { type CallSides, clip, type Interval } from './recording.js';
import { callerSegments } from './speech-segments.js';

/** One turn of the caller; `endMs` is `t_eos`. */
export type CallerTurn = Interval & {
  /** Where the boundaries come from: a label is truth and takes precedence over the energy of the channel. */
  readonly source: 'label' | 'energy';
  /** Energy boundary minus label, ms; `null` without a label, or where the energy shows no speech under it. */
  readonly disagreement: { readonly startMs: number; readonly endMs: number } | null;
  /** How far the end moves when the threshold is raised by 6 dB; `null` for labels. */
  readonly endUncertaintyMs: number | null;
  /** False when nothing is audible where a label says the caller speaks. */
  readonly audible: boolean;
};

/** The caller's turns and the stretches in which the caller is audible. */
export type CallerSide = { readonly turns: readonly CallerTurn[]; readonly segments: readonly Interval[] };

/**
 * Finds the caller's turns, from labels where given, else from energy.
 *
 * @throws ParleyError `analyser.bad_turns` for labels that are not in order, overlap, or lie outside the recording.
 */
export function findCallerTurns(
  sides: CallSides,
  labels: readonly Interval[] | undefined,
  options: AnalyserOptions,
): CallerSide {
  const segments = callerSegments(sides.caller, sides.rateHz, options);
  if (labels !== undefined) {
    checkLabels(labels, sides.durationMs);
    return { segments, turns: labels.map((label) => labelledTurn(label, segments)) };
  }
  const raised = callerSegments(sides.caller, sides.rateHz, options, 6);
  const turns = joinTurns(segments, options.callerPauseMs).map((turn): CallerTurn => {
    const sharp = clip(raised, turn).at(-1);
    return {
      ...turn,
      source: 'energy',
      disagreement: null,
      endUncertaintyMs: sharp === undefined ? turn.endMs - turn.startMs : turn.endMs - sharp.endMs,
      audible: true,
    };
  });
  return { segments, turns };
}

function labelledTurn(label: Interval, segments: readonly Interval[]): CallerTurn {
  const under = segments.filter(({ startMs, endMs }) => startMs < label.endMs && endMs > label.startMs);
  const first = under[0];
  const last = under.at(-1);
  return {
    startMs: label.startMs,
    endMs: label.endMs,
    source: 'label',
    disagreement: first && last ? { startMs: first.startMs - label.startMs, endMs: last.endMs - label.endMs } : null,
    endUncertaintyMs: null,
    audible: first !== undefined,
  };
}

function joinTurns(segments: readonly Interval[], pauseMs: number): Interval[] {
  const turns: Interval[] = [];
  for (const segment of segments) {
    const previous = turns.at(-1);
    if (previous !== undefined && segment.startMs - previous.endMs < pauseMs) {
      turns[turns.length - 1] = { startMs: previous.startMs, endMs: segment.endMs };
    } else {
      turns.push(segment);
    }
  }
  return turns;
}

function checkLabels(labels: readonly Interval[], durationMs: number): void {
  let previousEndMs = 0;
  labels.forEach(({ startMs, endMs }, index) => {
    const name = `Caller turn ${index + 1} (${startMs} to ${endMs} ms)`;
    if (!(startMs >= 0 && endMs > startMs)) {
      throw badTurns(
        `${name} is not a stretch of time; expected 0 <= startMs < endMs, in ms from the recording's start.`,
      );
    }
    if (startMs < previousEndMs) {
      throw badTurns(
        `${name} begins before the turn ahead of it ends (${previousEndMs} ms); expected turns in order, apart.`,
      );
    }
    if (endMs > durationMs) {
      throw badTurns(
        `${name} ends after the recording (${Math.round(durationMs)} ms); check that the labels belong to it and are in ms.`,
      );
    }
    previousEndMs = endMs;
  });
}

function badTurns(message: string): ParleyError {
  return new ParleyError(message, { code: 'analyser.bad_turns', status: 400 });
}
