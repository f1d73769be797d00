import type { ServerEvent } from '../client/server-events.js';
import { ParleyError } from '../ports/errors.js';
import type { OpenedSession } from './call/open-session.js';

/** An answer that has not ended by then is given up. */
const answerTimeoutMs = 60_000;

type Waiting = {
  readonly resolve: (firstMs: number) => void;
  readonly reject: (error: Error) => void;
};

/** Writes answers as they come, and tells when one is over. */
export class Answers {
  readonly #write: (text: string) => void;
  readonly #timeoutMs: number;
  #waiting: Waiting | undefined;
  /** When the first words came of an answer that ended before anybody waited for it. */
  #over: number | undefined;
  #firstMs: number | undefined;
  #end: ParleyError | undefined;

  constructor(session: OpenedSession, write: (text: string) => void, timeoutMs = answerTimeoutMs) {
    this.#write = write;
    this.#timeoutMs = timeoutMs;
    session.listen((event) => this.#take(event));
    void session.client.ended.then((end) => {
      this.#end = end.by === 'server' ? end.error : stopped();
      this.#waiting?.reject(this.#end);
    });
  }

  /** What was answered before is no answer to what is asked now. */
  forget(): void {
    this.#over = undefined;
  }

  /**
   * Resolves at the end of the next answer that says something, with when its first words came. One that failed is
   * followed by an apology.
   * @throws ParleyError when the session ends, or the server refuses what was asked, or does not answer in time
   */
  next(): Promise<number> {
    const over = this.#over;
    this.#over = undefined;
    if (over !== undefined) return Promise.resolve(over);
    if (this.#end) return Promise.reject(this.#end);
    return new Promise<number>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
      };
      this.#waiting = {
        resolve: (firstMs) => {
          settle();
          resolve(firstMs);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const timer = setTimeout(() => this.#waiting?.reject(noAnswer(this.#timeoutMs)), this.#timeoutMs);
    });
  }

  #take(event: ServerEvent): void {
    if (event.type === 'response.output_text.delta') {
      this.#firstMs ??= performance.now();
      this.#write(event.delta);
    } else if (event.type === 'response.done') {
      const firstMs = this.#firstMs;
      this.#firstMs = undefined;
      if (firstMs === undefined) return;
      this.#write('\n');
      if (event.response.status === 'failed') return;
      if (this.#waiting) this.#waiting.resolve(firstMs);
      else this.#over = firstMs;
    } else if (event.type === 'error' && event.error.type !== 'server_error') {
      // A fault of the server's is answered for by an apology, or by the end of the session.
      this.#waiting?.reject(
        new ParleyError(`The server answered with an error: ${event.error.message}`, { code: 'chat.refused' }),
      );
    }
  }
}

function stopped(): ParleyError {
  return new ParleyError('Stopped.', { code: 'client.aborted', status: 499 });
}

function noAnswer(timeoutMs: number): ParleyError {
  return new ParleyError(`No answer came within ${timeoutMs / 1000} s.`, { code: 'chat.no_answer', retryable: true });
}
