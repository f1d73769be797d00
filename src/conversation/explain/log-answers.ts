import type { RecordedCall, RecordedQuestion } from './recorded-turns.js';
import type { Answers, Question } from './simulate-turn.js';

/** An answer from the log. `exact`: it was given to this very question, not to one about a part of the turn. */
export type LogAnswer = { readonly answers: Answers; readonly exact: boolean };

/** Answers questions from what a log holds: those that were asked at the same moment about the same silence. */
export function logAnswers(call: RecordedCall): (question: Question) => LogAnswer | undefined {
  const asked = new Map<string, RecordedQuestion>();
  const textOf = new Map(call.turns.map(({ turn, end }) => [turn, end?.kind === 'committed' ? end.text : '']));
  const continued = new Set(call.turns.flatMap(({ turn, continues }) => (continues === undefined ? [] : [turn])));
  for (const { questions } of call.turns) for (const question of questions) asked.set(keyOf(question), question);
  return (question) => {
    const found = asked.get(keyOf(question));
    // A silence is decided without an estimate when none came, but never without a transcript.
    if (!found || (found.kind === 'look' ? !found.estimate : !found.transcript)) return undefined;
    const { estimate, transcript, read } = found;
    const exact = found.turn === question.turn;
    const answers = [estimate, transcript, read].flatMap((event) =>
      event ? [{ afterMs: Math.max(0, event.atMs - found.atMs), event }] : [],
    );
    if (exact) return { answers, exact };
    return { answers: answers.map(({ afterMs, event }) => ({ afterMs, event: joined(event) })), exact };

    /** The words of the turns before it, which would have been one with it. */
    function joined<E extends Answers[number]['event']>(event: E): E {
      if (event.type !== 'final') return event;
      const before: string[] = [];
      for (let turn = question.turn; turn < (found?.turn ?? 0); turn++) {
        // Its text holds that of the turn that it goes on with.
        if (continued.has(turn)) before.length = 0;
        before.push(textOf.get(turn) ?? '');
      }
      return { ...event, text: [...before, event.text].filter((text) => text !== '').join(' ') };
    }
  };
}

function keyOf({ kind, atMs, speechEndMs }: Pick<Question, 'kind' | 'atMs' | 'speechEndMs'>): string {
  return `${kind} ${atMs.toFixed(1)} ${speechEndMs.toFixed(1)}`;
}
