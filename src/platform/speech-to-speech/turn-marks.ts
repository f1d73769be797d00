import type { TurnMarks } from '../../conversation/session-events.js';
import type { SpeechToSpeechEvent } from '../../ports/speech-to-speech.js';

type Finished = Extract<SpeechToSpeechEvent, { type: 'reply-finished' }>;

/** A turn that was answered. */
type Answered = {
  readonly turn: number;
  readonly reply: number;
  readonly text: string;
  /** Of the caller's speech, in their audio. */
  readonly endMs: number | undefined;
};

/** As of any other call. Undefined where the model does not tell when the turn was over or its sound began. */
export function marksOf({ turn, reply, text, endMs }: Answered, { marks, usage }: Finished): TurnMarks | undefined {
  const { eouDelayMs, ttsFirstAudioMs, llmFirstTokenMs, sttFinalMs } = marks;
  if (eouDelayMs === undefined || ttsFirstAudioMs === undefined || endMs === undefined) return undefined;
  return {
    turn,
    reply,
    transcript: text,
    speechEndAudioMs: endMs,
    agentOnsetAudioMs: endMs + ttsFirstAudioMs,
    responseLatencyMs: ttsFirstAudioMs,
    eouDelayMs,
    readyMs: ttsFirstAudioMs,
    // It is sent when it arrives.
    transportOutMs: 0,
    vadSilenceMs: undefined,
    endOfTurnMs: undefined,
    sttFinalMs,
    llmFirstTokenMs,
    firstClauseMs: undefined,
    ttsFirstAudioMs,
    endOfTurnProbability: undefined,
    because: 'the realtime model',
    opener: undefined,
    bridged: false,
    contentLatencyMs: ttsFirstAudioMs,
    gapWithinReplyMs: 0,
    phrases: { hits: 0, misses: 0, savedMs: 0 },
    drafts: 1,
    tokens: { computed: usage?.inputTokens ?? 0, reused: 0, generated: usage?.outputTokens ?? 0 },
  };
}
