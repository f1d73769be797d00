import type { SessionEvent } from '../conversation/session-events.js';
import type { Log } from '../observability/log.js';
import type { CallFiles } from './call-archive.js';
import { CallSummary } from './call-summary.js';

/** Why a call has ended that the end of the server has ended. */
export const shutdownReason = 'server-shutdown';

export type KeptCallOptions = {
  readonly callId: string;
  readonly startedAt: string;
  /** The realtime model that holds the call; none where it is held here. */
  readonly heldBy?: string;
  readonly files: Pick<CallFiles, 'close' | 'failed'>;
  readonly log: Log;
};

/** What is done for every call, whoever holds it: its summary, its lines in the log, and its files at the end. */
export class KeptCall {
  readonly #options: KeptCallOptions;
  readonly #summary: CallSummary;

  constructor(options: KeptCallOptions) {
    this.#options = options;
    this.#summary = new CallSummary(options.callId, options.startedAt, options.heldBy);
  }

  note(event: SessionEvent): void {
    const { callId, log } = this.#options;
    switch (event.type) {
      case 'problem':
        log.warn({ callId, code: event.code, detail: event.message }, 'a call had a problem');
        break;
      case 'turn-committed':
      case 'turn-transcribed':
        log.words({ callId, text: event.text }, 'the caller said');
        break;
      case 'reply-finished':
        log.words({ callId, text: event.heard }, 'the caller heard');
        break;
    }
    this.#summary.note(event);
  }

  /** The call is over: resolves when everything of it is on disk. Never rejects. */
  async store(): Promise<void> {
    const { callId, files, log } = this.#options;
    await files.close(this.#summary.json());
    const failure = files.failed();
    if (failure) log.error({ callId, detail: failure.message }, 'a call could not be stored');
    log.info({ callId }, 'call ended');
  }
}
