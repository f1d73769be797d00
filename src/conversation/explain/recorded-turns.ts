import type { ParsedLog } from '../read-event-log.js';
import type { TurnCommand, TurnEvent } from '../turn/events.js';
import { reduceTurn } from '../turn/machine.js';
import { initialTurnState, quiet, type TurnState } from '../turn/state.js';
import { type AgentStop, nothingStopped, watchStop } from './agent-stop.js';
import { assertHeldHere } from './held-by-model.js';
import {
  type AnswerEvent,
  isAnswer,
  isQuestion,
  type QuestionCommand,
  type QuestionKind,
  questionKind,
} from './question.js';

type Of<T extends TurnEvent['type']> = Extract<TurnEvent, { type: T }>;

/** What the machine asked about a silence, when, and what came of it. */
export type RecordedQuestion = {
  readonly kind: QuestionKind;
  readonly turn: number;
  readonly revision: number;
  readonly atMs: number;
  readonly speechEndMs: number;
  /** Index of the event that caused it. */
  readonly index: number;
  readonly estimate: Of<'end-of-turn'> | undefined;
  readonly transcript: Of<'final'> | Of<'final-failed'> | undefined;
  /** What the brain made of the words, where they were drafted on. */
  readonly read: Of<'words-read'> | undefined;
};

export type TurnEnd =
  | {
      readonly kind: 'committed';
      readonly atMs: number;
      readonly speechEndMs: number;
      readonly text: string;
      readonly because: string;
    }
  | { readonly kind: 'dropped'; readonly atMs: number; readonly why: string };

export type RecordedTurn = {
  readonly turn: number;
  /** The machine before the turn's first event, and the index of that event: what came after the turn before. */
  readonly state: TurnState;
  readonly from: number;
  /** Index of the event that ended it; undefined when the call ended first. */
  readonly until: number | undefined;
  /** Index of the event that opened it. */
  readonly opened: number;
  /** The earlier turn that it goes on with: its text begins with that one's. */
  readonly continues: number | undefined;
  readonly questions: readonly RecordedQuestion[];
  /** Positions in the audio at which the caller went on after a pause. */
  readonly resumedMs: readonly number[];
  readonly end: TurnEnd | undefined;
  readonly stopped: AgentStop | undefined;
  /**
   * Where the caller spoke again before anything of the agent could be heard, or was taken to go on with this turn: they
   * had not finished, so it was cut off. Undefined where they did not.
   */
  readonly wentOnMs: number | undefined;
  /** The client said where it ends: no waiting decided that. */
  readonly byClient: boolean;
};

export type RecordedCall = {
  readonly callId: string;
  readonly events: readonly TurnEvent[];
  /** Commands by the index of the event that caused them, as logged. */
  readonly commands: readonly (readonly TurnCommand[])[];
  readonly turns: readonly RecordedTurn[];
};

/**
 * The turns of a call, each with the state in which it began, so that it can be judged by itself. The state is that of the
 * present machine under the log's settings, put right where the log shows it to be somewhere else.
 * @throws ParleyError `call.held_by_model` (400)
 */
export function recordedCall(log: ParsedLog): RecordedCall {
  assertHeldHere(log);
  const { events, commands, wroteBefore } = eventsOf(log);
  const turns: RecordedTurn[] = [];
  let state = initialTurnState(log.header.settings);
  let from = 0;
  let before = state;
  let open: number | undefined;
  for (const [index, event] of events.entries()) {
    const caused = commands[index] ?? [];
    const opens = caused.find((command) => command.type === 'open-turn');
    if (opens) {
      open = index;
      before = startOf(before, opens.turn - numbersTaken(commands.slice(from, index)));
      // What the log says has happened: from here on the machine follows it.
      if (index === from) state = before;
    }
    state = reduceTurn(state, event).state;
    const ends = caused.some(({ type }) => type === 'commit' || type === 'drop-turn');
    if (open !== undefined && ends) {
      turns.push(turnOf({ events, commands, wroteBefore }, { before, from, opened: open, until: index }));
      if (state.listening.phase !== 'quiet') state = { ...state, listening: quiet };
      open = undefined;
      from = index + 1;
      before = state;
    }
  }
  if (open !== undefined)
    turns.push(turnOf({ events, commands, wroteBefore }, { before, from, opened: open, until: undefined }));
  return { callId: log.header.callId, events, commands, turns };
}

type Happened = Pick<RecordedCall, 'events' | 'commands'> & {
  /** Indices of the events before which the caller has written something. */
  readonly wroteBefore: ReadonlySet<number>;
};

function eventsOf({ records }: ParsedLog): Happened {
  const events: TurnEvent[] = [];
  const wroteBefore = new Set<number>();
  const commands: TurnCommand[][] = [];
  const indexOf = new Map<number, number>();
  for (const record of records)
    if (record.type === 'event') {
      indexOf.set(record.seq, events.length);
      events.push(record.event);
      commands.push([]);
    } else if (record.type === 'command') commands[indexOf.get(record.cause) ?? -1]?.push(record.command);
    else if (record.type === 'note' && record.note.type === 'message-written' && record.note.role === 'user')
      wroteBefore.add(events.length);
  return { events, commands, wroteBefore };
}

/** Replies that the client asks for and keys that are pressed take a turn's number too. */
function numbersTaken(commands: readonly (readonly TurnCommand[])[]): number {
  return commands.flat().filter(({ type }) => type === 'respond' || type === 'note').length;
}

/** Nobody speaks, and this turn is the next. */
function startOf(state: TurnState, turn: number): TurnState {
  if (state.listening.phase === 'quiet' && state.nextTurn === turn && !state.ended) return state;
  return { ...state, listening: quiet, nextTurn: turn, ended: false, ending: undefined };
}

type Bounds = {
  readonly before: TurnState;
  readonly from: number;
  readonly opened: number;
  readonly until: number | undefined;
};

function turnOf(happened: Happened, bounds: Bounds): RecordedTurn {
  const { events, commands } = happened;
  const { before, from, opened, until } = bounds;
  const turn = commands[opened]?.find((command) => command.type === 'open-turn')?.turn ?? 0;
  const questions: RecordedQuestion[] = [];
  const resumedMs: number[] = [];
  let end: TurnEnd | undefined;
  let stops = nothingStopped;
  let byClient = false;
  let speechEndMs = 0;
  let continues: number | undefined;
  const last = until ?? events.length - 1;
  for (let index = opened; index <= last; index++) {
    const event = events[index];
    if (!event) break;
    const { atMs } = event;
    if (event.type === 'client-commit' || event.type === 'client-clear') byClient = true;
    for (const command of commands[index] ?? []) {
      stops = watchStop(stops, command, atMs);
      if (command.type === 'suspect-end') speechEndMs = command.speechEndMs;
      if (isQuestion(command))
        questions.push({
          kind: questionKind(command),
          turn,
          revision: command.revision,
          atMs,
          speechEndMs,
          index,
          ...answersTo(events, questions, command, index),
        });
      else if (command.type === 'resume-turn') resumedMs.push(atMs);
      else if (command.type === 'reopen') continues = command.continues;
      else if (command.type === 'commit') {
        const { text, because } = command;
        end = { kind: 'committed', atMs, speechEndMs: command.speechEndMs, text, because };
      } else if (command.type === 'drop-turn') end = { kind: 'dropped', atMs, why: command.why };
    }
  }
  const wentOnMs = end?.kind === 'committed' && until !== undefined ? goesOn(happened, { turn, until }) : undefined;
  return {
    turn,
    state: before,
    from,
    until,
    opened,
    continues,
    questions,
    resumedMs,
    end,
    stopped: stops.stopped,
    wentOnMs,
    byClient,
  };
}

/** The answers that this question got: of those to this revision, the ones that no earlier question of it got. */
function answersTo(
  events: RecordedCall['events'],
  earlier: readonly RecordedQuestion[],
  asked: QuestionCommand,
  index: number,
): Pick<RecordedQuestion, 'estimate' | 'transcript' | 'read'> {
  const taken = new Set<TurnEvent>();
  for (const { estimate, transcript, read } of earlier)
    for (const event of [estimate, transcript, read]) if (event) taken.add(event);
  const about = events
    .slice(index + 1)
    .filter(isAnswer)
    .filter((event) => event.turn === asked.turn && event.revision === asked.revision && !taken.has(event));
  const first = <T extends AnswerEvent['type']>(
    ...types: readonly T[]
  ): Extract<AnswerEvent, { type: T }> | undefined =>
    about.find((event): event is Extract<AnswerEvent, { type: T }> => types.some((type) => type === event.type));
  return {
    estimate: asked.type === 'freeze-again' ? undefined : first('end-of-turn'),
    transcript: asked.type === 'look-again' ? undefined : first('final', 'final-failed'),
    read: asked.type === 'look-again' ? undefined : first('words-read'),
  };
}

/**
 * Where the caller speaks again after the turn was ended at `until` and before the agent could be heard, or while what they
 * say can still be taken to go on with it. Who writes in between had finished.
 */
function goesOn(
  { events, commands, wroteBefore }: Happened,
  { turn, until }: { readonly turn: number; readonly until: number },
): number | undefined {
  let finished = false;
  let heard = false;
  let startMs: number | undefined;
  for (let index = until + 1; index < events.length; index++) {
    const caused = commands[index] ?? [];
    finished ||= wroteBefore.has(index);
    // A filler is heard too.
    heard ||= events[index]?.type === 'reply-audible' || caused.some(({ type }) => type === 'say');
    startMs = caused.find((command) => command.type === 'open-turn')?.startMs ?? startMs;
    const reopened = caused.some((command) => command.type === 'reopen' && command.continues === turn);
    if (startMs !== undefined && (reopened || !(heard || finished))) return startMs;
    if (caused.some(({ type }) => type === 'commit' || type === 'drop-turn')) return undefined;
  }
  return undefined;
}
