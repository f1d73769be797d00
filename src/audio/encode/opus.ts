import { Encoder } from '@evan/opus';
import { EncodedAudioPacketSource, EncodedPacket, OggOutputFormat } from 'mediabunny';
import { concatSamples } from '../frame.js';
import { encodePcm16 } from '../pcm.js';
import { packetStream } from './packet-stream.js';

const frameMs = 20;
/** Opus counts in these, whatever the rate (RFC 7845, section 4). */
const clockHz = 48_000;
const bitrate = 32_000;
/** A page for each of these, so that a player gets sound early. */
const pageSeconds = 0.1;

type OpusRate = 8_000 | 12_000 | 16_000 | 24_000 | 48_000;

/** Ogg Opus: packets of 20 ms. */
export function encodeOpus(
  samples: AsyncIterable<Float32Array>,
  rateHz: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const track = new EncodedAudioPacketSource('opus');
  return packetStream(
    new OggOutputFormat({ maximumPageDuration: pageSeconds }),
    track,
    addPackets(track, samples, rateHz),
  );
}

async function* addPackets(
  track: EncodedAudioPacketSource,
  samples: AsyncIterable<Float32Array>,
  rateHz: number,
): AsyncGenerator<void, void, undefined> {
  const encoder = new Encoder({ channels: 1, sample_rate: rateHz as OpusRate, application: 'audio' });
  encoder.bitrate = bitrate;
  const lookaheadSamples = encoder.lookhead;
  const frameSamples = (rateHz * frameMs) / 1_000;
  const head = opusHead(rateHz, Math.round((lookaheadSamples * clockHz) / rateHz));
  let packets = 0;
  const add = async (frame: Float32Array): Promise<void> => {
    const data = new Uint8Array(encoder.encode(encodePcm16(frame)));
    const packet = new EncodedPacket(data, 'key', (packets * frameMs) / 1_000, frameMs / 1_000);
    const config = { codec: 'opus', numberOfChannels: 1, sampleRate: clockHz, description: head };
    await track.add(packet, packets === 0 ? { decoderConfig: config } : undefined);
    packets += 1;
  };
  let left = new Float32Array(0);
  for await (const piece of samples) {
    const joined = concatSamples([left, piece]);
    let at = 0;
    for (; at + frameSamples <= joined.length; at += frameSamples) await add(joined.slice(at, at + frameSamples));
    left = joined.slice(at);
    yield;
  }
  // What is still inside the encoder comes out behind silence.
  const tail = concatSamples([left, new Float32Array(lookaheadSamples)]);
  for (let at = 0; at < tail.length; at += frameSamples) {
    const frame = new Float32Array(frameSamples);
    frame.set(tail.subarray(at, at + frameSamples));
    await add(frame);
  }
  yield;
}

/** Identification header (RFC 7845, section 5.1), mono. */
function opusHead(rateHz: number, preSkip: number): Uint8Array {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 0, 'latin1');
  head.writeUInt8(1, 8);
  head.writeUInt8(1, 9);
  head.writeUInt16LE(preSkip, 10);
  head.writeUInt32LE(rateHz, 12);
  return head;
}
