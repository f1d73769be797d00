import { describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../decode.js';
import { type AudioFormatName, audioFormats, encodeRaw, rawDecoder, rawEncodings } from '../formats.js';
import { encodeAudio } from './encode.js';

const hz = 440;

function tone(rateHz: number, seconds: number): Float32Array {
  return Float32Array.from({ length: rateHz * seconds }, (_, i) => 0.3 * Math.sin((2 * Math.PI * hz * i) / rateHz));
}

async function* pieces(samples: Float32Array, size: number): AsyncGenerator<Float32Array> {
  for (let at = 0; at < samples.length; at += size) yield samples.subarray(at, at + size);
}

async function encoded(format: AudioFormatName, rateHz: number, samples: Float32Array): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeAudio(pieces(samples, 1_000), { format, rateHz })) chunks.push(chunk);
  return chunks;
}

/** The share of the power that lies at the tone's frequency (Goertzel 1958). */
function purity(samples: Float32Array, rateHz: number): number {
  let [re, im, power] = [0, 0, 0];
  samples.forEach((sample, i) => {
    re += sample * Math.cos((2 * Math.PI * hz * i) / rateHz);
    im += sample * Math.sin((2 * Math.PI * hz * i) / rateHz);
    power += sample * sample;
  });
  return (2 * (re * re + im * im)) / (power * samples.length);
}

const files = (['mp3', 'opus', 'aac', 'flac', 'wav'] as const).flatMap((format) =>
  audioFormats[format].ratesHz.map((rateHz) => [format, rateHz] as const),
);

describe('encoded audio', () => {
  it.each(files)('%s at %i Hz is heard again as it was, and of the same length', async (format, rateHz) => {
    const chunks = await encoded(format, rateHz, tone(rateHz, 1.01));
    const { channels, rateHz: decodedHz } = await decodeAudioFile(Buffer.concat(chunks));
    const [heard = new Float32Array(0)] = channels;
    expect(channels).toHaveLength(1);
    // MP3 and AAC have no place for the encoder's delay in a file that is made while it is sent.
    const lengthMs = (heard.length / decodedHz) * 1_000;
    expect(lengthMs).toBeGreaterThanOrEqual(1_009);
    expect(lengthMs).toBeLessThan(format === 'mp3' || format === 'aac' ? 1_250 : 1_040);
    const middle = heard.subarray(decodedHz / 4, (decodedHz * 3) / 4);
    expect(purity(middle, decodedHz)).toBeGreaterThan(0.98);
  });

  it.each(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const)('%s comes while it is made', async (format) => {
    let read = 0;
    const source = async function* (): AsyncGenerator<Float32Array> {
      for await (const piece of pieces(tone(24_000, 5), 2_400)) {
        read += piece.length;
        yield piece;
      }
    };
    const stream = encodeAudio(source(), { format, rateHz: 24_000 });
    let bytes = 0;
    while (bytes < 200) bytes += (await stream.next()).value?.length ?? Number.POSITIVE_INFINITY;
    expect(read / 24_000).toBeLessThan(1);
    await stream.return();
  });

  it.each(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const)('%s of nothing is no error', async (format) => {
    expect(Buffer.concat(await encoded(format, 24_000, new Float32Array(0))).length).toBeLessThan(200);
  });

  it('is refused at a rate that the format does not have', () => {
    expect(() => encodeAudio(pieces(tone(8_000, 1), 80), { format: 'opus', rateHz: 44_100 })).toThrow(
      /opus cannot be made at 44100 Hz; expected one of 8000, 12000/,
    );
  });

  it.each(rawEncodings)('%s without a container is decoded in pieces of any length', (encoding) => {
    const samples = tone(8_000, 0.1);
    const bytes = encodeRaw(encoding, samples);
    const decode = rawDecoder(encoding);
    const heard: number[] = [];
    for (let at = 0; at < bytes.length; at += 7) heard.push(...decode(bytes.subarray(at, at + 7)));
    expect(heard).toHaveLength(samples.length);
    expect(Math.max(...heard.map((sample, i) => Math.abs(sample - (samples[i] ?? 0))))).toBeLessThan(0.02);
  });
});
