import type { Guess } from './draft-tokens.js';
import { geometricMean } from './geometric-mean.js';

/** A choice of the decoder and its softmax probability; `kept` when that of a stable word was preferred to a likelier one. */
export type Choice = { readonly token: number; readonly probability: number; readonly kept: boolean };

/** A stable word is kept as long as it is at least this share as probable as what the model would rather hear now. */
export const leanFrom = 0.05;

/**
 * The token that a row of logits stands for: the most probable one, or that of a stable word which is nearly as probable.
 * (Decodings of nearly the same audio fall now to one side of a near tie, now to the other: neither is righter.)
 *
 * @param plainOf what of a token is heard: no capitals, no punctuation
 */
export function choose(logits: Float32Array, guess: Guess | undefined, plainOf: (token: number) => string): Choice {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] as number) > (logits[best] as number)) best = i;
  const most = logits[best] as number;
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp((logits[i] as number) - most);
  if (guess?.firm && guess.token !== best) {
    const heard = plainOf(guess.token);
    const rather = plainOf(best);
    const share = Math.exp((logits[guess.token] as number) - most);
    if (heard.trim() !== '' && rather.trim() !== '' && heard !== rather && share >= leanFrom)
      return { token: guess.token, probability: share / sum, kept: true };
  }
  return { token: best, probability: 1 / sum, kept: false };
}

/** A reading with all stable words in it is preferred to one that is more probable by up to this, per token. */
const keepingIsWorth = 1.05;

/** @param keeping probabilities of the tokens with stable words kept @param free and of those chosen freely */
export function isWorthKeeping(keeping: readonly number[], free: readonly number[]): boolean {
  return geometricMean(keeping) * keepingIsWorth >= geometricMean(free);
}
