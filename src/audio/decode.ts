import { readAac } from './aac.js';
import { ParleyError } from './error.js';
import { readFlac } from './flac.js';
import { readMp3 } from './mp3.js';
import { readOgg } from './ogg.js';
import { type Recording, readWav } from './wav.js';
import { readWebm } from './webm.js';

/** First bytes of formats that people send, so that a refusal can name what arrived. `..` stands for any byte. */
const signatures: readonly (readonly [name: string, offset: number, hex: string])[] = [
  ['an AIFF file', 0, '464f524d........41494646'],
  ['an AIFF file', 0, '464f524d........41494643'],
  ['a Sun .au file', 0, '2e736e64'],
  ['a CAF file', 0, '63616666'],
  ['an AMR file', 0, '2321414d52'],
  ['a WMA file', 0, '3026b2758e66cf11'],
  ['a RIFF file that is not WAV', 0, '52494646'],
  ['a PDF document', 0, '25504446'],
  ['a ZIP archive', 0, '504b0304'],
  ['gzip-compressed data', 0, '1f8b'],
  ['a PNG image', 0, '89504e47'],
  ['a JPEG image', 0, 'ffd8ff'],
];

function begins(bytes: Uint8Array, hex: string, offset = 0): boolean {
  for (let i = 0; i * 2 < hex.length; i++) {
    const byte = hex.slice(i * 2, i * 2 + 2);
    if (byte !== '..' && bytes[offset + i] !== Number.parseInt(byte, 16)) return false;
  }
  return true;
}

function isText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 64);
  return head.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127));
}

/** Says in words what the first bytes look like: "an MP3 file", "text beginning "{"error": …"", "empty". */
function describeBytes(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'empty (0 bytes)';
  const known = signatures.find(([, offset, hex]) => begins(bytes, hex, offset));
  if (known) return known[0];
  if (isText(bytes)) {
    const text = new TextDecoder().decode(bytes.subarray(0, 40)).replace(/\s+/g, ' ').trim();
    if (/^<(!doctype|html)/i.test(text)) return 'an HTML page';
    return `text beginning ${JSON.stringify(text)}`;
  }
  const first = Buffer.from(bytes.subarray(0, 8))
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
  return `of unknown kind, with the first bytes ${first} (raw PCM has no header and cannot be recognised)`;
}

function isWav(bytes: Uint8Array): boolean {
  if (['52494658', '52463634', '42573634'].some((container) => begins(bytes, container))) return true;
  // A RIFF file cut before byte 12 is taken for a damaged WAV: nothing else says what it was.
  return begins(bytes, '52494646') && (bytes.length < 12 || begins(bytes, '57415645', 8));
}

/** Compressed formats by their first bytes. An MP3 begins with tags, or with the first frame of any layer and rate. */
const readers: readonly (readonly [offset: number, hex: string, read: (bytes: Uint8Array) => Promise<Recording>])[] = [
  [0, '664c6143', readFlac],
  [0, '4f676753', readOgg],
  [0, '1a45dfa3', readWebm],
  [4, '66747970', readAac],
  [0, 'fff1', readAac],
  [0, 'fff9', readAac],
  [0, '494433', readMp3],
  [0, 'fffb', readMp3],
  [0, 'fffa', readMp3],
  [0, 'fff3', readMp3],
  [0, 'fff2', readMp3],
  [0, 'fffd', readMp3],
  [0, 'fffc', readMp3],
  [0, 'ffe3', readMp3],
  [0, 'ffe2', readMp3],
];

/** What {@link decodeAudioFile} reads, in words. */
export const decodableFormats = 'WAV, FLAC, MP3, Ogg (Opus or Vorbis), M4A or AAC, or WebM (Opus)';

/**
 * Reads a recording whose format is told by its first bytes ({@link decodableFormats}), at its own rate and channel
 * count.
 *
 * @throws ParleyError `audio.unknown_format` for anything else; `audio.damaged`, `wav.damaged`, `flac.damaged`;
 *   `audio.too_long`
 */
export async function decodeAudioFile(bytes: Uint8Array): Promise<Recording> {
  if (isWav(bytes)) return readWav(bytes);
  const reader = readers.find(([offset, hex]) => begins(bytes, hex, offset));
  if (reader) return reader[2](bytes);
  throw new ParleyError(
    `Unknown audio format: expected ${decodableFormats}, but the data is ${describeBytes(bytes)}.`,
    {
      code: 'audio.unknown_format',
      status: 415,
    },
  );
}
