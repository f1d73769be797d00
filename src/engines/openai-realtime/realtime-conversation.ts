import { durationMs } from '../../audio/frame.js';
import { decodePcm16, encodePcm16 } from '../../audio/pcm.js';
import { beforeDeadline } from '../../ports/deadline.js';
import { ParleyError } from '../../ports/errors.js';
import type {
  ConverseOptions,
  SpeechTool,
  SpeechToSpeechEvent,
  SpeechToSpeechInput,
  SpeechToSpeechMarks,
} from '../../ports/speech-to-speech.js';
import { cutOff, late } from '../remote/refusals.js';
import type { RemoteApi } from '../remote/remote-api.js';
import type { RemoteSocket } from '../remote/remote-socket.js';
import { type RealtimeEvent, readRealtimeEvent } from './realtime-wire.js';

/** The only rate that the protocol has for PCM. */
export const realtimeRateHz = 24_000;

type Settings = Omit<ConverseOptions, 'voice'> & {
  readonly voice: string | undefined;
  readonly transcriptionModel: string;
};

/** Times on the clock. */
type Turn = { endMs: number; committedMs: number | undefined; finalMs: number | undefined; answered: boolean };
type Reply = {
  readonly turn: Turn | undefined;
  firstTextMs: number | undefined;
  firstAudioMs: number | undefined;
  /** What of the reply carries its audio, to be cut. */
  item: { readonly id: string; readonly contentIndex: number } | undefined;
};

/** Replies whose playing may still be told of. */
const keptReplies = 16;
const mostTexts = 64;
type Finished = Extract<RealtimeEvent, { type: 'response.done' }>;

/** One conversation over a socket that is open. */
export class RealtimeConversation {
  readonly #api: RemoteApi;
  readonly #socket: RemoteSocket;
  readonly #settings: Settings;
  readonly #replies = new Map<string, Reply>();
  readonly #callerTexts = new Map<string, string>();
  readonly #toolNames = new Map<string, string>();
  #turn: Turn | undefined;
  /** When the stream's beginning was, on the clock: audio is sent as it is spoken. */
  #startedMs: number | undefined;

  constructor(api: RemoteApi, socket: RemoteSocket, settings: Settings) {
    this.#api = api;
    this.#socket = socket;
    this.#settings = settings;
  }

  async *events(): AsyncGenerator<SpeechToSpeechEvent, void, undefined> {
    const socket = this.#socket;
    const messages = socket.messages[Symbol.asyncIterator]();
    const { signal } = this.#settings;
    const { firstByteMs } = this.#api.deadlines;
    const hello = { clock: this.#api.clock, ms: firstByteMs, signal };
    await beforeDeadline(messages.next(), {
      ...hello,
      late: () => late(this.#api.provider, 'no session', firstByteMs),
    });
    socket.sendJson({ type: 'session.update', session: this.#session() });
    let inputOver = false;
    const sending = this.#send().then(() => {
      inputOver = true;
      socket.close();
    });
    sending.catch((error: unknown) => socket.fail(inputFailure(error)));
    try {
      for (;;) {
        const { value, done } = await messages.next();
        if (done) break;
        const event = readRealtimeEvent(this.#api, value);
        if (event) yield* this.#translate(event);
      }
    } finally {
      socket.close();
    }
    signal.throwIfAborted();
    if (!inputOver) throw cutOff(this.#api.provider, 'it ended the conversation');
  }

  #session(): unknown {
    const { instructions, voice, tools = [], turns = 'semantic', transcriptionModel } = this.#settings;
    const format = { type: 'audio/pcm', rate: realtimeRateHz };
    const detection = { semantic: { type: 'semantic_vad' }, silence: { type: 'server_vad' }, manual: null }[turns];
    return {
      type: 'realtime',
      instructions,
      output_modalities: ['audio'],
      audio: {
        input: { format, transcription: { model: transcriptionModel }, turn_detection: detection },
        output: { format, ...(voice === undefined ? {} : { voice }) },
      },
      tools: tools.map(functionOf),
    };
  }

  async #send(): Promise<void> {
    for await (const item of this.#settings.input)
      for (const event of this.#clientEvents(item)) this.#socket.sendJson(event);
  }

  *#clientEvents(item: SpeechToSpeechInput): Iterable<unknown> {
    switch (item.type) {
      case 'audio':
        this.#startedMs ??= this.#api.clock.nowMs() - durationMs(item.samples.length, realtimeRateHz);
        yield { type: 'input_audio_buffer.append', audio: encodePcm16(item.samples).toString('base64') };
        break;
      case 'commit': {
        const nowMs = this.#api.clock.nowMs();
        if (this.#settings.turns === 'manual')
          this.#turn = { endMs: nowMs, committedMs: nowMs, finalMs: undefined, answered: false };
        yield { type: 'input_audio_buffer.commit' };
        yield { type: 'response.create' };
        break;
      }
      case 'text': {
        const content = [{ type: 'input_text', text: item.text }];
        yield { type: 'conversation.item.create', item: { type: 'message', role: 'user', content } };
        if (item.respond !== false) yield { type: 'response.create' };
        break;
      }
      case 'respond': {
        const { instructions } = item;
        yield { type: 'response.create', ...(instructions === undefined ? {} : { response: { instructions } }) };
        break;
      }
      case 'tool-result': {
        const output = { type: 'function_call_output', call_id: item.call, output: item.output };
        yield { type: 'conversation.item.create', item: output };
        if (item.respond !== false) yield { type: 'response.create' };
        break;
      }
      case 'tools':
        yield { type: 'session.update', session: { type: 'realtime', tools: item.tools.map(functionOf) } };
        break;
      case 'cancel':
        yield { type: 'response.cancel' };
        break;
      case 'heard': {
        const spoken = this.#replies.get(item.reply)?.item;
        if (!spoken) break;
        const { id, contentIndex } = spoken;
        const audio_end_ms = Math.max(0, Math.floor(item.playedMs));
        yield { type: 'conversation.item.truncate', item_id: id, content_index: contentIndex, audio_end_ms };
      }
    }
  }

  *#translate(event: RealtimeEvent): Iterable<SpeechToSpeechEvent> {
    const nowMs = this.#api.clock.nowMs();
    switch (event.type) {
      case 'input_audio_buffer.speech_started':
        yield { type: 'speech-started', atMs: event.audio_start_ms };
        break;
      case 'input_audio_buffer.speech_stopped':
        this.#turn = {
          endMs: (this.#startedMs ?? nowMs) + event.audio_end_ms,
          committedMs: undefined,
          finalMs: undefined,
          answered: false,
        };
        yield { type: 'speech-stopped', atMs: event.audio_end_ms };
        break;
      case 'input_audio_buffer.committed':
        if (this.#turn) this.#turn.committedMs ??= nowMs;
        break;
      case 'conversation.item.input_audio_transcription.delta': {
        const text = (this.#callerTexts.get(event.item_id) ?? '') + (event.delta ?? '');
        keep(this.#callerTexts, event.item_id, text, mostTexts);
        yield { type: 'caller-text', turn: event.item_id, text, final: false };
        break;
      }
      case 'conversation.item.input_audio_transcription.completed':
        this.#callerTexts.delete(event.item_id);
        if (this.#turn) this.#turn.finalMs ??= nowMs;
        yield { type: 'caller-text', turn: event.item_id, text: event.transcript.trim(), final: true };
        break;
      case 'conversation.item.input_audio_transcription.failed':
        yield { type: 'error', error: this.#failure('the transcript', event.error.message) };
        break;
      case 'response.created':
        keep(this.#replies, event.response.id, newReply(this.#unanswered()), keptReplies);
        yield { type: 'reply-started', reply: event.response.id };
        break;
      case 'response.output_audio.delta': {
        const reply = this.#replies.get(event.response_id);
        if (reply) {
          reply.firstAudioMs ??= nowMs;
          reply.item ??= { id: event.item_id, contentIndex: event.content_index };
        }
        const samples = decodePcm16(Buffer.from(event.delta, 'base64'));
        if (samples.length > 0) yield { type: 'audio', reply: event.response_id, samples, rateHz: realtimeRateHz };
        break;
      }
      case 'response.output_audio_transcript.delta':
      case 'response.output_text.delta': {
        const reply = this.#replies.get(event.response_id);
        if (reply) reply.firstTextMs ??= nowMs;
        yield { type: 'agent-text', reply: event.response_id, text: event.delta };
        break;
      }
      case 'response.output_item.added':
        if (event.item.id && event.item.name) keep(this.#toolNames, event.item.id, event.item.name, mostTexts);
        break;
      case 'response.function_call_arguments.done': {
        const name = event.name ?? this.#toolNames.get(event.item_id) ?? '';
        this.#toolNames.delete(event.item_id);
        yield { type: 'tool-call', reply: event.response_id, call: event.call_id, name, arguments: event.arguments };
        break;
      }
      case 'response.done':
        yield* this.#finished(event);
        break;
      case 'error':
        yield { type: 'error', error: this.#failure('a request', event.error.message ?? event.error.code) };
    }
  }

  /** The caller's words may come after the reply to them has begun: the turn is kept for them. */
  #unanswered(): Turn | undefined {
    const turn = this.#turn?.answered ? undefined : this.#turn;
    if (turn) turn.answered = true;
    return turn;
  }

  *#finished({ response }: Finished): Iterable<SpeechToSpeechEvent> {
    const { id, status_details: details, usage } = response;
    if (response.status === 'failed') yield { type: 'error', error: this.#failure('a reply', details?.error?.message) };
    yield {
      type: 'reply-finished',
      reply: id,
      status: statusOf(response.status, details?.reason),
      usage: usage ? { inputTokens: usage.input_tokens ?? 0, outputTokens: usage.output_tokens ?? 0 } : undefined,
      marks: marksOf(this.#replies.get(id)),
    };
  }

  #failure(what: string, message: string | null | undefined): ParleyError {
    const said = this.#api.masked(message ?? 'it does not say why').slice(0, 300);
    return new ParleyError(`${this.#api.provider} failed at ${what}: ${said}.`, {
      code: 'remote.failed',
      retryable: true,
      status: 502,
    });
  }
}

function functionOf(tool: SpeechTool): unknown {
  return { type: 'function', ...tool };
}

function newReply(turn: Turn | undefined): Reply {
  return { turn, firstTextMs: undefined, firstAudioMs: undefined, item: undefined };
}

function statusOf(status: string | null | undefined, reason: string | null | undefined) {
  if (status === 'cancelled') return reason === 'turn_detected' ? 'interrupted' : 'cancelled';
  if (status === 'incomplete') return 'cut';
  return status === 'failed' ? 'failed' : 'complete';
}

function marksOf(reply: Reply | undefined): SpeechToSpeechMarks {
  const since = (ms: number | undefined): number | undefined =>
    ms === undefined || !reply?.turn ? undefined : ms - reply.turn.endMs;
  return {
    eouDelayMs: since(reply?.turn?.committedMs),
    sttFinalMs: since(reply?.turn?.finalMs),
    llmFirstTokenMs: since(reply?.firstTextMs),
    ttsFirstAudioMs: since(reply?.firstAudioMs),
  };
}

function keep<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}

function inputFailure(cause: unknown): ParleyError {
  if (ParleyError.isInstance(cause)) return cause;
  return new ParleyError(`The caller's audio failed: ${String(cause)}.`, { code: 'speech_to_speech.input', cause });
}
