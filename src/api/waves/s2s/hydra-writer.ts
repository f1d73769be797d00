import type { EventWriter, Problem } from '../../openai/realtime/event-writer.js';
import type { NewId } from '../../openai/realtime/ids.js';

type Fields = Readonly<Record<string, unknown>>;
type Translate = (fields: Fields) => Fields | undefined;

const asItIs: Translate = (fields) => fields;

/** Codes that Hydra has; what it has no code for is wrong in some other way. */
const codes: Readonly<Record<string, string>> = {
  invalid_json: 'invalid_frame',
  invalid_frame: 'invalid_frame',
  unknown_event: 'invalid_frame',
  invalid_audio: 'invalid_audio',
  input_audio_queue_full: 'invalid_audio',
  tool_response_timeout: 'tool_response_timeout',
  server_full: 'server_full',
};

/**
 * Writes the events of a realtime session as Hydra has them: the same names with less in them, without those that it does
 * not have. What is said is told beside the sound, in events that Hydra's clients may pass over.
 */
export function createHydraWriter(send: (text: string) => void, newId: NewId): EventWriter {
  /** The delta of a call names its tool, which only the item knows. */
  const toolNames = new Map<string, string>();
  const translations: Readonly<Record<string, Translate>> = {
    'input_audio_buffer.speech_started': asItIs,
    'input_audio_buffer.speech_stopped': asItIs,
    'conversation.item.added': (fields) => {
      const { type, call_id: call, name } = fields.item as Fields;
      if (type === 'function_call') toolNames.set(String(call), String(name));
      return withItem(fields);
    },
    'conversation.item.done': withItem,
    'conversation.item.deleted': asItIs,
    'conversation.item.input_audio_transcription.completed': asItIs,
    'response.created': ({ response }) => ({ response: { id: (response as Fields).id } }),
    'response.output_audio.delta': asItIs,
    'response.output_audio.done': asItIs,
    'response.output_audio_transcript.delta': asItIs,
    'response.output_audio_transcript.done': asItIs,
    'response.function_call_arguments.delta': (fields) => ({
      ...fields,
      name: toolNames.get(String(fields.call_id)) ?? '',
    }),
    'response.function_call_arguments.done': (fields) => {
      toolNames.delete(String(fields.call_id));
      return fields;
    },
    'response.done': ({ response }) => ({ response: responseView(response as Fields) }),
    'session.created': asItIs,
    'session.configured': asItIs,
    'session.updated': asItIs,
    warning: asItIs,
    'parley.turn': asItIs,
  };
  const put = (type: string, fields: Fields): void =>
    send(JSON.stringify({ type, event_id: newId('event'), ...fields }));
  const write = (type: string, fields: Fields): void => {
    const translated = translations[type]?.(fields);
    if (translated) put(type, translated);
  };
  return {
    write,
    writeBare: write,
    error: ({ type = 'invalid_request_error', code, message, param }: Problem, clientEventId) => {
      const known = codes[code] ?? (type === 'server_error' ? 'internal_error' : 'invalid_request_error');
      put('error', {
        error: {
          type,
          code: known,
          message,
          ...(param === undefined ? {} : { param }),
          ...(clientEventId === undefined ? {} : { event_id: clientEventId }),
        },
      });
    },
  };
}

function withItem(fields: Fields): Fields {
  return { previous_item_id: fields.previous_item_id ?? null, item: itemView(fields.item as Fields) };
}

/** Sound is the content of messages, and has no text; what was written has. */
function itemView({ object: _, content, ...item }: Fields): Fields {
  if (!Array.isArray(content)) return item;
  const parts = (content as readonly Fields[]).map(({ type, text }) => ({ type, text: text ?? null }));
  return { ...item, content: parts };
}

const reasons: Readonly<Record<string, string>> = { turn_detected: 'interrupted' };

function responseView({ id, status, status_details: details, output, usage }: Fields): Fields {
  const { reason, ...rest } = (details ?? {}) as { readonly reason?: string };
  const { input_tokens, output_tokens, total_tokens } = (usage ?? {}) as Fields;
  return {
    id,
    status,
    ...(details
      ? { status_details: { ...rest, ...(reason === undefined ? {} : { reason: reasons[reason] ?? reason }) } }
      : {}),
    output: (output as readonly Fields[]).map(itemView),
    usage: { input_tokens, output_tokens, total_tokens },
  };
}
