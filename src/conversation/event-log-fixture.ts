import { EventLog, type EventLogHeader, type EventLogNote, type EventLogRecord, eventLogSchema } from './event-log.js';
import type { TurnEventBody } from './turn/events.js';
import { reduceTurn } from './turn/machine.js';
import type { TurnSettings } from './turn/settings.js';
import { initialTurnState, type TurnState } from './turn/state.js';
import { turnSettings } from './turn/turn-fixture.js';

export const header: EventLogHeader = {
  schema: eventLogSchema,
  callId: 'call_1',
  startedAt: '2026-01-01T00:00:00.000Z',
  settings: turnSettings(),
  modelHashes: { vad: 'abc' },
};

/** Writes a call's log as a session does, from what happens to it. Positions are at odd fractions of a millisecond. */
export class LogPen {
  readonly #lines: string[] = [];
  readonly #log: EventLog;
  #state: TurnState;
  atMs = 0;

  constructor(settings: TurnSettings = header.settings) {
    this.#log = new EventLog({ write: (line) => this.#lines.push(line) }, { ...header, settings });
    this.#state = initialTurnState(settings);
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  get commands(): readonly string[] {
    return this.#lines.flatMap((line) => /"command":\{"type":"([a-z-]+)"/.exec(line)?.[1] ?? []);
  }

  tell(body: TurnEventBody): void {
    const event = { atMs: this.atMs, seenMs: this.atMs + 0.123_456, ...body };
    const cause = this.#log.write(event.atMs, event.seenMs, { type: 'event', event });
    const step = reduceTurn(this.#state, event);
    this.#state = step.state;
    for (const command of step.commands) {
      const of = this.#log.write(event.atMs, event.seenMs, { type: 'command', cause, command });
      this.#log.write(event.atMs, event.seenMs, { type: 'effect', of, outcome: 'done' });
    }
  }

  note(note: EventLogNote): void {
    this.#log.write(this.atMs, this.atMs + 0.123_456, { type: 'note', note });
  }

  windows(count: number, probability: number): void {
    for (let i = 0; i < count; i++) {
      this.atMs += 32;
      this.tell({ type: 'window', probability, windowMs: 32 });
    }
  }

  speech(ms: number): void {
    this.windows(Math.round(ms / 32), 0.987_654_321);
  }

  /** Silence; when it makes the end suspected, the answers come one and two windows later. */
  silence(ms: number, answers?: { readonly probability: number; readonly text: string }): void {
    let left = Math.round(ms / 32);
    if (answers) {
      this.windows(4, 0.01);
      this.tell({ type: 'end-of-turn', ...this.#pause, probability: answers.probability });
      this.windows(1, 0.01);
      this.tell({ type: 'final', ...this.#pause, text: answers.text });
      left -= 5;
    }
    this.windows(left, 0.01);
  }

  get #pause(): { readonly turn: number; readonly revision: number } {
    const { listening } = this.#state;
    if (listening.phase !== 'pause') throw new Error(`a pause was expected; the caller's side is ${listening.phase}`);
    return { turn: listening.turn, revision: listening.revision };
  }

  /** The reply that is under way is heard for this long. */
  reply(ms: number): void {
    const { agent } = this.#state;
    if (agent.phase === 'silent') throw new Error('a reply was expected; the agent is silent');
    this.tell({ type: 'reply-audible', reply: agent.reply });
    this.silence(ms);
    this.tell({ type: 'reply-done', reply: agent.reply });
  }
}

/** A short call: one turn, its answer, and the end. */
export function logged(): string {
  const pen = new LogPen();
  pen.tell({ type: 'begin', greeting: false });
  pen.windows(20, 0.987_654_321);
  pen.windows(3, 0.01);
  pen.tell({ type: 'end-of-turn', turn: 1, revision: 1, probability: 0.931 });
  pen.tell({ type: 'final', turn: 1, revision: 1, text: 'a “coffee”, please' });
  pen.windows(20, 0.01);
  pen.tell({ type: 'reply-audible', reply: 0 });
  pen.tell({ type: 'reply-done', reply: 0 });
  pen.tell({ type: 'hung-up', reason: 'gone' });
  return pen.text;
}

/** The same with records changed or left out; each still has its own number. */
export function edited(edit: (record: EventLogRecord) => EventLogRecord | undefined): string {
  const [first, ...rest] = logged().trimEnd().split('\n');
  const records = rest.map((line) => edit(JSON.parse(line) as EventLogRecord)).filter((record) => record !== undefined);
  return `${[first, ...records.map((record) => JSON.stringify(record))].join('\n')}\n`;
}
