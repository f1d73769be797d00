/** A period longer or shorter than these is no adult voice's. */
const lowestHz = 80;
const highestHz = 350;
const windowMs = 40;
const stepMs = 10;
/** Below this correlation with itself one period later, a window is not voiced. */
const voicedAbove = 0.6;
const quietBelowDb = -35;

/** Fundamental frequency of the voiced windows of a stretch, in order, by normalised autocorrelation. */
export function pitchTrack(samples: Float32Array, rateHz: number): number[] {
  const step = Math.round((stepMs * rateHz) / 1000);
  const track: number[] = [];
  for (let at = 0; at < samples.length; at += step) {
    const hz = pitchAt(samples, at, rateHz);
    if (hz !== undefined) track.push(hz);
  }
  return track;
}

function pitchAt(samples: Float32Array, at: number, rateHz: number): number | undefined {
  const width = Math.round((windowMs * rateHz) / 1000);
  const longest = Math.round(rateHz / lowestHz);
  if (at + width + longest > samples.length) return undefined;
  const energy = product(samples, at, at, width);
  if (10 * Math.log10(energy / width + 1e-12) < quietBelowDb) return undefined;
  let best = { correlation: 0, lag: 0 };
  for (let lag = Math.round(rateHz / highestHz); lag <= longest; lag++) {
    const later = product(samples, at + lag, at + lag, width);
    const correlation = product(samples, at, at + lag, width) / Math.sqrt(energy * later + 1e-12);
    // A later lag has to be clearly better, or the octave below would win.
    if (correlation > best.correlation + 0.01) best = { correlation, lag };
  }
  return best.correlation > voicedAbove ? rateHz / best.lag : undefined;
}

function product(samples: Float32Array, a: number, b: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) sum += (samples[a + i] as number) * (samples[b + i] as number);
  return sum;
}

/** How much higher `hz` is than `reference`, in semitones. */
export function semitones(hz: number, reference: number): number {
  return 12 * Math.log2(hz / reference);
}
