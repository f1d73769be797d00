import { durationMs } from '../../audio/frame.js';
import { BandEnvelope } from './band-envelope.js';
import { type EnvelopeTrack, hopAt } from './envelope-track.js';

/** A frame that begins this close to the end of the last one follows it: arrivals jitter by less. */
const joinsWithinMs = 60;
/** How much of the difference between expected and told positions is believed with each frame. */
const followShare = 0.05;

/** Puts the audio that is played into an envelope track, by position in the caller's audio. */
export class PlayedAudio {
  readonly #rateHz: number;
  readonly #track: EnvelopeTrack;
  #envelope: BandEnvelope;
  /** Where the next sample belongs. */
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(rateHz: number, track: EnvelopeTrack) {
    this.#rateHz = rateHz;
    this.#track = track;
    this.#envelope = new BandEnvelope(rateHz);
  }

  take(samples: Float32Array, positionMs: number): void {
    const offMs = positionMs - this.#nextMs;
    if (Math.abs(offMs) < joinsWithinMs) this.#nextMs += followShare * offMs;
    else {
      this.#envelope = new BandEnvelope(this.#rateHz);
      this.#nextMs = positionMs;
    }
    const fromMs = this.#nextMs;
    this.#envelope.push(samples, (levelsDb, endSamples) => {
      const hop = hopAt(fromMs + durationMs(endSamples, this.#rateHz)) - 1;
      // A clock that drifts skips a hop now and then; no silence was played there.
      if (hop === this.#track.newest + 2) this.#track.write(hop - 1, levelsDb);
      this.#track.write(hop, levelsDb);
    });
    this.#nextMs += durationMs(samples.length, this.#rateHz);
  }
}
