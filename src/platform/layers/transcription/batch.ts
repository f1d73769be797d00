import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import { createResampler, type Resampler } from '../../../audio/resample.js';
import { type TranscriptSegment, transcribeStream } from '../../../conversation/listen/transcribe-samples.js';
import { ParleyError } from '../../../ports/errors.js';
import type { SpeechToText } from '../../../ports/speech-to-text.js';
import { type VoiceActivity, vadRateHz } from '../../../ports/voice-activity.js';
import { applyTextForms } from '../../text-forms/text-forms.js';
import type { TranscriptOptions } from './options.js';
import { redactSegments } from './redact-segments.js';

export type BatchOptions = {
  /** The recording, in frames of any length; it is read as it is transcribed. */
  readonly audio: AsyncIterable<AudioFrame> | Iterable<AudioFrame>;
  readonly signal: AbortSignal;
  /** @defaultValue the first model */
  readonly model?: string | undefined;
  readonly transcript?: TranscriptOptions | undefined;
};

/** Times count from the beginning of the recording, in milliseconds. */
export type BatchEvent =
  /** What was said without a longer pause, at most some 15 s of it. */
  | { readonly type: 'segment'; readonly segment: TranscriptSegment }
  /** So much of the recording is done; told about once in a second of it. */
  | { readonly type: 'progress'; readonly doneMs: number }
  | { readonly type: 'finish'; readonly audioMs: number };

type BatchMeans = {
  readonly vad: VoiceActivity;
  readonly stt: SpeechToText;
  readonly maxMs: number;
};

export async function* transcribeBatch(
  { audio, signal, transcript = {} }: BatchOptions,
  { vad, stt, maxMs }: BatchMeans,
): AsyncGenerator<BatchEvent, void, undefined> {
  let audioMs = 0;
  const measured = async function* (): AsyncGenerator<Float32Array, void, undefined> {
    for await (const samples of at16k(audio)) {
      audioMs += durationMs(samples.length, vadRateHz);
      if (audioMs > maxMs)
        throw new ParleyError(`The recording is longer than ${Math.round(maxMs / 60_000)} minutes. Split it.`, {
          code: 'audio.too_long',
          status: 413,
        });
      yield samples;
    }
  };
  const { redact = [], ...forms } = transcript;
  const events = transcribeStream(measured(), {
    vad,
    stt,
    signal,
    keywords: transcript.keywords,
    urgency: 'background',
  });
  for await (const event of redact.length > 0 ? redactSegments(events, redact) : events) {
    if (event.type === 'progress') {
      yield event;
      continue;
    }
    const written = applyTextForms(event.segment, forms);
    if (written.text !== '') yield { type: 'segment', segment: { ...event.segment, ...written } };
  }
  yield { type: 'finish', audioMs };
}

async function* at16k(audio: BatchOptions['audio']): AsyncGenerator<Float32Array, void, undefined> {
  let resampler: Resampler | undefined;
  try {
    for await (const { samples, rateHz } of audio) {
      if (resampler?.fromHz !== rateHz) {
        const rest = resampler?.flush();
        resampler?.close();
        if (rest && rest.length > 0) yield rest;
        resampler = await createResampler({ fromHz: rateHz, toHz: vadRateHz });
      }
      for (let at = 0; at < samples.length; at += stepSamples)
        yield resampler.process(samples.subarray(at, at + stepSamples));
    }
    const rest = resampler?.flush();
    if (rest && rest.length > 0) yield rest;
  } finally {
    resampler?.close();
  }
}

/** A whole recording in one frame does not hold up the event loop. */
const stepSamples = 48_000;
