const rateHz = 24_000;

/** Base64 of PCM16 at 24 kHz: a tone, which counts as speech, and then silence. */
export function toneBase64(toneMs: number, silenceMs: number): string {
  const samples = new Int16Array(((toneMs + silenceMs) * rateHz) / 1_000);
  const voiced = (toneMs * rateHz) / 1_000;
  for (let i = 0; i < voiced; i++) samples[i] = Math.round(8_000 * Math.sin((2 * Math.PI * 440 * i) / rateHz));
  return Buffer.from(samples.buffer).toString('base64');
}
