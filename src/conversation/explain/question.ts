import type { TurnCommand, TurnEvent } from '../turn/events.js';

const kinds = { 'suspect-end': 'suspected', 'freeze-again': 'again', 'look-again': 'look' } as const;

export type QuestionCommand = Extract<TurnCommand, { type: keyof typeof kinds }>;

/**
 * What the machine asks about a silence. `suspected`: whether the turn is over, and its words; `again`: its words, with the
 * silence since; `look`: whether it is over, now that the silence is longer.
 */
export type QuestionKind = (typeof kinds)[QuestionCommand['type']];

/** The one place that knows which commands are questions. */
export function isQuestion(command: TurnCommand): command is QuestionCommand {
  return Object.hasOwn(kinds, command.type);
}

export function questionKind({ type }: QuestionCommand): QuestionKind {
  return kinds[type];
}

const answers = ['end-of-turn', 'final', 'final-failed', 'words-read'] as const;

/** What answers a question. */
export type AnswerEvent = Extract<TurnEvent, { type: (typeof answers)[number] }>;

/** The one place that knows which events are answers. */
export function isAnswer(event: TurnEvent): event is AnswerEvent {
  return answers.some((type) => type === event.type);
}
