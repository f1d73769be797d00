import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParleyError } from './error.js';
import { monoOf, readWav, writeWav } from './wav.js';

type Chunk = readonly [tag: string, body: Uint8Array, statedBytes?: number];

function chunkBytes([tag, body, statedBytes]: Chunk): Buffer {
  const head = Buffer.alloc(8);
  head.write(tag, 0, 'latin1');
  head.writeUInt32LE(statedBytes ?? body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function riff(chunks: readonly Chunk[], container = 'RIFF', riffBytes?: number): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks.map(chunkBytes)]);
  const head = Buffer.alloc(8);
  head.write(container, 0, 'latin1');
  head.writeUInt32LE(riffBytes ?? body.length, 4);
  return Buffer.concat([head, body]);
}

function format(
  tag: number,
  bits: number,
  channelCount = 1,
  rateHz = 16_000,
  blockBytes = (bits / 8) * channelCount,
): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channelCount, 2);
  body.writeUInt32LE(rateHz, 4);
  body.writeUInt32LE((rateHz * blockBytes) >>> 0, 8);
  body.writeUInt16LE(blockBytes, 12);
  body.writeUInt16LE(bits, 14);
  return body;
}

function extensible(tag: number, bits: number, channelCount = 1): Buffer {
  const extension = Buffer.alloc(24);
  extension.writeUInt16LE(22, 0);
  extension.writeUInt16LE(bits, 2);
  extension.writeUInt16LE(tag, 8);
  Buffer.from('000000001000800000aa00389b71', 'hex').copy(extension, 10);
  return Buffer.concat([format(0xfffe, bits, channelCount), extension]);
}

const fourSamples = Buffer.from([0x00, 0x40, 0x00, 0xc0, 0x00, 0x00, 0x00, 0x80]);
const fourValues = Float32Array.of(0.5, -0.5, 0, -1);

function errorOf(bytes: Uint8Array): ParleyError {
  try {
    readWav(bytes);
  } catch (error) {
    if (ParleyError.isInstance(error)) return error;
    throw error;
  }
  throw new Error('expected readWav to throw');
}

describe('readWav', () => {
  it.each([
    ['PCM 8', format(1, 8), Buffer.from([192, 64, 128, 0])],
    ['PCM 16', format(1, 16), fourSamples],
    ['PCM 24', format(1, 24), Buffer.from([0, 0, 0x40, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0x80])],
    ['PCM 32', format(1, 32), Buffer.from(Int32Array.of(2 ** 30, -(2 ** 30), 0, -(2 ** 31)).buffer)],
    ['float 32', format(3, 32), Buffer.from(fourValues.buffer)],
    ['float 64', format(3, 64), Buffer.from(Float64Array.from(fourValues).buffer)],
    ['extensible PCM 16', extensible(1, 16), fourSamples],
    ['extensible float 32', extensible(3, 32), Buffer.from(fourValues.buffer)],
  ])('reads %s', (_name, fmt, data) => {
    const { channels, rateHz } = readWav(
      riff([
        ['fmt ', fmt],
        ['data', data],
      ]),
    );
    expect(rateHz).toBe(16_000);
    expect(channels).toEqual([fourValues]);
  });

  it('reads mu-law and A-law', () => {
    const mulaw = readWav(
      riff([
        ['fmt ', format(7, 8, 1, 8_000)],
        ['data', Buffer.from([0x00, 0xff])],
      ]),
    );
    expect(mulaw).toEqual({ channels: [Float32Array.of(-32_124 / 32_768, 0)], rateHz: 8_000 });
    const alaw = readWav(
      riff([
        ['fmt ', format(6, 8, 2, 8_000)],
        ['data', Buffer.from([0x2a, 0xd5])],
      ]),
    );
    expect(alaw.channels).toEqual([Float32Array.of(-32_256 / 32_768), Float32Array.of(8 / 32_768)]);
  });

  it('separates channels', () => {
    const { channels } = readWav(
      riff([
        ['fmt ', format(1, 16, 2)],
        ['data', fourSamples],
      ]),
    );
    expect(channels).toEqual([Float32Array.of(0.5, 0), Float32Array.of(-0.5, -1)]);
  });

  it('passes over other chunks, odd ones with their padding', () => {
    const list: Chunk = ['LIST', Buffer.from('abc')];
    const bytes = riff([list, ['fmt ', format(1, 16)], list, ['data', fourSamples], list]);
    expect(readWav(bytes).channels).toEqual([fourValues]);
  });

  it('reads from a view that begins at an odd offset', () => {
    const bytes = riff([
      ['fmt ', format(1, 16)],
      ['data', fourSamples],
    ]);
    expect(readWav(Buffer.concat([Buffer.from([1]), bytes]).subarray(1)).channels).toEqual([fourValues]);
  });

  it.each([
    ['0xFFFFFFFF', 0xffff_ffff, 0xffff_ffff],
    ['the 2 GiB that sox writes', 0x7fff_f024, 0x7fff_f000],
    ['0', 36, 0],
    ['0 with an open RIFF size', 0xffff_ffff, 0],
  ])('takes what is there when a streaming writer left a data size of %s', (_name, riffBytes, dataBytes) => {
    const bytes = riff(
      [
        ['fmt ', format(1, 16)],
        ['data', fourSamples, dataBytes],
      ],
      'RIFF',
      riffBytes,
    );
    expect(readWav(bytes).channels).toEqual([fourValues]);
  });

  it('takes an empty recording for empty, with chunks behind it too', () => {
    const empty: Chunk = ['data', Buffer.alloc(0)];
    expect(readWav(riff([['fmt ', format(1, 16)], empty])).channels).toEqual([new Float32Array(0)]);
    const tagged = riff([['fmt ', format(1, 16)], empty, ['LIST', Buffer.from('INFO')]]);
    expect(readWav(tagged).channels).toEqual([new Float32Array(0)]);
  });

  it('reads RF64, whose sizes are in the ds64 chunk', () => {
    const ds64 = Buffer.alloc(28);
    ds64.writeBigUInt64LE(8n, 8);
    const trailer: Chunk = ['LIST', Buffer.from('INFO')];
    const chunks: Chunk[] = [['ds64', ds64], ['fmt ', format(1, 16)], ['data', fourSamples, 0xffff_ffff], trailer];
    expect(readWav(riff(chunks, 'RF64', 0xffff_ffff)).channels).toEqual([fourValues]);
  });

  it('leaves out an unfinished last frame', () => {
    const data = Buffer.concat([fourSamples, Buffer.from([1])]);
    expect(
      readWav(
        riff([
          ['fmt ', format(1, 16)],
          ['data', data],
        ]),
      ).channels,
    ).toEqual([fourValues]);
  });

  it('replaces values that are not finite by 0', () => {
    const data = Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY, 1e300, 2);
    expect(
      readWav(
        riff([
          ['fmt ', format(3, 64)],
          ['data', Buffer.from(data.buffer)],
        ]),
      ).channels,
    ).toEqual([Float32Array.of(0, 0, 0, 2)]);
  });

  it.each<[name: string, bytes: Uint8Array, code: string, says: RegExp]>([
    ['no bytes', new Uint8Array(0), 'wav.not_wav', /0 bytes/],
    ['two bytes', Buffer.from('RI'), 'wav.not_wav', /2 bytes/],
    ['text', Buffer.from('hello, I am text'), 'wav.not_wav', /begins with "hell"/],
    ['another RIFF file', Buffer.from('RIFF\x04\0\0\0AVI '), 'wav.not_wav', /"AVI "/],
    ['a cut container', Buffer.from('RIFF\x04\0\0\0WA'), 'wav.damaged', /after 10 bytes/],
    ['nothing behind the container', riff([]), 'wav.damaged', /no "fmt "/],
    ['no data', riff([['fmt ', format(1, 16)]]), 'wav.damaged', /no "data"/],
    [
      'data before its format',
      riff([
        ['data', fourSamples],
        ['fmt ', format(1, 16)],
      ]),
      'wav.damaged',
      /before/,
    ],
    ['a short format', riff([['fmt ', Buffer.alloc(10)]]), 'wav.damaged', /10 bytes; expected 16/],
    ['a short extensible format', riff([['fmt ', format(0xfffe, 16)]]), 'wav.damaged', /expected 40/],
    ['a cut format', riff([['fmt ', format(1, 16)]]).subarray(0, 30), 'wav.damaged', /only 10 follow/],
    [
      'cut data',
      riff([
        ['fmt ', format(1, 16)],
        ['data', fourSamples, 5_000],
      ]),
      'wav.damaged',
      /5000 .* only 8/,
    ],
    ['0 channels', riff([['fmt ', format(1, 16, 0)]]), 'wav.damaged', /0 channels/],
    ['0 Hz', riff([['fmt ', format(1, 16, 1, 0)]]), 'wav.damaged', /0 Hz/],
    ['a wrong frame size', riff([['fmt ', format(1, 16, 2, 16_000, 3)]]), 'wav.damaged', /3 bytes for each frame/],
    ['65,535 channels', riff([['fmt ', format(1, 8, 65_535)]]), 'wav.unsupported', /65535 channels; expected 1 to 32/],
    ['4 GHz', riff([['fmt ', format(1, 16, 1, 4_000_000_000)]]), 'wav.unsupported', /4000000000 Hz; expected/],
    ['1 Hz', riff([['fmt ', format(1, 16, 1, 1)]]), 'wav.unsupported', /1 Hz; expected/],
    ['PCM of 12 bits', riff([['fmt ', format(1, 12, 1, 16_000, 2)]]), 'wav.unsupported', /PCM of 12 bits/],
    ['MP3 in WAV', riff([['fmt ', format(0x55, 0)]]), 'wav.unsupported', /MP3/],
    ['an unknown format', riff([['fmt ', format(0x1234, 16)]]), 'wav.unsupported', /0x1234/],
    ['an unknown sub-format', riff([['fmt ', extensible(1, 16).fill(1, 26)]]), 'wav.unsupported', /sub-format/],
    ['big-endian', riff([['fmt ', format(1, 16)]], 'RIFX'), 'wav.unsupported', /big-endian/],
  ])('refuses %s', (_name, bytes, code, says) => {
    const error = errorOf(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error.status).toBeLessThan(500);
  });

  it('throws nothing but ParleyError, whatever the bytes', () => {
    const valid = [
      riff([
        ['LIST', Buffer.from('abc')],
        ['fmt ', format(1, 16, 2)],
        ['data', fourSamples],
      ]),
      riff([
        ['fmt ', extensible(3, 32, 2)],
        ['data', Buffer.alloc(64)],
      ]),
      writeWav([new Float32Array(9)], 16_000, { bitDepth: 24 }),
      writeWav([new Float32Array(9)], 8_000, { bitDepth: '32f' }),
      riff(
        [
          ['ds64', Buffer.alloc(28)],
          ['fmt ', format(7, 8)],
          ['data', fourSamples, 0xffff_ffff],
        ],
        'RF64',
      ),
    ];
    const mutated = fc
      .record({
        base: fc.constantFrom(...valid),
        edits: fc.array(fc.tuple(fc.nat(120), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        length: fc.nat(120),
        cut: fc.boolean(),
      })
      .map(({ base, edits, length, cut }) => {
        const bytes = Buffer.from(base);
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        return cut ? bytes.subarray(0, length) : bytes;
      });
    const headed = fc
      .uint8Array({ maxLength: 120 })
      .map((tail) => Buffer.concat([Buffer.from('RIFF....WAVEfmt '), tail]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated, headed), (bytes) => {
        try {
          const { channels } = readWav(bytes);
          for (const samples of channels) {
            if (samples.length > bytes.length || samples.some((sample) => !Number.isFinite(sample))) return false;
          }
          return true;
        } catch (error) {
          return ParleyError.isInstance(error) && error.code.startsWith('wav.');
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('writeWav', () => {
  const stereo = [Float32Array.of(0.5, -0.25, 0.125), Float32Array.of(-1, 0, 0.75)];

  it.each([16, 24, '32f'] as const)('writes what readWav reads, depth %s', (bitDepth) => {
    expect(readWav(writeWav(stereo, 24_000, { bitDepth }))).toEqual({ channels: stereo, rateHz: 24_000 });
  });

  it('writes the 44-byte header that everything reads, 16 bits unless told otherwise', () => {
    const file = writeWav([Float32Array.of(0.5, -0.5)], 16_000);
    expect(file.toString('hex')).toBe(
      '524946462800000057415645666d74201000000001000100803e0000007d0000020010006461746104000000004000c0',
    );
  });

  it('pads odd data to an even length', () => {
    const file = writeWav([Float32Array.of(0.5)], 16_000, { bitDepth: 24 });
    expect(file.length % 2).toBe(0);
    expect(file.readUInt32LE(4)).toBe(file.length - 8);
    expect(file.readUInt32LE(40)).toBe(3);
    expect(readWav(file).channels).toEqual([Float32Array.of(0.5)]);
  });

  it('limits integers and keeps floats', () => {
    const loud = [Float32Array.of(2, -2, Number.NaN)];
    expect(readWav(writeWav(loud, 16_000)).channels).toEqual([Float32Array.of(32_767 / 32_768, -1, 0)]);
    expect(readWav(writeWav(loud, 16_000, { bitDepth: 24 })).channels).toEqual([
      Float32Array.of(8_388_607 / 8_388_608, -1, 0),
    ]);
    expect(readWav(writeWav(loud, 16_000, { bitDepth: '32f' })).channels).toEqual([Float32Array.of(2, -2, 0)]);
  });

  it('writes an empty recording', () => {
    expect(readWav(writeWav([new Float32Array(0)], 8_000)).channels).toEqual([new Float32Array(0)]);
  });

  it.each<[name: string, channels: Float32Array[], rateHz: number, says: RegExp]>([
    ['no channels', [], 16_000, /0 channels/],
    ['unequal channels', [new Float32Array(2), new Float32Array(3)], 16_000, /2 and 3 samples/],
    ['a broken rate', [new Float32Array(2)], 0.5, /0\.5 Hz/],
  ])('refuses %s', (_name, channels, rateHz, says) => {
    expect(() => writeWav(channels, rateHz)).toThrow(says);
  });
});

describe('monoOf', () => {
  it('averages the channels', () => {
    expect(monoOf([Float32Array.of(1, 0.5), Float32Array.of(0, -0.5)])).toEqual(Float32Array.of(0.5, 0));
  });

  it('copies a single channel', () => {
    const samples = Float32Array.of(0.25, 0.5);
    const mono = monoOf([samples]);
    expect(mono).toEqual(samples);
    expect(mono).not.toBe(samples);
  });

  it('makes nothing of nothing', () => {
    expect(monoOf([])).toEqual(new Float32Array(0));
  });
});
