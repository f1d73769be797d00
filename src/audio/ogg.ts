import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import { type DecodedPart, DecodedParts, damagedAudio, decodeStepBytes, nextStep } from './decode-limits.js';
import { ParleyError } from './error.js';
import type { Recording } from './wav.js';

type OggDecoder = {
  readonly ready: Promise<void>;
  decode(data: Uint8Array): DecodedPart | Promise<DecodedPart>;
  flush(): Promise<DecodedPart>;
  free(): void;
};

/** The first packet names its codec; it begins behind the page's header of 27 bytes and its table of segments. */
function codecOf(bytes: Uint8Array): string {
  const at = 27 + (bytes[26] ?? 0);
  return Buffer.from(bytes.subarray(at, at + 8)).toString('latin1');
}

function decoderFor(bytes: Uint8Array): { readonly name: string; readonly decoder: OggDecoder } {
  const codec = codecOf(bytes);
  if (codec.startsWith('OpusHead')) return { name: 'Ogg Opus', decoder: new OggOpusDecoder() };
  if (codec.startsWith('\x01vorbis')) return { name: 'Ogg Vorbis', decoder: new OggVorbisDecoder() };
  const known = codec.startsWith('\x7fFLAC') ? 'FLAC' : codec.startsWith('Speex') ? 'Speex' : undefined;
  throw new ParleyError(
    `Expected Opus or Vorbis in the Ogg file, but found ${known ?? 'no codec that is known here'}. Convert it to WAV, FLAC, MP3 or Ogg Opus.`,
    { code: 'audio.unknown_format', status: 415 },
  );
}

/**
 * Reads Ogg with Opus (always 48 kHz) or Vorbis, mono or more channels. Returns to the event loop between steps.
 *
 * @throws ParleyError `audio.unknown_format` for another codec, `audio.damaged`, `audio.too_long`
 */
export async function readOgg(bytes: Uint8Array): Promise<Recording> {
  const { name, decoder } = decoderFor(bytes);
  const parts = new DecodedParts(name);
  try {
    await decoder.ready;
    for (let at = 0; at < bytes.length; at += decodeStepBytes) {
      parts.add(await decoder.decode(bytes.subarray(at, at + decodeStepBytes)));
      await nextStep();
    }
    parts.add(await decoder.flush());
    return parts.recording();
  } catch (cause) {
    if (ParleyError.isInstance(cause)) throw cause;
    throw damagedAudio(name, 'its packets make no sense to the decoder.', cause);
  } finally {
    decoder.free();
  }
}
