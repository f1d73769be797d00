import { type AudioFrame, samplesOf } from '../audio/frame.js';
import { encodePcm16 } from '../audio/pcm.js';
import { createResampler, type Resampler } from '../audio/resample.js';

export const recordingRateHz = 24_000;

/** Where a recording's bytes go, in order. Writing must not block. */
export type RecordingSink = { readonly write: (bytes: Uint8Array) => void };

/**
 * A call in two channels at 24 kHz: the caller as received on the left, the agent as sent on the right. The clock is
 * the caller's audio: an agent frame stands where the caller's audio was when it could be heard.
 */
export class CallRecorder {
  readonly #sink: RecordingSink;
  #resampler: Resampler | undefined;
  #caller: Float32Array[] = [];
  #callerSamples = 0;
  /** Samples of both channels that were written. */
  #written = 0;
  #agent: { at: number; samples: Float32Array }[] = [];
  #agentEnd = 0;

  constructor(sink: RecordingSink) {
    this.#sink = sink;
    sink.write(streamingWavHeader());
  }

  async caller(frame: AudioFrame): Promise<void> {
    let samples = frame.samples;
    if (frame.rateHz !== recordingRateHz) {
      if (this.#resampler?.fromHz !== frame.rateHz) {
        this.#resampler?.close();
        this.#resampler = await createResampler({ fromHz: frame.rateHz, toHz: recordingRateHz });
      }
      samples = this.#resampler.process(frame.samples);
    }
    this.#append(samples);
  }

  /** The caller's audio did not come for this long: what follows stands where it was heard. */
  silence(ms: number): void {
    this.#append(new Float32Array(samplesOf(ms, recordingRateHz)));
  }

  /** @param atMs position in the caller's audio at which the first sample is heard */
  agent(samples: Float32Array, atMs: number): void {
    // Frames follow one another without a seam: the map from clock to audio jitters by a frame.
    const wanted = samplesOf(atMs, recordingRateHz);
    const at =
      Math.abs(wanted - this.#agentEnd) < samplesOf(60, recordingRateHz)
        ? this.#agentEnd
        : Math.max(wanted, this.#agentEnd);
    this.#agent.push({ at, samples });
    this.#agentEnd = at + samples.length;
  }

  close(): void {
    this.#flush(Math.max(this.#written + this.#callerSamples, this.#agentEnd));
    this.#resampler?.close();
    this.#resampler = undefined;
  }

  #append(samples: Float32Array): void {
    this.#caller.push(samples);
    this.#callerSamples += samples.length;
    this.#flush(this.#written + this.#callerSamples - holdSamples);
  }

  #flush(until: number): void {
    const length = until - this.#written;
    if (length <= 0) return;
    const left = this.#takeCaller(length);
    const right = this.#takeAgent(length);
    const interleaved = new Float32Array(2 * length);
    for (let i = 0; i < length; i++) {
      interleaved[2 * i] = left[i] as number;
      interleaved[2 * i + 1] = right[i] as number;
    }
    this.#written = until;
    this.#sink.write(encodePcm16(interleaved));
  }

  #takeCaller(length: number): Float32Array {
    const out = new Float32Array(length);
    let at = 0;
    while (at < length) {
      const part = this.#caller[0];
      if (!part) break;
      const taken = part.subarray(0, length - at);
      out.set(taken, at);
      at += taken.length;
      if (taken.length === part.length) this.#caller.shift();
      else this.#caller[0] = part.subarray(taken.length);
    }
    this.#callerSamples -= at;
    return out;
  }

  #takeAgent(length: number): Float32Array {
    const out = new Float32Array(length);
    const until = this.#written + length;
    while (this.#agent.length > 0) {
      const part = this.#agent[0] as { at: number; samples: Float32Array };
      if (part.at >= until) break;
      const skip = Math.max(0, this.#written - part.at);
      const from = part.at + skip - this.#written;
      const taken = part.samples.subarray(skip, skip + length - from);
      out.set(taken, from);
      if (skip + taken.length < part.samples.length) {
        this.#agent[0] = { at: part.at + skip + taken.length, samples: part.samples.subarray(skip + taken.length) };
        break;
      }
      this.#agent.shift();
    }
    return out;
  }
}

/** Kept back, because an agent frame may still be placed a little in the past. */
const holdSamples = samplesOf(500, recordingRateHz);

/** A WAV header for a stream whose length is not known yet: the sizes are "as long as it lasts". */
function streamingWavHeader(): Uint8Array {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'ascii');
  header.writeUInt32LE(0xffff_ffff, 4);
  header.write('WAVEfmt ', 8, 'ascii');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(recordingRateHz, 24);
  header.writeUInt32LE(recordingRateHz * 4, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'ascii');
  header.writeUInt32LE(0xffff_ffff, 40);
  return header;
}
