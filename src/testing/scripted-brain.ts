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
import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';
import { isEntry } from '../ports/history-entry.js';
import type { Toolbox, ToolCall, ToolResult } from '../ports/tools.js';
import { delay } from './delay.js';
import { type ScriptedFailure, suffer } from './scripted-failure.js';

/** What a scripted brain is asked. `text` is undefined when the history as it stands is to be answered. */
export type ScriptedQuestion = DraftTurn & {
  readonly callId: string;
  readonly history: readonly HistoryItem[];
  readonly instructions: string | undefined;
};

export type ScriptedBrainOptions = {
  readonly clock: Clock;
  /** The answer: text, which comes word by word, or events, which come as they are. */
  readonly answer: (question: ScriptedQuestion) => string | Iterable<BrainEvent> | AsyncIterable<BrainEvent>;
  /** Before the first event. @defaultValue 200 */
  readonly firstMs?: number;
  /** Between two events. @defaultValue 60 */
  readonly eachMs?: number;
  /** Asked when a draft begins. */
  readonly fail?: (question: ScriptedQuestion) => ScriptedFailure | undefined;
};

/** Everything that was asked of one call's mind, in order: for a test to look at. */
export type BrainRecord =
  | { readonly type: 'hear'; readonly text: string }
  | ({ readonly type: 'draft' } & DraftTurn)
  | ({ readonly type: 'commit' } & DraftTag)
  | ({ readonly type: 'discard' } & DraftTag)
  | ({ readonly type: 'heard' } & HeardReply)
  | { readonly type: 'note-user'; readonly text: string }
  | { readonly type: 'add-message'; readonly id: string; readonly text: string }
  | ({ readonly type: 'add-call' } & ToolCall)
  | ({ readonly type: 'add-result' } & ToolResult)
  | ({ readonly type: 'set-tools' } & Toolbox)
  | ({ readonly type: 'aside' } & AsideQuestion)
  | { readonly type: 'forget'; readonly entry: HistoryEntry }
  | { readonly type: 'limit-reply'; readonly maxTokens: number | undefined }
  | { readonly type: 'instruct'; readonly instructions: string };

/** A Brain that answers with a function. */
export class ScriptedBrain implements Brain {
  readonly #options: ScriptedBrainOptions;
  readonly #sessions: ScriptedBrainSession[] = [];

  constructor(options: ScriptedBrainOptions) {
    this.#options = options;
  }

  /** One for each call, in the order in which they began. */
  get sessions(): readonly ScriptedBrainSession[] {
    return this.#sessions;
  }

  async begin(call: BrainCall): Promise<ScriptedBrainSession> {
    call.signal.throwIfAborted();
    const session = new ScriptedBrainSession(this.#options, call);
    this.#sessions.push(session);
    return session;
  }
}

type OpenDraft = { readonly turn: DraftTurn; readonly abort: AbortController };

export class ScriptedBrainSession implements BrainSession {
  readonly #options: ScriptedBrainOptions;
  readonly #call: BrainCall;
  readonly #records: BrainRecord[] = [];
  readonly #history: HistoryItem[] = [];
  readonly #life = new AbortController();
  #open: OpenDraft | undefined;
  #instructions: string | undefined;

  constructor(options: ScriptedBrainOptions, call: BrainCall) {
    this.#options = options;
    this.#call = call;
  }

  get history(): readonly HistoryItem[] {
    return this.#history;
  }

  get records(): readonly BrainRecord[] {
    return this.#records;
  }

  hear(text: string): void {
    this.#records.push({ type: 'hear', text });
  }

  draft(turn: DraftTurn, signal: AbortSignal): AsyncIterable<BrainEvent> {
    this.#records.push({ type: 'draft', ...turn });
    this.#open?.abort.abort(endedError(this.#open.turn));
    const abort = new AbortController();
    this.#open = { turn, abort };
    return this.#events(turn, AbortSignal.any([signal, abort.signal, this.#life.signal, this.#call.signal]));
  }

  commit(tag: DraftTag): void {
    this.#records.push({ type: 'commit', turn: tag.turn, revision: tag.revision });
    const open = this.#take(tag);
    // Its events go on: the reply may still be under way when it is adopted.
    if (open?.turn.text !== undefined) this.#history.push({ role: 'user', text: open.turn.text, turn: tag.turn });
  }

  discard(tag: DraftTag): void {
    this.#records.push({ type: 'discard', turn: tag.turn, revision: tag.revision });
    const open = this.#take(tag);
    open?.abort.abort(endedError(tag));
  }

  heard(reply: HeardReply): void {
    this.#records.push({ type: 'heard', ...reply });
    const item: HistoryItem = { role: 'assistant', ...reply };
    const at = this.#history.findIndex((each) => each.role === 'assistant' && each.reply === reply.reply);
    if (at >= 0) this.#history[at] = item;
    else this.#history.push(item);
  }

  noteUser(text: string, turn: number): void {
    this.#records.push({ type: 'note-user', text });
    this.#history.push({ role: 'user', text, turn });
  }

  addMessage({ id, role, text, after }: WrittenMessage): void {
    this.#records.push({ type: 'add-message', id, text });
    this.#place({ role: 'written', as: role, id, text }, after);
  }

  addCall({ after, ...call }: ToolCall & Placed): void {
    this.#records.push({ type: 'add-call', ...call });
    this.#place({ role: 'call', ...call }, after);
  }

  addResult({ after, ...result }: ToolResult & Placed): void {
    this.#records.push({ type: 'add-result', ...result });
    this.#place({ role: 'result', ...result }, after);
  }

  setTools(toolbox: Toolbox): void {
    this.#records.push({ type: 'set-tools', ...toolbox });
  }

  aside(question: AsideQuestion, signal: AbortSignal): AsyncIterable<BrainEvent> {
    this.#records.push({ type: 'aside', ...question });
    const asked = question.input?.findLast((item) => 'text' in item);
    const turn: DraftTurn = { turn: 0, revision: 0, text: asked && 'text' in asked ? asked.text : undefined };
    return this.#events(turn, AbortSignal.any([signal, this.#life.signal, this.#call.signal]));
  }

  forget(entry: HistoryEntry): void {
    this.#records.push({ type: 'forget', entry });
    const at = this.#history.findIndex((item) => isEntry(item, entry));
    if (at >= 0) this.#history.splice(at, 1);
  }

  limitReply(maxTokens: number | undefined): void {
    this.#records.push({ type: 'limit-reply', maxTokens });
  }

  instruct(instructions: string): void {
    this.#records.push({ type: 'instruct', instructions });
    this.#instructions = instructions;
  }

  close(): void {
    this.#life.abort(new ParleyError('This call has ended.', { code: 'brain.closed' }));
  }

  #place(item: HistoryItem, after: HistoryEntry | null | undefined): void {
    const before = after ? this.#history.findIndex((each) => isEntry(each, after)) : -1;
    const at = after === null || before >= 0 ? before + 1 : this.#history.length;
    this.#history.splice(at, 0, item);
  }

  #take(tag: DraftTag): OpenDraft | undefined {
    const open = this.#open;
    if (open?.turn.turn !== tag.turn || open.turn.revision !== tag.revision) return undefined;
    this.#open = undefined;
    return open;
  }

  async *#events(turn: DraftTurn, signal: AbortSignal): AsyncIterable<BrainEvent> {
    const { clock, answer, firstMs = 200, eachMs = 60, fail } = this.#options;
    const question: ScriptedQuestion = {
      ...turn,
      callId: this.#call.callId,
      history: [...this.#history],
      instructions: this.#instructions,
    };
    signal.throwIfAborted();
    await suffer(fail?.(question), signal);
    const answered = afterOpener(answer(question), turn.opener);
    let waitMs = firstMs;
    for await (const event of typeof answered === 'string' ? wordByWord(answered) : answered) {
      await delay(clock, waitMs, signal);
      waitMs = eachMs;
      yield event;
      signal.throwIfAborted();
    }
  }
}

function wordByWord(text: string): BrainEvent[] {
  return (text.match(/\s*\S+/g) ?? []).map((word) => ({ type: 'say', text: word }));
}

function afterOpener<T>(answered: T, opener: string | undefined): T | string {
  if (typeof answered !== 'string' || opener === undefined || !answered.startsWith(opener)) return answered;
  return answered.slice(opener.length);
}

function endedError(tag: DraftTag): ParleyError {
  return new ParleyError(`The draft of turn ${tag.turn}, revision ${tag.revision}, was given up.`, {
    code: 'brain.draft_ended',
  });
}
