import { base64ToSamples, int16Samples, pcm16ToBase64, realtimeRateHz } from '../../client/pcm.js';
import type { Clock } from '../../ports/clock.js';

type JsonObject = Record<string, unknown>;

/** How the scripted server of the tests behaves. */
export type ServerScript = {
  /** Length of the greeting; 0: it never greets. */
  readonly greetingMs: number;
  /** Silence in the caller's audio that ends a turn. */
  readonly endpointMs: number;
  /** From the end of the turn to the first audio. */
  readonly answerDelayMs: number;
  readonly answerMs: number;
  /** Stops speaking when the caller speaks. */
  readonly yields: boolean;
  /** Turns (from 1) that get no answer. */
  readonly mute?: readonly number[];
  /** Sent in the middle of every answer, as it is. */
  readonly inject?: readonly string[];
  /** Hangs up in the middle of this turn's answer. */
  readonly hangUpInTurn?: number;
};

export type ScriptedServer = {
  /** What the client sent, appended audio left out. */
  readonly received: JsonObject[];
  readonly appendedSamples: number;
  /** Appended audio: the number of samples in each message. */
  readonly appendSizes: Set<number>;
  receive(text: string): void;
};

export const defaultScript: ServerScript = {
  greetingMs: 400,
  endpointMs: 200,
  answerDelayMs: 300,
  answerMs: 600,
  yields: true,
};

const stepMs = 20;
const leadMs = 80;
const speechPower = 1e-4;

/** A realtime server with an energy detector for ears and a tone for a voice: what it does is known to the sample. */
export function createScriptedServer(
  script: ServerScript,
  clock: Clock,
  send: (text: string) => void,
  hangUp: () => void,
): ScriptedServer {
  const received: JsonObject[] = [];
  const appendSizes = new Set<number>();
  let appendedSamples = 0;
  let turn = 0;
  let replies = 0;
  let inSpeech = false;
  let silentMs = 0;
  let stopSpeaking: (() => void) | undefined;
  const emit = (event: JsonObject): void => send(JSON.stringify({ event_id: `event_${replies}`, ...event }));

  const speak = (lengthMs: number, text: string, hangUpHalfway: boolean): void => {
    const ids = { response_id: `resp_${++replies}`, item_id: `item_a${replies}`, output_index: 0, content_index: 0 };
    const startMs = clock.nowMs();
    let sentMs = 0;
    let disarm = (): void => {};
    emit({ type: 'response.created', response: { id: ids.response_id, status: 'in_progress' } });
    emit({ type: 'response.output_audio_transcript.delta', ...ids, delta: text });
    const done = (status: string): void => {
      stopSpeaking = undefined;
      disarm();
      emit({ type: 'response.done', response: { id: ids.response_id, status } });
    };
    const run = (): void => {
      while (sentMs < lengthMs && sentMs < clock.nowMs() - startMs + leadMs) {
        emit({ type: 'response.output_audio.delta', ...ids, delta: tone(stepMs) });
        sentMs += stepMs;
      }
      if (sentMs >= lengthMs / 2) {
        for (const message of script.inject ?? []) send(message);
        if (hangUpHalfway) {
          hangUp();
          return;
        }
      }
      if (clock.nowMs() - startMs >= lengthMs) {
        emit({ type: 'response.output_audio.done', ...ids });
        done('completed');
      } else {
        disarm = clock.at(clock.nowMs() + stepMs, run);
      }
    };
    stopSpeaking = () => done('cancelled');
    run();
  };

  const answer = (): void => {
    const own = ++turn;
    const endMs = (appendedSamples / realtimeRateHz) * 1000 - silentMs;
    const itemId = `item_u${own}`;
    emit({ type: 'input_audio_buffer.speech_stopped', item_id: itemId, audio_end_ms: endMs });
    emit({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: itemId,
      content_index: 0,
      transcript: `words of turn ${own}`,
    });
    if (script.mute?.includes(own)) return;
    clock.at(clock.nowMs() + script.answerDelayMs, () => {
      speak(script.answerMs, `answer ${own}`, script.hangUpInTurn === own);
      emit(turnEvent(own, replies, endMs, script));
    });
  };

  const listen = (base64: string): void => {
    const samples = base64ToSamples(base64) ?? new Float32Array(0);
    appendSizes.add(samples.length);
    appendedSamples += samples.length;
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    if (power >= speechPower) {
      if (!inSpeech)
        emit({ type: 'input_audio_buffer.speech_started', item_id: `item_u${turn + 1}`, audio_start_ms: 0 });
      if (!inSpeech && script.yields) stopSpeaking?.();
      inSpeech = true;
      silentMs = 0;
    } else if (inSpeech) {
      silentMs += (samples.length / realtimeRateHz) * 1000;
      if (silentMs < script.endpointMs) return;
      inSpeech = false;
      answer();
    }
  };

  const receive = (text: string): void => {
    const event = JSON.parse(text) as JsonObject & { audio?: string; session?: JsonObject & { parley?: JsonObject } };
    if (event.type === 'input_audio_buffer.append') {
      listen(event.audio ?? '');
      return;
    }
    received.push(event);
    if (event.type !== 'session.update') return;
    const greets = script.greetingMs > 0 && event.session?.parley?.greeting !== false;
    emit({ type: 'session.updated', session: { ...event.session, parley: { greeting: greets ? 'Hello.' : false } } });
    if (greets) speak(script.greetingMs, 'Hello.', false);
  };

  emit({ type: 'session.created', session: { id: 'sess_1' } });
  return {
    received,
    appendSizes,
    get appendedSamples() {
      return appendedSamples;
    },
    receive,
  };
}

function tone(lengthMs: number): string {
  const samples = new Float32Array((realtimeRateHz * lengthMs) / 1000);
  for (let i = 0; i < samples.length; i++) samples[i] = 0.3 * Math.sin((2 * Math.PI * 300 * i) / realtimeRateHz);
  return pcm16ToBase64(int16Samples(samples));
}

function turnEvent(
  turn: number,
  reply: number,
  endMs: number,
  { endpointMs, answerDelayMs }: ServerScript,
): JsonObject {
  const latencyMs = endpointMs + answerDelayMs;
  return {
    type: 'parley.turn',
    call_id: 'call_1',
    turn,
    item_id: `item_u${turn}`,
    response_id: `resp_${reply}`,
    transcript: `words of turn ${turn}`,
    speech_end_audio_ms: endMs,
    agent_onset_audio_ms: endMs + latencyMs,
    response_latency_ms: latencyMs,
    eou_delay_ms: endpointMs,
    ready_ms: latencyMs,
    transport_out_ms: 0,
    steps: { vad_silence_ms: endpointMs, tts_first_audio_ms: latencyMs },
    waited_because: 'the caller may go on',
    drafts: 1,
  };
}
