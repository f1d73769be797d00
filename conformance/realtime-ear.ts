import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { concatSamples } from '../src/audio/frame.js';
import { decodePcm16 } from '../src/audio/pcm.js';
import { until } from './checks.js';

type Of<T extends RealtimeServerEvent['type']> = Extract<RealtimeServerEvent, { type: T }>;

/** What a realtime socket tells, kept. Audio is PCM16 at 24 kHz unless something else decodes it. */
export class RealtimeEar {
  readonly #events: RealtimeServerEvent[] = [];
  readonly #signal: AbortSignal;
  readonly #decode: (bytes: Buffer) => Float32Array;

  constructor(
    socket: {
      on(event: 'event', listener: (event: RealtimeServerEvent) => void): unknown;
      on(event: 'error', listener: (error: Error) => void): unknown;
    },
    signal: AbortSignal,
    decode: (bytes: Buffer) => Float32Array = decodePcm16,
  ) {
    this.#signal = signal;
    this.#decode = decode;
    socket.on('event', (event) => this.#events.push(event));
    // The package throws where nobody listens; errors of the protocol are among the events.
    socket.on('error', () => {});
  }

  all<T extends RealtimeServerEvent['type']>(type: T): Of<T>[] {
    return this.#events.filter((event): event is Of<T> => event.type === type);
  }

  /** The `count`th event of a type, once it is there. */
  async nth<T extends RealtimeServerEvent['type']>(type: T, count = 1): Promise<Of<T>> {
    let found: Of<T> | undefined;
    await until(
      `${type} ${count}`,
      this.#signal,
      () => {
        found = this.all(type)[count - 1];
        return found !== undefined;
      },
      () => this.#summary(),
    );
    return found as Of<T>;
  }

  /** The audio of one item, or of all. */
  audio(itemId?: string): Float32Array {
    const deltas = this.all('response.output_audio.delta').filter(
      ({ item_id }) => itemId === undefined || item_id === itemId,
    );
    return concatSamples(deltas.map(({ delta }) => this.#decode(Buffer.from(delta, 'base64'))));
  }

  errors(): string {
    return this.all('error')
      .map(({ error }) => error.message)
      .join('; ');
  }

  #summary(): string {
    const said = this.#events.flatMap((event) =>
      event.type === 'response.output_text.done' ? [event.text] : 'transcript' in event ? [event.transcript] : [],
    );
    const kinds = [...new Set(this.#events.map(({ type }) => type))];
    return `came: ${kinds.join(', ')}; said: ${said.join(' / ')}; errors: ${this.errors()}`;
  }
}
