import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { assertDecodable, decodeStepBytes, nextStep } from './decode-limits.js';
import { ParleyError } from './error.js';
import { concatSamples } from './frame.js';
import type { Recording } from './wav.js';

/** What the STREAMINFO block of a FLAC file says. */
type StreamInfo = {
  readonly rateHz: number;
  readonly channelCount: number;
  /** Samples of each channel; 0 when the writer did not know. */
  readonly totalSamples: number;
  readonly framesOffsetBytes: number;
};

/** Longest header of a frame (RFC 9639, section 9.1). */
const maxHeaderBytes = 16;

function damaged(message: string, cause?: unknown): ParleyError {
  return new ParleyError(`Damaged FLAC file: ${message}`, { code: 'flac.damaged', status: 400, cause });
}

/** Reads the metadata blocks (RFC 9639, section 8) up to the first audio frame. */
function readStreamInfo(bytes: Uint8Array): StreamInfo {
  if (bytes.length < 4 || String.fromCharCode(...bytes.subarray(0, 4)) !== 'fLaC') {
    throw damaged('expected it to begin with "fLaC".');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let info: Omit<StreamInfo, 'framesOffsetBytes'> | undefined;
  let offset = 4;
  for (let last = false; !last; ) {
    if (offset + 4 > bytes.length) throw damaged(`it ends after ${bytes.length} bytes, inside its metadata.`);
    const head = view.getUint32(offset);
    const type = (head >>> 24) & 0x7f;
    const sizeBytes = head & 0xff_ffff;
    last = head >>> 31 === 1;
    const body = offset + 4;
    offset = body + sizeBytes;
    if (offset > bytes.length) {
      throw damaged(`a metadata block promises ${sizeBytes} bytes, but only ${bytes.length - body} follow.`);
    }
    if (type !== 0) continue;
    if (sizeBytes < 34) throw damaged(`its stream information has ${sizeBytes} bytes; expected 34.`);
    const packed = view.getUint32(body + 10);
    info = {
      rateHz: packed >>> 12,
      channelCount: ((packed >>> 9) & 0x07) + 1,
      totalSamples: (view.getUint8(body + 13) & 0x0f) * 2 ** 32 + view.getUint32(body + 14),
    };
  }
  if (info === undefined) throw damaged('it has no stream information block.');
  if (info.rateHz === 0) throw damaged('its stream information says a sample rate of 0 Hz.');
  return { ...info, framesOffsetBytes: offset };
}

/**
 * The decoder divides by the largest positive integer, everything else here by full scale (one more). Restoring the
 * integer first makes a FLAC file give the very samples of the WAV file it was made from.
 */
function toFullScale(samples: Float32Array, bitDepth: number): Float32Array {
  const fullScale = 2 ** (bitDepth - 1);
  for (let i = 0; i < samples.length; i++) {
    samples[i] = Math.round((samples[i] as number) * (fullScale - 1)) / fullScale;
  }
  return samples;
}

/** Decodes all frames, in steps, and returns each channel as parts in order. */
async function decodeFrames(decoder: FLACDecoder, bytes: Uint8Array, info: StreamInfo): Promise<Float32Array[][]> {
  const parts = Array.from({ length: info.channelCount }, (): Float32Array[] => []);
  let decodedSamples = 0;
  const collect = (decoded: Awaited<ReturnType<FLACDecoder['decode']>>): void => {
    const [error] = decoded.errors;
    if (error) throw damaged(`frame ${error.frameNumber} could not be decoded (${error.message}).`);
    if (decoded.samplesDecoded === 0) return;
    if (decoded.channelData.length !== info.channelCount) {
      throw damaged(`it has frames of ${decoded.channelData.length} channels; its header says ${info.channelCount}.`);
    }
    decodedSamples += decoded.samplesDecoded;
    assertDecodable(decodedSamples * info.channelCount);
    decoded.channelData.forEach((samples, channel) => {
      parts[channel]?.push(toFullScale(samples, decoded.bitDepth));
    });
  };
  const frames = bytes.subarray(info.framesOffsetBytes);
  for (let at = 0; at < frames.length; at += decodeStepBytes) {
    collect(await decoder.decode(frames.subarray(at, at + decodeStepBytes)));
    await nextStep();
  }
  // A frame ends where the next header begins. The decoder's own flush() loses the last frame of some valid files
  // (0.2.11: 6 of 222 recordings), so the first header is shown to it once more instead.
  const nextHeader = new Uint8Array(2 * maxHeaderBytes);
  nextHeader.set(frames.subarray(0, maxHeaderBytes));
  if (frames.length > 0) collect(await decoder.decode(nextHeader));
  if (decodedSamples === 0 && info.totalSamples > 0) throw damaged('no audio frame in it can be read.');
  if (info.totalSamples > 0 && decodedSamples !== info.totalSamples) {
    throw damaged(
      `its header promises ${info.totalSamples} samples for each channel, but ${decodedSamples} can be read; it is cut short or has broken frames.`,
    );
  }
  return parts;
}

/**
 * Reads a native FLAC file (not in Ogg): 1 to 8 channels of any bit depth. A broken frame is an error, never a gap.
 * Returns to the event loop between steps.
 *
 * @throws ParleyError `flac.damaged`, or `audio.too_long`.
 */
export async function readFlac(bytes: Uint8Array): Promise<Recording> {
  const info = readStreamInfo(bytes);
  assertDecodable(info.totalSamples * info.channelCount);
  const decoder = new FLACDecoder();
  try {
    await decoder.ready;
  } catch (cause) {
    throw new ParleyError('The WebAssembly FLAC decoder could not be loaded.', { code: 'flac.unavailable', cause });
  }
  try {
    const channels = await decodeFrames(decoder, bytes, info);
    return { channels: channels.map(concatSamples), rateHz: info.rateHz };
  } catch (cause) {
    if (ParleyError.isInstance(cause)) throw cause;
    throw damaged('its frames make no sense to the decoder.', cause);
  } finally {
    decoder.free();
  }
}
