import type { HistoryItem } from '../../../ports/brain.js';
import type { Toolbox } from '../../../ports/tools.js';
import type { Asides } from './asides.js';
import type { CallLink } from './call-link.js';
import type { ClientEventOf } from './client-events.js';
import { type ConversationItems, historyItemOf } from './conversation-items.js';
import { type EffectiveSession, knownVoice, modalityOf, type SessionDefaults } from './effective-session.js';
import type { Problem } from './event-writer.js';
import type { NewId } from './ids.js';
import type { ResponseRequest, Responses } from './responses.js';
import { readToolChoice, readTools } from './session-tools.js';
import { isUnheard, writtenItemOf } from './written-item.js';

type Wanted = NonNullable<ClientEventOf<'response.create'>['response']>;

export type ResponseRequestsOptions = {
  readonly items: ConversationItems;
  readonly newId: NewId;
  readonly link: CallLink;
  readonly responses: Responses;
  readonly asides: Asides;
  readonly defaults: SessionDefaults;
  readonly session: () => EffectiveSession;
};

/** What one response has otherwise than the session. */
type OwnSettings = {
  readonly instructions?: string;
  readonly limit?: { readonly tokens: number | undefined };
  readonly written?: boolean;
  readonly toolbox?: Toolbox;
};

/** A `response.create` that no reply has answered within this time is not waited for any longer. */
const forgetRequestAfterMs = 15_000;

/** What a client asks of responses. */
export class ResponseRequests {
  readonly #options: ResponseRequestsOptions;
  #requested: { readonly request: ResponseRequest; readonly atMs: number } | undefined;
  /** What the response under way has for itself. */
  #own: OwnSettings = {};
  /** Asked for while something bridges the wait for it. */
  #deferred: (() => void) | undefined;

  constructor(options: ResponseRequestsOptions) {
    this.#options = options;
  }

  /** What was asked of the reply that begins now, if it was asked for. */
  replyStarted(isPhrase: boolean): ResponseRequest | undefined {
    if (isPhrase) return undefined;
    const request = this.#requested?.request;
    this.#requested = undefined;
    return request;
  }

  /** What was changed for one response becomes again as the session has it. */
  replyFinished(): void {
    const { link, session } = this.#options;
    const { instructions, limit, written, toolbox } = this.#own;
    this.#own = {};
    const { modality, maxOutputTokens } = session();
    if (written !== undefined) link.ask((controls) => controls.setWritten(modality === 'text'));
    const prompt = instructions === undefined ? undefined : this.#prompt();
    if (prompt !== undefined) link.ask((controls) => controls.setInstructions(prompt));
    if (limit) link.ask((controls) => controls.limitReply(maxOutputTokens));
    if (toolbox) link.ask((controls) => controls.setTools(toolboxOf(session())));
    const deferred = this.#deferred;
    this.#deferred = undefined;
    deferred?.();
  }

  create({ response = {} }: ClientEventOf<'response.create'>): Problem | undefined {
    const { session } = this.#options;
    if (session().kind === 'transcription')
      return notSupported('type', 'Nobody answers in a session for transcription; open one of type "realtime"');
    const toolbox = this.#toolbox(response);
    if (toolbox && 'problem' in toolbox) return toolbox.problem;
    return response.conversation === 'none' ? this.#aside(response, toolbox) : this.#respond(response, toolbox);
  }

  cancel({ response_id: id }: ClientEventOf<'response.cancel'>): Problem | undefined {
    const { responses, link, asides } = this.#options;
    if (id !== undefined && asides.cancel(id)) return undefined;
    const active = responses.activeId;
    if ((active === undefined && !this.#awaited) || (id !== undefined && id !== active))
      return {
        code: 'response_cancel_not_active',
        message: id === undefined ? 'No response is under way.' : `Response ${id} is not under way.`,
        ...(id === undefined ? {} : { param: 'response_id' }),
      };
    if (this.#deferred) this.#requested = undefined;
    this.#deferred = undefined;
    if (active !== undefined) link.now?.cancelReply();
    else link.askAfterAudio((controls) => controls.cancelReply());
  }

  #respond(response: Wanted, toolbox: Toolbox | undefined): Problem | undefined {
    const { responses, session } = this.#options;
    const unsupported = this.#unsupported(response);
    if (unsupported) return unsupported;
    if ((responses.activeId !== undefined && !responses.bridging) || this.#awaited)
      return {
        code: 'conversation_already_has_active_response',
        message: `Response ${responses.activeId ?? 'that was asked for'} is under way; wait for response.done, or cancel it.`,
      };
    const { instructions, max_output_tokens: limit, output_modalities: modalities, metadata = null } = response;
    if (instructions !== undefined && this.#prompt() === undefined)
      return notSupported(
        'response.instructions',
        'Instructions for one response need a session with instructions of its own to come back to; set session.instructions',
      );
    const modality = modalities && modalityOf(modalities);
    const tokens = limit === undefined ? session().maxOutputTokens : limit === 'inf' ? undefined : limit;
    this.#requested = { request: { metadata, modality, limit: tokens }, atMs: performance.now() };
    this.#ask({
      ...(instructions === undefined ? {} : { instructions }),
      ...(limit === undefined ? {} : { limit: { tokens } }),
      ...(modality === undefined || modality === session().modality ? {} : { written: modality === 'text' }),
      ...(toolbox ? { toolbox } : {}),
    });
  }

  #ask(own: OwnSettings): void {
    const { link, responses } = this.#options;
    link.askAfterAudio((controls) => {
      if (responses.bridging) {
        this.#deferred = () => this.#ask(own);
        return;
      }
      this.#own = { ...this.#own, ...own };
      if (own.limit) controls.limitReply(own.limit.tokens);
      if (own.instructions !== undefined) controls.setInstructions(own.instructions);
      if (own.written !== undefined) controls.setWritten(own.written);
      if (own.toolbox) controls.setTools(own.toolbox);
      controls.respond();
    });
  }

  #aside(response: Wanted, toolbox: Toolbox | undefined): Problem | undefined {
    const { asides, session } = this.#options;
    const modality = response.output_modalities ? modalityOf(response.output_modalities) : session().modality;
    if (modality !== 'text')
      return notSupported(
        'response.output_modalities',
        'Responses outside of the conversation are text; ask for ["text"]',
      );
    if (asides.full)
      return {
        code: 'parley.too_many_responses',
        message: 'Too many responses are under way; wait for response.done.',
      };
    const input = response.input && this.#input(response.input);
    if (input && 'problem' in input) return input.problem;
    const { instructions, max_output_tokens: limit, metadata = null } = response;
    const maxTokens = limit === undefined ? session().maxOutputTokens : limit === 'inf' ? undefined : limit;
    asides.begin({
      metadata,
      question: {
        ...(instructions === undefined ? {} : { instructions }),
        ...(input ? { input: input.items } : {}),
        ...(maxTokens === undefined ? {} : { maxTokens }),
        toolbox: toolbox ?? toolboxOf(session()),
      },
    });
  }

  /** The items that a response is to answer in place of the conversation. */
  #input(
    given: NonNullable<Wanted['input']>,
  ): { readonly items: readonly HistoryItem[] } | { readonly problem: Problem } {
    const found: HistoryItem[] = [];
    for (const [index, each] of given.entries()) {
      const param = `response.input.${index}`;
      if (isReference(each)) {
        const record = this.#options.items.get(each.id);
        if (!record)
          return {
            problem: {
              code: 'item_not_found',
              message: `There is no item ${each.id} (any more).`,
              param: `${param}.id`,
            },
          };
        found.push(historyItemOf(record.item));
        continue;
      }
      const written = writtenItemOf(each, each.id ?? this.#options.newId('item'), param);
      if ('problem' in written) return written;
      if (written.item.type === 'message' && written.item.content.some(isUnheard))
        return { problem: notSupported(param, 'Audio of an input needs its transcript') };
      found.push(historyItemOf(written.item));
    }
    return { items: found };
  }

  /** Tools of its own, or another choice among the session's. */
  #toolbox({ tools: given, tool_choice: wanted }: Wanted): Toolbox | { readonly problem: Problem } | undefined {
    if (given === undefined && wanted === undefined) return undefined;
    const { session } = this.#options;
    const read = given && readTools(given, 'response.tools');
    const [problem] = read?.problems ?? [];
    if (problem) return { problem };
    const tools = read?.tools ?? session().tools;
    const choice =
      wanted === undefined ? ({ choice: 'auto' } as const) : readToolChoice(wanted, tools, 'response.tool_choice');
    if ('problem' in choice) return choice;
    const toolbox = { tools, choice: choice.choice };
    return JSON.stringify(toolbox) === JSON.stringify(toolboxOf(session())) ? undefined : toolbox;
  }

  /** What one response cannot have for itself. */
  #unsupported({ input, audio }: Wanted): Problem | undefined {
    const { session, defaults } = this.#options;
    if (input !== undefined)
      return notSupported(
        'response.input',
        'A response in the conversation is to the conversation; an input of its own needs "conversation": "none"',
      );
    const { format, voice } = audio?.output ?? {};
    if (format && format.type !== session().outputFormat)
      return notSupported('response.audio.output.format', `All audio of this session is ${session().outputFormat}`);
    if (voice !== undefined && knownVoice(voice, defaults) !== session().voice)
      return notSupported('response.audio.output.voice', 'One voice speaks in a session; name it in session.update');
    return undefined;
  }

  /** Whether a response was asked for that has not begun. */
  get #awaited(): boolean {
    return this.#requested !== undefined && performance.now() - this.#requested.atMs < forgetRequestAfterMs;
  }

  #prompt(): string | undefined {
    return this.#options.session().instructions ?? this.#options.defaults.instructions;
  }
}

export function toolboxOf({ tools, toolChoice }: EffectiveSession): Toolbox {
  return { tools, choice: toolChoice };
}

function isReference(
  item: NonNullable<Wanted['input']>[number],
): item is { readonly type: 'item_reference'; readonly id: string } {
  return item.type === 'item_reference';
}

function notSupported(param: string, what: string): Problem {
  return { code: 'parley.not_supported', message: `${what}.`, param };
}
