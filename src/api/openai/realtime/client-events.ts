import { z } from 'zod';
import { expectedAnswerSchema } from '../../../conversation/turn/expected-answer-schema.js';
import { audioFormatSchema } from './audio-format.js';
import { keywordsSchema } from './keywords.js';
import { messageLimits } from './limits.js';
import { turnDetectionSchema } from './turn-detection.js';

/*
 * The one description of what clients may send. Unknown fields pass, since clients of newer protocol versions send
 * them; known fields must have the right type.
 */

const text = (maxBytes: number) =>
  z.string().refine((value) => Buffer.byteLength(value) <= maxBytes, {
    error: `Expected at most ${maxBytes} bytes of text`,
  });
const instructions = text(messageLimits.maxInstructionsBytes);
const itemText = text(messageLimits.maxItemBytes);
const id = z.string().min(1).max(128);
const voice = z.union([id, z.object({ id })], { error: 'Expected the name of a voice or {"id": name}' });
const modalities = z.array(z.enum(['audio', 'text'])).min(1);

/** What is only sent back as it came. */
const echoed = z
  .unknown()
  .refine((value) => JSON.stringify(value ?? null).length <= messageLimits.maxEchoedCharacters, {
    error: `Expected at most ${messageLimits.maxEchoedCharacters} characters of JSON`,
  });
const maxOutputTokens = z.union([z.number().int().min(1).max(4_096), z.literal('inf')], {
  error: 'Expected a whole number from 1 to 4096 or "inf"',
});

/** A function; of other tools only the type is looked at. */
const tool = z.object({
  type: z.string().max(64).optional(),
  name: z.string().max(256).optional(),
  description: text(messageLimits.maxItemBytes).optional(),
  parameters: echoed.optional(),
});
const tools = z.array(tool).max(messageLimits.maxTools, { error: `Expected at most ${messageLimits.maxTools} tools` });

export const sessionSchema = z.object({
  type: z.enum(['realtime', 'transcription'], { error: 'Expected "realtime" or "transcription"' }).optional(),
  /** Of a client secret: it decides which model holds the call. A session keeps the one that it was opened with. */
  model: z.string().max(256).optional(),
  instructions: instructions.optional(),
  output_modalities: modalities.optional(),
  max_output_tokens: maxOutputTokens.optional(),
  tools: tools.optional(),
  tool_choice: echoed.optional(),
  tracing: echoed.optional(),
  truncation: echoed.optional(),
  prompt: echoed.optional(),
  include: z.array(z.string().max(128)).max(16).nullable().optional(),
  audio: z
    .object({
      input: z
        .object({
          format: audioFormatSchema.optional(),
          noise_reduction: z
            .object({ type: z.enum(['near_field', 'far_field']).optional() })
            .nullable()
            .optional(),
          turn_detection: turnDetectionSchema.optional(),
          transcription: z
            .object({
              model: z.string().max(256).optional(),
              language: z.string().max(64).optional(),
              prompt: itemText.optional(),
            })
            .nullable()
            .optional(),
        })
        .optional(),
      output: z
        .object({
          format: audioFormatSchema.optional(),
          voice: voice.optional(),
          speed: z
            .number()
            .min(0.25, { error: 'Expected a number from 0.25 to 1.5' })
            .max(1.5, { error: 'Expected a number from 0.25 to 1.5' })
            .optional(),
        })
        .optional(),
    })
    .optional(),
  /** Parley's own settings. */
  parley: z
    .object({
      turn_metrics: z.boolean().optional(),
      keywords: keywordsSchema.optional(),
      greeting: z
        .union([text(messageLimits.maxGreetingBytes), z.literal(false)], {
          error: `Expected at most ${messageLimits.maxGreetingBytes} bytes of text, or false when the caller begins`,
        })
        .optional(),
    })
    .optional(),
});

export type SessionUpdate = z.infer<typeof sessionSchema>;

const item = z.object({
  id: id.optional(),
  type: z.string(),
  role: z.string().optional(),
  call_id: z.string().min(1).max(256).optional(),
  name: z.string().max(256).optional(),
  arguments: itemText.optional(),
  output: itemText.optional(),
  content: z
    .array(
      z.object({
        type: z.string(),
        text: itemText.optional(),
        transcript: itemText.nullable().optional(),
        audio: z.string().nullable().optional(),
      }),
    )
    .max(64, { error: 'Expected at most 64 parts' })
    .optional(),
});

const response = z.object({
  conversation: z.string().optional(),
  input: z
    .array(z.union([z.object({ type: z.literal('item_reference'), id }), item]))
    .max(messageLimits.maxInputItems, { error: `Expected at most ${messageLimits.maxInputItems} items` })
    .optional(),
  instructions: instructions.optional(),
  output_modalities: modalities.optional(),
  max_output_tokens: maxOutputTokens.optional(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'Expected at most 16 pairs' })
    .nullable()
    .optional(),
  tools: tools.optional(),
  tool_choice: echoed.optional(),
  audio: z
    .object({ output: z.object({ format: audioFormatSchema.optional(), voice: voice.optional() }).optional() })
    .optional(),
});

const eventId = { event_id: z.string().max(512).optional() };

/** As elsewhere in Parley, but in the names of this protocol: `min_digits`, `max_digits`. */
const expectedAnswer = z.preprocess((given) => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  const { min_digits: minDigits, max_digits: maxDigits, ...rest } = given as Record<string, unknown>;
  return minDigits === undefined && maxDigits === undefined ? rest : { ...rest, minDigits, maxDigits };
}, expectedAnswerSchema);

export const clientEventSchemas = {
  'session.update': z.object({ ...eventId, type: z.literal('session.update'), session: sessionSchema }),
  'input_audio_buffer.append': z.object({
    ...eventId,
    type: z.literal('input_audio_buffer.append'),
    audio: z.string(),
  }),
  'input_audio_buffer.commit': z.object({ ...eventId, type: z.literal('input_audio_buffer.commit') }),
  'input_audio_buffer.clear': z.object({ ...eventId, type: z.literal('input_audio_buffer.clear') }),
  'conversation.item.create': z.object({
    ...eventId,
    type: z.literal('conversation.item.create'),
    item,
    previous_item_id: id.nullable().optional(),
  }),
  'conversation.item.retrieve': z.object({
    ...eventId,
    type: z.literal('conversation.item.retrieve'),
    item_id: z.string(),
  }),
  'conversation.item.delete': z.object({
    ...eventId,
    type: z.literal('conversation.item.delete'),
    item_id: z.string(),
  }),
  'conversation.item.truncate': z.object({
    ...eventId,
    type: z.literal('conversation.item.truncate'),
    item_id: z.string(),
    content_index: z.literal(0),
    audio_end_ms: z.number().min(0),
  }),
  'response.create': z.object({ ...eventId, type: z.literal('response.create'), response: response.optional() }),
  'response.cancel': z.object({
    ...eventId,
    type: z.literal('response.cancel'),
    response_id: z.string().optional(),
  }),
  'output_audio_buffer.clear': z.object({ ...eventId, type: z.literal('output_audio_buffer.clear') }),
  /** Nothing of the audio that follows is heard, until it is unmuted; answered by `parley.input_audio.muted`, `….unmuted`. */
  'parley.input_audio.mute': z.object({ ...eventId, type: z.literal('parley.input_audio.mute') }),
  'parley.input_audio.unmute': z.object({ ...eventId, type: z.literal('parley.input_audio.unmute') }),
  /** Answered by `parley.input_audio.flushed` when all audio before has been heard, and a commit before has its transcript. */
  'parley.input_audio.flush': z.object({ ...eventId, type: z.literal('parley.input_audio.flush') }),
  /** The caller presses keys, after all audio appended before. */
  'parley.dtmf.press': z.object({
    ...eventId,
    type: z.literal('parley.dtmf.press'),
    keys: z.string().regex(/^[0-9*#A-D]{1,32}$/, { error: 'Expected 1 to 32 of the keys 0-9, *, #, A-D' }),
  }),
  /** What the caller is expected to answer now, until the agent is heard again. */
  'parley.expect': z.object({ ...eventId, type: z.literal('parley.expect'), answer: expectedAnswer }),
} as const;

export type ClientEventName = keyof typeof clientEventSchemas;
export type ClientEvent = { [Name in ClientEventName]: z.infer<(typeof clientEventSchemas)[Name]> }[ClientEventName];
export type ClientEventOf<Name extends ClientEventName> = Extract<ClientEvent, { type: Name }>;
