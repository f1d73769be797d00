import { ParleyError } from './error.js';
import { concatSamples } from './frame.js';
import type { Recording } from './wav.js';

/**
 * Most samples, over all channels, that are decoded from one file: 1 GiB as floats, 4.6 hours of 16 kHz mono. A file
 * of silence can claim this much in a few hundred kilobytes.
 */
export const maxDecodedSamples = 2 ** 28;

/** Small enough that one step neither holds the event loop nor outgrows the limit above by much. */
export const decodeStepBytes = 8_192;

/** A decoder that is not done by then hangs. */
export const decodeDeadlineMs = 120_000;

/** @throws ParleyError `audio.too_long` (413) */
export function assertDecodable(samplesOverAllChannels: number): void {
  if (samplesOverAllChannels <= maxDecodedSamples) return;
  throw new ParleyError(
    `The audio is too long: at most ${maxDecodedSamples} samples over all channels are decoded from one file. Split it.`,
    { code: 'audio.too_long', status: 413 },
  );
}

export function damagedAudio(format: string, message: string, cause?: unknown): ParleyError {
  return new ParleyError(`Damaged ${format} file: ${message}`, { code: 'audio.damaged', status: 400, cause });
}

/** What a decoder made of one step. */
export type DecodedPart = {
  readonly channelData: readonly Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
};

/** Puts the parts of one file together; the decoder's own memory may be used again as soon as `add` returns. */
export class DecodedParts {
  readonly #format: string;
  readonly #channels: Float32Array[][] = [];
  #rateHz = 0;
  #samples = 0;

  constructor(format: string) {
    this.#format = format;
  }

  add({ channelData, samplesDecoded, sampleRate }: DecodedPart): void {
    if (samplesDecoded === 0) return;
    if (this.#samples === 0) for (const _ of channelData) this.#channels.push([]);
    else if (sampleRate !== this.#rateHz || channelData.length !== this.#channels.length)
      throw damagedAudio(this.#format, 'it changes its rate or number of channels on the way, which cannot be played.');
    this.#rateHz = sampleRate;
    this.#samples += samplesDecoded;
    assertDecodable(this.#samples * this.#channels.length);
    channelData.forEach((samples, channel) => {
      this.#channels[channel]?.push(samples.slice(0, samplesDecoded));
    });
  }

  /** @throws ParleyError `audio.damaged` when nothing could be decoded */
  recording(): Recording {
    if (this.#samples === 0) throw damagedAudio(this.#format, 'no audio in it can be read.');
    return { channels: this.#channels.map(concatSamples), rateHz: this.#rateHz };
  }
}

/** Lets other work of this thread happen between two steps. */
export function nextStep(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
