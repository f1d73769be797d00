import { z } from 'zod';
import type { TranscriptSegment } from '../../../conversation/listen/transcribe-samples.js';
import { RedactionLabels } from './redaction-labels.js';
import { type Sentence, sentencesOf } from './sentences.js';
import { secondsOf, utteranceView, wordView } from './stt-views.js';

const wordSchema = z.object({
  word: z.string(),
  start: z.number().describe('In seconds, as all times.'),
  end: z.number(),
  confidence: z.number(),
});

export const batchReplySchema = z.object({
  status: z.literal('success'),
  transcription: z.string(),
  words: z.array(wordSchema).describe('With word_timestamps; empty otherwise.'),
  utterances: z
    .array(z.object({ text: z.string(), start: z.number(), end: z.number() }))
    .optional()
    .describe('Sentences, with word_timestamps or sentence_timestamps; empty otherwise. Not of pulse-pro.'),
  metadata: z.object({
    duration: z.number(),
    fileSize: z.number().optional().describe('In bytes. Not of pulse-pro.'),
    processing_time_ms: z.number().optional().describe('Of pulse-pro.'),
    rtfx: z.number().optional().describe('Of pulse-pro: how many times faster than it was spoken.'),
    num_chunks: z.number().optional().describe('Of pulse-pro: stretches without a longer pause.'),
  }),
  audio_length: z.string().optional().describe('Of pulse/get_text: seconds, as text.'),
  language: z.string().optional().describe('Of pulse-pro.'),
  totalBytes: z.number().optional().describe('Of pulse-pro.'),
  request_id: z.string().optional().describe('Of pulse-pro.'),
  redacted_entities: z.array(z.string()).optional().describe('With redact_pii or redact_pci.'),
  warnings: z.array(z.string()).optional().describe('What was asked for and is not as it was asked for.'),
});

export type BatchReply = z.infer<typeof batchReplySchema>;

/** What of a transcript is wanted, and how. */
export type BatchReplyOptions = {
  readonly wordTimestamps: boolean;
  readonly sentenceTimestamps: boolean;
  readonly redacts: boolean;
  /** pulse-pro has another form of its own, and the older path a field more. */
  readonly form: 'pulse' | 'pulse-pro' | 'older';
};

export type Transcribed = {
  readonly segments: readonly TranscriptSegment[];
  readonly audioMs: number;
  readonly bytes: number;
  readonly computeMs: number;
  readonly language: string;
  readonly requestId: string;
};

/** A transcript as the Waves API has it. */
export function batchReply(transcribed: Transcribed, options: BatchReplyOptions): BatchReply {
  const { audioMs, bytes, computeMs, language, requestId } = transcribed;
  const { wordTimestamps, sentenceTimestamps, redacts, form } = options;
  const { segments, entities } = relabelled(transcribed.segments);
  const duration = secondsOf(audioMs);
  const words = wordTimestamps ? segments.flatMap((segment) => segment.words.map(wordView)) : [];
  const common = {
    status: 'success' as const,
    transcription: segments.map(({ text }) => text).join(' '),
    words,
    ...(redacts ? { redacted_entities: [...entities] } : {}),
  };
  if (form === 'pulse-pro')
    return {
      ...common,
      language,
      metadata: {
        duration,
        processing_time_ms: Math.round(computeMs * 100) / 100,
        rtfx: Math.round((audioMs / Math.max(1, computeMs)) * 10) / 10,
        num_chunks: segments.length,
      },
      totalBytes: bytes,
      request_id: requestId,
    };
  const withSentences = wordTimestamps || sentenceTimestamps;
  return {
    ...common,
    utterances: withSentences ? segments.flatMap(utterancesOf).map(utteranceView) : [],
    metadata: { duration, fileSize: bytes },
    ...(form === 'older' ? { audio_length: String(duration) } : {}),
  };
}

/** A recogniser that tells no times of words tells those of stretches. */
function utterancesOf(segment: TranscriptSegment): readonly Sentence[] {
  return segment.words.length > 0 ? sentencesOf(segment.words) : [segment];
}

function relabelled(segments: readonly TranscriptSegment[]): {
  readonly segments: readonly TranscriptSegment[];
  readonly entities: readonly string[];
} {
  const labels = new RedactionLabels();
  const entities: string[] = [];
  const renamed = segments.map((segment) => {
    const { words: said, entities: found } = labels.relabel(segment.text.split(' '), true);
    entities.push(...found);
    const words = segment.words.map((word, index) => ({ ...word, text: said[index] ?? word.text }));
    return { ...segment, text: said.join(' '), words };
  });
  return { segments: renamed, entities };
}
