import { EventQueue } from '../../ports/event-queue.js';
import type {
  ConverseOptions,
  SpeechToSpeech,
  SpeechToSpeechEvent,
  SpeechToSpeechInput,
} from '../../ports/speech-to-speech.js';

/** A realtime model that does what a test says. */
export class ScriptedSpeechToSpeech implements SpeechToSpeech {
  readonly name = 'house/realtime';
  readonly capabilities: SpeechToSpeech['capabilities'];
  /** What it was given, but audio. */
  readonly got: SpeechToSpeechInput[] = [];
  heardSamples = 0;
  conversation: ConverseOptions | undefined;
  #events: EventQueue<SpeechToSpeechEvent> | undefined;

  constructor(rateHz = 24_000) {
    const voices = ['marin', 'cedar'];
    this.capabilities = { inputRateHz: rateHz, outputRateHz: rateHz, voices, tools: true, transcripts: true };
  }

  async *converse(options: ConverseOptions): AsyncGenerator<SpeechToSpeechEvent, void, undefined> {
    this.conversation = options;
    this.#events = new EventQueue<SpeechToSpeechEvent>(options.signal);
    void this.#listen(options.input);
    yield* this.#events;
    options.signal.throwIfAborted();
  }

  tell(...events: SpeechToSpeechEvent[]): void {
    for (const event of events) this.#events?.push(event);
  }

  fail(error: Error): void {
    this.#events?.fail(error);
  }

  async close(): Promise<void> {}

  async #listen(input: AsyncIterable<SpeechToSpeechInput>): Promise<void> {
    for await (const item of input)
      if (item.type === 'audio') this.heardSamples += item.samples.length;
      else this.got.push(item);
  }
}
