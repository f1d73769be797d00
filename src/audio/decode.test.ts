import { describe, expect, it } from 'vitest';
import { decodeAudioFile } from './decode.js';
import { ParleyError } from './error.js';
import { writeWav } from './wav.js';

// 64 samples of (37 i mod 201) - 100 in 16 bits at 16 kHz, written by libsndfile 1.2.
const flac = Buffer.from(
  'ZkxhQwAAACIQABAAAABMAABMA+gA8AAAAEBBGQq0fHhwlwqWkaKEe1chhAAAKCAAAAByZWZlcmVuY2UgbGliRkxBQyAxLjQuMyAyMDIzMDYyMwAAAAD/+GUIAD9IEAGEd951mA1F1TkoBKPrnpwNR0KaTASioc2m/qdD8Sf8pULxpX6vR+Eh/61F40F9Vl/iQf3XXeaDkVUuCkFI6teHQNDL',
  'base64',
);
const expected = Float32Array.from({ length: 64 }, (_, i) => (((37 * i) % 201) - 100) / 32_768);

async function errorOf(bytes: Uint8Array): Promise<ParleyError> {
  const thrown = await decodeAudioFile(bytes).catch((error: unknown) => error);
  if (ParleyError.isInstance(thrown)) return thrown;
  throw new Error('expected decodeAudioFile to throw a ParleyError', { cause: thrown });
}

describe('decodeAudioFile', () => {
  it('gives the same samples for WAV and FLAC', async () => {
    const wav = await decodeAudioFile(writeWav([expected], 16_000));
    expect(wav).toEqual({ channels: [expected], rateHz: 16_000 });
    expect(await decodeAudioFile(flac)).toEqual(wav);
  });

  it.each<[name: string, bytes: Uint8Array, says: RegExp]>([
    ['nothing', new Uint8Array(0), /empty \(0 bytes\)/],
    ['AIFF', Buffer.from('FORM\0\0\0\x08AIFFCOMM'), /an AIFF file/],
    ['AVI', Buffer.from('RIFF\x04\0\0\0AVI LIST'), /a RIFF file that is not WAV/],
    ['JSON', Buffer.from('{"error": "no such file"}'), /text beginning "{\\"error/],
    ['a web page', Buffer.from('<!DOCTYPE html><html></html>'), /an HTML page/],
    ['noise', Buffer.from('00017f80fe0203040506', 'hex'), /first bytes 00 01 7f 80 fe 02 03 04/],
  ])('names %s in its refusal', async (_name, bytes, says) => {
    const error = await errorOf(bytes);
    expect(error.code).toBe('audio.unknown_format');
    expect(error.status).toBe(415);
    expect(error.message).toMatch(/expected WAV, FLAC, MP3/);
    expect(error.message).toMatch(says);
  });

  it.each<[name: string, bytes: Uint8Array, code: string]>([
    ['a cut WAV', writeWav([expected], 16_000).subarray(0, 50), 'wav.damaged'],
    ['a WAV cut in its magic', Buffer.from('RIFF\0\0'), 'wav.damaged'],
    ['a big-endian WAV', Buffer.from('RIFX\0\0\0\x04WAVE'), 'wav.unsupported'],
    ['tags without an MP3', Buffer.from('ID3\x04\0\0\0\0'), 'audio.damaged'],
    ['the beginning of an MP3', Buffer.from('fffb9064', 'hex'), 'audio.damaged'],
    ['a cut Ogg', Buffer.from('OggS\0\x02'), 'audio.unknown_format'],
    ['a cut M4A', Buffer.from('\0\0\0\x20ftypM4A '), 'audio.damaged'],
    ['a cut WebM', Buffer.from('1a45dfa39f4286', 'hex'), 'audio.damaged'],
    ['a cut FLAC', flac.subarray(0, 60), 'flac.damaged'],
  ])('passes on what is wrong with %s', async (_name, bytes, code) => {
    expect((await errorOf(bytes)).code).toBe(code);
  });
});
