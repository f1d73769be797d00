import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ParleyError } from '../../ports/errors.js';
import { eventLogSchema } from '../event-log.js';
import { turnCommandSchema, turnEventSchema } from '../event-log-schema.js';
import type { TurnCommand, TurnEvent } from '../turn/events.js';
import { reduceTurn } from '../turn/machine.js';
import type { TurnSettings } from '../turn/settings.js';
import { turnSettingsSchema } from '../turn/settings-schema.js';
import { initialTurnState, type TurnState } from '../turn/state.js';
import type { RecordedCall, RecordedTurn } from './recorded-turns.js';

/** A recorded turn as a regression test: the machine before it, what happened, and what was decided. */
export type Pin = {
  /** Schema of the log's events. */
  readonly schema: number;
  readonly callId: string;
  readonly turn: number;
  readonly settings: TurnSettings;
  /** The machine before the first event. What it does not name is as at the beginning of a call. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly events: readonly TurnEvent[];
  readonly expected: readonly PinnedStep[];
};

/** What one event is to cause. Timers are left out: they are means; so are a commit's reasons, which are words. */
export type PinnedStep = { readonly event: number; readonly commands: readonly PinnedCommand[] };
type PinnedCommand = Omit<TurnCommand, 'because'>;

export type PinDifference = {
  readonly event: number;
  readonly type: string;
  readonly atMs: number;
  readonly expected: readonly PinnedCommand[];
  readonly got: readonly PinnedCommand[];
};

/** Pins a turn as it was decided in its call. @throws ParleyError `pin.open_turn` when it did not end */
export function pinTurn(call: RecordedCall, turn: RecordedTurn): Pin {
  if (turn.until === undefined)
    throw new ParleyError(`Turn ${turn.turn} did not end before the call did; expected a turn with an end to pin.`, {
      code: 'pin.open_turn',
      status: 400,
    });
  const { state, from } = lastQuiet(call, turn);
  const { settings, ...rest } = withoutEarlierWords(state);
  const events = call.events.slice(from, turn.until + 1);
  const expected = events.flatMap((_, event) => {
    const commands = pinned(call.commands[from + event] ?? []);
    return commands.length > 0 ? [{ event, commands }] : [];
  });
  return { schema: eventLogSchema, callId: call.callId, turn: turn.turn, settings, state: rest, events, expected };
}

/** The same pin, expecting what the machine does now. */
export function acceptPin(pin: Pin): Pin {
  const expected = run(pin).flatMap((commands, event) => (commands.length > 0 ? [{ event, commands }] : []));
  return { ...pin, expected };
}

/** Runs the pinned events through the machine. @returns where it decides otherwise; nothing when the pin holds */
export function checkPin(pin: Pin): PinDifference[] {
  const expected = new Map(pin.expected.map(({ event, commands }) => [event, commands]));
  return run(pin).flatMap((got, event) => {
    const wanted = expected.get(event) ?? [];
    const { type, atMs } = pin.events[event] as TurnEvent;
    return isDeepStrictEqual(got, wanted) ? [] : [{ event, type, atMs, expected: wanted, got }];
  });
}

function run({ settings, state, events }: Pin): PinnedCommand[][] {
  let now: TurnState = { ...initialTurnState(settings), ...state };
  return events.map((event) => {
    const step = reduceTurn(now, event);
    now = step.state;
    return pinned(step.commands);
  });
}

function pinned(commands: readonly TurnCommand[]): PinnedCommand[] {
  return commands
    .filter(({ type }) => type !== 'arm' && type !== 'disarm')
    .map((command) => JSON.parse(JSON.stringify({ ...command, because: undefined })) as PinnedCommand);
}

/** The last moment before the turn at which nobody had begun to speak. */
function lastQuiet(call: RecordedCall, turn: RecordedTurn): { readonly state: TurnState; readonly from: number } {
  let state = turn.state;
  let found = { state, from: turn.from };
  for (let index = turn.from; index < turn.opened; index++) {
    state = reduceTurn(state, call.events[index] as TurnEvent).state;
    if (state.listening.phase === 'quiet' && state.listening.voicedMs === 0) found = { state, from: index + 1 };
  }
  return found;
}

/** Words of an earlier turn are kept only while the caller can still go on with it. */
function withoutEarlierWords(state: TurnState): TurnState {
  const { agent, talk } = state;
  const answered = agent.phase !== 'silent' && agent.reply === talk.answered?.reply ? talk.answered : undefined;
  return { ...state, talk: { ...talk, answered, continued: undefined } };
}

const stateSchema = z.looseObject({
  listening: z.looseObject({ phase: z.literal('quiet'), voicedMs: z.number() }),
  agent: z.looseObject({ phase: z.enum(['silent', 'preparing', 'speaking']) }),
  nextTurn: z.int(),
  nextReply: z.int(),
});

const pinSchema = z.looseObject({
  schema: z.int().min(1),
  callId: z.string(),
  turn: z.int(),
  settings: turnSettingsSchema,
  state: stateSchema,
  events: z.array(turnEventSchema).min(1),
  expected: z.array(
    z.object({
      event: z.int().min(0),
      // A reason is no part of it, and the commands are checked as those of a log, which have one.
      commands: z.array(z.looseObject({ type: z.string() }).transform(checkedCommand)),
    }),
  ),
});

function checkedCommand(command: { readonly type: string }, context: z.RefinementCtx): PinnedCommand {
  const { error } = turnCommandSchema.safeParse({ because: '', ...command });
  for (const issue of error?.issues ?? [])
    context.addIssue({ code: 'custom', path: issue.path, message: issue.message });
  return command as PinnedCommand;
}

/** Reads a pin. @throws ParleyError `pin.damaged` naming what is wrong, `pin.newer` for one from the future */
export function parsePin(text: string): Pin {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ParleyError('This is no pin: it is not JSON.', { code: 'pin.damaged', status: 400, cause });
  }
  const { data, error } = pinSchema.safeParse(json);
  if (error) {
    const [issue] = error.issues;
    const where = issue?.path.join('.');
    throw new ParleyError(`This is no pin: ${where ? `${where}: ` : ''}${issue?.message ?? 'it has another shape'}.`, {
      code: 'pin.damaged',
      status: 400,
    });
  }
  if (data.schema > eventLogSchema)
    throw new ParleyError(
      `This pin has schema ${data.schema}; this version of Parley knows up to ${eventLogSchema}. Use a newer one.`,
      { code: 'pin.newer', status: 400 },
    );
  const last = data.expected.find(({ event }) => event >= data.events.length);
  if (last)
    throw new ParleyError(
      `This is no pin: something is expected of event ${last.event}, and there are ${data.events.length} (counted from 0).`,
      { code: 'pin.damaged', status: 400 },
    );
  return data as unknown as Pin;
}

/** The pin as a file: one event and one expected step on each line, so that changes can be read. */
export function writePin({ events, expected, ...rest }: Pin): string {
  const lines = (items: readonly unknown[]): string => items.map((item) => `    ${JSON.stringify(item)}`).join(',\n');
  const head = Object.entries(rest).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  return `{\n${head.join('\n')}\n  "events": [\n${lines(events)}\n  ],\n  "expected": [\n${lines(expected)}\n  ]\n}\n`;
}
