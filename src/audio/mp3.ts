import { MPEGDecoder } from 'mpg123-decoder';
import { DecodedParts, decodeStepBytes, nextStep } from './decode-limits.js';
import type { Recording } from './wav.js';

/**
 * Reads MP3 (and MPEG audio layers I and II): any rate, mono or stereo, without the encoder's padding where the file
 * tells it. What is not a frame is passed over, as players do. Returns to the event loop between steps.
 *
 * @throws ParleyError `audio.damaged` when no frame can be read, `audio.too_long`
 */
export async function readMp3(bytes: Uint8Array): Promise<Recording> {
  const decoder = new MPEGDecoder({ enableGapless: true });
  await decoder.ready;
  const parts = new DecodedParts('MP3');
  try {
    for (let at = 0; at < bytes.length; at += decodeStepBytes) {
      parts.add(decoder.decode(bytes.subarray(at, at + decodeStepBytes)));
      await nextStep();
    }
    return oneIfEqual(parts.recording());
  } finally {
    decoder.free();
  }
}

/** The decoder gives two channels for mono as well. */
function oneIfEqual(recording: Recording): Recording {
  const [left, right] = recording.channels;
  if (!left || !right || !left.every((sample, i) => sample === right[i])) return recording;
  return { channels: [left], rateHz: recording.rateHz };
}
