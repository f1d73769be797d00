/** Readers take a size that is as large as can be as "until the end". */
const unknownBytes = 0xffff_ffff;

/** Header of a WAV file (16-bit mono PCM) whose length nobody knows yet. */
export function streamingWavHeader(rateHz: number): Uint8Array {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(unknownBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rateHz, 24);
  header.writeUInt32LE(rateHz * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(unknownBytes, 40);
  return header;
}
