import { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToText, SpeechToTextEvent, SpeechToTextOptions } from '../../ports/speech-to-text.js';
import { entryBeside } from '../host/entry.js';
import type { ComputeGovernor } from '../host/governor.js';
import { type HostLogEvent, HostProcess } from '../host/host-process.js';
import { checkKeywords } from './keywords.js';
import { transcribe } from './transcribe.js';
import { type TranscribeRequest, UtteranceListener } from './utterance-listener.js';
import type { BeginDecoding, DecodingState, Heard, StepDecoding } from './wire.js';

export type MoonshineOptions = {
  readonly modelDir: string;
  readonly governor: ComputeGovernor;
  readonly log?: (event: HostLogEvent) => void;
};

const sliceMs = 50;
/** The host takes one slice at a time: what somebody waits for is behind one slice of recordings at most. */
const backgroundLane = { lane: 'speech-to-text-recordings' };

/** Moonshine behind the {@link SpeechToText} port: one host process, decoding in slices that the governor leases. */
export class MoonshineSpeechToText implements SpeechToText {
  readonly name = 'moonshine-tiny-en';
  readonly capabilities = { partials: true, wordTimes: 'estimated', languages: ['en'] } as const;
  readonly #host: HostProcess;
  readonly #governor: ComputeGovernor;
  #nextJob = 1;

  constructor(options: MoonshineOptions) {
    this.#governor = options.governor;
    this.#host = new HostProcess({
      name: 'speech-to-text',
      entry: entryBeside(import.meta.url, 'host'),
      init: { modelDir: options.modelDir },
      ...(options.log ? { log: options.log } : {}),
    });
  }

  start(): Promise<void> {
    return this.#host.start();
  }

  get pid(): number | undefined {
    return this.#host.pid;
  }

  listen(options: SpeechToTextOptions): AsyncIterable<SpeechToTextEvent> {
    const keywords = checkKeywords(options.keywords ?? []);
    const events = new EventQueue<SpeechToTextEvent>(options.signal);
    const listener = new UtteranceListener({
      transcribe: ({ samples, earlier, kind, signal }) =>
        transcribe(samples, earlier, (request) => this.#decode({ ...request, keywords }, kind, signal)),
      events,
      signal: options.signal,
      urgency: options.urgency,
      nowMs: () => performance.now(),
    });
    void (async () => {
      try {
        for await (const input of options.input) {
          if (options.signal.aborted) break;
          listener.take(input);
        }
      } finally {
        await listener.finish();
      }
    })().then(
      () => events.end(),
      (error: Error) => events.fail(error),
    );
    return events;
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  async #decode(
    request: Omit<BeginDecoding, 'job' | 'budgetMs'>,
    kind: TranscribeRequest['kind'],
    signal: AbortSignal,
  ): Promise<Heard> {
    const job = this.#nextJob++;
    const begin: BeginDecoding = { job, budgetMs: sliceMs, ...request };
    const step: StepDecoding = { job, budgetMs: sliceMs };
    const slice = async (op: string, payload: unknown): Promise<DecodingState> => {
      await this.#host.whenReady(signal);
      return this.#governor.slice({ kind, signal, ...(kind === 'job' ? backgroundLane : {}) }, () =>
        this.#host.request<DecodingState>(op, payload, { atOnce: true }),
      );
    };
    try {
      let state = await slice('begin', begin);
      while (!state.done) state = await slice('step', step);
      return state;
    } catch (error) {
      if (signal.aborted) void this.#host.request('drop', { job }).catch(() => {});
      throw error;
    }
  }
}
