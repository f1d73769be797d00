import { judgeOrders, type OrderVerdict, scoreOrders } from '../scoring/order-slots.js';
import type { OrderLabel } from '../scoring/order-vocabulary.js';
import type { MeasuredTurn } from './measured-turn.js';

const shuffleSeed = 7;

export type ReplyVerdict = {
  readonly all: OrderVerdict;
  /** First turns of their calls, where nothing but the greeting and the order has been said. */
  readonly first: { readonly n: number; readonly contains: number; readonly contradicts: number };
};

/** Scores the answers to orders against their labels; undefined with fewer than two, which cannot be shuffled. */
export function judgeReplies(
  turns: readonly MeasuredTurn[],
  labels: ReadonlyMap<string, OrderLabel>,
): ReplyVerdict | undefined {
  const answered = turns.flatMap((turn) => {
    const label = turn.planned.kind === 'order' ? labels.get(turn.planned.file) : undefined;
    return label ? [{ reply: turn.noted.reply, label, first: turn.recorded.turn === 1 }] : [];
  });
  if (answered.length < 2) return undefined;
  const score = (group: typeof answered) =>
    scoreOrders(
      group.map(({ reply }) => reply),
      group.map(({ label }) => label),
    );
  const { n, contains, contradicts } = score(answered.filter(({ first }) => first));
  return {
    all: judgeOrders(
      answered.map(({ reply }) => reply),
      answered.map(({ label }) => label),
      shuffleSeed,
    ),
    first: { n, contains, contradicts },
  };
}
