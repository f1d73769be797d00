import { microphoneRateHz } from './microphone-file.js';

const pitchHz = 130;
const syllablesPerSecond = 4;

/**
 * Something that a browser's noise suppression takes for a voice: a pitch that moves, harmonics under two formants, syllables,
 * and a quiet room around it. No words; for tests that need energy at a known place only.
 * @returns samples -1..1 at 48 kHz
 */
export function syntheticVoice(
  parts: readonly { readonly kind: 'voice' | 'room'; readonly ms: number }[],
): Float32Array {
  const pieces = parts.map(({ kind, ms }) => render(kind, Math.round((ms * microphoneRateHz) / 1000)));
  const joined = new Float32Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

function render(kind: 'voice' | 'room', length: number): Float32Array {
  const samples = new Float32Array(length);
  let phase = 0;
  let seed = 12_345;
  for (let i = 0; i < length; i++) {
    // Numerical Recipes' linear congruential generator: the same room in every run.
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    samples[i] = (seed / 2 ** 31) * 0.001;
    if (kind === 'room') continue;
    const seconds = i / microphoneRateHz;
    phase += (2 * Math.PI * pitchHz * (1 + 0.12 * Math.sin(2 * Math.PI * 0.7 * seconds))) / microphoneRateHz;
    const syllable = Math.max(0, Math.sin(Math.PI * syllablesPerSecond * seconds)) ** 0.5;
    let voice = 0;
    for (let harmonic = 1; harmonic <= 24; harmonic++) voice += weight(harmonic * pitchHz) * Math.sin(harmonic * phase);
    samples[i] = (samples[i] as number) + 0.12 * syllable * voice;
  }
  return samples;
}

function weight(hz: number): number {
  const formant = (centreHz: number, widthHz: number) => 1 / (1 + ((hz - centreHz) / widthHz) ** 2);
  return formant(600, 150) + 0.6 * formant(1_300, 200) + 0.1;
}
