/** Rate of the realtime protocol's PCM, both ways. */
export const realtimeRateHz = 24_000;

/** `String.fromCharCode` takes its characters as arguments, whose number the engines limit. */
const charactersPerCall = 8_192;

/** 16-bit values of samples: full scale is 32,768, values outside -1..1 are limited, NaN is 0. */
export function int16Samples(samples: Float32Array): Int16Array {
  const values = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    values[i] = Math.max(-32_768, Math.min(32_767, Math.round((samples[i] as number) * 32_768)));
  }
  return values;
}

/** Base64 of signed 16-bit little-endian PCM, as `input_audio_buffer.append` carries it. */
export function pcm16ToBase64(values: Int16Array): string {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setInt16(i * 2, values[i] as number, true);
  let characters = '';
  for (let at = 0; at < bytes.length; at += charactersPerCall) {
    characters += String.fromCharCode(...bytes.subarray(at, at + charactersPerCall));
  }
  return btoa(characters);
}

/** Samples in -1..1 of base64 PCM; `undefined` if the text is not base64. An odd last byte is left out. */
export function base64ToSamples(base64: string): Float32Array | undefined {
  let characters: string;
  try {
    characters = atob(base64);
  } catch {
    return undefined;
  }
  const samples = new Float32Array(characters.length >> 1);
  for (let i = 0; i < samples.length; i++) {
    const value = characters.charCodeAt(i * 2) | (characters.charCodeAt(i * 2 + 1) << 8);
    samples[i] = ((value << 16) >> 16) / 32_768;
  }
  return samples;
}
