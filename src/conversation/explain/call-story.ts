import type { WrittenMessage } from '../../ports/brain.js';
import type { ExpectedAnswer } from '../../ports/expected-answer.js';
import type { DraftWasted, EventLogNote, EventLogRecord, HeldNote, Noted } from '../event-log.js';
import type { ParsedLog } from '../read-event-log.js';
import type { TurnMarks } from '../session-events.js';
import type { PhraseName, TimerName, TurnCommand, TurnEvent } from '../turn/events.js';

/** Something of a turn worth telling. `atMs`: position in the caller's audio; `seenMs`: on the clock, since the call began. */
export type StoryStep = { readonly atMs: number; readonly seenMs: number } & StoryBody;

export type StoryBody =
  /** The caller began to speak; `over`: the reply that was being said. */
  | { readonly what: 'began'; readonly startMs: number; readonly over: number | undefined }
  | { readonly what: 'paused'; readonly revision: number; readonly speechEndMs: number; readonly silenceMs: number }
  /** As a realtime model tells it. */
  | { readonly what: 'fell-silent'; readonly speechEndMs: number }
  | { readonly what: 'answered'; readonly reply: number }
  | { readonly what: 'estimated'; readonly probability: number; readonly afterMs: number | undefined }
  /** The brain has read the words. */
  | { readonly what: 'read'; readonly probability: number; readonly afterMs: number | undefined }
  | { readonly what: 'transcribed'; readonly text: string; readonly afterMs: number | undefined }
  | { readonly what: 'transcript-failed' }
  | { readonly what: 'asked-again' }
  | { readonly what: 'drafted'; readonly revision: number; readonly text: string }
  | { readonly what: 'draft-failed' }
  | { readonly what: 'called'; readonly name: string; readonly arguments: string }
  | { readonly what: 'discarded'; readonly cost: DraftWasted | undefined }
  | { readonly what: 'went-on'; readonly pauseMs: number }
  | {
      readonly what: 'committed';
      readonly text: string;
      readonly reply: number | undefined;
      readonly speechEndMs: number;
      readonly waitedMs: number;
      readonly because: string;
      /** What came when the wait was over already, and ended the turn. */
      readonly late: LateKnowledge | undefined;
    }
  /** `heard`: the words that were known by then; empty where there were none. */
  | { readonly what: 'dropped'; readonly why: 'empty' | 'backchannel' | 'cleared'; readonly heard: string }
  | { readonly what: 'lowered' | 'restored'; readonly reply: number; readonly loweredMs: number | undefined }
  | {
      readonly what: 'stopped';
      readonly reply: number;
      readonly why: 'interrupted' | 'cancelled' | 'failed';
      /** From the beginning of the caller's speech. */
      readonly afterMs: number | undefined;
      /** What the caller was known to have said by then; undefined where they did not stop it. */
      readonly heard: string | undefined;
    }
  | {
      readonly what: 'said';
      readonly phrase: PhraseName;
      readonly reply: number;
      /** From the caller's last sound; undefined before the caller has spoken. */
      readonly afterMs: number | undefined;
    }
  /** A reply to no spoken turn; `asked`: by the client. */
  | { readonly what: 'responded'; readonly reply: number; readonly asked: boolean }
  | {
      readonly what: 'sounded';
      readonly reply: number;
      readonly afterMs: number | undefined;
      /** It makes no sound: these were its first words. */
      readonly written: boolean;
    }
  | { readonly what: 'ran-dry' | 'flowed' | 'held'; readonly reply: number }
  | { readonly what: 'pressed'; readonly digit: string }
  | { readonly what: 'muted'; readonly muted: boolean }
  | { readonly what: 'far-end'; readonly reachable: boolean }
  | { readonly what: 'passage'; readonly reply: number }
  /** What is said goes on with a turn that was taken to be over. */
  | { readonly what: 'reopened'; readonly continues: number }
  | { readonly what: 'noted'; readonly text: string }
  /** In writing. `inserted`: not at the end of the conversation. */
  | {
      readonly what: 'wrote';
      readonly role: WrittenMessage['role'];
      readonly text: string;
      readonly inserted: boolean;
    }
  /** `name` of the call; undefined for one that this log does not know. */
  | { readonly what: 'tool-gave'; readonly name: string | undefined; readonly output: string }
  /** Replies are written from here on, or spoken again. */
  | { readonly what: 'replies-written'; readonly written: boolean }
  | { readonly what: 'murmured' }
  /** What the agent waits for from now on. */
  | { readonly what: 'expects'; readonly answer: ExpectedAnswer }
  | { readonly what: 'reply-over'; readonly reply: number }
  | { readonly what: 'client'; readonly asked: 'commit' | 'clear' | 'respond' | 'cancel' | 'configure' }
  | { readonly what: 'timer'; readonly timer: TimerName }
  | { readonly what: 'problem'; readonly code: string; readonly message: string }
  | { readonly what: 'ended'; readonly reason: string }
  /** A command or event that this has no words for yet. */
  | { readonly what: 'other'; readonly type: string };

/** What a turn's end may wait for beside silence: its transcript, the end-of-turn model, whoever reads the words. */
export type LateKnowledge = 'transcript' | 'estimate' | 'reading';

const lateKnowledge: Readonly<Partial<Record<TurnEvent['type'], LateKnowledge>>> = {
  final: 'transcript',
  'end-of-turn': 'estimate',
  'words-read': 'reading',
};

/** What was said in a reply, and what of it was heard. Absent in logs that did not note it. */
export type StoryReply = {
  readonly reply: number;
  readonly said: readonly string[];
  readonly heard: string | undefined;
  readonly status: Extract<EventLogNote, { type: 'reply-finished' }>['status'] | undefined;
  readonly heardBasis: Extract<EventLogNote, { type: 'reply-finished' }>['heardBasis'] | undefined;
};

/** A turn of the caller with what the agent did about it; turn 0 is what comes before the first. */
export type StoryTurn = {
  readonly turn: number;
  readonly steps: readonly StoryStep[];
  readonly replies: readonly StoryReply[];
  readonly marks: TurnMarks | undefined;
};

export type CallStory = {
  readonly callId: string;
  readonly startedAt: string;
  /** The realtime model that held the call: why it waited, spoke or stopped is not known. */
  readonly heldBy: string | undefined;
  readonly lastedMs: number;
  readonly endedBecause: string | undefined;
  /** Whether the log says what was said and heard: those of schema 1 do not. */
  readonly noted: boolean;
  /** Whether the log says what was written: those before schema 4 do not. */
  readonly writtenNoted: boolean;
  readonly turns: readonly StoryTurn[];
};

/** Tells a call turn by turn, from its log alone: what is in no log is not told. */
export function tellCall(log: ParsedLog): CallStory {
  const teller = new Teller(log);
  for (const record of log.records) teller.take(record);
  return teller.story();
}

type OpenTurn = { readonly turn: number; readonly steps: StoryStep[]; readonly replies: Map<number, OpenReply> };
type OpenReply = { -readonly [K in keyof StoryReply]: StoryReply[K] } & { said: string[] };
type Moment = { readonly atMs: number; readonly seenMs: number };

/** Puts records into turns. A reply belongs to the turn in which it was begun. */
class Teller {
  readonly #log: ParsedLog;
  readonly #turns: OpenTurn[] = [newTurn(0)];
  readonly #replyTurns = new Map<number, OpenTurn>();
  readonly #marks = new Map<number, TurnMarks>();
  readonly #costs = new Map<string, DraftWasted>();
  /** The events that something was commanded for. */
  readonly #causes = new Set<number>();
  /** The reply that has the floor, and since when it is lowered. */
  #floor: { readonly reply: number; loweredMs: number | undefined } | undefined;
  #startMs: number | undefined;
  #speechEndMs: number | undefined;
  #suspectedMs: number | undefined;
  /** The caller's words in this turn, as far as they are known. */
  #heard = '';
  /** The event whose commands follow. */
  #cause: TurnEvent['type'] | undefined;
  /** Whether the last turn is one of the caller's that has not ended. */
  #open = false;
  /** The turn whose words the agent answers or waits for. */
  #committedEndMs: number | undefined;
  /** Tools by their calls. */
  readonly #called = new Map<string, string>();
  /** What was written, or given by tools, since the last answer: it belongs to the turn that answers it. */
  #unanswered: StoryStep[] = [];
  #writes = false;
  readonly #writtenReplies = new Set<number>();
  #ended: string | undefined;
  #now: Moment = { atMs: 0, seenMs: 0 };

  constructor(log: ParsedLog) {
    this.#log = log;
    for (const record of log.records)
      if (record.type === 'command') this.#causes.add(record.cause);
      else if (record.type === 'note' && record.note.type === 'draft-wasted')
        this.#costs.set(keyOf(record.note), record.note);
  }

  take(record: EventLogRecord): void {
    this.#now = { atMs: record.atMs, seenMs: record.seenMs };
    const body = this.#bodyOf(record);
    if (!body) return;
    const step = { ...this.#now, ...body };
    this.#turn.steps.push(step);
    if (step.what === 'wrote' || step.what === 'tool-gave') this.#unanswered.push(step);
  }

  story(): CallStory {
    const { header, records, writtenSchema } = this.#log;
    return {
      callId: header.callId,
      startedAt: header.startedAt,
      heldBy: header.heldBy,
      lastedMs: records.at(-1)?.seenMs ?? 0,
      endedBecause: this.#ended,
      noted: writtenSchema >= 2,
      writtenNoted: writtenSchema >= 4,
      turns: this.#turns.map(({ turn, steps, replies }) => ({
        turn,
        steps,
        replies: [...replies.values()],
        marks: this.#marks.get(turn),
      })),
    };
  }

  get #turn(): OpenTurn {
    return this.#turns.at(-1) ?? newTurn(0);
  }

  #bodyOf(record: EventLogRecord): StoryBody | undefined {
    switch (record.type) {
      case 'event':
        return this.#event(record.event, record.seq);
      case 'command':
        return this.#command(record.command);
      case 'note':
        return this.#note(record.note);
      case 'effect':
        return undefined;
    }
  }

  #since(ms: number | undefined): number | undefined {
    return ms === undefined ? undefined : Math.round(this.#now.atMs - ms);
  }

  #event(event: TurnEvent, seq: number): StoryBody | undefined {
    this.#cause = event.type;
    switch (event.type) {
      case 'partial':
        this.#heard = event.text;
        return undefined;
      case 'window':
      case 'begin':
        return undefined;
      case 'end-of-turn':
        return {
          what: 'estimated',
          probability: event.probability,
          afterMs: this.#since(this.#suspectedMs),
        };
      case 'words-read':
        return { what: 'read', probability: event.probability, afterMs: this.#since(this.#suspectedMs) };
      case 'final':
        this.#heard = event.text;
        return { what: 'transcribed', text: event.text, afterMs: this.#since(this.#suspectedMs) };
      case 'final-failed':
        return { what: 'transcript-failed' };
      case 'draft-failed':
        return { what: 'draft-failed' };
      case 'reply-audible': {
        const afterMs = this.#since(this.#committedEndMs);
        this.#committedEndMs = undefined;
        return { what: 'sounded', reply: event.reply, afterMs, written: this.#writtenReplies.has(event.reply) };
      }
      case 'reply-done':
        this.#floor = undefined;
        return { what: 'reply-over', reply: event.reply };
      case 'reply-dry':
        return { what: 'ran-dry', reply: event.reply };
      case 'reply-flows':
        return { what: 'flowed', reply: event.reply };
      case 'timer':
        return this.#causes.has(seq) ? { what: 'timer', timer: event.timer } : undefined;
      case 'expect':
        return { what: 'expects', answer: event.answer };
      case 'key':
        return { what: 'pressed', digit: event.digit };
      case 'mute':
        return { what: 'muted', muted: event.muted };
      case 'far-end':
        return { what: 'far-end', reachable: event.reachable };
      case 'passage-begins':
        return { what: 'passage', reply: event.reply };
      case 'written':
        this.#writes = event.written;
        return { what: 'replies-written', written: event.written };
      case 'passage-over':
      case 'reply-working':
        return undefined;
      case 'client-commit':
        return { what: 'client', asked: 'commit' };
      case 'client-clear':
        return { what: 'client', asked: 'clear' };
      case 'client-respond':
        // What came of it tells that it was asked for.
        return this.#causes.has(seq) ? undefined : { what: 'client', asked: 'respond' };
      case 'client-cancel':
        return { what: 'client', asked: 'cancel' };
      case 'configure':
        return { what: 'client', asked: 'configure' };
      case 'wind-down':
        return { what: 'ended', reason: event.reason };
      case 'hung-up':
        this.#ended = event.reason;
        return undefined;
      default:
        return { what: 'other', type: (event satisfies never as TurnEvent).type };
    }
  }

  #command(command: TurnCommand): StoryBody | undefined {
    switch (command.type) {
      case 'open-turn':
        this.#turns.push(newTurn(command.turn));
        this.#open = true;
        this.#startMs = command.startMs;
        this.#heard = '';
        return { what: 'began', startMs: command.startMs, over: this.#floor?.reply };
      case 'suspect-end':
        this.#speechEndMs = command.speechEndMs;
        this.#suspectedMs = this.#now.atMs;
        return {
          what: 'paused',
          revision: command.revision,
          speechEndMs: command.speechEndMs,
          silenceMs: Math.round(this.#now.atMs - command.speechEndMs),
        };
      case 'freeze-again':
        this.#suspectedMs = this.#now.atMs;
        return { what: 'asked-again' };
      case 'resume-turn':
        return { what: 'went-on', pauseMs: this.#since(this.#speechEndMs) ?? 0 };
      case 'draft':
        return { what: 'drafted', revision: command.revision, text: command.text };
      case 'discard':
        return { what: 'discarded', cost: this.#costs.get(keyOf(command)) };
      case 'commit': {
        const { text, reply, speechEndMs, because } = command;
        if (reply !== undefined) this.#unanswered = [];
        this.#committedEndMs = speechEndMs;
        this.#open = false;
        this.#begun(reply);
        const waitedMs = this.#since(speechEndMs) ?? 0;
        const late = this.#cause && lateKnowledge[this.#cause];
        return { what: 'committed', text, reply, speechEndMs, waitedMs, because, late };
      }
      case 'drop-turn':
        this.#open = false;
        return { what: 'dropped', why: command.why, heard: this.#heard };
      case 'respond':
        this.#respondsIn(command.turn);
        this.#begun(command.reply);
        return { what: 'responded', reply: command.reply, asked: this.#cause === 'client-respond' };
      case 'lower':
        if (this.#floor) this.#floor.loweredMs = this.#now.atMs;
        return { what: 'lowered', reply: command.reply, loweredMs: undefined };
      case 'restore':
        return { what: 'restored', reply: command.reply, loweredMs: this.#since(this.#floor?.loweredMs) };
      case 'stop':
        this.#floor = undefined;
        return {
          what: 'stopped',
          reply: command.reply,
          why: command.why,
          afterMs: command.why === 'interrupted' ? this.#since(this.#startMs) : undefined,
          heard: command.why === 'interrupted' ? this.#heard : undefined,
        };
      case 'say':
        this.#begun(command.reply);
        return {
          what: 'said',
          phrase: command.phrase,
          reply: command.reply,
          afterMs: this.#since(this.#speechEndMs),
        };
      case 'end-call':
        return { what: 'ended', reason: command.reason };
      case 'pause':
        return { what: 'held', reply: command.reply };
      case 'reopen':
        return { what: 'reopened', continues: command.continues };
      case 'note':
        // Keys are a turn of their own, unless the caller is speaking: then they are told where they were pressed.
        if (!this.#open) this.#turns.push(newTurn(command.turn));
        return { what: 'noted', text: command.text };
      case 'murmur':
        return { what: 'murmured' };
      case 'hold-output':
      case 'release-output':
      case 'arm':
      case 'disarm':
      case 'look':
      case 'look-again':
        return undefined;
      default:
        return { what: 'other', type: (command satisfies never as TurnCommand).type };
    }
  }

  /** A turn of its own, with what it answers. */
  #respondsIn(turn: number): void {
    const asked = new Set(this.#unanswered);
    this.#unanswered = [];
    for (const { steps } of asked.size > 0 ? this.#turns : []) {
      const others = steps.filter((step) => !asked.has(step));
      if (others.length < steps.length) steps.splice(0, steps.length, ...others);
    }
    this.#turns.push({ ...newTurn(turn), steps: [...asked] });
  }

  #begun(reply: number | undefined): void {
    if (reply === undefined) return;
    if (this.#writes) this.#writtenReplies.add(reply);
    this.#floor = { reply, loweredMs: undefined };
    if (!this.#replyTurns.has(reply)) this.#replyTurns.set(reply, this.#turn);
  }

  #note(note: EventLogNote): StoryBody | undefined {
    switch (note.type) {
      case 'reply-text':
        this.#reply(note.reply).said.push(note.text);
        return undefined;
      case 'reply-finished': {
        const reply = this.#reply(note.reply);
        reply.heard = note.heard;
        reply.status = note.status;
        reply.heardBasis = note.heardBasis;
        if (this.#log.header.heldBy !== undefined && this.#floor?.reply === note.reply) this.#floor = undefined;
        return undefined;
      }
      case 'turn-measured':
        this.#marks.set(note.marks.turn, note.marks);
        return undefined;
      case 'tool-called':
        this.#called.set(note.call.callId, note.call.name);
        return { what: 'called', name: note.call.name, arguments: note.call.arguments };
      case 'problem':
        return { what: 'problem', code: note.code, message: note.message };
      case 'draft-wasted':
        return undefined;
      case 'message-written':
        return { what: 'wrote', role: note.role, text: note.text, inserted: note.after !== undefined };
      case 'tool-answered':
        return { what: 'tool-gave', name: this.#called.get(note.callId), output: note.output };
      default:
        return this.#heldNote(note);
    }
  }

  /** Of a call that a realtime model held, what the turn machine's events and commands tell of others. */
  #heldNote(note: Exclude<HeldNote, Noted>): StoryBody | undefined {
    switch (note.type) {
      case 'speech-started':
        this.#turns.push(newTurn(note.turn));
        return { what: 'began', startMs: note.startMs, over: this.#floor?.reply };
      case 'speech-paused':
        return { what: 'fell-silent', speechEndMs: note.endMs };
      case 'turn-committed':
        this.#begun(note.reply);
        return note.text === '' ? undefined : { what: 'transcribed', text: note.text, afterMs: undefined };
      case 'turn-transcribed': {
        // The next turn may have begun.
        const { steps } = this.#turns.find(({ turn }) => turn === note.turn) ?? this.#turn;
        steps.push({ ...this.#now, what: 'transcribed', text: note.text, afterMs: undefined });
        return undefined;
      }
      case 'reply-started':
        this.#begun(note.reply);
        return { what: 'answered', reply: note.reply };
    }
  }

  #reply(reply: number): OpenReply {
    const { replies } = this.#replyTurns.get(reply) ?? this.#turn;
    const known = replies.get(reply);
    if (known) return known;
    const opened: OpenReply = { reply, said: [], heard: undefined, status: undefined, heardBasis: undefined };
    replies.set(reply, opened);
    return opened;
  }
}

function newTurn(turn: number): OpenTurn {
  return { turn, steps: [], replies: new Map() };
}

function keyOf({ turn, revision }: { readonly turn: number; readonly revision: number }): string {
  return `${turn}.${revision}`;
}
