import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import type { SessionEvent, TurnMarks } from '../../../conversation/session-events.js';
import { encodeAudio, formatView } from './audio-format.js';
import { type ConversationItems, type ItemContent, type ItemRecord, messageItem } from './conversation-items.js';
import type { EffectiveSession } from './effective-session.js';
import type { EventWriter } from './event-writer.js';
import type { NewId } from './ids.js';

type Finished = Extract<SessionEvent, { type: 'reply-finished' }>;
type Modality = EffectiveSession['modality'];
type Status = 'in_progress' | 'completed' | 'cancelled' | 'failed';

/** What `response.create` asked for besides a response. */
export type ResponseRequest = {
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly modality: Modality | undefined;
  readonly maxOutputTokens: number | undefined;
};

type OpenResponse = {
  readonly id: string;
  readonly reply: number;
  readonly modality: Modality;
  readonly record: ItemRecord;
  readonly previousItemId: string | null;
  /** The settings as they were when it began. */
  readonly view: Readonly<Record<string, unknown>>;
  text: string;
  tokens: TurnMarks['tokens'] | undefined;
  problem: { readonly code: string; readonly message: string } | undefined;
};

/** Recent responses that a late measurement may name. */
const keptIds = 64;

export type ResponsesOptions = {
  readonly events: EventWriter;
  readonly items: ConversationItems;
  readonly newId: NewId;
  readonly conversationId: string;
  readonly session: () => EffectiveSession;
  readonly voice: () => string;
};

/** Replies as responses: each is opened, filled while it is played, and always closed with `response.done`. */
export class Responses {
  readonly #options: ResponsesOptions;
  readonly #ids = new Map<number, string>();
  #open: OpenResponse | undefined;

  constructor(options: ResponsesOptions) {
    this.#options = options;
  }

  /** Id of the response that is under way. */
  get activeId(): string | undefined {
    return this.#open?.id;
  }

  /** The reply that is under way. */
  get activeReply(): number | undefined {
    return this.#open?.reply;
  }

  idOf(reply: number): string | undefined {
    return this.#ids.get(reply);
  }

  begin(reply: number, request: ResponseRequest | undefined): void {
    const { events, items, newId, session, voice, conversationId } = this.#options;
    if (this.#open?.reply === reply) return;
    this.failOpen({ code: 'parley.replaced', message: 'Another reply has taken the place of this one.' });
    const { modality: sessionModality, outputFormat, maxOutputTokens } = session();
    const modality = request?.modality ?? sessionModality;
    const previousItemId = items.lastId;
    const record = items.add(messageItem(newId('item'), 'assistant', 'in_progress'), { reply });
    const open: OpenResponse = {
      id: newId('resp'),
      reply,
      modality,
      record,
      previousItemId,
      view: {
        object: 'realtime.response',
        conversation_id: conversationId,
        output_modalities: [modality],
        audio: { output: { format: formatView(outputFormat), voice: voice() } },
        max_output_tokens: request?.maxOutputTokens ?? maxOutputTokens ?? 'inf',
        metadata: request?.metadata ?? null,
      },
      text: '',
      tokens: undefined,
      problem: undefined,
    };
    this.#open = open;
    this.#remember(reply, open.id);
    events.write('response.created', { response: view(open, 'in_progress') });
    events.write('response.output_item.added', { response_id: open.id, output_index: 0, item: record.item });
    events.write('conversation.item.added', { item: record.item, previous_item_id: previousItemId });
    events.write('response.content_part.added', { ...part(open), part: contentPart(modality, '') });
  }

  /** A clause begins to be spoken. */
  text(reply: number, clause: string): void {
    const open = this.#open;
    if (open?.reply !== reply) return;
    const delta = open.text === '' ? clause : ` ${clause}`;
    open.text += delta;
    const kind = open.modality === 'audio' ? 'output_audio_transcript' : 'output_text';
    this.#options.events.write(`response.${kind}.delta`, { ...part(open), delta });
  }

  /** Audio that is due now. What belongs to no open response is stale and is dropped. @returns whether it was sent */
  audio(reply: number, frame: AudioFrame): boolean {
    const open = this.#open;
    if (open?.reply !== reply || open.modality !== 'audio' || frame.samples.length === 0) return false;
    open.record.sentMs += durationMs(frame.samples.length, frame.rateHz);
    const delta = encodeAudio(frame.samples, this.#options.session().outputFormat);
    this.#options.events.write('response.output_audio.delta', { ...part(open), delta });
    return true;
  }

  measured({ reply, tokens }: TurnMarks): void {
    if (this.#open?.reply === reply) this.#open.tokens = tokens;
  }

  /** Why the reply that is under way may fail. */
  troubled(problem: { readonly code: string; readonly message: string }): void {
    if (this.#open) this.#open.problem = problem;
  }

  finish({ reply, status, heard }: Finished): void {
    const open = this.#open;
    if (open?.reply !== reply) return;
    if (status === 'completed') this.#close(open, 'completed', null, open.text);
    else if (status === 'failed') this.#close(open, 'failed', failure(open.problem), heard);
    else {
      const reason = status === 'interrupted' ? 'turn_detected' : 'client_cancelled';
      this.#close(open, 'cancelled', { type: 'cancelled', reason }, heard);
    }
  }

  /** Closes what is under way when nothing more will come of it. */
  failOpen(problem: { readonly code: string; readonly message: string }): void {
    if (this.#open) this.#close(this.#open, 'failed', failure(problem), this.#open.text);
  }

  #close(open: OpenResponse, status: Status, details: Readonly<Record<string, unknown>> | null, heard: string): void {
    const { events, items } = this.#options;
    this.#open = undefined;
    const { record, modality, text } = open;
    const content: ItemContent =
      modality === 'audio' ? { type: 'output_audio', transcript: heard } : { type: 'output_text', text: heard };
    const itemStatus = status === 'completed' ? 'completed' : 'incomplete';
    record.item = messageItem(record.item.id, 'assistant', itemStatus, content);
    const where = part(open);
    if (modality === 'audio') {
      events.write('response.output_audio.done', where);
      events.write('response.output_audio_transcript.done', { ...where, transcript: text });
    } else events.write('response.output_text.done', { ...where, text });
    events.write('response.content_part.done', { ...where, part: contentPart(modality, text) });
    events.write('response.output_item.done', { response_id: open.id, output_index: 0, item: record.item });
    // A client may have deleted it meanwhile.
    if (items.get(record.item.id))
      events.write('conversation.item.done', { item: record.item, previous_item_id: open.previousItemId });
    events.write('response.done', { response: view(open, status, details) });
  }

  #remember(reply: number, id: string): void {
    this.#ids.set(reply, id);
    this.#ids.delete(reply - keptIds);
  }
}

function part({ id, record }: OpenResponse): Readonly<Record<string, unknown>> {
  return { response_id: id, item_id: record.item.id, output_index: 0, content_index: 0 };
}

function contentPart(modality: Modality, text: string): Readonly<Record<string, unknown>> {
  return modality === 'audio' ? { type: 'audio', transcript: text } : { type: 'text', text };
}

function failure(problem: OpenResponse['problem']): Readonly<Record<string, unknown>> {
  const { code, message } = problem ?? { code: 'parley.reply_failed', message: 'The reply could not be made.' };
  return { type: 'failed', error: { type: 'server_error', code, message } };
}

function view(
  open: OpenResponse,
  status: Status,
  details: Readonly<Record<string, unknown>> | null = null,
): Readonly<Record<string, unknown>> {
  const done = status !== 'in_progress';
  return {
    id: open.id,
    ...open.view,
    status,
    status_details: details,
    output: done ? [open.record.item] : [],
    usage: done ? usage(open) : null,
  };
}

/** Tokens of the language model; what it read from its cache counts as input. Audio has no tokens here. */
function usage({ tokens }: OpenResponse): Readonly<Record<string, unknown>> {
  const { computed, reused, generated } = tokens ?? { computed: 0, reused: 0, generated: 0 };
  const input = computed + reused;
  return {
    total_tokens: input + generated,
    input_tokens: input,
    output_tokens: generated,
    input_token_details: {
      text_tokens: input,
      audio_tokens: 0,
      image_tokens: 0,
      cached_tokens: reused,
      cached_tokens_details: { text_tokens: reused, audio_tokens: 0, image_tokens: 0 },
    },
    output_token_details: { text_tokens: generated, audio_tokens: 0 },
  };
}
