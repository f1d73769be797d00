import { decodeAudioFile } from '../../audio/decode.js';
import type { AudioFrame } from '../../audio/frame.js';
import { monoOf } from '../../audio/wav.js';
import type { Slots } from '../../platform/layers/slots.js';

/**
 * A recording in any container that is known, as one channel. Few are decoded at once.
 * @throws ParleyError as `decodeAudioFile` and `Slots.take`
 */
export async function decodeUpload(file: Uint8Array, decodings: Slots, signal: AbortSignal): Promise<AudioFrame> {
  const release = await decodings.take(signal);
  try {
    const { channels, rateHz } = await decodeAudioFile(file);
    return { samples: monoOf(channels), rateHz };
  } finally {
    release();
  }
}
