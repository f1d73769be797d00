import { samplesOf } from '../../audio/frame.js';
import type { EndOfTurn, EndOfTurnResult } from '../../ports/end-of-turn.js';
import { entryBeside } from '../host/entry.js';
import type { ComputeGovernor } from '../host/governor.js';
import { type HostLogEvent, HostProcess } from '../host/host-process.js';
import { lostItsHost, maxHostsLost } from '../host/lost.js';
import { lookBackMs, type SmartTurnRequest } from './wire.js';

export type SmartTurnOptions = {
  readonly modelPath: string;
  readonly governor: ComputeGovernor;
  readonly log?: (event: HostLogEvent) => void;
};

/** smart-turn v3.2 behind the {@link EndOfTurn} port: one inference (about 70 ms on one core) in its own process. */
export class SmartTurnEndOfTurn implements EndOfTurn {
  readonly name = 'smart-turn-v3.2';
  readonly lookBackMs = lookBackMs;
  readonly #host: HostProcess;
  readonly #governor: ComputeGovernor;

  constructor(options: SmartTurnOptions) {
    this.#governor = options.governor;
    this.#host = new HostProcess({
      name: 'end-of-turn',
      entry: entryBeside(import.meta.url, 'host'),
      init: { modelPath: options.modelPath },
      ...(options.log ? { log: options.log } : {}),
    });
  }

  start(): Promise<void> {
    return this.#host.start();
  }

  get pid(): number | undefined {
    return this.#host.pid;
  }

  async predict(samples: Float32Array, options: { readonly signal: AbortSignal }): Promise<EndOfTurnResult> {
    const recent = samples.slice(Math.max(0, samples.length - samplesOf(lookBackMs, 16_000)));
    const request: SmartTurnRequest = { samples: recent };
    for (let hostsLost = 0; ; hostsLost++)
      try {
        return await this.#judge(request, options.signal);
      } catch (error) {
        if (hostsLost >= maxHostsLost || options.signal.aborted || !lostItsHost(error)) throw error;
      }
  }

  async #judge(request: SmartTurnRequest, signal: AbortSignal): Promise<EndOfTurnResult> {
    await this.#host.whenReady(signal);
    return this.#governor.slice({ kind: 'end-of-turn', signal }, async () => {
      const startedAt = performance.now();
      const probability = await this.#host.request<number>('predict', request, { atOnce: true });
      return { probability, computeMs: performance.now() - startedAt };
    });
  }

  close(): Promise<void> {
    return this.#host.close();
  }
}
