/** Readers take a size that is as large as can be as "until the end". */
const unknownBytes = 0xffff_ffff;

/** Format tags of `mmreg.h`, and bytes of a sample. */
const formats = { pcm16: [1, 2], alaw: [6, 1], mulaw: [7, 1] } as const;

/** Header of a mono WAV file whose length nobody knows yet. */
export function streamingWavHeader(rateHz: number, encoding: keyof typeof formats = 'pcm16'): Uint8Array {
  const [tag, sampleBytes] = formats[encoding];
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(unknownBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(tag, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt32LE(rateHz * sampleBytes, 28);
  header.writeUInt16LE(sampleBytes, 32);
  header.writeUInt16LE(sampleBytes * 8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(unknownBytes, 40);
  return header;
}
