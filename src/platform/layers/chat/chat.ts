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
import type { EngineTable } from '../engine-table.js';
import type { LayerLimits } from '../limits.js';
import { Slots } from '../slots.js';
import type { ChatEvent, ChatFormat, ChatLayer, ChatRequest } from './chat-types.js';
import { choiceQuestion, type Prompt, promptOf } from './prompt.js';
import { choiceSchema, noTool } from './tool-schema.js';

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
          if (choice === undefined || !(yield* reply.choose(choice))) yield* reply.write(json);
        } finally {
          context.close();
        }
      } finally {
        release();
      }
    },
  };
}

function jsonOf(format: ChatFormat): unknown {
  if (format.type === 'text') return undefined;
  return format.type === 'json' ? { type: 'object', additionalProperties: true } : format.schema;
}

type Finish = Extract<GenerateEvent, { type: 'finish' }>;

/** One reply: the prompt is read, then a tool is chosen or an answer is written. */
class Reply {
  readonly #context: LanguageModelContext;
  readonly #request: ChatRequest;
  readonly #clock: Clock;
  readonly #stallMs: number;
  #cachedTokens = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #firstTokenMs: number | undefined;
  readonly #startedMs: number;

  constructor(context: LanguageModelContext, request: ChatRequest, clock: Clock, stallMs: number) {
    this.#context = context;
    this.#request = request;
    this.#clock = clock;
    this.#stallMs = stallMs;
    this.#startedMs = clock.nowMs();
  }

  /** @throws ParleyError `chat.too_long` (400) when the model would not see all of it */
  async read({ messages }: Prompt, { capabilities }: LanguageModel): Promise<void> {
    const { signal } = this.#request;
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

  /** @returns whether a tool was called, and with it the reply is over */
  async *choose(schema: unknown): AsyncGenerator<ChatEvent, boolean, undefined> {
    const { mark } = this.#context;
    await this.#context.extend(choiceQuestion, { signal: this.#request.signal, defer: true });
    const finish = yield* this.#generate({ json: schema }, () => undefined);
    this.#context.truncateTo(mark);
    if (finish.reason === 'length') {
      yield this.#finished('length', finish);
      return true;
    }
    const chosen = finish.json as { readonly name: string; readonly arguments?: unknown };
    if (chosen.name === noTool && chosen.arguments === undefined) return false;
    const id = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
    yield { type: 'tool-call', call: { id, name: chosen.name, arguments: JSON.stringify(chosen.arguments ?? {}) } };
    yield this.#finished('tool-calls', finish);
    return true;
  }

  async *write(json: unknown): AsyncGenerator<ChatEvent, void, undefined> {
    const { stop = [] } = this.#request;
    const how = json === undefined ? (stop.length > 0 ? { stop } : {}) : { json };
    const finish = yield* this.#generate(how, (text) => ({ type: 'text', text }));
    yield this.#finished(finish.reason === 'length' ? 'length' : 'stop', finish);
  }

  async *#generate(
    how: Pick<GenerateOptions, 'json' | 'stop'>,
    tell: (text: string) => ChatEvent | undefined,
  ): AsyncGenerator<ChatEvent, Finish, undefined> {
    const { signal, maxTokens = chatDefaults.maxTokens } = this.#request;
    const left = Math.max(1, maxTokens - this.#outputTokens);
    const events = this.#context.generate({ ...how, maxTokens: left, signal });
    const timely = withDeadline(events, {
      clock: this.#clock,
      stallMs: this.#stallMs,
      what: 'the language model',
      signal,
    });
    for await (const event of timely) {
      this.#firstTokenMs ??= this.#clock.nowMs() - this.#startedMs;
      if (event.type === 'finish') {
        this.#inputTokens = event.computedTokens + event.reusedTokens;
        this.#outputTokens += event.newTokens;
        return event;
      }
      const told = tell(event.text);
      if (told) yield told;
    }
    signal.throwIfAborted();
    throw new ParleyError('The language model ended without saying so.', {
      code: 'chat.unfinished',
      retryable: true,
      status: 502,
    });
  }

  #finished(reason: Extract<ChatEvent, { type: 'finish' }>['reason'], { droppedMessages }: Finish): ChatEvent {
    return {
      type: 'finish',
      reason,
      usage: {
        inputTokens: this.#inputTokens,
        cachedTokens: Math.min(this.#cachedTokens, this.#inputTokens),
        outputTokens: this.#outputTokens,
      },
      droppedMessages,
      firstTokenMs: this.#firstTokenMs ?? 0,
    };
  }
}
