import type { TurnMarks } from '../../../conversation/session-events.js';

/** Fields of `parley.turn`: where the time of one answered turn went, in the protocol's spelling. */
export function turnMetrics(
  marks: TurnMarks,
  ids: {
    readonly callId: string | undefined;
    readonly itemId: string | undefined;
    readonly responseId: string | undefined;
  },
): Readonly<Record<string, unknown>> {
  return {
    call_id: ids.callId ?? null,
    turn: marks.turn,
    item_id: ids.itemId ?? '',
    response_id: ids.responseId ?? '',
    transcript: marks.transcript,
    speech_end_audio_ms: marks.speechEndAudioMs,
    agent_onset_audio_ms: marks.agentOnsetAudioMs,
    response_latency_ms: marks.responseLatencyMs,
    eou_delay_ms: marks.eouDelayMs,
    ready_ms: marks.readyMs,
    transport_out_ms: marks.transportOutMs,
    steps: {
      vad_silence_ms: marks.vadSilenceMs ?? null,
      end_of_turn_ms: marks.endOfTurnMs ?? null,
      stt_final_ms: marks.sttFinalMs ?? null,
      llm_first_token_ms: marks.llmFirstTokenMs ?? null,
      first_clause_ms: marks.firstClauseMs ?? null,
      tts_first_audio_ms: marks.ttsFirstAudioMs ?? null,
    },
    end_of_turn_probability: marks.endOfTurnProbability ?? null,
    waited_because: marks.because,
    opener: marks.opener ?? null,
    bridged: marks.bridged,
    content_latency_ms: marks.contentLatencyMs ?? null,
    gap_within_reply_ms: marks.gapWithinReplyMs,
    phrases: { hits: marks.phrases.hits, misses: marks.phrases.misses, saved_ms: marks.phrases.savedMs },
    drafts: marks.drafts,
    tokens: { computed: marks.tokens.computed, reused: marks.tokens.reused, new: marks.tokens.generated },
  };
}
