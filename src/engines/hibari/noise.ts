/** Complex values in the pool: 0.3 s of noise for every bin, more than the ear can follow when read at random places. */
const POOL_VALUES = 1 << 15;
/** One frame reads this many values in a row. */
const READ_VALUES = 601;

/**
 * Unit Gaussian noise (two independent parts of variance one), drawn once and read from pseudo-random places: the vocoder
 * needs 96,000 numbers per second of audio, and drawing them anew would cost more than everything else it does.
 */
export class NoisePool {
  /** Interleaved real and imaginary parts. */
  readonly values: Float32Array;
  private state = 1;

  constructor(seed = 20_240_229) {
    this.values = new Float32Array(POOL_VALUES * 2);
    this.state = seed >>> 0;
    for (let i = 0; i < this.values.length; i += 2) {
      // Box-Muller; the shift keeps the logarithm away from zero.
      const radius = Math.sqrt(-2 * Math.log((this.next() + 1) / 4_294_967_297));
      const angle = (2 * Math.PI * this.next()) / 4_294_967_296;
      this.values[i] = radius * Math.cos(angle);
      this.values[i + 1] = radius * Math.sin(angle);
    }
  }

  /** Makes the next reads those that follow this seed, so that the same text sounds the same. */
  reseed(seed: number): void {
    this.state = seed >>> 0 || 1;
  }

  /** Index into {@link values} from which one frame may read 601 complex values. */
  place(): number {
    return (this.next() % (POOL_VALUES - READ_VALUES)) * 2;
  }

  /** Mulberry32 (public domain, T. Ettinger): 32 uniform bits. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
}
