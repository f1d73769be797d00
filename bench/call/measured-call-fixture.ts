import { analyseCall } from '../../src/analyser/analyse-call.js';
import { syntheticCall } from '../../src/analyser/synthetic-call.js';
import type { CallTurn } from '../../src/cli/call/call-result.js';
import type { ParleyTurnEvent } from '../../src/client/server-events.js';
import type { MeasuredCall } from './measured-turn.js';
import type { PlannedTurn } from './plan.js';

export type FixtureTurn = {
  readonly kind?: PlannedTurn['kind'];
  /** End of the caller's speech to the agent's first sound; null without an answer. */
  readonly gapMs: number | null;
  readonly reply?: string;
  /** The server's account: what differs from {@link plainMark}; null for none. */
  readonly mark?: Partial<ParleyTurnEvent> | null;
};

const rateHz = 16_000;
const periodMs = 9_000;

/** A call whose truth is known: each turn 1 s of speech, each answer 1 s long. */
export function measuredCall(
  turns: readonly FixtureTurn[],
  changed: { readonly plan?: Partial<MeasuredCall['plan']>; readonly result?: Partial<MeasuredCall['result']> } = {},
): MeasuredCall {
  const caller = turns.map((_, index) => ({ startMs: 1_000 + periodMs * index, endMs: 2_000 + periodMs * index }));
  const agent = turns.flatMap(({ gapMs }, index) => {
    const eosMs = caller[index]?.endMs ?? 0;
    return gapMs === null ? [] : [{ startMs: eosMs + gapMs, endMs: eosMs + gapMs + 1_000 }];
  });
  const durationMs = periodMs * turns.length + 1_000;
  const recording = syntheticCall({ rateHz, durationMs, caller, agent, callerNoiseDb: -70 });
  const planned = turns.map(({ kind = 'order' }, index): PlannedTurn => ({ kind, file: `${kind}-${index}.wav` }));
  return {
    plan: { kind: 'conversation', turns: planned, bargeInsMs: [], ...changed.plan },
    result: {
      turns: turns.map((turn, index) => callTurn(turn, index, planned[index]?.file ?? '')),
      dialogue: [],
      player: { underruns: 0, underrunMs: 0 },
      pacing: { lateSteps: 0, latestMs: 0 },
      serverErrors: [],
      ended: 'completed',
      failure: null,
      ...changed.result,
    },
    analysis: analyseCall(recording, { callerTurns: caller }),
  };
}

function callTurn({ gapMs, reply = '', mark = {} }: FixtureTurn, index: number, file: string): CallTurn {
  const startMs = 1_000 + periodMs * index;
  const endMs = startMs + 1_000;
  return {
    turn: index + 1,
    file,
    fileStartMs: startMs,
    startMs,
    endMs,
    speechFrom: 'label',
    cutMs: null,
    outcome: gapMs === null ? 'missed' : 'answered',
    cutOff: false,
    agentOnsetMs: gapMs === null ? null : endMs + gapMs,
    responseLatencyMs: gapMs,
    transcript: '',
    reply,
    marks: mark === null || gapMs === null ? [] : [{ ...plainMark(index, endMs, gapMs), ...mark }],
  };
}

/** The account of a server that found the end of speech where it is, and whose reply was ready 30 ms before its sound. */
function plainMark(index: number, endMs: number, gapMs: number): ParleyTurnEvent {
  return {
    type: 'parley.turn',
    call_id: null,
    turn: index + 1,
    item_id: `item-${index}`,
    response_id: `response-${index}`,
    transcript: '',
    speech_end_audio_ms: endMs,
    agent_onset_audio_ms: endMs + gapMs,
    response_latency_ms: gapMs,
    eou_delay_ms: gapMs - 200,
    ready_ms: gapMs - 30,
    transport_out_ms: 30,
    steps: {
      vad_silence_ms: 100,
      end_of_turn_ms: 180,
      stt_final_ms: 240,
      llm_first_token_ms: gapMs - 300,
      first_clause_ms: gapMs - 100,
      tts_first_audio_ms: gapMs - 30,
    },
    end_of_turn_probability: 0.9,
    waited_because: '',
    opener: null,
    bridged: false,
    content_latency_ms: gapMs,
    gap_within_reply_ms: 0,
    phrases: null,
    drafts: 1,
    tokens: { computed: 9, reused: 200, new: 12 },
  };
}
