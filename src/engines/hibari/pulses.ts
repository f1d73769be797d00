/** Sample rate of the voice. */
export const RATE_HZ = 24_000;
/** Samples per network frame: 12.5 ms. */
export const HOP = 300;

/** Below this the network means "unvoiced", not a low voice. */
const VOICED_ABOVE_HZ = 40;
/** The network was trained with harmonics up to here, and fills the rest with its noise-like part. */
const HIGHEST_HARMONIC_HZ = 11_000;
/** Where sin(t/2) is this small the quotient is replaced by its limit. */
const SINGULAR = 1e-3;

/** Excitation of the harmonic part: 300 samples per frame, and whether each frame has any sample that is not zero. */
export type PulseTrain = { readonly samples: Float32Array; readonly voiced: Uint8Array };

/**
 * Band-limited pulse train that follows a pitch curve: every harmonic below 11 kHz with amplitude one. Uses the closed form
 * Σ_{h=1..H} cos(h·t) = sin((H + ½)t) / (2·sin(t/2)) − ½ (Dirichlet kernel).
 *
 * @param f0 pitch per frame in Hz, interpolated linearly between frame centres
 */
export function pulseTrain(f0: Float32Array): PulseTrain {
  const frames = f0.length;
  const samples = new Float32Array(frames * HOP);
  const voiced = new Uint8Array(frames);
  const half = HOP / 2;
  const floorStep = VOICED_ABOVE_HZ / RATE_HZ;
  let turns = 0;
  for (let frame = 0; frame < frames; frame++) {
    const here = f0[frame] as number;
    const before = frame > 0 ? (f0[frame - 1] as number) : here;
    const after = frame + 1 < frames ? (f0[frame + 1] as number) : here;
    if (here <= VOICED_ABOVE_HZ && before <= VOICED_ABOVE_HZ && after <= VOICED_ABOVE_HZ) {
      // The phase runs on at the floor frequency, as it did in training.
      turns = (turns + HOP * floorStep) % 1;
      continue;
    }
    for (let j = 0; j < HOP; j++) {
      const position = (j + 0.5) / HOP;
      const hz = j < half ? before + (here - before) * (position + 0.5) : here + (after - here) * (position - 0.5);
      const isVoiced = hz > VOICED_ABOVE_HZ;
      turns += isVoiced ? hz / RATE_HZ : floorStep;
      if (turns >= 1) turns -= Math.floor(turns);
      if (!isVoiced) continue;
      const highest = Math.floor(HIGHEST_HARMONIC_HZ / hz) + 0.5;
      const t = 2 * Math.PI * turns;
      const s = Math.sin(0.5 * t);
      const ratio = s < SINGULAR && s > -SINGULAR ? highest : Math.sin(highest * t) / (2 * s);
      samples[frame * HOP + j] = ratio - 0.5;
      voiced[frame] = 1;
    }
  }
  return { samples, voiced };
}
