import { z } from 'zod';
import { rubbish } from '../remote/refusals.js';
import type { RemoteApi } from '../remote/remote-api.js';
import { readMessage, type SocketMessage } from '../remote/remote-socket.js';

const text = z.string();
const ofReply = { response_id: text };

/** Events of the server that are of interest, as the realtime protocol has them since its general release. */
const events = {
  'session.created': z.object({}),
  'session.updated': z.object({}),
  'input_audio_buffer.speech_started': z.object({ audio_start_ms: z.number() }),
  'input_audio_buffer.speech_stopped': z.object({ audio_end_ms: z.number() }),
  'input_audio_buffer.committed': z.object({ item_id: text }),
  'conversation.item.input_audio_transcription.delta': z.object({ item_id: text, delta: text.nullish() }),
  'conversation.item.input_audio_transcription.completed': z.object({ item_id: text, transcript: text }),
  'conversation.item.input_audio_transcription.failed': z.object({ error: z.object({ message: text.nullish() }) }),
  'response.created': z.object({ response: z.object({ id: text }) }),
  'response.output_audio.delta': z.object({ ...ofReply, item_id: text, content_index: z.number(), delta: text }),
  'response.output_audio_transcript.delta': z.object({ ...ofReply, delta: text }),
  'response.output_text.delta': z.object({ ...ofReply, delta: text }),
  'response.function_call_arguments.done': z.object({
    ...ofReply,
    item_id: text,
    call_id: text,
    name: text.nullish(),
    arguments: text,
  }),
  'response.output_item.added': z.object({
    ...ofReply,
    item: z.object({ id: text.nullish(), type: text, name: text.nullish() }),
  }),
  'response.done': z.object({
    response: z.object({
      id: text,
      status: text.nullish(),
      status_details: z
        .object({ reason: text.nullish(), error: z.object({ message: text.nullish() }).nullish() })
        .nullish(),
      usage: z.object({ input_tokens: z.number().nullish(), output_tokens: z.number().nullish() }).nullish(),
    }),
  }),
  error: z.object({ error: z.object({ message: text.nullish(), code: text.nullish(), type: text.nullish() }) }),
} as const;

type Events = { readonly [Type in keyof typeof events]: { readonly type: Type } & z.infer<(typeof events)[Type]> };
export type RealtimeEvent = Events[keyof Events];

/** @returns undefined for an event that is of no interest. @throws ParleyError `remote.rubbish` */
export function readRealtimeEvent(api: RemoteApi, message: SocketMessage): RealtimeEvent | undefined {
  const value = readMessage(api, message);
  const { type } = value;
  if (typeof type !== 'string' || !Object.hasOwn(events, type)) return undefined;
  const { data, error } = events[type as keyof typeof events].safeParse(value);
  if (!data) throw rubbish(api.provider, `a ${type} whose ${error.issues[0]?.path.join('.')} is of another kind`);
  return { type, ...data } as RealtimeEvent;
}
