import { z } from 'zod';
import { clientEventSchemas } from '../../openai/realtime/client-events.js';

const { instructions, tools } = clientEventSchemas['session.update'].shape.session.shape;
const eventId = { event_id: z.string().max(512).optional() };

/** What the agent is to be. Unknown fields pass, since clients of newer versions send them, and are reported. */
export const configurationSchema = z.looseObject({
  instructions,
  voice: z.string().max(128).optional(),
  tools,
  generate_initial_response: z.boolean().optional(),
  /** Parley's own settings. */
  parley: z.object({ turn_metrics: z.boolean().optional() }).optional(),
});

export type Configuration = z.infer<typeof configurationSchema>;

/** What a client may send: JSON in text frames. */
export const hydraEventSchemas = {
  'session.configure': z.object({
    ...eventId,
    type: z.literal('session.configure'),
    session: configurationSchema.default({}),
  }),
  'session.update': z.object({ ...eventId, type: z.literal('session.update'), session: z.looseObject({ tools }) }),
  'input_audio_buffer.append': clientEventSchemas['input_audio_buffer.append'],
  'conversation.item.create': clientEventSchemas['conversation.item.create'],
  'response.create': z.object({
    ...eventId,
    type: z.literal('response.create'),
    response: z.looseObject({ instructions }).optional(),
  }),
  'response.cancel': clientEventSchemas['response.cancel'],
} as const;

export type HydraEventName = keyof typeof hydraEventSchemas;
export type HydraEvent = { [Name in HydraEventName]: z.infer<(typeof hydraEventSchemas)[Name]> }[HydraEventName];
export type HydraEventOf<Name extends HydraEventName> = Extract<HydraEvent, { type: Name }>;
