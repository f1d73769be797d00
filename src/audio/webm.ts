import { BufferSource, EncodedPacketSink, Input, MATROSKA, WEBM } from 'mediabunny';
import { OpusDecoder } from 'opus-decoder';
import { DecodedParts, damagedAudio, nextStep } from './decode-limits.js';
import { ParleyError } from './error.js';
import type { Recording } from './wav.js';

/** Opus always decodes to this here. */
const opusRateHz = 48_000;
const packetsPerStep = 50;

/** Reads "OpusHead" (RFC 7845, section 5.1): channels and the samples at 48 kHz that come before the first wanted one. */
function readOpusHead(head: Uint8Array): { readonly channels: number; readonly preSkip: number } {
  if (head.length < 19 || Buffer.from(head.subarray(0, 8)).toString('latin1') !== 'OpusHead')
    throw damagedAudio('WebM', 'its Opus track has no OpusHead.');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const channels = view.getUint8(9);
  if (view.getUint8(18) !== 0 || channels < 1 || channels > 2)
    throw new ParleyError(`Expected mono or stereo Opus in the WebM file, but found ${channels} channels.`, {
      code: 'audio.unknown_format',
      status: 415,
    });
  return { channels, preSkip: view.getUint16(10, true) };
}

/**
 * Reads the first audio track of WebM or Matroska, which must be Opus: what browsers record. Video is passed over.
 * Returns to the event loop between steps.
 *
 * @throws ParleyError `audio.unknown_format` for another codec, `audio.damaged`, `audio.too_long`
 */
export async function readWebm(bytes: Uint8Array): Promise<Recording> {
  const input = new Input({ source: new BufferSource(bytes), formats: [WEBM, MATROSKA] });
  try {
    const track = await input.getPrimaryAudioTrack();
    if (!track) throw damagedAudio('WebM', 'it has no audio track.');
    if (track.codec !== 'opus')
      throw new ParleyError(
        `Expected Opus in the WebM file, but found ${track.codec ?? 'a codec that is unknown here'}.`,
        {
          code: 'audio.unknown_format',
          status: 415,
        },
      );
    const description = (await track.getDecoderConfig())?.description;
    if (!description) throw damagedAudio('WebM', 'its Opus track has no OpusHead.');
    const head = ArrayBuffer.isView(description)
      ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
      : new Uint8Array(description);
    return await decodePackets(new EncodedPacketSink(track), readOpusHead(head));
  } catch (cause) {
    if (ParleyError.isInstance(cause)) throw cause;
    throw damagedAudio('WebM', 'it cannot be read as WebM or Matroska.', cause);
  } finally {
    input.dispose();
  }
}

async function decodePackets(
  sink: EncodedPacketSink,
  { channels, preSkip }: { readonly channels: number; readonly preSkip: number },
): Promise<Recording> {
  const decoder = new OpusDecoder({
    channels,
    preSkip,
    streamCount: 1,
    coupledStreamCount: channels - 1,
    channelMappingTable: channels === 1 ? [0] : [0, 1],
  });
  const parts = new DecodedParts('WebM');
  try {
    await decoder.ready;
    let frames: Uint8Array[] = [];
    const flush = (): void => {
      if (frames.length > 0) parts.add({ ...decoder.decodeFrames(frames), sampleRate: opusRateHz });
      frames = [];
    };
    for await (const packet of sink.packets()) {
      frames.push(packet.data);
      if (frames.length < packetsPerStep) continue;
      flush();
      await nextStep();
    }
    flush();
    return parts.recording();
  } finally {
    decoder.free();
  }
}
