import { randomUUID } from 'node:crypto';
import { withDeadline } from '../../../conversation/speak/deadline.js';
import type { Clock } from '../../../ports/clock.js';
import { ParleyError } from '../../../ports/errors.js';
import type {
  GenerateEvent,
  GenerateOptions,
  LanguageModel,
  LanguageModelContext,
} from '../../../ports/language-model.js';
import { generateWithTools, type ToolReplyEvent } from '../../../ports/native-tools.js';
import type { ToolDefinition } from '../../../ports/tools.js';
import type { EngineTable } from '../engine-table.js';
import type { LayerLimits } from '../limits.js';
import { Slots } from '../slots.js';
import type { ChatEvent, ChatFormat, ChatLayer, ChatRequest, ChatTool } from './chat-types.js';
import { type Prompt, promptOf } from './prompt.js';
import { choiceSchema } from './tool-schema.js';
import { chooseThenWrite } from './written-tools.js';

export const chatDefaults = {
  /** Of one reply. */
  maxTokens: 1_024,
} as const;

export type ChatLayerOptions = {
  readonly models: EngineTable<LanguageModel>;
  readonly clock: Clock;
  readonly limits: LayerLimits;
};

export function createChatLayer({ models, clock, limits }: ChatLayerOptions): ChatLayer {
  const slots = new Slots({
    clock,
    what: 'replies',
    atOnce: limits.maxChats,
    waiting: limits.maxWaiting,
    waitMs: limits.maxWaitMs,
  });
  return {
    models,
    async *reply(request) {
      const { engine } = models.find(request.model);
      const { signal, tools = [], toolChoice = 'auto', stop = [], format = { type: 'text' } } = request;
      const { maxTokens = chatDefaults.maxTokens, parallelCalls = true } = request;
      const json = jsonOf(format);
      if (json !== undefined && stop.length > 0)
        throw new ParleyError('A reply in JSON ends where its value ends; leave out the stop texts.', {
          code: 'chat.stop',
          status: 400,
        });
      const choice = choiceSchema(tools, toolChoice);
      const prompt = promptOf(request.messages, toolChoice === 'none' ? [] : tools);
      const release = await slots.take(signal);
      try {
        const context = await engine.open(prompt.prefix, { callId: `chat-${randomUUID()}`, signal });
        try {
          const reply = new Reply(context, request, clock, limits.stallMs);
          await reply.read(prompt, engine);
          const how = { signal, maxTokens, ...(json === undefined ? {} : { json }), ...stopsOf(stop) };
          const events =
            choice === undefined
              ? context.generate(how)
              : generateWithTools(context, {
                  ...how,
                  toolbox: { tools: tools.map(definitionOf), choice: toolChoice },
                  parallel: parallelCalls,
                  written: chooseThenWrite(choice),
                });
          yield* reply.tell(events);
        } finally {
          context.close();
        }
      } finally {
        release();
      }
    },
  };
}

function definitionOf({ name, description = '', parameters, strict = false }: ChatTool): ToolDefinition {
  return { name, description, parameters, strict };
}

function stopsOf(stop: readonly string[]): Pick<GenerateOptions, 'stop'> {
  return stop.length > 0 ? { stop } : {};
}

function jsonOf(format: ChatFormat): unknown {
  if (format.type === 'text') return undefined;
  return format.type === 'json' ? { type: 'object', additionalProperties: true } : format.schema;
}

type Finish = Extract<GenerateEvent, { type: 'finish' }>;

/** One reply: the prompt is read, then an answer is written or tools are called. */
class Reply {
  readonly #context: LanguageModelContext;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #stallMs: number;
  #cachedTokens = 0;
  #firstTokenMs: number | undefined;
  readonly #startedMs: number;

  constructor(context: LanguageModelContext, { signal }: ChatRequest, clock: Clock, stallMs: number) {
    this.#context = context;
    this.#signal = signal;
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#startedMs = clock.nowMs();
  }

  /** @throws ParleyError `chat.too_long` (400) when the model would not see all of it */
  async read({ messages }: Prompt, { capabilities }: LanguageModel): Promise<void> {
    const signal = this.#signal;
    for (const [index, message] of messages.entries()) {
      const last = index === messages.length - 1;
      const { reusedTokens, droppedMessages } = await this.#context.extend(message, { signal, defer: !last });
      if (last) this.#cachedTokens = reusedTokens;
      if (droppedMessages > 0)
        throw new ParleyError(
          `The messages are longer than the model's context of ${capabilities.contextTokens} tokens, with room for a reply. Leave out the oldest.`,
          { code: 'chat.too_long', status: 400 },
        );
    }
  }

  async *tell(events: AsyncIterable<ToolReplyEvent>): AsyncGenerator<ChatEvent, void, undefined> {
    const signal = this.#signal;
    const what = 'the language model';
    let called = false;
    for await (const event of withDeadline(events, { clock: this.#clock, stallMs: this.#stallMs, what, signal })) {
      this.#firstTokenMs ??= this.#clock.nowMs() - this.#startedMs;
      switch (event.type) {
        case 'text':
          yield { type: 'text', text: event.text };
          break;
        case 'tool-call-part':
          yield { type: 'tool-call-part', id: event.callId, name: event.name, arguments: event.arguments };
          break;
        case 'tool-call': {
          const { callId: id, name, arguments: args } = event.call;
          called = true;
          yield { type: 'tool-call', call: { id, name, arguments: args } };
          break;
        }
        case 'finish':
          yield this.#finished(event.reason === 'length' ? 'length' : called ? 'tool-calls' : 'stop', event);
          return;
        case 'working':
          break;
      }
    }
    signal.throwIfAborted();
    throw new ParleyError('The language model ended without saying so.', {
      code: 'chat.unfinished',
      retryable: true,
      status: 502,
    });
  }

  #finished(reason: Extract<ChatEvent, { type: 'finish' }>['reason'], finish: Finish): ChatEvent {
    const inputTokens = finish.computedTokens + finish.reusedTokens;
    return {
      type: 'finish',
      reason,
      usage: {
        inputTokens,
        cachedTokens: Math.min(this.#cachedTokens, inputTokens),
        outputTokens: finish.newTokens,
      },
      droppedMessages: finish.droppedMessages,
      firstTokenMs: this.#firstTokenMs ?? 0,
    };
  }
}
