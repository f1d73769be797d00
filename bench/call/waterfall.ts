import { percentile } from '../../src/analyser/statistics.js';
import { type MeasuredTurn, timesOf } from './measured-turn.js';

/** Terms and measurement may differ by no more than this. */
export const addsUpWithinMs = 20;

/** Whether the server's terms add up to what the recording shows. */
export type AddingUp = {
  /** Turns with a response in the recording and an account of the server's. */
  readonly n: number;
  readonly within: number;
  readonly largestMs: number | null;
  readonly medianMs: number | null;
  /** The same with the terms left on the server's own end of speech: its error is then part of the difference. */
  readonly onServersClock: { readonly within: number; readonly largestMs: number | null };
  /** End of speech as the server found it, after the labelled one. */
  readonly speechEndErrorMs: { readonly p50: number; readonly p5: number; readonly p95: number } | null;
  /** Answered turns without an account. */
  readonly without: number;
};

/**
 * `response_latency = eou_delay + max(0, ready - eou_delay) + transport_out`, the left side from the recording, the
 * right side from the server's marks. All of them count from the labelled end of speech.
 */
export function addingUp(turns: readonly MeasuredTurn[]): AddingUp {
  const timed = turns.flatMap((turn) => timesOf(turn) ?? []);
  const marked = timed.flatMap(({ responseMs, mark }) => (mark ? [{ responseMs, mark }] : []));
  const differences = marked.map(
    ({ responseMs, mark }) => sumOf(mark.eouDelayMs, mark.readyMs, mark.transportOutMs) - responseMs,
  );
  const onServersClock = marked.map(({ mark }, index) => (differences[index] as number) - mark.speechEndMs);
  const errors = marked.map(({ mark }) => mark.speechEndMs);
  return {
    n: marked.length,
    within: withinTolerance(differences),
    largestMs: largest(differences),
    medianMs: differences.length > 0 ? percentile(differences, 50) : null,
    onServersClock: { within: withinTolerance(onServersClock), largestMs: largest(onServersClock) },
    speechEndErrorMs:
      errors.length > 0
        ? { p50: percentile(errors, 50), p5: percentile(errors, 5), p95: percentile(errors, 95) }
        : null,
    without: timed.length - marked.length,
  };
}

function sumOf(eouDelayMs: number, readyMs: number, transportOutMs: number): number {
  return eouDelayMs + Math.max(0, readyMs - eouDelayMs) + transportOutMs;
}

function withinTolerance(differences: readonly number[]): number {
  return differences.filter((difference) => Math.abs(difference) <= addsUpWithinMs).length;
}

function largest(differences: readonly number[]): number | null {
  return differences.length > 0 ? Math.max(...differences.map(Math.abs)) : null;
}

/** The steps of a turn and their medians, ms after the end of speech that the server found. */
export function medianSteps(turns: readonly MeasuredTurn[]): readonly (readonly [step: string, ms: number])[] {
  const marks = turns.flatMap(({ mark }) => mark ?? []);
  const steps = [
    ['silence seen', marks.map(({ steps }) => steps.vad_silence_ms)],
    ['end-of-turn model', marks.map(({ steps }) => steps.end_of_turn_ms)],
    ['transcript', marks.map(({ steps }) => steps.stt_final_ms)],
    ['first token', marks.map(({ steps }) => steps.llm_first_token_ms)],
    ['first clause', marks.map(({ steps }) => steps.first_clause_ms)],
    ['first audio', marks.map(({ steps }) => steps.tts_first_audio_ms)],
    ['turn decided', marks.map((mark) => mark.eou_delay_ms)],
    ['response', marks.map((mark) => mark.response_latency_ms)],
  ] as const;
  return steps.flatMap(([name, values]) => {
    const known = values.flatMap((value) => value ?? []);
    return known.length > 0 ? [[name, percentile(known, 50)] as const] : [];
  });
}
