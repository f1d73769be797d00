/**
 * The network speaks at about −27 dBFS (RMS 0.045); this brings it to −23 dBFS (0.06-0.075), where telephone and browser
 * voices lie, with peaks near 0.7. A fixed gain, because one that follows the sentence would make short clauses jump.
 */
const OUTPUT_GAIN = 1.6;
/** Up to here samples pass unchanged; above, they approach 1 smoothly. */
const KNEE = 0.85;

/** Applies the output gain in place and keeps every sample strictly within −1..1; what is not a number becomes silence. */
export function setLevel(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) {
    const x = (samples[i] as number) * OUTPUT_GAIN;
    if (x <= KNEE && x >= -KNEE) samples[i] = x;
    else if (x > KNEE) samples[i] = KNEE + (1 - KNEE) * Math.tanh((x - KNEE) / (1 - KNEE));
    else if (x < -KNEE) samples[i] = -KNEE + (1 - KNEE) * Math.tanh((x + KNEE) / (1 - KNEE));
    else samples[i] = 0;
  }
}
