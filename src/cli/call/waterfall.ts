import type { ParleyTurnEvent, TurnSteps } from '../../client/server-events.js';

type Step = { readonly label: string; readonly fromMs: number; readonly toMs: number };

const barCells = 36;

/** Each step with the one whose result it works on: its bar begins where that one ends. */
const steps: readonly (readonly [key: keyof TurnSteps, label: string, after: keyof TurnSteps | null])[] = [
  ['vad_silence_ms', 'silence seen', null],
  ['end_of_turn_ms', 'end of turn', 'vad_silence_ms'],
  ['stt_final_ms', 'final transcript', 'vad_silence_ms'],
  ['llm_first_token_ms', 'first token', 'stt_final_ms'],
  ['first_clause_ms', 'first clause', 'llm_first_token_ms'],
  ['tts_first_audio_ms', 'first audio', 'first_clause_ms'],
];

/**
 * A turn as lines of text: one bar for each step on a common scale from the end of the caller's speech to the first
 * sound, the time of its end in ms, and why the server waited as long as it did.
 */
export function waterfallLines(turn: ParleyTurnEvent): string[] {
  const rows = rowsOf(turn);
  const scaleMs = Math.max(1, ...rows.map(({ toMs }) => toMs));
  const labelWidth = Math.max(...rows.map(({ label }) => label.length));
  const lines = rows.map(({ label, fromMs, toMs }) => {
    const from = cellOf(Math.min(fromMs, toMs), scaleMs);
    const to = Math.max(from + 1, cellOf(toMs, scaleMs));
    const start = Math.min(from, barCells - 1);
    const bar = ' '.repeat(start) + '█'.repeat(Math.min(to, barCells) - start);
    return `${label.padEnd(labelWidth)} │${bar.padEnd(barCells)}│ ${String(Math.round(toMs)).padStart(5)} ms`;
  });
  if (turn.waited_because !== '') lines.push(`why it waited: ${turn.waited_because}`);
  return lines;
}

function rowsOf(turn: ParleyTurnEvent): Step[] {
  const known = steps.flatMap(([key, label, after]): Step[] => {
    const toMs = turn.steps[key];
    return toMs === null ? [] : [{ label, fromMs: (after && turn.steps[after]) ?? 0, toMs }];
  });
  const leaves = Math.max(turn.ready_ms, turn.eou_delay_ms);
  return [
    ...known,
    { label: 'decision', fromMs: turn.steps.end_of_turn_ms ?? 0, toMs: turn.eou_delay_ms },
    { label: 'sound', fromMs: leaves, toMs: turn.response_latency_ms },
  ];
}

/** Work done before the end of the speech is drawn at its end. */
function cellOf(ms: number, scaleMs: number): number {
  return Math.round((Math.max(0, ms) / scaleMs) * barCells);
}
