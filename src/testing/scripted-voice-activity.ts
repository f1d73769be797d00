import { rmsDb } from '../audio/loudness.js';
import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';
import { type VoiceActivity, type VoiceActivityStream, vadWindowSamples } from '../ports/voice-activity.js';
import { delay } from './delay.js';

export type ScriptedVoiceActivityOptions = {
  readonly clock: Clock;
  /** @defaultValue 0 */
  readonly latencyMs?: number;
  /** Windows louder than this are speech. @defaultValue -45 */
  readonly speechFromDb?: number;
};

/** Calls loud windows speech (0.95) and all others silence (0.02). */
export class ScriptedVoiceActivity implements VoiceActivity {
  readonly name = 'scripted';
  readonly #options: ScriptedVoiceActivityOptions;
  #closed = false;

  constructor(options: ScriptedVoiceActivityOptions) {
    this.#options = options;
  }

  open(_options: { readonly callId: string }): VoiceActivityStream {
    const { clock, latencyMs = 0, speechFromDb = -45 } = this.#options;
    let closed = false;
    return {
      push: async (window) => {
        if (closed || this.#closed)
          throw new ParleyError('This voice-activity stream is closed.', { code: 'vad.closed' });
        if (window.length !== vadWindowSamples)
          throw new ParleyError(`A voice-activity window has ${vadWindowSamples} samples, not ${window.length}.`, {
            code: 'vad.window_size',
          });
        const probability = rmsDb(window) > speechFromDb ? 0.95 : 0.02;
        await delay(clock, latencyMs);
        return probability;
      },
      close: () => {
        closed = true;
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}
