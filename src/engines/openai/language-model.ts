import { ParleyError } from '../../ports/errors.js';
import type { LanguageModel, LanguageModelContext, PromptPrefix } from '../../ports/language-model.js';
import type { ToolReplyEvent } from '../../ports/native-tools.js';
import { RemoteApi, type RemoteApiOptions } from '../remote/remote-api.js';
import { ChatContext, type ServerTools } from './chat-context.js';
import { type Continuation, chatMessages } from './chat-messages.js';
import { type ChatReplyRequest, chatReply } from './chat-reply.js';
import { offersTools, refusesTools, type ToolDemand, toolFields } from './tool-request.js';

export type OpenAiLanguageModelOptions = RemoteApiOptions & {
  /** As the server calls it. */
  readonly model: string;
  /** Prompt, history and reply. @defaultValue 8192 */
  readonly contextTokens?: number | undefined;
  /** @defaultValue 'instructed' */
  readonly continuation?: Continuation | undefined;
  /** 0..2. @defaultValue the server's own */
  readonly temperature?: number | undefined;
  /**
   * `native`: tools are sent with a request, until the server refuses them. `written`: the model is asked to write calls as
   * JSON, as for a server that takes tools and does nothing with them. @defaultValue 'native'
   */
  readonly tools?: 'native' | 'written' | undefined;
  /** The server has refused tools: from now on its model is asked to write calls as JSON. Told once. */
  readonly onNoTools?: ((refusal: { readonly model: string; readonly detail: string }) => void) | undefined;
};

/** Newer models of OpenAI refuse the name that all other servers know. */
type LengthField = 'max_tokens' | 'max_completion_tokens';

/** A model behind any server that speaks `POST /chat/completions`: vLLM, Ollama, LM Studio, Groq, OpenAI. */
export class OpenAiLanguageModel implements LanguageModel {
  readonly name: string;
  readonly capabilities: { readonly prefill: false; readonly contextTokens: number };
  readonly #options: OpenAiLanguageModelOptions;
  readonly #api: RemoteApi;
  readonly #contexts = new Set<LanguageModelContext>();
  /** How tools were asked for when the server refused them. */
  readonly #refused: Set<ToolDemand>;
  #lengthField: LengthField = 'max_tokens';

  constructor(options: OpenAiLanguageModelOptions) {
    this.#options = options;
    this.#api = new RemoteApi(options);
    this.#refused = new Set(options.tools === 'written' ? ['auto', 'demanded'] : []);
    this.name = `${options.provider}/${options.model}`;
    this.capabilities = { prefill: false, contextTokens: options.contextTokens ?? 8_192 };
  }

  async open(
    prefix: PromptPrefix,
    { signal }: { readonly callId: string; readonly signal: AbortSignal },
  ): Promise<LanguageModelContext> {
    signal.throwIfAborted();
    const context: LanguageModelContext = new ChatContext({
      prefix,
      contextTokens: this.capabilities.contextTokens,
      reply: (request) => this.#reply(request),
      tools: this.#tools,
      release: () => this.#contexts.delete(context),
      dropped: 0,
    });
    this.#contexts.add(context);
    return context;
  }

  async close(): Promise<void> {
    for (const context of this.#contexts) context.close();
  }

  readonly #tools: ServerTools = {
    refused: (demand) => this.#refused.has(demand),
    learnFrom: (error, demand) => {
      if (!refusesTools(error)) return false;
      const first = this.#refused.size === 0;
      this.#refused.add(demand);
      // A server that takes a call only when it is free to make one still has tools; the other way round it has none.
      if (demand === 'auto') this.#refused.add('demanded');
      if (first) this.#options.onNoTools?.({ model: this.name, detail: (error as Error).message });
      return true;
    },
  };

  async *#reply(request: ChatReplyRequest): AsyncIterable<ToolReplyEvent> {
    const startedMs = this.#api.clock.nowMs();
    const life = new AbortController();
    const signal = AbortSignal.any([request.signal, life.signal]);
    try {
      const response = await this.#ask(request, signal);
      const continues = this.#options.continuation === 'prefix';
      yield* chatReply(this.#api, response.events(), request, { continues, startedMs });
    } catch (error) {
      throw request.signal.aborted ? request.signal.reason : error;
    } finally {
      life.abort(new Error('the reply is over'));
    }
  }

  async #ask(request: ChatReplyRequest, signal: AbortSignal) {
    const send = () => this.#api.exchange({ path: '/chat/completions', body: this.#body(request), signal });
    try {
      return await send();
    } catch (error) {
      if (this.#lengthField !== 'max_tokens' || !wantsOtherLengthField(error)) throw error;
      this.#lengthField = 'max_completion_tokens';
      return send();
    }
  }

  #body({ options, schema, messages, native }: ChatReplyRequest): unknown {
    const { model, temperature, continuation = 'instructed' } = this.#options;
    return {
      model,
      stream: true,
      stream_options: { include_usage: true },
      [this.#lengthField]: options.maxTokens + (native && offersTools(native.toolbox) ? native.callTokens : 0),
      ...(temperature === undefined ? {} : { temperature }),
      ...chatMessages(messages, options.forcedBeginning ?? '', continuation),
      ...(native ? toolFields(native.toolbox, native.parallel) : {}),
      ...(schema ? { response_format: responseFormat(options.json) } : {}),
    };
  }
}

function wantsOtherLengthField(error: unknown): boolean {
  return (
    ParleyError.isInstance(error) && error.code === 'remote.refused' && error.message.includes('max_completion_tokens')
  );
}

/** Not `strict`: that refuses properties that may be left out. What comes is checked against the schema here. */
function responseFormat(schema: unknown): unknown {
  return { type: 'json_schema', json_schema: { name: 'reply', schema } };
}
