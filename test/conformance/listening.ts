import { durationMs } from '../../src/audio/frame.js';
import { EventQueue } from '../../src/ports/event-queue.js';
import type { SpeechToText, SpeechToTextEvent, SpeechToTextInput } from '../../src/ports/speech-to-text.js';

type EventOf<Type extends SpeechToTextEvent['type']> = Extract<SpeechToTextEvent, { type: Type }>;

/** One `listen` of an engine under test: what goes in, and what has come out so far. */
export class Listening {
  readonly events: SpeechToTextEvent[] = [];
  readonly #input = new EventQueue<SpeechToTextInput>();
  readonly #abort = new AbortController();
  /** Resolves when the engine has ended the stream; rejects when it has failed it. */
  readonly ended: Promise<void>;
  #wake: (() => void)[] = [];
  #over = false;

  constructor(engine: SpeechToText, callId: string) {
    const { signal } = this.#abort;
    this.ended = this.#read(engine.listen({ callId, input: this.#input, signal }));
    this.ended.catch(() => {});
  }

  push(...inputs: readonly SpeechToTextInput[]): void {
    for (const input of inputs) this.#input.push(input);
  }

  /** In pieces of 100 ms, as a call would. */
  audio(samples: Float32Array): void {
    for (let at = 0; at < samples.length; at += 1_600)
      this.push({ type: 'audio', samples: samples.slice(at, at + 1_600) });
  }

  /** The same in steps of 300 ms, and the next comes when the engine has told what it makes of them, or has had long enough. */
  async audioLookedAt(utterance: number, samples: Float32Array): Promise<void> {
    const step = 4_800;
    const longEnoughMs = 2_000;
    for (let at = 0; at < samples.length; at += step) {
      this.audio(samples.subarray(at, at + step));
      this.push({ type: 'look', utterance });
      const pushedMs = durationMs(Math.min(at + step, samples.length), 16_000);
      let late: NodeJS.Timeout | undefined;
      await Promise.race([
        this.#next('partial', ({ audioMs }) => audioMs >= pushedMs),
        new Promise<void>((resolve) => {
          late = setTimeout(resolve, longEnoughMs);
        }),
      ]);
      clearTimeout(late);
    }
  }

  final(request: number): Promise<EventOf<'final'>> {
    return this.#next('final', (event) => event.request === request);
  }

  error(request: number): Promise<EventOf<'error'>> {
    return this.#next('error', (event) => event.request === request);
  }

  partial(): Promise<EventOf<'partial'>> {
    return this.#next('partial', () => true);
  }

  abort(): void {
    this.#abort.abort(new Error('the call has ended'));
  }

  failInput(error: Error): void {
    this.#input.fail(error);
  }

  /** Nothing more comes in. */
  finish(): Promise<void> {
    this.#input.end();
    return this.ended;
  }

  async #next<Type extends SpeechToTextEvent['type']>(
    type: Type,
    matches: (event: EventOf<Type>) => boolean,
  ): Promise<EventOf<Type>> {
    for (;;) {
      const found = this.events.find((event) => event.type === type && matches(event as EventOf<Type>));
      if (found) return found as EventOf<Type>;
      if (this.#over) throw new Error(`The stream ended without the ${type} that was asked for.`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async #read(events: AsyncIterable<SpeechToTextEvent>): Promise<void> {
    try {
      for await (const event of events) {
        this.events.push(event);
        for (const wake of this.#wake.splice(0)) wake();
      }
    } finally {
      this.#over = true;
      for (const wake of this.#wake.splice(0)) wake();
    }
  }
}
