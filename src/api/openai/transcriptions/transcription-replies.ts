import { deflateSync } from 'node:zlib';
import type { TranscriptSegment } from '../../../conversation/listen/transcribe-samples.js';
import type { TranscriptionBody } from './transcription-request.js';

/** A transcript as it is known so far. */
export type Transcribed = {
  readonly segments: readonly TranscriptSegment[];
  readonly audioMs: number;
  readonly language: string;
};

export function textOf({ segments }: Transcribed): string {
  return segments.map(({ text }) => text).join(' ');
}

export function usageOf({ audioMs }: Transcribed): { readonly type: 'duration'; readonly seconds: number } {
  return { type: 'duration', seconds: Math.ceil(audioMs / 1_000) };
}

export function verboseOf(transcript: Transcribed, granularities: TranscriptionBody['timestamp_granularities[]']) {
  const { segments, audioMs, language } = transcript;
  // Segments are what one gets without asking.
  const withSegments = granularities.length === 0 || granularities.includes('segment');
  return {
    task: 'transcribe' as const,
    language,
    duration: audioMs / 1_000,
    text: textOf(transcript),
    ...(withSegments ? { segments: segments.map(verboseSegment) } : {}),
    ...(granularities.includes('word')
      ? {
          words: segments.flatMap(({ words }) =>
            words.map(({ text, startMs, endMs }) => ({ word: text, start: startMs / 1_000, end: endMs / 1_000 })),
          ),
        }
      : {}),
    usage: usageOf(transcript),
  };
}

/** The compression ratio is Whisper's: bytes of the text by bytes of it deflated. */
function verboseSegment({ text, startMs, endMs, confidence }: TranscriptSegment, id: number) {
  const bytes = Buffer.from(text);
  return {
    id,
    seek: Math.round(startMs / 10),
    start: startMs / 1_000,
    end: endMs / 1_000,
    text,
    tokens: [],
    temperature: 0,
    avg_logprob: Math.log(Math.max(confidence, 1e-6)),
    compression_ratio: bytes.length / deflateSync(bytes).length,
    no_speech_prob: 0,
  };
}
