import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../src/audio/decode.js';
import { ParleyError } from '../src/audio/error.js';
import { rms } from '../src/audio/loudness.js';
import type { Recording } from '../src/audio/wav.js';

const files = [
  ['order.m4a', 16_000, 1],
  ['order-stereo.m4a', 44_100, 2],
  ['order.aac', 16_000, 1],
  ['order.mp3', 16_000, 1],
  ['order-stereo.mp3', 44_100, 1],
  ['order-opus.ogg', 48_000, 1],
  ['order-vorbis.ogg', 44_100, 1],
  ['order.webm', 48_000, 1],
] as const;

function bytesOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(`fixtures/formats/${name}`, import.meta.url))));
}

/** Level of each 20 ms of the first channel. */
function envelope({ channels, rateHz }: Recording): number[] {
  const [samples = new Float32Array(0)] = channels;
  const hop = Math.round(rateHz / 50);
  return Array.from({ length: Math.floor(samples.length / hop) }, (_, i) =>
    rms(samples.subarray(i * hop, i * hop + hop)),
  );
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const n = Math.min(a.length, b.length);
  const mean = (values: readonly number[]): number => values.slice(0, n).reduce((sum, x) => sum + x, 0) / n;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [da, db] = [(a[i] ?? 0) - meanA, (b[i] ?? 0) - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return ab / Math.sqrt(aa * bb);
}

/** How alike two recordings of the same sound are, with up to 60 ms of coder delay between them. */
function likeness(a: Recording, b: Recording): number {
  const [x, y] = [envelope(a), envelope(b)];
  return Math.max(
    ...[-3, -2, -1, 0, 1, 2, 3].map((shift) => correlation(x.slice(Math.max(0, shift)), y.slice(Math.max(0, -shift)))),
  );
}

describe('recordings as people have them', () => {
  it.each(files)('%s is the order it was made from', async (name, rateHz, channelCount) => {
    const original = await decodeAudioFile(bytesOf('order.flac'));
    const decoded = await decodeAudioFile(bytesOf(name));
    expect(decoded.rateHz).toBe(rateHz);
    expect(decoded.channels).toHaveLength(channelCount);
    const seconds = (decoded.channels[0]?.length ?? 0) / rateHz;
    expect(Math.abs(seconds - 2)).toBeLessThan(0.08);
    expect(likeness(original, decoded)).toBeGreaterThan(0.97);
    expect(likeness(original, decoded)).toBeLessThanOrEqual(1.0001);
  });

  it.each(files)('%s cut anywhere, or with broken bytes, is audio or a clear error', async (name) => {
    const whole = bytesOf(name);
    let random = 12_345;
    const next = (below: number): number => {
      random = (random * 1_103_515_245 + 12_345) % 2 ** 31;
      return random % below;
    };
    for (let round = 0; round < 12; round++) {
      const broken = whole.slice(0, round % 2 === 0 ? 1 + next(whole.length) : whole.length);
      if (round % 2 === 1) for (let i = 0; i < 40; i++) broken[12 + next(broken.length - 12)] = next(256);
      const outcome = await decodeAudioFile(broken).catch((error: unknown) => error);
      if (outcome instanceof Error) expect(ParleyError.isInstance(outcome), String(outcome)).toBe(true);
      else expect((outcome as Recording).channels[0]?.length).toBeGreaterThan(0);
    }
  });

  it('a codec that is not read is named', async () => {
    await expect(decodeAudioFile(bytesOf('order-speex.ogg'))).rejects.toThrow(
      /Expected Opus or Vorbis in the Ogg file, but found Speex/,
    );
  });
});
