import { z } from 'zod';
import { decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw } from '../../../audio/g711.js';
import { decodePcm16, encodePcm16 } from '../../../audio/pcm.js';

export const audioFormatSchema = z.discriminatedUnion(
  'type',
  [
    z.object({ type: z.literal('audio/pcm'), rate: z.literal(24_000).optional() }),
    z.object({ type: z.literal('audio/pcmu') }),
    z.object({ type: z.literal('audio/pcma') }),
  ],
  { error: 'Expected {"type":"audio/pcm","rate":24000}, {"type":"audio/pcmu"} or {"type":"audio/pcma"}' },
);

export type AudioFormatName = z.infer<typeof audioFormatSchema>['type'];

/** PCM is 16-bit little-endian mono at 24 kHz; G.711 is one byte a sample at 8 kHz. */
export function rateOf(format: AudioFormatName): number {
  return format === 'audio/pcm' ? 24_000 : 8_000;
}

/** The format as a session shows it. */
export function formatView(format: AudioFormatName): Readonly<Record<string, unknown>> {
  return format === 'audio/pcm' ? { type: format, rate: 24_000 } : { type: format };
}

/** Samples of base64 audio, or what is wrong with it. */
export function decodeAudio(base64: string, format: AudioFormatName): Float32Array | { readonly problem: string } {
  const bytes = decodeBase64(base64);
  if (!bytes) return { problem: 'The audio is not base64.' };
  if (format === 'audio/pcmu') return decodeMulaw(bytes);
  if (format === 'audio/pcma') return decodeAlaw(bytes);
  if (bytes.length % 2 !== 0)
    return { problem: `The audio has ${bytes.length} bytes; 16-bit samples need an even number.` };
  return decodePcm16(bytes);
}

export function encodeAudio(samples: Float32Array, format: AudioFormatName): string {
  if (format === 'audio/pcm') return encodePcm16(samples).toString('base64');
  const bytes = format === 'audio/pcmu' ? encodeMulaw(samples) : encodeAlaw(samples);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Node skips characters that are not base64, so a text with any comes out shorter than it should. */
function decodeBase64(text: string): Buffer | undefined {
  let characters = text.length;
  while (characters > 0 && text.length - characters < 2 && text[characters - 1] === '=') characters -= 1;
  if (characters % 4 === 1) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === Math.floor((characters * 3) / 4) ? bytes : undefined;
}
