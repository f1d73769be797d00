import type { Clock } from '../ports/clock.js';
import type { EndOfTurn, EndOfTurnResult } from '../ports/end-of-turn.js';
import { delay } from './delay.js';
import { type ScriptedFailure, suffer } from './scripted-failure.js';

export type ScriptedEndOfTurnOptions = {
  readonly clock: Clock;
  /** One for all, one after the other (the last one stays), or from the audio. @defaultValue 0.95 */
  readonly probability?: number | readonly number[] | ((samples: Float32Array) => number);
  /** @defaultValue 70, what the real model takes */
  readonly latencyMs?: number;
  /** @defaultValue 8000 */
  readonly lookBackMs?: number;
  /** Asked for each request, counted from 0. */
  readonly fail?: (request: number) => ScriptedFailure | undefined;
};

/** Answers with probabilities that a test has written down. */
export class ScriptedEndOfTurn implements EndOfTurn {
  readonly name = 'scripted';
  readonly lookBackMs: number;
  readonly #options: ScriptedEndOfTurnOptions;
  #requests = 0;

  constructor(options: ScriptedEndOfTurnOptions) {
    this.#options = options;
    this.lookBackMs = options.lookBackMs ?? 8_000;
  }

  /** How often it was asked. */
  get requests(): number {
    return this.#requests;
  }

  async predict(samples: Float32Array, options: { readonly signal: AbortSignal }): Promise<EndOfTurnResult> {
    const { clock, latencyMs = 70, fail } = this.#options;
    const request = this.#requests++;
    const probability = this.#probability(request, samples);
    const startedMs = clock.nowMs();
    await delay(clock, latencyMs, options.signal);
    await suffer(fail?.(request), options.signal);
    return { probability, computeMs: clock.nowMs() - startedMs };
  }

  async close(): Promise<void> {}

  #probability(request: number, samples: Float32Array): number {
    const { probability = 0.95 } = this.#options;
    if (typeof probability === 'number') return probability;
    if (typeof probability === 'function') return probability(samples);
    return probability[Math.min(request, probability.length - 1)] ?? 0.95;
  }
}
