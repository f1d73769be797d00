import type { SessionEvent } from '../conversation/session-events.js';
import type { Log } from '../observability/log.js';

/** Writes down what is said in a call, where the log may have words. */
export function logWords(log: Log, callId: string, event: SessionEvent): void {
  if (event.type === 'turn-committed' || event.type === 'turn-transcribed')
    log.words({ callId, text: event.text }, 'the caller said');
  else if (event.type === 'reply-finished') log.words({ callId, text: event.heard }, 'the caller heard');
}
