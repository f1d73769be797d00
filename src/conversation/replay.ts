import { isDeepStrictEqual } from 'node:util';
import type { EventLogRecord } from './event-log.js';
import { assertHeldHere } from './explain/held-by-model.js';
import type { ParsedLog } from './read-event-log.js';
import type { TurnCommand } from './turn/events.js';
import { reduceTurn } from './turn/machine.js';
import { initialTurnState } from './turn/state.js';

export type ReplayReport = {
  readonly callId: string;
  readonly events: number;
  readonly commands: number;
  /** Commands that came out otherwise than they were logged. Empty for a faithful log. */
  readonly differences: readonly ReplayDifference[];
  /** Commands whose recorded effect does not fit them. */
  readonly disagreements: readonly ReplayDisagreement[];
};

export type ReplayDifference = {
  readonly seq: number;
  readonly event: string;
  readonly logged: readonly TurnCommand[];
  readonly replayed: readonly TurnCommand[];
};

export type ReplayDisagreement = { readonly seq: number; readonly command: string; readonly why: string };

/**
 * Runs a log's events through the turn machine again and compares commands and their effects with what is logged.
 * @throws ParleyError `call.held_by_model` (400)
 */
export function replay(log: ParsedLog): ReplayReport {
  assertHeldHere(log);
  let state = initialTurnState(log.header.settings);
  const differences: ReplayDifference[] = [];
  const disagreements: ReplayDisagreement[] = [];
  const loggedCommands = new Map<number, Extract<EventLogRecord, { type: 'command' }>[]>();
  const effects = new Map<number, Extract<EventLogRecord, { type: 'effect' }>>();
  for (const record of log.records) {
    if (record.type === 'command')
      loggedCommands.set(record.cause, [...(loggedCommands.get(record.cause) ?? []), record]);
    else if (record.type === 'effect') effects.set(record.of, record);
  }
  const lastEvent = log.finished ? undefined : log.records.findLast(({ type }) => type === 'event')?.seq;
  let events = 0;
  let commands = 0;
  for (const record of log.records) {
    if (record.type !== 'event') continue;
    events += 1;
    const step = reduceTurn(state, record.event);
    state = step.state;
    const logged = loggedCommands.get(record.seq) ?? [];
    commands += logged.length;
    // Where a log was cut short, what its last event caused may be missing.
    const cutShort = record.seq === lastEvent;
    const replayed = cutShort ? step.commands.slice(0, logged.length) : step.commands;
    if (
      !areSame(
        replayed,
        logged.map((each) => each.command),
      )
    )
      differences.push({
        seq: record.seq,
        event: record.event.type,
        logged: logged.map((each) => each.command),
        replayed: step.commands,
      });
    for (const { seq, command } of logged) {
      const effect = effects.get(seq);
      if (!effect && cutShort) continue;
      const why = disagreement(command, effect, log.records, seq);
      if (why) disagreements.push({ seq, command: command.type, why });
    }
  }
  return { callId: log.header.callId, events, commands, differences, disagreements };
}

/**
 * Whether commands are those of a log, which knows no undefined and no order of fields. The sentence that says why may be
 * worded otherwise: what was decided, and when, is the same.
 */
function areSame(commands: readonly TurnCommand[], logged: readonly TurnCommand[]): boolean {
  return isDeepStrictEqual(decisionsOf(commands), decisionsOf(logged));
}

function decisionsOf(commands: readonly TurnCommand[]): unknown {
  return JSON.parse(JSON.stringify(commands, (key, value: unknown) => (key === 'because' ? undefined : value)));
}

/** Commands that may come too late for what they are about, which is no fault. */
const mayBeStale: ReadonlySet<TurnCommand['type']> = new Set([
  'discard',
  'lower',
  'pause',
  'restore',
  'disarm',
  'say',
  'stop',
  'murmur',
]);

/** What is wrong between a command and what became of it, or undefined. */
function disagreement(
  command: TurnCommand,
  effect: Extract<EventLogRecord, { type: 'effect' }> | undefined,
  records: readonly EventLogRecord[],
  seq: number,
): string | undefined {
  if (!effect) return 'no effect was recorded';
  if (effect.outcome === 'failed') return effect.detail ?? 'it failed';
  if (effect.outcome === 'stale' && !mayBeStale.has(command.type)) return 'what it was about was gone';
  // A reply that was begun must have been heard, stopped, or the call must have ended.
  if ((command.type === 'commit' && command.reply !== undefined) || command.type === 'respond') {
    const { reply } = command;
    const settled = records.some(
      (record) =>
        record.seq > seq &&
        ((record.type === 'event' && settles(record.event, reply)) ||
          (record.type === 'command' && record.command.type === 'stop' && record.command.reply === reply)),
    );
    if (!settled) return `reply ${reply} was neither heard nor stopped`;
  }
  return undefined;
}

function settles(event: Extract<EventLogRecord, { type: 'event' }>['event'], reply: number | undefined): boolean {
  if (event.type === 'hung-up') return true;
  return (event.type === 'reply-audible' || event.type === 'reply-done') && event.reply === reply;
}
