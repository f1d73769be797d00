import { describe, expect, it } from 'vitest';
import { type AudioFormatName, decodeAudio, encodeAudio } from './audio-format.js';

const base64 = (...bytes: number[]) => Buffer.from(bytes).toString('base64');

describe('audio of events', () => {
  it('is 16-bit little-endian PCM', () => {
    expect(decodeAudio(base64(0x00, 0x40, 0x00, 0x80), 'audio/pcm')).toEqual(Float32Array.of(0.5, -1));
    expect(encodeAudio(Float32Array.of(0.5, -1), 'audio/pcm')).toBe(base64(0x00, 0x40, 0x00, 0x80));
  });

  it.each<AudioFormatName>(['audio/pcmu', 'audio/pcma'])('survives %s both ways', (format) => {
    const codes = base64(0x00, 0x55, 0x80, 0xd5, 0xff);
    const samples = decodeAudio(codes, format);
    if ('problem' in samples) throw new Error(samples.problem);
    expect(samples).toHaveLength(5);
    expect(decodeAudio(encodeAudio(samples, format), format)).toEqual(samples);
  });

  it('may come without padding, and may be empty', () => {
    expect(decodeAudio('AAA', 'audio/pcm')).toHaveLength(1);
    expect(decodeAudio('AAA=', 'audio/pcm')).toHaveLength(1);
    expect(decodeAudio('', 'audio/pcm')).toHaveLength(0);
  });

  it.each(['AAAA$AAA', 'AA AA', 'A', 'AAAAA', 'AA=A', '====', 'AAAAÿAAA'])('refuses %j as base64', (text) => {
    expect(decodeAudio(text, 'audio/pcm')).toEqual({ problem: 'The audio is not base64.' });
  });

  it('refuses half a sample', () => {
    expect(decodeAudio(base64(1, 2, 3), 'audio/pcm')).toMatchObject({ problem: expect.stringContaining('3 bytes') });
    expect(decodeAudio(base64(1, 2, 3), 'audio/pcmu')).toHaveLength(3);
  });
});
