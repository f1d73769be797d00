import type { TurnCommand } from '../turn/events.js';

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
