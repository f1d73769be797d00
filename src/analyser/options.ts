/**
 * Every threshold and window of the analyser, with its default. They are part of the definition of the metrics: two
 * figures compare only when they were made with the same options, so the options travel in the JSON report.
 */
export type AnalyserOptions = {
  /** Agent sound quieter than this is not audible to a caller, dBFS RMS over 10 ms. @defaultValue -45 */
  readonly agentThresholdDb: number;
  /** The same for the caller's channel, which may come from a quiet microphone. @defaultValue -52 */
  readonly callerThresholdDb: number;
  /** Speech must stand this far above the channel's own noise floor. @defaultValue 12 */
  readonly aboveFloorDb: number;
  /** A segment goes on while the level is at most this far below the threshold that opened it. @defaultValue 5 */
  readonly hysteresisDb: number;
  /** Pauses of the caller shorter than this are inside one segment (closures, word gaps). @defaultValue 250 */
  readonly callerHangoverMs: number;
  /** Caller sounds shorter than this are clicks, not speech. @defaultValue 60 */
  readonly callerMinSpeechMs: number;
  /** Without labels: caller segments closer than this are one turn. @defaultValue 800 */
  readonly callerPauseMs: number;
  /** Dips of the agent shorter than this (plosive closures) are not pauses. @defaultValue 60 */
  readonly agentBridgeMs: number;
  /** Agent segments closer than this are one reply, if no caller turn divides them. @defaultValue 1500 */
  readonly replyPauseMs: number;
  /** A pause at a comma or full stop; only what exceeds it counts in `gap_within_reply`. @defaultValue 400 */
  readonly naturalPauseMs: number;
  /** An agent that is silent this long after being spoken over has stopped; what follows is a new reply. @defaultValue 300 */
  readonly yieldPauseMs: number;
  /** Boundaries this close are simultaneous: no cut-off, no barge-in. @defaultValue 20 */
  readonly boundaryToleranceMs: number;
  /** No agent speech for this long after `t_eos` is a missed turn. @defaultValue 5000 */
  readonly missedAfterMs: number;
  /** Silence after `t_eos` longer than this is dead air. @defaultValue 2000 */
  readonly deadAirMs: number;
  /** A barge-in succeeds when the agent is silent within this. @defaultValue 2000 */
  readonly bargeInSuccessMs: number;
  /**
   * Without labels: a turn whose end moves by more than this when the threshold is raised by 6 dB has no sharp end,
   * and its latency is discarded. @defaultValue 200
   */
  readonly maxEndUncertaintyMs: number;
};

export const defaultAnalyserOptions: AnalyserOptions = {
  agentThresholdDb: -45,
  callerThresholdDb: -52,
  aboveFloorDb: 12,
  hysteresisDb: 5,
  callerHangoverMs: 250,
  callerMinSpeechMs: 60,
  callerPauseMs: 800,
  agentBridgeMs: 60,
  replyPauseMs: 1500,
  naturalPauseMs: 400,
  yieldPauseMs: 300,
  boundaryToleranceMs: 20,
  missedAfterMs: 5000,
  deadAirMs: 2000,
  bargeInSuccessMs: 2000,
  maxEndUncertaintyMs: 200,
};
