/*
 * G.711 companding by tables. Codes and decision values follow ITU-T Recommendation G.711 (11/88), tables 1 and 2;
 * negative values are folded by one's complement, as the ITU-T G.191 software tool library does.
 * Linear values are 16 bit: mu-law's 14 bits are shifted left by 2, A-law's 13 by 3.
 */

function mulawToLinear(code: number): number {
  const bits = ~code & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 0x07);
  return bits & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

function alawToLinear(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 0x07;
  const step = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

/** Position of the highest set bit: floor(log2(value)). */
function highestBit(value: number): number {
  return 31 - Math.clz32(value);
}

function linearToMulaw(linear: number): number {
  const biased = Math.min(linear < 0 ? ~linear : linear, 32_635) + 0x84;
  const segment = highestBit(biased) - 7;
  const bits = (segment << 4) | ((biased >> (segment + 3)) & 0x0f);
  return ~(linear < 0 ? bits | 0x80 : bits) & 0xff;
}

function linearToAlaw(linear: number): number {
  const magnitude = linear < 0 ? ~linear : linear;
  const segment = Math.max(0, highestBit(magnitude | 1) - 7);
  const bits = (segment << 4) | ((magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f);
  return (linear < 0 ? bits : bits | 0x80) ^ 0x55;
}

function decodingTable(toLinear: (code: number) => number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, code) => toLinear(code) / 32_768);
}

/** Indexed by the linear value plus 32,768. */
function encodingTable(fromLinear: (linear: number) => number): Uint8Array {
  return Uint8Array.from({ length: 65_536 }, (_, index) => fromLinear(index - 32_768));
}

const mulawDecoding = decodingTable(mulawToLinear);
const mulawEncoding = encodingTable(linearToMulaw);
const alawDecoding = decodingTable(alawToLinear);
const alawEncoding = encodingTable(linearToAlaw);

function encode(samples: Float32Array, table: Uint8Array): Uint8Array {
  const codes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const scaled = Math.round((samples[i] as number) * 32_768);
    // `| 0` would wrap large values, so the limits come first; it then turns NaN into silence.
    const linear = scaled > 32_767 ? 32_767 : scaled < -32_768 ? -32_768 : scaled | 0;
    codes[i] = table[linear + 32_768] as number;
  }
  return codes;
}

function decode(codes: Uint8Array, table: Float32Array): Float32Array {
  const samples = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) samples[i] = table[codes[i] as number] as number;
  return samples;
}

/** One mu-law byte for each sample; values outside -1..1 are limited, NaN becomes silence. */
export function encodeMulaw(samples: Float32Array): Uint8Array {
  return encode(samples, mulawEncoding);
}

/** Linear samples within -0.981..0.981 (the code's largest value is 32,124 of 32,768). */
export function decodeMulaw(codes: Uint8Array): Float32Array {
  return decode(codes, mulawDecoding);
}

/** One A-law byte for each sample; values outside -1..1 are limited, NaN becomes silence. */
export function encodeAlaw(samples: Float32Array): Uint8Array {
  return encode(samples, alawEncoding);
}

/** Linear samples within -0.985..0.985 (the code's largest value is 32,256 of 32,768). */
export function decodeAlaw(codes: Uint8Array): Float32Array {
  return decode(codes, alawDecoding);
}
