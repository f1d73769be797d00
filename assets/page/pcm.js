/** The wire's only PCM rate: 16-bit little-endian mono at 24 kHz, in base64. */
export const wireRateHz = 24_000;

/**
 * @param {Float32Array} samples -1..1, clipped outside
 * @returns {string} base64 of PCM16 little-endian
 */
export function encodePcm16(samples) {
  const view = new DataView(new ArrayBuffer(samples.length * 2));
  for (let i = 0; i < samples.length; i++) {
    const clipped = Math.max(-1, Math.min(1, samples[i]));
    view.setInt16(i * 2, Math.round(clipped * 32_767), true);
  }
  let binary = '';
  for (let i = 0; i < view.byteLength; i++) binary += String.fromCharCode(view.getUint8(i));
  return btoa(binary);
}

/**
 * @param {string} base64 PCM16 little-endian
 * @returns {Float32Array} -1..1; empty when the text is no base64
 */
export function decodePcm16(base64) {
  let binary;
  try {
    binary = atob(base64);
  } catch {
    return new Float32Array(0);
  }
  const samples = new Float32Array(binary.length >> 1);
  for (let i = 0; i < samples.length; i++) {
    const word = binary.charCodeAt(2 * i) | (binary.charCodeAt(2 * i + 1) << 8);
    samples[i] = (word << 16) / 2_147_483_648;
  }
  return samples;
}

/**
 * @param {Float32Array} samples
 * @returns {number} root mean square, 0..1
 */
export function rms(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}
