import type { EndpointingSettings } from './settings.js';

/** How long to wait after the end of speech, and the reason in words. */
export type WaitingTime = { readonly waitMs: number; readonly because: string };

/** A transcript that ends so is not the end of what the caller wants to say. */
const unfinished = /[,:;–—-]$/;

/**
 * The one place that decides how long a silence must be before it is the end of the turn: a logistic curve over the
 * probability that the turn is complete, from `maxWaitMs` (surely not) down to `minWaitMs` (surely), and no less than
 * `unfinishedWaitMs` when the words so far ask for more.
 */
export function waitingTime(probability: number | undefined, settings: EndpointingSettings, text = ''): WaitingTime {
  const { waitMs, because } = byProbability(probability, settings);
  if (waitMs >= settings.unfinishedWaitMs || !unfinished.test(text.trimEnd()))
    return { waitMs, because: `waited ${waitMs} ms: ${because}` };
  const longer = settings.unfinishedWaitMs;
  return { waitMs: longer, because: `waited ${longer} ms: ${because}, but the words are unfinished` };
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
