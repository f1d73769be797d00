import { z } from 'zod';
import { chatDefaults } from '../../../platform/layers/chat/chat.js';

/** Of one text, and of all of a request's messages: as many as a body may have. */
const maxCharacters = 1024 ** 2;
const text = z.string({ error: 'expected a text' }).max(maxCharacters);

const content = z
  .union([text, z.array(z.object({ type: z.literal('text'), text })).max(256)], {
    error: 'expected a text, or a list of parts of the type "text": this model reads nothing else',
  })
  .describe('Text. This model reads nothing else.');

const toolCall = z.object({
  id: z.string().max(200),
  type: z.literal('function'),
  function: z.object({ name: z.string().max(200), arguments: text.describe('JSON.') }),
});

const messageSchema = z.discriminatedUnion(
  'role',
  [
    z.object({ role: z.enum(['system', 'developer', 'user']), content }),
    z.object({
      role: z.literal('assistant'),
      content: content.nullish(),
      tool_calls: z.array(toolCall).max(64).optional(),
    }),
    z.object({ role: z.literal('tool'), tool_call_id: z.string().max(200), content }),
  ],
  { error: 'expected a message of the role system, developer, user, assistant or tool' },
);

const tool = z.object({
  type: z.literal('function', { error: 'expected "function": there are no other tools here' }),
  function: z.object({
    name: z.string().regex(/^[\w-]{1,64}$/, { error: 'expected up to 64 letters, digits, _ and -' }),
    description: z.string().max(8_192).optional(),
    parameters: z.record(z.string(), z.unknown()).optional().describe('JSON Schema of an object.'),
    strict: z.boolean().nullish().describe('A schema that cannot be kept to the letter is then refused.'),
  }),
});

const whole = { error: 'expected a whole number of at least 1' };

/** `POST /v1/chat/completions` */
export const chatRequestSchema = z
  .object({
    model: z.string({ error: 'expected the name of a model' }).max(200).describe('A model, see /v1/models.'),
    messages: z.array(messageSchema, { error: 'expected a list of messages' }).min(1).max(1_000),
    stream: z.boolean().nullish(),
    stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
    tools: z.array(tool).max(64).optional(),
    tool_choice: z
      .union(
        [
          z.enum(['none', 'auto', 'required']),
          z.object({ type: z.literal('function'), function: z.object({ name: z.string().max(64) }) }),
        ],
        { error: 'expected "none", "auto", "required" or a function' },
      )
      .optional(),
    response_format: z
      .discriminatedUnion(
        'type',
        [
          z.object({ type: z.literal('text') }),
          z.object({ type: z.literal('json_object') }),
          z.object({
            type: z.literal('json_schema'),
            json_schema: z.object({
              name: z.string().max(64).optional(),
              description: z.string().max(8_192).optional(),
              schema: z.record(z.string(), z.unknown()),
              strict: z.boolean().nullish(),
            }),
          }),
        ],
        { error: 'expected text, json_object or json_schema' },
      )
      .optional()
      .describe('JSON is kept to by grammar.'),
    stop: z
      .union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).max(4)], {
        error: 'expected up to 4 texts',
      })
      .nullish(),
    max_completion_tokens: z
      .number(whole)
      .int(whole)
      .min(1, whole)
      .nullish()
      .describe(`Of the reply; ${chatDefaults.maxTokens} where nothing is said.`),
    max_tokens: z.number(whole).int(whole).min(1, whole).nullish().describe('The same, by its older name.'),
    n: z.literal(1, { error: 'expected 1: there is one reply' }).nullish(),
    temperature: z
      .number({ error: 'expected a number from 0 to 2' })
      .min(0, { error: 'expected at least 0' })
      .max(2, { error: 'expected at most 2' })
      .nullish()
      .describe('The likeliest words are taken, always. Another temperature than 0 is reported.'),
    user: z.string().max(512).nullish().describe('Has no effect.'),
    metadata: z.record(z.string(), z.unknown()).nullish().describe('Has no effect.'),
    store: z.literal(false, { error: 'expected false: nothing is stored' }).nullish(),
    parallel_tool_calls: z
      .boolean()
      .nullish()
      .describe('Whether a reply may call several tools. The model of this machine calls one at most.'),
  })
  .describe('A conversation to be answered.');

export type ChatBody = z.infer<typeof chatRequestSchema>;

const usageSchema = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  total_tokens: z.number(),
  prompt_tokens_details: z.object({ cached_tokens: z.number() }),
});

const finishReason = z.enum(['stop', 'length', 'tool_calls']);

export const completionSchema = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.number(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.literal(0),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.null(),
        tool_calls: z.array(toolCall).optional(),
      }),
      logprobs: z.null(),
      finish_reason: finishReason,
    }),
  ),
  usage: usageSchema,
});

export const chunkSchema = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion.chunk'),
    created: z.number(),
    model: z.string(),
    choices: z.array(
      z.object({
        index: z.literal(0),
        delta: z.object({
          role: z.literal('assistant').optional(),
          content: z.string().nullable().optional(),
          tool_calls: z
            .array(
              z.object({
                index: z.number(),
                id: z.string().optional(),
                type: z.literal('function').optional(),
                function: z.object({ name: z.string().optional(), arguments: z.string() }),
              }),
            )
            .optional()
            .describe('The first piece of a call has its id and name; arguments are appended.'),
        }),
        logprobs: z.null(),
        finish_reason: finishReason.nullable(),
      }),
    ),
    usage: usageSchema.nullish(),
  })
  .describe('A piece of the reply; the last one is followed by [DONE].');

export const chatExample = {
  model: 'gpt-4o-mini',
  messages: [
    { role: 'system', content: 'You answer in one sentence.' },
    { role: 'user', content: 'What is a voice agent?' },
  ],
  stream: false,
} as const;
