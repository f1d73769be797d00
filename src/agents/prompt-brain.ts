import type {
  AsideQuestion,
  Brain,
  BrainCall,
  BrainEvent,
  BrainSession,
  DraftTag,
  DraftTurn,
  HeardReply,
  HistoryEntry,
  HistoryItem,
  Placed,
  WrittenMessage,
} from '../ports/brain.js';
import type { ChatMessage, LanguageModel, LanguageModelContext, PromptPrefix } from '../ports/language-model.js';
import { noTools, type Toolbox, type ToolCall, type ToolDefinition, type ToolResult } from '../ports/tools.js';
import type { AgentDefinition } from './definition.js';
import { asksWhetherMachine, disclosure } from './disclosure.js';
import { addMessage, ConversationHistory, messagesOf } from './history.js';
import { endOfSpokenReply } from './spoken-style.js';
import { toolPrefix } from './tools/tool-prompt.js';
import { toolReply } from './tools/tool-reply.js';

/** A Brain that is a prompt, the history and tools: what the model writes next is what the agent says or calls. */
export class PromptBrain implements Brain {
  readonly #model: LanguageModel;
  readonly #agent: AgentDefinition;

  constructor(options: { readonly model: LanguageModel; readonly agent: AgentDefinition }) {
    this.#model = options.model;
    this.#agent = options.agent;
  }

  async begin(call: BrainCall): Promise<BrainSession> {
    const context = await this.#model.open(promptPrefix(this.#agent), call);
    return new PromptBrainSession({ model: this.#model, agent: this.#agent, context, call });
  }
}

/**
 * What an ordinary turn and some more may take. When less is left of the model's context, it forgets the oldest turns
 * between two turns instead of in front of a reply.
 */
const turnRoomTokens = 400;

/**
 * The last word of a partial is often cut off, and its punctuation a guess: of 24 recorded orders, leaving it out
 * saved 40 % of the tokens computed ahead and cost one more token after the end of speech (10 instead of 9, P50).
 */
function withoutLastWord(partial: string): string {
  return partial
    .trim()
    .replace(/\s*\S+$/, '')
    .replace(/[.,!?;:…-]+$/, '');
}

/** What stays the same over all calls of an agent, computed once. */
export function promptPrefix(agent: AgentDefinition): PromptPrefix {
  return prefixOf(agent, { instructions: agent.instructions, tools: agent.toolbox?.tools ?? [] });
}

/** What makes the prompt of a call. */
type Setup = { readonly instructions: string; readonly tools: readonly ToolDefinition[] };

function prefixOf(agent: AgentDefinition, { instructions, tools }: Setup): PromptPrefix {
  // The examples teach the job of the agent's own prompt.
  const examples = instructions === agent.instructions ? agent.examples : [];
  return toolPrefix({ system: instructions, examples }, tools);
}

/** What is written beside the conversation, where nobody says how long it may be. */
const asideTokens = 512;

type SessionOptions = {
  readonly model: LanguageModel;
  readonly agent: AgentDefinition;
  readonly context: LanguageModelContext;
  readonly call: BrainCall;
};

class PromptBrainSession implements BrainSession {
  readonly #options: SessionOptions;
  readonly #history = new ConversationHistory();
  #context: LanguageModelContext;
  #open: DraftTurn | undefined;
  #ahead: AbortController | undefined;
  #setup: Setup;
  /** Another prompt, until its context is open. */
  #wanted: Setup | undefined;
  #toolbox: Toolbox;
  #maxReplyTokens: number | undefined;
  #applying: Promise<void> | undefined;
  /** Drafts that are being generated. */
  #drafting = 0;
  #closed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#toolbox = options.agent.toolbox ?? noTools;
    this.#setup = { instructions: options.agent.instructions, tools: this.#toolbox.tools };
  }

  get history(): readonly HistoryItem[] {
    return this.#history.items;
  }

  hear(partial: string): void {
    const text = withoutLastWord(partial);
    if (text !== '') this.#computeAhead({ role: 'user', text });
  }

  async *draft(turn: DraftTurn, signal: AbortSignal): AsyncIterable<BrainEvent> {
    this.#stopAhead();
    this.#open = turn;
    this.#drafting += 1;
    try {
      const machine = turn.text === undefined ? 'no' : asksWhetherMachine(turn.text);
      if (machine !== 'no') yield { type: 'say', text: disclosure, interruptible: false };
      if (machine === 'only') yield { type: 'say', text: ' How can I help?' };
      else yield* this.#reply(turn, machine === 'also' ? disclosure : (turn.opener ?? ''), signal);
    } finally {
      this.#drafting -= 1;
      this.#applyWantedSoon();
    }
  }

  async *#reply(turn: DraftTurn, forcedBeginning: string, signal: AbortSignal): AsyncIterable<BrainEvent> {
    await this.#applyWanted();
    signal.throwIfAborted();
    const context = this.#context.fork();
    try {
      const messages = this.#history.messages();
      const committed = this.#history.items.some((item) => item.role === 'user' && item.turn === turn.turn);
      if (turn.text !== undefined && !committed) addMessage(messages, { role: 'user', text: turn.text });
      for (const message of messages) await context.extend(message, { signal, defer: true });
      const maxTokens = this.#maxReplyTokens ?? this.#options.agent.maxReplyTokens;
      const options = { signal, maxTokens, forcedBeginning, endAt: endOfSpokenReply, messages };
      yield* toolReply(context, { ...options, toolbox: this.#toolbox });
    } finally {
      context.close();
    }
  }

  commit(tag: DraftTag): void {
    const open = this.#open;
    if (open?.turn !== tag.turn || open.revision !== tag.revision) return;
    this.#open = undefined;
    if (open.opener !== undefined) this.#history.addOpener(open.opener);
    if (open.text !== undefined) this.#history.addUser(open.turn, open.text);
  }

  discard(tag: DraftTag): void {
    if (this.#open?.turn === tag.turn && this.#open.revision === tag.revision) this.#open = undefined;
  }

  heard(reply: HeardReply): void {
    this.#history.setHeard(reply);
    // Computed while nobody waits, so that the next turn begins with the caller's words.
    this.#computeAhead(undefined);
  }

  noteUser(text: string, turn: number): void {
    this.#history.addUser(turn, text);
  }

  addMessage(message: WrittenMessage): void {
    this.#history.addMessage(message);
  }

  addCall(call: ToolCall & Placed): void {
    this.#history.addCall(call);
  }

  addResult(result: ToolResult & Placed): void {
    this.#history.addResult(result);
  }

  setTools(toolbox: Toolbox): void {
    this.#toolbox = toolbox;
    this.#want({ tools: toolbox.tools });
  }

  async *aside(question: AsideQuestion, asked: AbortSignal): AsyncIterable<BrainEvent> {
    const { model, agent, call } = this.#options;
    const signal = AbortSignal.any([asked, call.signal]);
    const { instructions, tools } = this.#wanted ?? this.#setup;
    const toolbox = question.toolbox ?? { ...this.#toolbox, tools };
    const setup = { instructions: question.instructions ?? instructions, tools: toolbox.tools };
    const context = await model.open(prefixOf(agent, setup), { callId: `${call.callId}-aside`, signal });
    try {
      const messages = messagesOf(question.input ?? this.#history.items);
      for (const message of messages) await context.extend(message, { signal, defer: true });
      const maxTokens = question.maxTokens ?? asideTokens;
      yield* toolReply(context, { signal, maxTokens, forcedBeginning: '', messages, toolbox });
    } finally {
      context.close();
    }
  }

  forget(entry: HistoryEntry): void {
    this.#history.forget(entry);
  }

  limitReply(maxTokens: number | undefined): void {
    this.#maxReplyTokens = maxTokens;
  }

  instruct(instructions: string): void {
    this.#want({ instructions });
  }

  close(): void {
    this.#closed = true;
    this.#stopAhead();
    this.#context.close();
  }

  /** The newest partial wins; an older one is abandoned where it is. What it has computed stays of use. */
  #computeAhead(open: ChatMessage | undefined): void {
    const { model, call } = this.#options;
    if (!model.capabilities.prefill || this.#wanted || this.#closed) return;
    this.#stopAhead();
    const abort = new AbortController();
    this.#ahead = abort;
    const signal = AbortSignal.any([abort.signal, call.signal]);
    const context = this.#context.fork();
    void (async () => {
      const messages = this.#history.messages();
      // Whatever the caller will say, it begins like every message of theirs.
      const begun = open ?? (messages.at(-1)?.role === 'assistant' ? ({ role: 'user', text: '' } as const) : undefined);
      if (begun) addMessage(messages, begun);
      const ahead = { open: begun !== undefined, ...(open ? {} : { reserveTokens: turnRoomTokens }) };
      for (const [index, message] of messages.entries()) {
        const last = index === messages.length - 1;
        await context.extend(message, { signal, urgency: 'partial', ...(last ? ahead : { defer: true }) });
      }
    })()
      .catch(() => {
        // Nobody waits for this: the draft computes what is missing, and reports what fails.
      })
      .finally(() => context.close());
  }

  #stopAhead(): void {
    this.#ahead?.abort(new Error('something more urgent came'));
    this.#ahead = undefined;
  }

  #want(change: Partial<Setup>): void {
    const before = this.#wanted ?? this.#setup;
    const wanted = { ...before, ...change };
    if (JSON.stringify(wanted) === JSON.stringify(before)) return;
    this.#wanted = wanted;
    this.#applyWantedSoon();
  }

  /** Another prompt is computed as soon as the reply that uses the old one has been generated, while nobody waits. */
  #applyWantedSoon(): void {
    if (this.#drafting > 0 || !this.#wanted || this.#closed) return;
    this.#applyWanted().then(
      () => this.#computeAhead(undefined),
      () => {
        // The next draft tries again, and reports what fails.
      },
    );
  }

  #applyWanted(): Promise<void> {
    this.#applying ??= this.#openContext().finally(() => {
      this.#applying = undefined;
    });
    return this.#applying;
  }

  /** Another prompt means another context. */
  async #openContext(): Promise<void> {
    const { model, agent, call } = this.#options;
    while (this.#wanted) {
      const wanted = this.#wanted;
      this.#stopAhead();
      this.#context.close();
      this.#context = await model.open(prefixOf(agent, wanted), call);
      if (this.#closed) this.#context.close();
      this.#setup = wanted;
      if (this.#wanted === wanted) this.#wanted = undefined;
    }
  }
}
