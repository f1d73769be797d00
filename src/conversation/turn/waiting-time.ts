import type { EndpointingSettings } from './settings.js';

/** How long to wait after the end of speech, and the reason in words. */
export type WaitingTime = { readonly waitMs: number; readonly because: string };

/** A transcript that ends so is not the end of what the caller wants to say. */
const unfinished = /[,:;–—-]$/;
/** Whoever asks, waits for an answer. */
const question = /[?!]["')]?$/;

/**
 * The one place that decides how long a silence must be before it is the end of the turn: a logistic curve over the
 * probability that the turn is complete, from `maxWaitMs` (surely not) down to `minWaitMs` (surely); no less than
 * `unfinishedWaitMs` when the words so far ask for more, and no more than `questionWaitMs` when they ask something.
 */
export function waitingTime(probability: number | undefined, settings: EndpointingSettings, text = ''): WaitingTime {
  const { waitMs, because } = byProbability(probability, settings);
  const words = text.trimEnd();
  const { unfinishedWaitMs } = settings;
  if (waitMs < unfinishedWaitMs && unfinished.test(words))
    return waited(unfinishedWaitMs, `${because}, but the words are unfinished`);
  const questionWaitMs = Math.max(settings.questionWaitMs, settings.minWaitMs);
  if (waitMs > questionWaitMs && question.test(words))
    return waited(questionWaitMs, `${because}, but it is a question`);
  return waited(waitMs, because);
}

function waited(waitMs: number, reason: string): WaitingTime {
  return { waitMs, because: `waited ${waitMs} ms: ${reason}` };
}

function byProbability(probability: number | undefined, settings: EndpointingSettings): WaitingTime {
  if (probability === undefined) return { waitMs: settings.blindWaitMs, because: 'no end-of-turn estimate' };
  const { minWaitMs, maxWaitMs, midpoint, steepness } = settings;
  const raw = (p: number): number => 1 / (1 + Math.exp(steepness * (p - midpoint)));
  // Scaled so that the curve reaches its bounds at 0 and 1.
  const share = (raw(probability) - raw(1)) / (raw(0) - raw(1));
  const waitMs = Math.round(minWaitMs + (maxWaitMs - minWaitMs) * share);
  return { waitMs, because: `end-of-turn ${probability.toFixed(2)}` };
}
