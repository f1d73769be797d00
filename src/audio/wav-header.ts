import { ParleyError } from './error.js';

/** How the samples of a WAV file are coded. */
export type WavCoding = 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'float64' | 'alaw' | 'mulaw';

/** What a WAV header says, checked: every field can be relied on by whoever decodes the data. */
export type WavHeader = {
  readonly coding: WavCoding;
  readonly channelCount: number;
  readonly rateHz: number;
  /** Bytes of one sample of one channel. */
  readonly sampleBytes: number;
  readonly dataOffsetBytes: number;
  /** Whole frames only, all of them inside the file. */
  readonly frameCount: number;
};

/** Limits of what is taken for a sensible recording. */
export const wavLimits = { maxChannels: 32, minRateHz: 1_000, maxRateHz: 384_000 } as const;

const codings: Readonly<Record<string, WavCoding>> = {
  '1/8': 'pcm8',
  '1/16': 'pcm16',
  '1/24': 'pcm24',
  '1/32': 'pcm32',
  '3/32': 'float32',
  '3/64': 'float64',
  '6/8': 'alaw',
  '7/8': 'mulaw',
};

const formatNames: Readonly<Record<number, string>> = {
  1: 'PCM',
  2: 'Microsoft ADPCM',
  3: 'IEEE float',
  6: 'A-law',
  7: 'mu-law',
  17: 'IMA ADPCM',
  49: 'GSM 6.10',
  80: 'MPEG',
  85: 'MP3',
  353: 'WMA',
};

const extensibleFormat = 0xfffe;
/** Bytes 2..15 of every sub-format GUID that stands for a plain format tag (KSDATAFORMAT_SUBTYPE_*). */
const formatTagGuidTail = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];
/** A writer that cannot seek back leaves a size from here on (or 0): "until the end". */
const streamingSizeBytes = 0x7fff_f000;

type Format = Pick<WavHeader, 'coding' | 'channelCount' | 'rateHz' | 'sampleBytes'>;

function damaged(message: string): ParleyError {
  return new ParleyError(`Damaged WAV file: ${message}`, { code: 'wav.damaged', status: 400 });
}

function unsupported(message: string): ParleyError {
  return new ParleyError(`Unsupported WAV file: ${message} Save it as PCM of 16 bits, for example.`, {
    code: 'wav.unsupported',
    status: 415,
  });
}

function tagAt(view: DataView, offset: number): string {
  let tag = '';
  for (let i = 0; i < 4; i++) tag += String.fromCharCode(view.getUint8(offset + i));
  return tag;
}

/** For messages: control characters and bytes above ASCII become dots. */
function printable(tag: string): string {
  return tag.replace(/[^\x20-\x7e]/g, '.');
}

function assertRiffWave(view: DataView): void {
  const notWav = (found: string): ParleyError =>
    new ParleyError(`Not a WAV file: expected it to begin with "RIFF" and "WAVE" at byte 8, but ${found}.`, {
      code: 'wav.not_wav',
      status: 415,
    });
  if (view.byteLength === 0) throw notWav('it is empty (0 bytes)');
  if (view.byteLength < 4) throw notWav(`it is only ${view.byteLength} bytes long`);
  const container = tagAt(view, 0);
  if (container === 'RIFX') throw unsupported('it is big-endian (RIFX).');
  if (!['RIFF', 'RF64', 'BW64'].includes(container)) throw notWav(`it begins with "${printable(container)}"`);
  if (view.byteLength < 12) throw damaged(`it ends after ${view.byteLength} bytes, inside its header of 12 bytes.`);
  const form = tagAt(view, 8);
  if (form !== 'WAVE') throw notWav(`it is a RIFF file of the kind "${printable(form)}"`);
}

function readFormat(view: DataView, offset: number, sizeBytes: number): Format {
  if (sizeBytes < 16) throw damaged(`its "fmt " chunk has ${sizeBytes} bytes; expected 16 or more.`);
  let tag = view.getUint16(offset, true);
  const channelCount = view.getUint16(offset + 2, true);
  const rateHz = view.getUint32(offset + 4, true);
  const blockBytes = view.getUint16(offset + 12, true);
  const bits = view.getUint16(offset + 14, true);
  if (tag === extensibleFormat) {
    if (sizeBytes < 40) {
      throw damaged(`its extensible "fmt " chunk has ${sizeBytes} bytes; expected 40 or more.`);
    }
    tag = view.getUint16(offset + 24, true);
    if (formatTagGuidTail.some((byte, i) => view.getUint8(offset + 26 + i) !== byte)) {
      throw unsupported('its extensible format names a sub-format that is not PCM, float, A-law or mu-law.');
    }
  }
  if (channelCount === 0) throw damaged('its header says 0 channels.');
  if (rateHz === 0) throw damaged('its header says a sample rate of 0 Hz.');
  if (channelCount > wavLimits.maxChannels) {
    throw unsupported(`its header says ${channelCount} channels; expected 1 to ${wavLimits.maxChannels}.`);
  }
  if (rateHz < wavLimits.minRateHz || rateHz > wavLimits.maxRateHz) {
    throw unsupported(`its header says ${rateHz} Hz; expected ${wavLimits.minRateHz} to ${wavLimits.maxRateHz} Hz.`);
  }
  const coding = codings[`${tag}/${bits}`];
  if (coding === undefined) {
    const name = formatNames[tag] ?? `format 0x${tag.toString(16).padStart(4, '0')}`;
    throw unsupported(
      `it holds ${name} of ${bits} bits; expected PCM of 8, 16, 24 or 32 bits, IEEE float of 32 or 64, A-law or mu-law of 8.`,
    );
  }
  const sampleBytes = bits / 8;
  if (blockBytes !== sampleBytes * channelCount) {
    throw damaged(
      `its header says ${blockBytes} bytes for each frame, but ${channelCount} x ${bits} bits take ${sampleBytes * channelCount}.`,
    );
  }
  return { coding, channelCount, rateHz, sampleBytes };
}

/** Bytes of the data chunk that are there to be read. */
function dataSize(view: DataView, offset: number, statedBytes: number): number {
  const availableBytes = view.byteLength - offset;
  if (statedBytes >= streamingSizeBytes && statedBytes > availableBytes) return availableBytes;
  if (statedBytes === 0) {
    // A header that fits the file means an empty recording (other chunks may follow); else its writer never knew.
    const headerFits = view.getUint32(4, true) + 8 === view.byteLength;
    return headerFits ? 0 : availableBytes;
  }
  if (statedBytes > availableBytes) {
    throw damaged(
      `its header promises ${statedBytes} bytes of audio, but only ${availableBytes} follow; the file is cut short.`,
    );
  }
  return statedBytes;
}

/**
 * Finds the format and the data of a WAV file (RIFF, RF64 or BW64).
 *
 * @throws ParleyError `wav.not_wav`, `wav.damaged`, `wav.unsupported`
 */
export function readWavHeader(bytes: Uint8Array): WavHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assertRiffWave(view);
  let format: Format | undefined;
  let longDataBytes: number | undefined;
  let offset = 12;
  while (offset + 8 <= view.byteLength) {
    const tag = tagAt(view, offset);
    const sizeBytes = view.getUint32(offset + 4, true);
    const body = offset + 8;
    if (tag === 'data') {
      if (format === undefined) throw damaged('its "data" chunk comes before any "fmt " chunk.');
      const statedBytes = sizeBytes === 0xffff_ffff ? (longDataBytes ?? sizeBytes) : sizeBytes;
      const dataBytes = dataSize(view, body, statedBytes);
      const frameBytes = format.sampleBytes * format.channelCount;
      return { ...format, dataOffsetBytes: body, frameCount: Math.floor(dataBytes / frameBytes) };
    }
    if (body + sizeBytes > view.byteLength) {
      throw damaged(
        `its "${printable(tag)}" chunk promises ${sizeBytes} bytes, but only ${view.byteLength - body} follow.`,
      );
    }
    if (tag === 'fmt ') format = readFormat(view, body, sizeBytes);
    // RF64 (EBU Tech 3306): riff size, data size and sample count as 64-bit numbers.
    if (tag === 'ds64' && sizeBytes >= 24) longDataBytes = Number(view.getBigUint64(body + 8, true));
    // Chunks begin at even offsets.
    offset = body + sizeBytes + (sizeBytes % 2);
  }
  throw damaged(format === undefined ? 'it has no "fmt " chunk.' : 'it has no "data" chunk.');
}
