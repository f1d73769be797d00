import type { TurnCommand, TurnEvent } from '../turn/events.js';
import { reduceTurn } from '../turn/machine.js';
import type { TurnState } from '../turn/state.js';
import { type AgentStop, nothingStopped, watchStop } from './agent-stop.js';
import { isQuestion, type QuestionKind, questionKind } from './question.js';
import type { TurnEnd } from './recorded-turns.js';

/** What the machine asks about a silence. */
export type Question = {
  readonly kind: QuestionKind;
  readonly turn: number;
  readonly revision: number;
  /** Where the turn began, and the caller's last sound in it. */
  readonly startMs: number;
  readonly speechEndMs: number;
  readonly atMs: number;
};

/** Events that answer a question, each with how long it takes in the caller's audio. */
export type Answers = readonly { readonly afterMs: number; readonly event: TurnEvent }[];

export type SimulatedTurn = {
  /** Undefined: it was still open when what is known had come to its end. */
  readonly end: TurnEnd | undefined;
  readonly stopped: AgentStop | undefined;
  /** Where the caller went on after a pause. */
  readonly resumedMs: readonly number[];
  /** Set when a question could not be answered: what follows it is not known. */
  readonly unanswered: Question | undefined;
};

/** A question that was asked before the simulation begins, and its answers. */
export type Asked = { readonly question: Question; readonly answers: Answers; readonly seenMs: number };

/**
 * Runs the turn machine from `start` over `events` until the caller's turn ends. What it asks about silences is yielded; the
 * answers come in when they are due, and `undefined` ends the simulation: nobody knows.
 */
export function* simulateTurn(
  start: TurnState,
  events: Iterable<TurnEvent>,
  asked?: Asked,
): Generator<Question, SimulatedTurn, Answers | undefined> {
  let state = start;
  let startMs = state.listening.phase === 'quiet' ? 0 : state.listening.startMs;
  let speechEndMs = asked?.question.speechEndMs ?? 0;
  let open = state.listening.phase !== 'quiet';
  let stops = nothingStopped;
  const resumedMs: number[] = [];
  const pending: TurnEvent[] = [];
  const expect = ({ question, answers, seenMs }: Asked): void => {
    for (const answer of answers) schedule(pending, stamped(answer, question, seenMs));
  };
  if (asked) expect(asked);
  const result = (end: TurnEnd | undefined, unanswered?: Question): SimulatedTurn => ({
    end,
    stopped: stops.stopped,
    resumedMs,
    unanswered,
  });
  for (const next of events) {
    const due = [...takeDue(pending, next), next];
    for (let event = due.shift(); event; event = due.shift()) {
      const step = reduceTurn(state, event);
      state = step.state;
      for (const command of step.commands) {
        if (open) stops = watchStop(stops, command, event.atMs);
        if (command.type === 'open-turn') {
          startMs = command.startMs;
          open = true;
        } else if (command.type === 'resume-turn') resumedMs.push(event.atMs);
        else if (command.type === 'suspect-end') speechEndMs = command.speechEndMs;
        const end = endOf(command, event.atMs);
        if (end) return result(end);
        if (!isQuestion(command)) continue;
        const { turn, revision } = command;
        const kind = questionKind(command);
        const question = { kind, turn, revision, startMs, speechEndMs, atMs: event.atMs };
        const answers = yield question;
        if (!answers) return result(undefined, question);
        expect({ question, answers, seenMs: event.seenMs });
      }
    }
  }
  return result(undefined);
}

function endOf(command: TurnCommand, atMs: number): TurnEnd | undefined {
  if (command.type === 'drop-turn') return { kind: 'dropped', atMs, why: command.why };
  if (command.type !== 'commit') return undefined;
  const { speechEndMs, text, because } = command;
  return { kind: 'committed', atMs, speechEndMs, text, because };
}

/** The answer as an event of this turn, at its time. */
function stamped({ afterMs, event }: Answers[number], question: Question, askedSeenMs: number): TurnEvent {
  const tag = { turn: question.turn, revision: question.revision };
  return { ...event, ...tag, atMs: question.atMs + afterMs, seenMs: askedSeenMs + afterMs } as TurnEvent;
}

function schedule(pending: TurnEvent[], event: TurnEvent): void {
  const at = pending.findIndex((each) => each.atMs > event.atMs);
  pending.splice(at < 0 ? pending.length : at, 0, event);
}

/** What has come before the next event. An answer at the position of a window was logged behind that window. */
function takeDue(pending: TurnEvent[], next: TurnEvent): TurnEvent[] {
  const due = pending.findIndex((each) => each.atMs >= next.atMs);
  return pending.splice(0, due < 0 ? pending.length : due);
}
