import type { Placed, WrittenMessage } from '../ports/brain.js';
import type { ToolResult } from '../ports/tools.js';
import type { SessionEvent } from './session-events.js';
import type { TurnCommand, TurnEvent } from './turn/events.js';
import type { TurnSettings } from './turn/settings.js';

/** Raised when the format of a log changes; older logs are brought up to it when they are read (`upgrade-event-log.ts`). */
export const eventLogSchema = 4;

export type EventLogHeader = {
  readonly schema: number;
  readonly callId: string;
  readonly startedAt: string;
  /** What the call was begun with; a realtime model ends turns in a way of its own. */
  readonly settings: TurnSettings;
  /** The realtime model that held the call. Such a log has notes and no events but its end: no turn machine ran. */
  readonly heldBy?: string;
  /** sha256 of the model files in use, by name. */
  readonly modelHashes: Readonly<Record<string, string>>;
};

/** What was prepared for a reply that nobody will hear. */
export type DraftWasted = {
  readonly type: 'draft-wasted';
  readonly turn: number;
  readonly revision: number;
  readonly tokens: number;
  readonly audioMs: number;
};

/** What somebody put into the conversation in writing. A reply to it is asked for apart. */
export type MessageWritten = { readonly type: 'message-written' } & WrittenMessage;

/** What came of a call, as somebody outside has carried it out. It is answered as a written message is. */
export type ToolAnswered = { readonly type: 'tool-answered' } & ToolResult & Placed;

const noted = ['reply-text', 'reply-finished', 'turn-measured', 'tool-called', 'problem'] as const;

/** What events and commands tell of a call that the turn machine holds. */
const notedOfModels = [
  'speech-started',
  'speech-paused',
  'turn-committed',
  'turn-transcribed',
  'reply-started',
] as const;

/** Told of every call. */
export type Noted = Extract<SessionEvent, { type: (typeof noted)[number] }>;
/** Told of a call that a realtime model held. */
export type HeldNote = Noted | Extract<SessionEvent, { type: (typeof notedOfModels)[number] }>;

/** What came of the commands after a while: nothing of it decides, all of it explains. */
export type EventLogNote = HeldNote | DraftWasted | MessageWritten | ToolAnswered;

export function isNote(event: SessionEvent): event is Noted {
  return (noted as readonly string[]).includes(event.type);
}

export function isHeldNote(event: SessionEvent): event is HeldNote {
  return isNote(event) || (notedOfModels as readonly string[]).includes(event.type);
}

/** How a command turned out. `stale`: what it was about was gone already, which is a normal race. */
export type EffectOutcome = 'done' | 'stale' | 'failed';

export type EventLogRecord = { readonly seq: number; readonly atMs: number; readonly seenMs: number; readonly v: 1 } & (
  | { readonly type: 'event'; readonly event: TurnEvent }
  | { readonly type: 'command'; readonly cause: number; readonly command: TurnCommand }
  | { readonly type: 'effect'; readonly of: number; readonly outcome: EffectOutcome; readonly detail?: string }
  | { readonly type: 'note'; readonly note: EventLogNote }
);

type RecordBody = EventLogRecord extends infer R
  ? R extends EventLogRecord
    ? Omit<R, 'seq' | 'atMs' | 'seenMs' | 'v'>
    : never
  : never;

/** Where a log's lines go. Writing must not block; a sink that fails loses the log, never the call. */
export type EventLogSink = { readonly write: (line: string) => void };

/** Writes a call's events, the commands they caused and what became of those, one JSON document on each line. */
export class EventLog {
  readonly #sink: EventLogSink;
  #seq = 0;

  constructor(sink: EventLogSink, header: EventLogHeader) {
    this.#sink = sink;
    sink.write(JSON.stringify(header));
  }

  /** @returns the record's number */
  write(atMs: number, seenMs: number, body: RecordBody): number {
    const seq = ++this.#seq;
    this.#sink.write(JSON.stringify({ seq, atMs: round(atMs), seenMs: round(seenMs), v: 1, ...body }));
    return seq;
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
