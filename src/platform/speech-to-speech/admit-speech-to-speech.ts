import { randomUUID } from 'node:crypto';
import type { Log } from '../../observability/log.js';
import type { Clock } from '../../ports/clock.js';
import { ParleyError } from '../../ports/errors.js';
import type { SpeechToSpeech } from '../../ports/speech-to-speech.js';
import type { Admit } from '../admission-types.js';
import { speechToSpeechLimits } from './limits.js';
import { SpeechToSpeechCall } from './speech-to-speech-call.js';

export type SpeechToSpeechAdmissionOptions = {
  /** What the agent is where a call does not say. */
  readonly instructions: string;
  readonly greeting: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** @defaultValue `speechToSpeechLimits.maxCalls` */
  readonly maxCalls?: number;
};

/** Calls that realtime models hold: let in as those of our own pipeline, so many at once. Nothing of them is stored. */
export class SpeechToSpeechAdmission {
  readonly #options: SpeechToSpeechAdmissionOptions;
  #live = 0;

  constructor(options: SpeechToSpeechAdmissionOptions) {
    this.#options = options;
  }

  /** What a call would be refused for if it came now. */
  readonly noRoom = (): ParleyError | undefined => {
    const { maxCalls = speechToSpeechLimits.maxCalls } = this.#options;
    if (this.#live < maxCalls) return undefined;
    return new ParleyError(
      `${maxCalls} calls are held by realtime models, and no more are; try again when one has ended.`,
      {
        code: 'calls.full',
        retryable: true,
        status: 503,
      },
    );
  };

  admitTo(engine: SpeechToSpeech): Admit {
    return async (facts, transport, observer) => {
      const refusal = this.noRoom();
      if (refusal) throw refusal;
      const { instructions, greeting, clock, log } = this.#options;
      const callId = facts.callId ?? `call_${randomUUID()}`;
      this.#live += 1;
      log.info({ callId, source: facts.source, engine: engine.name }, 'call begins');
      const noted = (event: Parameters<typeof observer>[0]): void => {
        if (event.type === 'problem')
          log.warn({ callId, code: event.code, detail: event.message }, 'a call had a problem');
        observer(event);
      };
      const call = new SpeechToSpeechCall({
        callId,
        engine,
        facts,
        instructions,
        greeting,
        transport,
        observer: noted,
        clock,
      });
      const done = call.done.finally(() => {
        this.#live -= 1;
        log.info({ callId }, 'call ended');
      });
      return { callId, controls: call.controls, done };
    };
  }
}
