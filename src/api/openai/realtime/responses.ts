import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import type { SessionEvent } from '../../../conversation/session-events.js';
import { encodeAudio, formatView } from './audio-format.js';
import type { ConversationItems } from './conversation-items.js';
import type { EffectiveSession } from './effective-session.js';
import type { EventWriter } from './event-writer.js';
import type { NewId } from './ids.js';
import { ResponseOutput } from './response-output.js';
import {
  cancelled,
  failure,
  type Modality,
  outOfTokens,
  type ResponseProblem,
  type ResponseStatus,
  type ResponseTokens,
  responseView,
} from './response-view.js';

type Of<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;

/** What `response.create` asked for besides a response. */
export type ResponseRequest = {
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly modality: Modality | undefined;
  /** Tokens that it may take; undefined where the agent's own limit holds. */
  readonly limit: number | undefined;
};

type OpenResponse = {
  readonly id: string;
  readonly reply: number;
  readonly modality: Modality;
  readonly output: ResponseOutput;
  /** A ready phrase that bridges a wait: an answer that is asked for meanwhile follows it. */
  readonly bridges: boolean;
  /** The settings as they were when it began. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Tokens that it may take; undefined where the agent's own limit holds. */
  readonly limit: number | undefined;
  problem: ResponseProblem | undefined;
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

  /** Whether what is under way only bridges a wait. */
  get bridging(): boolean {
    return this.#open?.bridges ?? false;
  }

  idOf(reply: number): string | undefined {
    return this.#ids.get(reply);
  }

  begin({ reply, phrase }: Of<'reply-started'>, request: ResponseRequest | undefined): void {
    const { events, items, newId, session, voice, conversationId } = this.#options;
    if (this.#open?.reply === reply) return;
    this.failOpen({ code: 'parley.replaced', message: 'Another reply has taken the place of this one.' });
    const { modality: sessionModality, outputFormat, maxOutputTokens } = session();
    const modality = request?.modality ?? sessionModality;
    const id = newId('resp');
    const place = {
      added: (item: Parameters<ConversationItems['add']>[0]) => {
        const before = items.lastId;
        items.add(item, item.type === 'function_call' ? { call: item.call_id } : { reply });
        return before;
      },
      done: (item: Parameters<ConversationItems['add']>[0]) => {
        const record = items.get(item.id);
        if (record) record.item = item;
        return record !== undefined;
      },
    };
    this.#open = {
      id,
      reply,
      modality,
      output: new ResponseOutput({ events, newId, responseId: id, modality, place }),
      bridges: phrase === 'filler',
      fields: {
        conversation_id: conversationId,
        output_modalities: [modality],
        audio: { output: { format: formatView(outputFormat), voice: voice() } },
        max_output_tokens: (request ? request.limit : maxOutputTokens) ?? 'inf',
        metadata: request?.metadata ?? null,
      },
      limit: request ? request.limit : maxOutputTokens,
      problem: undefined,
    };
    this.#remember(reply, id);
    events.write('response.created', { response: responseView(id, this.#open.fields, { status: 'in_progress' }) });
  }

  /** A clause begins to be spoken. */
  text(reply: number, clause: string): void {
    const open = this.#open;
    if (open?.reply !== reply) return;
    open.output.say(open.output.text === '' ? clause : ` ${clause}`);
  }

  /** Audio that is due now. What belongs to no open response is stale and is dropped. @returns whether it was sent */
  audio(reply: number, frame: AudioFrame): boolean {
    const open = this.#open;
    if (open?.reply !== reply || open.modality !== 'audio' || frame.samples.length === 0) return false;
    const { items, session } = this.#options;
    const itemId = open.output.sound(encodeAudio(frame.samples, session().outputFormat));
    const record = items.get(itemId);
    if (record) record.sentMs += durationMs(frame.samples.length, frame.rateHz);
    return true;
  }

  called({ reply, call, speaking }: Of<'tool-called'>): void {
    if (this.#open?.reply === reply) this.#open.output.call(call, { speaking: speaking === true });
  }

  /** Why the reply that is under way may fail. */
  troubled(problem: ResponseProblem): void {
    if (this.#open) this.#open.problem = problem;
  }

  finish({ reply, status, heard, tokens }: Of<'reply-finished'>): void {
    const open = this.#open;
    if (open?.reply !== reply) return;
    const cut = open.limit !== undefined && (tokens?.generated ?? 0) >= open.limit;
    if (status === 'completed' && cut) this.#close(open, 'incomplete', outOfTokens, open.output.text, tokens);
    else if (status === 'completed') this.#close(open, 'completed', null, open.output.text, tokens);
    else if (status === 'failed') this.#close(open, 'failed', failure(open.problem), heard, tokens);
    else {
      const reason = status === 'interrupted' ? 'turn_detected' : 'client_cancelled';
      this.#close(open, 'cancelled', cancelled(reason), heard, tokens);
    }
  }

  /** Closes what is under way when nothing more will come of it. */
  failOpen(problem: ResponseProblem): void {
    if (this.#open) this.#close(this.#open, 'failed', failure(problem), this.#open.output.text);
  }

  #close(
    open: OpenResponse,
    status: ResponseStatus,
    details: Readonly<Record<string, unknown>> | null,
    heard: string,
    tokens?: ResponseTokens,
  ): void {
    this.#open = undefined;
    const { output, id, fields } = open;
    output.endMessage(status === 'completed' ? 'completed' : 'incomplete', heard);
    const response = responseView(id, fields, { status, details, output: output.items, tokens });
    this.#options.events.write('response.done', { response });
  }

  #remember(reply: number, id: string): void {
    this.#ids.set(reply, id);
    this.#ids.delete(reply - keptIds);
  }
}
