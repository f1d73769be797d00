import { randomUUID } from 'node:crypto';
import { type EventLogHeader, eventLogSchema } from '../../conversation/event-log.js';
import type { SessionEvent } from '../../conversation/session-events.js';
import { defaultTurnSettings } from '../../conversation/turn/settings.js';
import type { Log } from '../../observability/log.js';
import type { Clock } from '../../ports/clock.js';
import { ParleyError } from '../../ports/errors.js';
import type { SpeechToSpeech } from '../../ports/speech-to-speech.js';
import type { Transport } from '../../ports/transport.js';
import type { Admit, AdmittedCall, CallFacts } from '../admission-types.js';
import { openCallFiles } from '../call-archive.js';
import { callLimits } from '../call-limits.js';
import { KeptCall, shutdownReason } from '../kept-call.js';
import { CallRecord } from './call-record.js';
import { speechToSpeechLimits } from './limits.js';
import { SpeechToSpeechCall } from './speech-to-speech-call.js';

export type SpeechToSpeechAdmissionOptions = {
  /** What the agent is where a call does not say. */
  readonly instructions: string;
  readonly greeting: string | undefined;
  /** Calls are stored in its folder `calls`, as all others. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** @defaultValue `speechToSpeechLimits.maxCalls` */
  readonly maxCalls?: number;
};

/** Calls that realtime models hold: let in and stored as those of our own pipeline, so many at once. */
export class SpeechToSpeechAdmission {
  readonly #options: SpeechToSpeechAdmissionOptions;
  /** Until everything of them is stored. */
  readonly #live = new Map<string, Promise<AdmittedCall>>();
  #closing = false;

  constructor(options: SpeechToSpeechAdmissionOptions) {
    this.#options = options;
  }

  get live(): number {
    return this.#live.size;
  }

  /** What a call would be refused for if it came now. */
  readonly noRoom = (): ParleyError | undefined => {
    const { maxCalls = speechToSpeechLimits.maxCalls } = this.#options;
    if (this.#closing)
      return new ParleyError('The server is shutting down and takes no new calls.', {
        code: 'server.draining',
        retryable: true,
        status: 503,
      });
    if (this.#live.size < maxCalls) return undefined;
    return new ParleyError(
      `${maxCalls} calls are held by realtime models, and no more are; try again when one has ended.`,
      { code: 'calls.full', retryable: true, status: 503 },
    );
  };

  admitTo(engine: SpeechToSpeech): Admit {
    return async (facts, transport, observer) => {
      const refusal = this.noRoom();
      if (refusal) throw refusal;
      const callId = facts.callId ?? `call_${randomUUID()}`;
      const begun = this.#begin(callId, engine, facts, transport, observer);
      this.#live.set(callId, begun);
      const over = (): void => {
        this.#live.delete(callId);
      };
      begun.then(({ done }) => done.finally(over), over);
      const call = await begun;
      if (this.#closing) call.controls.hangUp(shutdownReason);
      return call;
    };
  }

  /** Takes no more calls, and lets those under way go on for `drainMs` at most. `close` is still to be called. */
  async drain(drainMs: number): Promise<void> {
    this.#closing = true;
    await this.#emptyWithin(drainMs);
  }

  /** Ends all calls at once and takes no more. Resolves when everything of them is stored. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const begun of this.#live.values())
      begun.then(
        ({ controls }) => controls.hangUp(shutdownReason),
        () => {},
      );
    await this.#emptyWithin(callLimits.endMs);
  }

  async #emptyWithin(ms: number): Promise<void> {
    const { clock } = this.#options;
    const ends = [...this.#live.values()].map((begun) => begun.then(({ done }) => done));
    if (ends.length === 0) return;
    await new Promise<void>((resolve) => {
      const disarm = clock.at(clock.nowMs() + ms, resolve);
      void Promise.allSettled(ends).then(() => {
        disarm();
        resolve();
      });
    });
  }

  async #begin(
    callId: string,
    engine: SpeechToSpeech,
    facts: CallFacts,
    transport: Transport,
    observer: (event: SessionEvent) => void,
  ): Promise<AdmittedCall> {
    const { instructions, greeting, dataDir, clock, log } = this.#options;
    const header: EventLogHeader = {
      schema: eventLogSchema,
      callId,
      startedAt: new Date().toISOString(),
      settings: facts.turn ?? defaultTurnSettings,
      heldBy: engine.name,
      modelHashes: {},
    };
    const openFiles = () => openCallFiles(dataDir, callId);
    const record = await CallRecord.open({ openFiles, header, clock, outputRateHz: transport.outputRateHz });
    const { files } = record;
    const kept = new KeptCall({ callId, startedAt: header.startedAt, heldBy: engine.name, files, log });
    log.info({ callId, source: facts.source, engine: engine.name }, 'call begins');
    const call = new SpeechToSpeechCall({
      callId,
      engine,
      facts,
      instructions,
      greeting,
      transport,
      record,
      observer: (event) => {
        kept.note(event);
        observer(event);
      },
      clock,
    });
    const done = call.done.then(() => kept.store());
    return { callId, controls: call.controls, done };
  }
}
