import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedAudioDir, skipNotice } from '../../test/fixtures/recordings.js';
import { ParleyError } from './error.js';
import { readFlac } from './flac.js';

// 64 samples of (37 i mod 201) - 100, written by libsndfile 1.2: 16 bits at 16 kHz mono, and 24 bits at 44.1 kHz
// stereo with the second channel at -0.5 times the first.
const mono = Buffer.from(
  'ZkxhQwAAACIQABAAAABMAABMA+gA8AAAAEBBGQq0fHhwlwqWkaKEe1chhAAAKCAAAAByZWZlcmVuY2UgbGliRkxBQyAxLjQuMyAyMDIzMDYyMwAAAAD/+GUIAD9IEAGEd951mA1F1TkoBKPrnpwNR0KaTASioc2m/qdD8Sf8pULxpX6vR+Eh/61F40F9Vl/iQf3XXeaDkVUuCkFI6teHQNDL',
  'base64',
);
const stereo = Buffer.from(
  'ZkxhQwAAACIQABAAAACRAACRCsRDcAAAAEDQY+iOGTfjNVqrzznCxwoIhAAAKCAAAAByZWZlcmVuY2UgbGliRkxBQyAxLjQuMyAyMDIzMDYyMwAAAAD/+GkcAD+pEQEBhHfedZgNRdU5KASj656cDUdCmkwEoqHNpv6nQ/En/KVC8aV+r0fhIf+tReNBfVZf4kH9113mg5FVLgpBSOrXh0CIEBhIfulVfNJeVJX8kn501X2k5lRKgJJTOjVg0uZ9JSBJUy6amCtzfRHIHamumcwK0z6RxAdtl1nOJWTISOUTs2Ys4JiI',
  'base64',
);
const expected = Float32Array.from({ length: 64 }, (_, i) => (((37 * i) % 201) - 100) / 32_768);

const recordings = listRecordings();
if (recordings.length === 0)
  skipNotice(1, 'no recordings; set PARLEY_TEST_AUDIO to the folder that holds coffee-orders/*.flac');

function listRecordings(): string[] {
  const folder = join(sharedAudioDir() ?? '', 'coffee-orders');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.flac'))
    .map((name) => join(folder, name));
}

async function errorOf(bytes: Uint8Array): Promise<ParleyError> {
  const thrown = await readFlac(bytes).catch((error: unknown) => error);
  if (ParleyError.isInstance(thrown)) return thrown;
  throw new Error('expected readFlac to throw a ParleyError', { cause: thrown });
}

describe('readFlac', () => {
  it('reads 16-bit mono', async () => {
    expect(await readFlac(mono)).toEqual({ channels: [expected], rateHz: 16_000 });
  });

  it('reads 24-bit stereo', async () => {
    const { channels, rateHz } = await readFlac(stereo);
    expect(rateHz).toBe(44_100);
    expect(channels[0]).toEqual(expected);
    expect(channels[1]).toEqual(expected.map((sample) => 0 - sample / 2));
  });

  it('reads from a view that begins at an odd offset', async () => {
    const shifted = Buffer.concat([Buffer.from([1]), mono]).subarray(1);
    expect((await readFlac(shifted)).channels).toEqual([expected]);
  });

  it('does not lose the last frame of a file that the decoder loses it of', async () => {
    // 96 samples of (7 i mod 1999) - 1000.
    const ramp = Buffer.from(
      'ZkxhQwAAACIQABAAAAAbAAAbA+gA8AAAAGBrJgmBeUTO5YTjgHMrzAxNhAAAKCAAAAByZWZlcmVuY2UgbGliRkxBQyAxLjQuMyAyMDIzMDYyMwAAAAD/+GUIAF9vFPwY/B8AP///////////////DZY=',
      'base64',
    );
    const { channels } = await readFlac(ramp);
    expect(channels).toEqual([Float32Array.from({ length: 96 }, (_, i) => (7 * i - 1_000) / 32_768)]);
  });

  it('decodes several files at once', async () => {
    const results = await Promise.all([readFlac(mono), readFlac(stereo), readFlac(mono)]);
    expect(results.map(({ channels }) => channels[0])).toEqual([expected, expected, expected]);
  });

  it.each<[name: string, bytes: Uint8Array, says: RegExp]>([
    ['nothing', new Uint8Array(0), /expected it to begin with "fLaC"/],
    ['something else', Buffer.from('RIFF'), /expected it to begin with "fLaC"/],
    ['the magic alone', Buffer.from('fLaC'), /ends after 4 bytes/],
    ['a cut header', mono.subarray(0, 20), /promises 34 bytes, but only 12 follow/],
    ['a file cut before its audio', mono.subarray(0, mono.length - 40), /no audio frame/],
    [
      'no stream information',
      Buffer.concat([Buffer.from('fLaC'), Buffer.from([0x81, 0, 0, 0])]),
      /no stream information/,
    ],
  ])('refuses %s', async (_name, bytes, says) => {
    const error = await errorOf(bytes);
    expect(error.code).toBe('flac.damaged');
    expect(error.status).toBe(400);
    expect(error.message).toMatch(says);
  });

  it('refuses a header that promises more audio than there is', async () => {
    const short = Buffer.from(mono);
    short.writeUInt32BE(5_000, 4 + 4 + 14);
    expect((await errorOf(short)).message).toMatch(/promises 5000 samples for each channel, but 64/);
  });

  it('refuses a header that promises more than it would ever decode', async () => {
    const long = Buffer.from(mono);
    long.writeUInt32BE(0xffff_ffff, 4 + 4 + 14);
    expect((await errorOf(long)).code).toBe('audio.too_long');
  });

  it('reads a stream whose writer did not know the length', async () => {
    const open = Buffer.from(mono);
    open.writeUInt32BE(0, 4 + 4 + 14);
    expect((await readFlac(open)).channels).toEqual([expected]);
  });

  it('throws nothing but ParleyError, whatever is damaged', async () => {
    const edits = fc.array(fc.tuple(fc.nat(stereo.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(mono, stereo), edits, fc.nat(stereo.length), async (base, changes, length) => {
        const bytes = Buffer.from(base);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          await readFlac(length % 3 === 0 ? bytes.subarray(0, length) : bytes);
          return true;
        } catch (error) {
          return ParleyError.isInstance(error) && /^(flac|audio)\./.test(error.code);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.skipIf(recordings.length === 0)('reads recorded speech to its last sample', async () => {
    for (const recording of recordings) {
      // readFlac compares the number of samples with the header's.
      const { channels, rateHz } = await readFlac(readFileSync(recording));
      expect(rateHz).toBe(16_000);
      expect(channels.length).toBe(1);
    }
  });
});
