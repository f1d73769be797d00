import { rawDecoder } from '../../../audio/formats.js';
import type { AudioFrame } from '../../../audio/frame.js';
import type { Slots } from '../../../platform/layers/slots.js';
import { ParleyError } from '../../../ports/errors.js';
import { decodeUpload } from '../../http/decode-upload.js';
import { rateOf, rawEncodingOf } from './live-options.js';

export type RawAudio = { readonly encoding: string | undefined; readonly rateHz: number | undefined };

const usualRateHz = 16_000;

/**
 * A recording in any container that is known; bytes in none are what the client says that they are.
 * @throws ParleyError `audio.empty`, `audio.encoding`, `audio.rate` (400); as `decodeAudioFile`
 */
export async function decodeRecording(
  bytes: Uint8Array,
  raw: RawAudio,
  { decodings, signal }: { readonly decodings: Slots; readonly signal: AbortSignal },
): Promise<AudioFrame> {
  if (bytes.length === 0)
    throw new ParleyError('The body is empty; expected a recording.', { code: 'audio.empty', status: 400 });
  try {
    return await decodeUpload(bytes, decodings, signal);
  } catch (error) {
    if (raw.encoding === undefined || !ParleyError.isInstance(error) || error.code !== 'audio.unknown_format')
      throw error;
    const rateHz = rateOf(raw.rateHz ?? usualRateHz);
    return { samples: rawDecoder(rawEncodingOf(raw.encoding))(bytes), rateHz };
  }
}
