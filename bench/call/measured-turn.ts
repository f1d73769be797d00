import type { CallAnalysis, HeardReply } from '../../src/analyser/analyse-call.js';
import type { TurnMeasurement } from '../../src/analyser/turn-measurement.js';
import type { CallResult, CallTurn } from '../../src/cli/call/call-result.js';
import type { ParleyTurnEvent } from '../../src/client/server-events.js';
import type { PlannedCall, PlannedTurn } from './plan.js';

/** A call that came about, as its recording, the caller and the server saw it; the audio itself is not held. */
export type MeasuredCall = {
  readonly plan: PlannedCall;
  readonly result: Omit<CallResult, 'rateHz' | 'caller' | 'agent'>;
  readonly analysis: CallAnalysis;
};

/** One turn: what the recording shows, what the caller noted, and the server's own account. */
export type MeasuredTurn = {
  readonly planned: PlannedTurn;
  readonly recorded: TurnMeasurement;
  readonly noted: CallTurn;
  /** The answer in the recording; null when there is none. */
  readonly reply: HeardReply | null;
  /** The account of the answer that `recorded` holds; null when the server gave none. */
  readonly mark: ParleyTurnEvent | null;
};

/** The turns of a call that were begun and lie within its recording. */
export function measuredTurns({ plan, result, analysis }: MeasuredCall): MeasuredTurn[] {
  return analysis.turns.flatMap((recorded, index) => {
    const planned = plan.turns[index];
    const noted = result.turns[index];
    const reply = analysis.replies.find(({ startMs }) => startMs === recorded.replyStartMs) ?? null;
    // Of a recording that was taken for several turns, the first answer is what the analyser measured.
    return planned && noted ? [{ planned, recorded, noted, reply, mark: noted.marks[0] ?? null }] : [];
  });
}

/** A call is stuck when it broke off, or when its last turn got no answer that ended. */
export function isStuck({ plan, result }: Pick<MeasuredCall, 'plan' | 'result'>): boolean {
  const last = result.turns.at(-1);
  return result.ended !== 'completed' || result.turns.length < plan.turns.length || last?.outcome !== 'answered';
}

/**
 * The times of a turn as milliseconds from `t_eos` of the recording. The server counts from the end of speech that it
 * found itself; as it also says where on the recording's clock that lies, its marks can be counted from the true one.
 */
export type TurnTimes = {
  /** Measured from the recording. */
  readonly responseMs: number;
  readonly mark: {
    /** End of speech as the server found it, after the true one. */
    readonly speechEndMs: number;
    readonly eouDelayMs: number;
    readonly readyMs: number;
    readonly transportOutMs: number;
    /** First token of the adopted reply; null when the server does not say. */
    readonly handoffMs: number | null;
    /** First audible sample that is neither opener nor filler; null when the reply was stopped before it. */
    readonly contentMs: number | null;
  } | null;
};

/** Null for turns that the analyser discards: they have no response to time. */
export function timesOf({ recorded, mark }: MeasuredTurn): TurnTimes | null {
  if (recorded.discard !== null || recorded.responseLatencyMs === null) return null;
  const responseMs = recorded.responseLatencyMs;
  if (mark === null) return { responseMs, mark: null };
  const speechEndMs = mark.speech_end_audio_ms - recorded.endMs;
  const firstTokenMs = mark.steps.llm_first_token_ms;
  const contentMs = mark.content_latency_ms;
  return {
    responseMs,
    mark: {
      speechEndMs,
      eouDelayMs: mark.eou_delay_ms + speechEndMs,
      readyMs: mark.ready_ms + speechEndMs,
      transportOutMs: mark.transport_out_ms,
      handoffMs: firstTokenMs === null ? null : firstTokenMs + speechEndMs,
      contentMs: contentMs === null ? null : contentMs + speechEndMs,
    },
  };
}
