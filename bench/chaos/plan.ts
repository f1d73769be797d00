import { seededRandom } from '../../src/analyser/statistics.js';

export type Disturbance = {
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** Which of the hosts that run at that moment, as a share of their list. */
  readonly host: number;
  /** When in the turn: a share of its length up to a while after the caller's last word. */
  readonly moment: number;
};

export type ChaosPlan = {
  /** What happens in each disturbed turn; the last turn of each call is left alone. */
  readonly calls: readonly (readonly (readonly Disturbance[])[])[];
};

export type ChaosCounts = {
  /** Disturbed turns; each call has one more. */
  readonly turns: number;
  readonly kills: number;
  readonly stalls: number;
  readonly turnsPerCall: number;
  readonly seed: number;
};

/** Spreads kills and stalls over random moments of random turns; the same seed gives the same plan. */
export function planChaos({ turns, kills, stalls, turnsPerCall, seed }: ChaosCounts): ChaosPlan {
  const random = seededRandom(seed);
  const perTurn: Disturbance[][] = Array.from({ length: turns }, () => []);
  const signals = [...Array<'SIGKILL'>(kills).fill('SIGKILL'), ...Array<'SIGSTOP'>(stalls).fill('SIGSTOP')];
  for (const signal of signals)
    perTurn[Math.floor(random() * turns)]?.push({ signal, host: random(), moment: random() });
  const calls: (readonly Disturbance[])[][] = [];
  for (let at = 0; at < turns; at += turnsPerCall)
    calls.push(perTurn.slice(at, at + turnsPerCall).map((each) => each.toSorted((a, b) => a.moment - b.moment)));
  return { calls };
}
