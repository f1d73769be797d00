import { ParleyError } from '../audio/error.js';
import type { KnownEventName, ServerEvent, TurnSteps } from './server-events.js';

type Kind = 'string' | 'number' | 'object';
/** A dotted path into the event, and what must be there. */
type Field = readonly [path: string, kind: Kind];

const item: Field = ['item_id', 'string'];
const resumable: readonly Field[] = [
  ['token', 'string'],
  ['within_ms', 'number'],
];
const ofResponse: readonly Field[] = [['response_id', 'string'], item];

/** What each known event must hold: an event without it would fail later, at a place that says less. */
const required: Readonly<Record<KnownEventName, readonly Field[]>> = {
  'session.created': [['session', 'object']],
  'session.updated': [['session', 'object']],
  'input_audio_buffer.speech_started': [item, ['audio_start_ms', 'number']],
  'input_audio_buffer.speech_stopped': [item, ['audio_end_ms', 'number']],
  'input_audio_buffer.committed': [item],
  'conversation.item.input_audio_transcription.delta': [item, ['delta', 'string']],
  'conversation.item.input_audio_transcription.completed': [item, ['transcript', 'string']],
  'conversation.item.input_audio_transcription.failed': [item, ['error', 'object']],
  'conversation.item.truncated': [item, ['audio_end_ms', 'number']],
  'response.created': [['response.id', 'string']],
  'response.done': [['response.id', 'string']],
  'response.output_audio.delta': [...ofResponse, ['delta', 'string']],
  'response.output_audio.done': ofResponse,
  'response.output_audio_transcript.delta': [...ofResponse, ['delta', 'string']],
  'response.output_audio_transcript.done': [...ofResponse, ['transcript', 'string']],
  'response.output_text.delta': [...ofResponse, ['delta', 'string']],
  'response.output_text.done': [...ofResponse, ['text', 'string']],
  'parley.partial': [item, ['text', 'string']],
  'parley.correction': [item, ['word', 'number'], ['from', 'string'], ['to', 'string']],
  'parley.turn': [
    ['turn', 'number'],
    ['speech_end_audio_ms', 'number'],
    ['agent_onset_audio_ms', 'number'],
    ['response_latency_ms', 'number'],
    ['eou_delay_ms', 'number'],
    ['ready_ms', 'number'],
    ['transport_out_ms', 'number'],
    ['steps', 'object'],
  ],
  'conversation.item.deleted': [item],
  'parley.input_audio.muted': [],
  'parley.input_audio.unmuted': [],
  'parley.input_audio.flushed': [],
  'parley.resumable': resumable,
  'parley.resumed': [...resumable, ['session', 'object']],
  error: [['error.message', 'string']],
};

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKnown(name: string): name is KnownEventName {
  return Object.hasOwn(required, name);
}

function at(event: JsonObject, path: string): unknown {
  let value: unknown = event;
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined;
  return value;
}

function holds(value: unknown, kind: Kind): boolean {
  if (kind === 'object') return isObject(value);
  return kind === 'number' ? Number.isFinite(value) : typeof value === 'string';
}

/**
 * Reads one text message of the server. Events that this client does not know come back as `unknown`: the protocol
 * grows, and a client must not fail on what it has no use for.
 *
 * @throws ParleyError `client.protocol` for what is not a JSON event, or a known event without its fields.
 */
export function readServerEvent(message: unknown): ServerEvent {
  if (typeof message !== 'string') throw protocolError('a binary message; expected JSON text');
  let event: unknown;
  try {
    event = JSON.parse(message);
  } catch (cause) {
    throw protocolError(`a message that is not JSON: ${excerpt(message)}`, cause);
  }
  if (!isObject(event) || typeof event.type !== 'string') {
    throw protocolError(`JSON that is not an event with a type: ${excerpt(message)}`);
  }
  const name = event.type;
  if (!isKnown(name)) return { type: 'unknown', name, event };
  for (const [path, kind] of required[name]) {
    if (!holds(at(event, path), kind)) throw protocolError(`${name} without ${path} (a ${kind}): ${excerpt(message)}`);
  }
  // The table above has checked the fields that the union promises.
  return (name === 'parley.turn' ? completedTurn(event) : event) as ServerEvent;
}

/** The parts of a turn that a server may leave out, in the shape that the union promises. */
function completedTurn(event: JsonObject): JsonObject {
  const text = (key: string) => (typeof event[key] === 'string' ? event[key] : '');
  const numberOf = (path: string): number | null => {
    const value = at(event, path);
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  const steps: TurnSteps = {
    vad_silence_ms: numberOf('steps.vad_silence_ms'),
    end_of_turn_ms: numberOf('steps.end_of_turn_ms'),
    stt_final_ms: numberOf('steps.stt_final_ms'),
    llm_first_token_ms: numberOf('steps.llm_first_token_ms'),
    first_clause_ms: numberOf('steps.first_clause_ms'),
    tts_first_audio_ms: numberOf('steps.tts_first_audio_ms'),
  };
  const tokens = isObject(event.tokens)
    ? {
        computed: numberOf('tokens.computed') ?? 0,
        reused: numberOf('tokens.reused') ?? 0,
        new: numberOf('tokens.new') ?? 0,
      }
    : null;
  const phrases = isObject(event.phrases)
    ? {
        hits: numberOf('phrases.hits') ?? 0,
        misses: numberOf('phrases.misses') ?? 0,
        saved_ms: numberOf('phrases.saved_ms') ?? 0,
      }
    : null;
  return {
    ...event,
    call_id: typeof event.call_id === 'string' ? event.call_id : null,
    item_id: text('item_id'),
    response_id: text('response_id'),
    transcript: text('transcript'),
    waited_because: text('waited_because'),
    opener: typeof event.opener === 'string' ? event.opener : null,
    bridged: event.bridged === true,
    content_latency_ms: numberOf('content_latency_ms'),
    gap_within_reply_ms: numberOf('gap_within_reply_ms') ?? 0,
    phrases,
    steps,
    tokens,
    drafts: numberOf('drafts') ?? 0,
    end_of_turn_probability: numberOf('end_of_turn_probability'),
  };
}

function excerpt(message: string): string {
  return message.length <= 120 ? message : `${message.slice(0, 120)}… (${message.length} characters)`;
}

function protocolError(what: string, cause?: unknown): ParleyError {
  return new ParleyError(
    `The server sent ${what}. Check that the address is that of a realtime endpoint (/v1/realtime).`,
    { code: 'client.protocol', status: 502, cause },
  );
}
