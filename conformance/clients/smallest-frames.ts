import { decodePcm16, encodePcm16 } from '../../src/audio/pcm.js';
import { Microphone } from '../../test/support/microphone.js';
import type { Frame, FrameSocket } from '../frames.js';
import { hearingRateHz } from '../material.js';

/** Bytes of audio in a message, as the vendor advises. */
const frameBytes = 4_096;

/** All audio of the speech frames, PCM16. */
export function audioOf(frames: readonly Frame[]): Float32Array {
  const parts = frames.flatMap(({ status, data }) =>
    status === 'chunk' ? [Buffer.from(String((data as { readonly audio: string }).audio), 'base64')] : [],
  );
  return decodePcm16(Buffer.concat(parts));
}

/** The text of the finals of a live transcription. */
export function finalsOf(frames: readonly Frame[]): string {
  return frames
    .filter(({ type, is_final }) => type === 'transcription' && is_final === true)
    .map(({ transcript }) => String(transcript))
    .join(' ');
}

/** Sends a recording as fast as it goes. */
export function pour(socket: FrameSocket, samples: Float32Array): void {
  const bytes = encodePcm16(samples);
  for (let from = 0; from < bytes.length; from += frameBytes) socket.send(bytes.subarray(from, from + frameBytes));
}

/** Says a recording in real time, then silence until it is stopped. */
export async function say(socket: FrameSocket, samples: Float32Array): Promise<Microphone> {
  const mic = new Microphone({ rateHz: hearingRateHz, send: (part) => socket.send(encodePcm16(part)) });
  await mic.say(samples);
  return mic;
}
