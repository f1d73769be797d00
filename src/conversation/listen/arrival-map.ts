type Arrival = { readonly audioMs: number; readonly clockMs: number };

/** About a minute of 20 ms frames. */
const kept = 3_000;

/** Maps positions in the caller's audio to the clock and back, from when each piece arrived. */
export class ArrivalMap {
  readonly #arrivals: [Arrival, ...Arrival[]];

  /** @param startClockMs when the call began: until something arrives, its audio is taken to have begun then */
  constructor(startClockMs: number) {
    this.#arrivals = [{ audioMs: 0, clockMs: startClockMs }];
  }

  /** Audio up to `audioMs` has arrived at `clockMs`. */
  note(audioMs: number, clockMs: number): void {
    this.#arrivals.push({ audioMs, clockMs });
    if (this.#arrivals.length > 2 * kept) this.#arrivals.splice(0, this.#arrivals.length - kept);
  }

  /** When the sample at `audioMs` arrived. */
  clockAt(audioMs: number): number {
    let low = 0;
    let high = this.#arrivals.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#arrivals[middle] as Arrival).audioMs < audioMs) low = middle + 1;
      else high = middle;
    }
    const arrival = this.#arrivals[Math.min(low, this.#arrivals.length - 1)] as Arrival;
    // Inside a frame the sample was spoken earlier than the frame's end arrived.
    return arrival.clockMs - Math.max(0, Math.min(arrival.audioMs - audioMs, 40));
  }

  /** The position of the caller's audio at that moment, as if it went on at real time since it last arrived. */
  audioAt(clockMs: number): number {
    const arrival = this.#arrivals.findLast((each) => each.clockMs <= clockMs) ?? this.#arrivals[0];
    return arrival.audioMs + (clockMs - arrival.clockMs);
  }
}
