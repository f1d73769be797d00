import { durationMs } from '../../src/audio/frame.js';
import type {
  SpeechToText,
  SpeechToTextEvent,
  SpeechToTextInput,
  SpeechToTextOptions,
} from '../../src/ports/speech-to-text.js';

/** An event, and the milliseconds of its utterance that had been spoken when it came. */
export type TappedEvent = { readonly event: SpeechToTextEvent; readonly spokenMs: number };

/** Passes everything on and notes what comes back. */
export class SpeechToTextTap implements SpeechToText {
  readonly name: string;
  readonly capabilities: SpeechToText['capabilities'];
  readonly events: TappedEvent[] = [];
  readonly #inner: SpeechToText;

  constructor(inner: SpeechToText) {
    this.#inner = inner;
    this.name = inner.name;
    this.capabilities = inner.capabilities;
  }

  async *listen(options: SpeechToTextOptions): AsyncGenerator<SpeechToTextEvent, void, undefined> {
    const spokenMs = new Map<number, number>();
    const input = counted(options.input, spokenMs);
    for await (const event of this.#inner.listen({ ...options, input })) {
      this.events.push({ event, spokenMs: spokenMs.get(event.utterance) ?? 0 });
      yield event;
    }
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

async function* counted(
  input: AsyncIterable<SpeechToTextInput>,
  spokenMs: Map<number, number>,
): AsyncGenerator<SpeechToTextInput, void, undefined> {
  let utterance = -1;
  for await (const item of input) {
    if (item.type === 'start') utterance = item.utterance;
    if (item.type === 'audio')
      spokenMs.set(utterance, (spokenMs.get(utterance) ?? 0) + durationMs(item.samples.length, 16_000));
    yield item;
  }
}
