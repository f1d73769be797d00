import { ParleyError } from '../../ports/errors.js';
import type { SpeakOptions, SpeechEvent, TextToSpeech } from '../../ports/text-to-speech.js';
import { entryBeside } from '../host/entry.js';
import type { ComputeGovernor } from '../host/governor.js';
import { type HostLogEvent, HostProcess } from '../host/host-process.js';
import type { SpeakPiece, SpokenPiece } from './wire.js';

export type HibariOptions = {
  readonly modelDir: string;
  readonly governor: ComputeGovernor;
  readonly log?: (event: HostLogEvent) => void;
};

/** More text than this in one request is a mistake of the caller: clauses are short. */
const maxTextLength = 10_000;

/** hibari behind the {@link TextToSpeech} port: one voice, 24 kHz, in its own process. */
export class HibariTextToSpeech implements TextToSpeech {
  readonly name = 'hibari';
  readonly rateHz = 24_000;
  readonly voices = ['heart'] as const;
  readonly #host: HostProcess;
  readonly #governor: ComputeGovernor;
  #nextJob = 1;

  constructor(options: HibariOptions) {
    this.#governor = options.governor;
    this.#host = new HostProcess({
      name: 'text-to-speech',
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

  async *speak(options: SpeakOptions): AsyncIterable<SpeechEvent> {
    if (options.text.length > maxTextLength)
      throw new ParleyError(`A piece of speech may have ${maxTextLength} characters, not ${options.text.length}.`, {
        code: 'tts.text_too_long',
        status: 400,
      });
    if (!(this.voices as readonly string[]).includes(options.voice))
      throw new ParleyError(`There is no voice "${options.voice}"; installed: ${this.voices.join(', ')}.`, {
        code: 'tts.unknown_voice',
        status: 400,
      });
    const job = this.#nextJob++;
    const kind = options.urgency === 'later' ? 'tts-later' : 'tts-first';
    let computeMs = 0;
    let request: SpeakPiece = {
      job,
      start: {
        text: options.text,
        speed: options.speed ?? 1,
        continues: options.continues ?? false,
        after: options.after?.slice(-maxTextLength) ?? '',
      },
    };
    let finished = false;
    try {
      for (;;) {
        await this.#host.whenReady(options.signal);
        const piece = await this.#governor.slice({ kind, signal: options.signal }, async () => {
          const startedAt = performance.now();
          const spoken = await this.#host.request<SpokenPiece>('speak', request);
          computeMs += performance.now() - startedAt;
          return spoken;
        });
        if (piece.done) break;
        yield { type: 'audio', samples: piece.samples, rateHz: piece.rateHz, words: piece.words };
        request = { job };
      }
      finished = true;
      yield { type: 'finish', computeMs };
    } finally {
      if (!finished) void this.#host.request('drop', { job }).catch(() => {});
    }
  }

  close(): Promise<void> {
    return this.#host.close();
  }
}
