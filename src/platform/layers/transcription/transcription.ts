import type { Clock } from '../../../ports/clock.js';
import type { EndOfTurn } from '../../../ports/end-of-turn.js';
import { ParleyError } from '../../../ports/errors.js';
import type { SpeechToText } from '../../../ports/speech-to-text.js';
import type { VoiceActivity } from '../../../ports/voice-activity.js';
import type { EngineTable } from '../engine-table.js';
import type { LayerLimits } from '../limits.js';
import { Slots } from '../slots.js';
import { type BatchEvent, type BatchOptions, transcribeBatch } from './batch.js';
import { LiveTranscription } from './live.js';
import type { LiveEvent, LiveOptions } from './live-events.js';
import type { TranscriptOptions } from './options.js';

export type TranscriptionLayer = {
  readonly models: EngineTable<SpeechToText>;
  /**
   * Transcribes a recording.
   * @throws ParleyError, on the first event: `layer.full` (503), `model.unknown` (404), `transcription.language` (400);
   *   later `audio.too_long` (413) and what the engines throw
   */
  batch(options: BatchOptions): AsyncIterable<BatchEvent>;
  /**
   * Transcribes audio as it comes.
   * @throws ParleyError, on the first event: as `batch`, and `transcription.endpointing` (400)
   */
  live(options: LiveOptions): AsyncIterable<LiveEvent>;
};

export type TranscriptionLayerOptions = {
  readonly models: EngineTable<SpeechToText>;
  readonly vad: VoiceActivity;
  readonly endOfTurn: EndOfTurn;
  readonly clock: Clock;
  readonly limits: LayerLimits;
};

export function createTranscriptionLayer(options: TranscriptionLayerOptions): TranscriptionLayer {
  const { models, vad, endOfTurn, clock, limits } = options;
  const live = new Slots({ clock, what: 'live transcriptions', atOnce: limits.maxLiveTranscriptions });
  const batch = new Slots({
    clock,
    what: 'recordings',
    atOnce: limits.maxBatchTranscriptions,
    waiting: limits.maxWaiting,
    waitMs: limits.maxWaitMs,
  });
  const engineOf = (model: string | undefined, transcript: TranscriptOptions = {}): SpeechToText => {
    const { engine } = models.find(model);
    assertLanguage(transcript.language, engine);
    return engine;
  };
  return {
    models,
    async *batch(request) {
      const stt = engineOf(request.model, request.transcript);
      const release = await batch.take(request.signal);
      try {
        yield* transcribeBatch(request, { vad, stt, maxMs: limits.maxRecordingMs });
      } finally {
        release();
      }
    },
    async *live(request) {
      const stt = engineOf(request.model, request.transcript);
      const release = await live.take(request.signal);
      const over = new AbortController();
      try {
        const signal = AbortSignal.any([request.signal, over.signal]);
        const engines = { vad, endOfTurn, stt };
        const transcription = new LiveTranscription(
          { ...request, signal },
          { engines, clock, stallMs: limits.stallMs },
        );
        yield* transcription.events;
        // An abort ends the events; whoever still reads is told.
        request.signal.throwIfAborted();
      } finally {
        over.abort(new Error('nobody reads the transcription any more'));
        release();
      }
    },
  };
}

function assertLanguage(language: string | undefined, { capabilities, name }: SpeechToText): void {
  if (language === undefined) return;
  const base = language.toLowerCase().split(/[-_]/)[0] ?? '';
  if (capabilities.languages.includes(base)) return;
  const known = capabilities.languages.join(', ');
  throw new ParleyError(`${name} does not understand "${language.slice(0, 20)}"; it understands: ${known}.`, {
    code: 'transcription.language',
    status: 400,
  });
}
