import { ParleyError } from '../../ports/errors.js';
import type { SpeakOptions, SpeechEvent, TextToSpeech } from '../../ports/text-to-speech.js';
import { entryBeside } from '../host/entry.js';
import type { ComputeGovernor } from '../host/governor.js';
import { type HostLogEvent, HostProcess } from '../host/host-process.js';
import { lostItsHost, maxHostsLost } from '../host/lost.js';
import { behind } from './behind.js';
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
  readonly voiceTraits = { heart: { language: 'en-US', gender: 'female' } } as const;
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
    const kind = options.urgency === 'later' ? 'tts-later' : 'tts-first';
    let computeMs = 0;
    let givenSamples = 0;
    const begin = (): SpeakPiece => ({
      job: this.#nextJob++,
      start: {
        text: options.text,
        speed: options.speed ?? 1,
        continues: options.continues ?? false,
        after: options.after?.slice(-maxTextLength) ?? '',
      },
    });
    let request = begin();
    let finished = false;
    /** Samples of this attempt so far: the same text gives the same samples on every host. */
    let madeSamples = 0;
    let hostsLost = 0;
    try {
      for (;;) {
        let piece: SpokenPiece;
        try {
          await this.#host.whenReady(options.signal);
          piece = await this.#governor.slice({ kind, signal: options.signal }, async () => {
            const startedAt = performance.now();
            const spoken = await this.#host.request<SpokenPiece>('speak', request, { atOnce: true });
            computeMs += performance.now() - startedAt;
            return spoken;
          });
        } catch (error) {
          if (hostsLost >= maxHostsLost || options.signal.aborted || !lostItsHost(error)) throw error;
          hostsLost += 1;
          request = begin();
          madeSamples = 0;
          continue;
        }
        if (piece.done) break;
        const fresh = behind(piece, givenSamples - madeSamples);
        madeSamples += piece.samples.length;
        request = { job: request.job };
        if (!fresh) continue;
        givenSamples = madeSamples;
        yield { type: 'audio', ...fresh };
      }
      finished = true;
      yield { type: 'finish', computeMs };
    } finally {
      if (!finished) void this.#host.request('drop', { job: request.job }).catch(() => {});
    }
  }

  close(): Promise<void> {
    return this.#host.close();
  }
}
