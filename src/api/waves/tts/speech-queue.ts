import type { SpeechText } from '../../../platform/layers/speech/clauses-of-text.js';
import type { Clock } from '../../../ports/clock.js';
import { ParleyError } from '../../../ports/errors.js';
import { EventQueue } from '../../../ports/event-queue.js';
import type { Reported } from '../common/reported.js';
import type { ChosenSpeech } from './choose-speech.js';

/** What one synthesis is made of: its text comes while it is spoken. */
export type QueuedSpeech = {
  /** Unique: `task_…`. */
  readonly id: string;
  /** What the client calls it. */
  readonly externalId: string | undefined;
  readonly externalSessionId: string | undefined;
  /** Undefined: nothing is said, only that it is complete. */
  readonly chosen: ChosenSpeech | undefined;
  readonly withWords: boolean;
  readonly reported: readonly Reported[];
  readonly text: AsyncIterable<SpeechText>;
};

export type OpenedSpeech = Omit<QueuedSpeech, 'text'> & {
  /** What is buffered is spoken when no more has come for so long, in ms; 0: it waits for the end of a clause. */
  readonly maxWaitMs: number;
};

export type SpeechQueueOptions = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of one synthesis. */
  readonly maxCharacters: number;
  /** Syntheses that wait or are under way; whoever opens more waits. */
  readonly maxSpeeches: number;
  /** What is open and gets no text for so long is taken to be all: it has a place among those of everybody. */
  readonly maxSilenceMs: number;
};

/**
 * The syntheses of one socket, in order. At most the last one is open: it still takes text. One reader takes them and says
 * when each is over.
 */
export class SpeechQueue implements AsyncIterable<QueuedSpeech> {
  readonly #options: SpeechQueueOptions;
  readonly #speeches: EventQueue<QueuedSpeech>;
  #open: { readonly speech: OpenedSpeech; readonly text: EventQueue<SpeechText>; characters: number } | undefined;
  #waiting = 0;
  #onRoom: (() => void) | undefined;
  #disarm = (): void => {};
  #disarmSilence = (): void => {};

  constructor(options: SpeechQueueOptions) {
    this.#options = options;
    this.#speeches = new EventQueue(options.signal);
    options.signal.addEventListener('abort', () => this.#onRoom?.(), { once: true });
  }

  /** Whether there is something to be spoken that waits for nothing from the client. */
  get busy(): boolean {
    return this.#waiting > (this.#open ? 1 : 0);
  }

  /** The one that takes text. */
  get opened(): OpenedSpeech | undefined {
    return this.#open?.speech;
  }

  /** Opens a synthesis, when there is room for it. */
  async open(speech: OpenedSpeech): Promise<void> {
    this.finish();
    const { signal, maxSpeeches } = this.#options;
    while (this.#waiting >= maxSpeeches && !signal.aborted)
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    this.#waiting += 1;
    const text = new EventQueue<SpeechText>(signal);
    this.#open = { speech, text, characters: 0 };
    this.#speeches.push({ ...speech, text });
    this.#awaitText();
  }

  /** Gives text to the synthesis that is open. More than it may have makes it fail where it is spoken. */
  write(text: string): void {
    const open = this.#open;
    if (!open) return;
    this.#disarm();
    this.#awaitText();
    const { clock, maxCharacters } = this.#options;
    open.characters += text.length;
    if (open.characters > maxCharacters) {
      open.text.fail(tooLong(maxCharacters));
      return;
    }
    open.text.push({ type: 'text', text });
    const { maxWaitMs } = open.speech;
    if (maxWaitMs > 0) this.#disarm = clock.at(clock.nowMs() + maxWaitMs, () => this.speakNow());
  }

  /** Has what is buffered spoken; more text may come. */
  speakNow(): void {
    this.#disarm();
    this.#open?.text.push({ type: 'flush', goesOn: true });
  }

  /** All text of the synthesis that is open is there. */
  finish(): void {
    this.#disarm();
    this.#disarmSilence();
    this.#open?.text.end();
    this.#open = undefined;
  }

  /** No more syntheses come. */
  end(): void {
    this.finish();
    this.#speeches.end();
  }

  /** The reader is done with the one that it took last. */
  done(): void {
    this.#waiting -= 1;
    this.#onRoom?.();
  }

  #awaitText(): void {
    this.#disarmSilence();
    const { clock, maxSilenceMs } = this.#options;
    this.#disarmSilence = clock.at(clock.nowMs() + maxSilenceMs, () => this.finish());
  }

  [Symbol.asyncIterator](): AsyncIterator<QueuedSpeech> {
    return this.#speeches[Symbol.asyncIterator]();
  }
}

function tooLong(maxCharacters: number): ParleyError {
  return new ParleyError(
    `There are more than ${maxCharacters} characters of text without a flush; flush it at the end of each sentence or answer.`,
    { code: 'speech.too_long', status: 413 },
  );
}
