import { z } from 'zod';
import { defaultTurnSettings } from '../../../conversation/turn/settings.js';
import type { Endpointing } from '../../../platform/layers/transcription/live-events.js';
import type { TranscriptOptions } from '../../../platform/layers/transcription/options.js';
import { encodingSchema, keytermsOf, redactSchema } from '../listen/listen-query.js';
import { decimal, flag, list, wholeNumber } from '../query.js';

const thresholds = {
  eot_threshold: decimal(0.5, 1).describe('How sure it must be that the turn is over; 1: only the client ends turns.'),
  eager_eot_threshold: decimal(0.3, 0.9).describe('How sure for an early word of it; without it there is none.'),
  eot_timeout_ms: wholeNumber(500, 60_000).describe('Silence that ends a turn in any case, in ms.'),
} as const;

/** A socket at `/v2/listen` */
export const fluxQuerySchema = z.object({
  model: z.string().max(200).describe('flux-general-en, or a model of this server.'),
  encoding: encodingSchema.optional(),
  sample_rate: wholeNumber(4_000, 192_000).optional(),
  eot_threshold: thresholds.eot_threshold.default(0.7),
  eager_eot_threshold: thresholds.eager_eot_threshold.optional(),
  eot_timeout_ms: thresholds.eot_timeout_ms.optional(),
  keyterm: list,
  language_hint: list,
  profanity_filter: flag.default(false),
  numerals: flag.default(false),
  redact: redactSchema,
  mip_opt_out: flag.default(true),
});

export type FluxOptions = z.output<typeof fluxQuerySchema>;

/** A message `Configure`: what is absent stays as it is. */
export const configureSchema = z.strictObject({
  type: z.literal('Configure'),
  thresholds: z
    .strictObject({
      eot_threshold: thresholds.eot_threshold.optional(),
      eager_eot_threshold: thresholds.eager_eot_threshold.optional(),
      eot_timeout_ms: thresholds.eot_timeout_ms.optional(),
    })
    .default({}),
});

export type Thresholds = {
  readonly eot_threshold: number;
  readonly eager_eot_threshold: number | undefined;
  /** Undefined: as long as a call waits when it is sure that more will come. */
  readonly eot_timeout_ms: number | undefined;
};

/** Flux's usual threshold stands for the midpoint that calls have. */
const usualThreshold = 0.7;
const greatestMidpoint = 0.98;

/**
 * The longer the silence, the surer it is that the turn is over: how long it has to last follows from how finished the turn
 * sounds, as in a call. The threshold moves that curve, and the timeout ends it.
 */
export function endpointingOf({ eot_threshold: threshold, eot_timeout_ms: timeoutMs }: Thresholds): Endpointing {
  const usual = defaultTurnSettings.endpointing;
  const maxWaitMs = timeoutMs ?? usual.maxWaitMs;
  if (threshold >= 1) return timeoutMs === undefined ? { type: 'manual' } : { type: 'silence', silenceMs: timeoutMs };
  return {
    type: 'turn',
    midpoint: Math.min(greatestMidpoint, usual.midpoint + threshold - usualThreshold),
    minWaitMs: Math.min(usual.minWaitMs, maxWaitMs),
    maxWaitMs,
    blindWaitMs: Math.min(usual.blindWaitMs, maxWaitMs),
  };
}

export function fluxTranscriptOptions(options: FluxOptions): TranscriptOptions {
  return {
    numerals: options.numerals,
    profanityFilter: options.profanity_filter,
    redact: options.redact,
    keywords: keytermsOf(options.keyterm),
  };
}
