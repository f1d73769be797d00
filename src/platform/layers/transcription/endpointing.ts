import {
  defaultTurnSettings,
  type EndpointingSettings,
  type TurnSettings,
} from '../../../conversation/turn/settings.js';
import { ParleyError } from '../../../ports/errors.js';
import type { Endpointing } from './live-events.js';

/** Longer than any input. */
const neverMs = 1e9;
/** Shorter ones than a window of voice activity cannot be told, and longer ones are `manual`. */
export const endpointingBounds = { minSilenceMs: 10, maxSilenceMs: 60_000 } as const;

/**
 * The turn machine's settings when nobody answers: it only says when the speaker has finished.
 * @throws ParleyError `transcription.endpointing` (400)
 */
export function turnSettingsOf(endpointing: Endpointing): TurnSettings {
  return { ...defaultTurnSettings, respond: false, endpointing: settingsOf(endpointing) };
}

function settingsOf(endpointing: Endpointing): EndpointingSettings {
  const usual = defaultTurnSettings.endpointing;
  switch (endpointing.type) {
    case 'turn': {
      const { type: _, ...own } = endpointing;
      return { ...usual, ...own };
    }
    case 'manual':
      return { ...usual, suspectMs: neverMs, minWaitMs: neverMs, maxWaitMs: neverMs };
    case 'silence': {
      const { silenceMs } = endpointing;
      const { minSilenceMs, maxSilenceMs } = endpointingBounds;
      if (!(silenceMs >= minSilenceMs && silenceMs <= maxSilenceMs))
        throw new ParleyError(
          `A silence of ${silenceMs} ms cannot end an utterance; expected ${minSilenceMs} to ${maxSilenceMs} ms.`,
          { code: 'transcription.endpointing', status: 400 },
        );
      return { ...usual, suspectMs: Math.min(usual.suspectMs, silenceMs), minWaitMs: silenceMs, maxWaitMs: silenceMs };
    }
  }
}
