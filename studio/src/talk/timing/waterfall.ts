import { percentile } from '../../../../src/analyser/statistics.js';
import type { ParleyTurnEvent, TurnSteps } from '../../../../src/client/server-events.js';

/** Whose work a step is; `total` is the whole turn. */
export type Side = 'ears' | 'mind' | 'mouth' | 'total';
export type PartKind = 'ears' | 'mind' | 'mouth' | 'waiting' | 'working' | 'sending';

export type Bar = {
  readonly key: keyof TurnSteps | 'response_latency_ms';
  readonly label: string;
  readonly side: Side;
  /** When the step was done; null when the server does not know. */
  readonly atMs: number | null;
  readonly parts: readonly { readonly kind: PartKind; readonly fromMs: number; readonly toMs: number }[];
};

type StepRow = {
  readonly key: keyof TurnSteps;
  readonly label: string;
  readonly side: 'ears' | 'mind' | 'mouth';
  /** The steps that it begins behind: the first that is known counts. */
  readonly after: readonly (keyof TurnSteps)[];
};

/** The steps of a turn in their order of dependence. */
const steps: readonly StepRow[] = [
  { key: 'vad_silence_ms', label: 'Silence seen', side: 'ears', after: [] },
  { key: 'end_of_turn_ms', label: 'End of turn', side: 'ears', after: ['vad_silence_ms'] },
  { key: 'stt_final_ms', label: 'Transcript', side: 'ears', after: ['vad_silence_ms'] },
  { key: 'llm_first_token_ms', label: 'First token', side: 'mind', after: ['stt_final_ms', 'vad_silence_ms'] },
  { key: 'first_clause_ms', label: 'First clause', side: 'mind', after: ['llm_first_token_ms', 'stt_final_ms'] },
  { key: 'tts_first_audio_ms', label: 'First audio', side: 'mouth', after: ['first_clause_ms', 'llm_first_token_ms'] },
];

/** Bars of one turn on one axis: ms from the end of the caller's speech. */
export function layOut(turn: ParleyTurnEvent): {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bars: readonly Bar[];
} {
  const bars = steps.map(({ key, label, side, after }): Bar => {
    const atMs = turn.steps[key];
    const beginsAt = after.map((name) => turn.steps[name]).find((ms) => ms !== null) ?? 0;
    const parts = atMs === null ? [] : [{ kind: side, fromMs: Math.min(beginsAt, atMs), toMs: atMs }];
    return { key, label, side, atMs, parts };
  });
  bars.push(latencyBar(turn));
  const edges = bars.flatMap(({ parts }) => parts.flatMap(({ fromMs, toMs }) => [fromMs, toMs]));
  return { fromMs: Math.min(0, ...edges), toMs: Math.max(1, ...edges), bars };
}

function latencyBar(turn: ParleyTurnEvent): Bar {
  const atMs = turn.response_latency_ms;
  const decidedMs = Math.min(atMs, Math.max(0, turn.eou_delay_ms));
  const leavesMs = Math.max(decidedMs, atMs - Math.max(0, turn.transport_out_ms));
  const parts = [
    { kind: 'waiting', fromMs: 0, toMs: decidedMs },
    { kind: 'working', fromMs: decidedMs, toMs: leavesMs },
    { kind: 'sending', fromMs: leavesMs, toMs: atMs },
  ] as const;
  return {
    key: 'response_latency_ms',
    label: 'Response latency',
    side: 'total',
    atMs,
    parts: parts.filter(({ fromMs, toMs }) => toMs > fromMs),
  };
}

/** The call's figures; null before the first turn. */
export function latencySummary(turns: readonly ParleyTurnEvent[]): {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly turns: number;
} | null {
  const latenciesMs = turns.map(({ response_latency_ms }) => response_latency_ms);
  if (latenciesMs.length === 0) return null;
  return { p50Ms: percentile(latenciesMs, 50), p95Ms: percentile(latenciesMs, 95), turns: latenciesMs.length };
}

/** What the bars do not show, in words. */
export function factsOf(turn: ParleyTurnEvent): readonly string[] {
  const { end_of_turn_probability: probability, content_latency_ms: contentMs, tokens } = turn;
  const facts = [
    `decided at ${formatMs(turn.eou_delay_ms)}`,
    `ready at ${formatMs(turn.ready_ms)}`,
    `${formatMs(turn.transport_out_ms)} to send`,
  ];
  if (turn.opener !== null) facts.push(`opened with “${turn.opener}”`);
  if (turn.bridged) facts.push('a filler came first');
  if (contentMs !== null && contentMs > turn.response_latency_ms) facts.push(`content at ${formatMs(contentMs)}`);
  if (turn.gap_within_reply_ms > 0) facts.push(`longest gap ${formatMs(turn.gap_within_reply_ms)}`);
  if (probability !== null) facts.push(`end of turn ${Math.round(100 * probability)} %`);
  facts.push(`${turn.drafts} ${turn.drafts === 1 ? 'draft' : 'drafts'}`);
  if (tokens !== null) facts.push(`${tokens.new} new tokens, ${tokens.computed} computed, ${tokens.reused} reused`);
  return facts;
}

export function formatMs(ms: number | null): string {
  return ms === null ? 'n/a' : `${Math.round(ms).toLocaleString('en')} ms`;
}
