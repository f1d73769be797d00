import { silenceDb } from '../../audio/loudness.js';
import { bandCount, hopMs, totalDb } from './band-envelope.js';

/** Ten seconds of hops. */
const keptHops = 1_024;
const silent = new Float32Array(bandCount).fill(silenceDb);

/** Band levels on a grid of {@link hopMs}, by position in the caller's audio. What was not written is silence. */
export class EnvelopeTrack {
  readonly #levels: Float32Array[] = new Array<Float32Array>(keptHops).fill(silent);
  readonly #totals = new Float32Array(keptHops).fill(silenceDb);
  /** Number of the newest hop that was written. */
  #newest = -1;

  get newest(): number {
    return this.#newest;
  }

  write(hop: number, levelsDb: Float32Array): void {
    if (hop <= this.#newest - keptHops || hop < 0) return;
    for (let skipped = Math.max(this.#newest + 1, hop - keptHops); skipped < hop; skipped++) this.#put(skipped, silent);
    this.#put(hop, levelsDb);
    this.#newest = Math.max(this.#newest, hop);
  }

  at(hop: number): Float32Array {
    return this.#holds(hop) ? (this.#levels[hop % keptHops] as Float32Array) : silent;
  }

  totalAt(hop: number): number {
    return this.#holds(hop) ? (this.#totals[hop % keptHops] as number) : silenceDb;
  }

  #holds(hop: number): boolean {
    return hop >= 0 && hop <= this.#newest && hop > this.#newest - keptHops;
  }

  #put(hop: number, levelsDb: Float32Array): void {
    this.#levels[hop % keptHops] = levelsDb;
    this.#totals[hop % keptHops] = totalDb(levelsDb);
  }
}

/** The hop that ends at this position. */
export function hopAt(positionMs: number): number {
  return Math.round(positionMs / hopMs);
}
