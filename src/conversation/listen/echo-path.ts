import { silenceDb } from '../../audio/loudness.js';
import { bandCount, hopMs } from './band-envelope.js';
import type { EnvelopeTrack } from './envelope-track.js';

/** The longest way of our own sound back to us: transports, devices, the room. */
const maxDelayMs = 600;
const lags = maxDelayMs / hopMs + 1;
/** Our sound counts as audible above this; quieter parts say nothing of what comes back. */
const audibleDb = -55;
/** Parts of our sound this much quieter than its loudest of late say little of what comes back. */
const usefulRangeDb = 15;
/** Nothing comes back louder than it left by more than this, before anything is known. */
const firstBoundDb = 6;
/** A way back that has become louder is believed this fast, in dB a hop. */
const boundRiseDb = 0.01;
/** Correlation forgets within about this many hops of our speech. */
const memoryHops = 200;
/** The least that correlation must have seen, and reach, before a delay is believed; and when it is given up. */
const believedAfterHops = 40;
/** A delay of which so few hops tell something has to agree twice as well. */
const fewAgree = 20;
/** What the bands come back with is known after this much of our sound. */
const learnedAfterHops = 80;
const believedFrom = 0.5;
const doubtedBelow = 0.25;
/** After this much of our sound a correlation below this says that none of it comes back. */
const unlikelyAfterHops = 200;
const unlikelyBelow = 0.25;
/** The same after this much sound at the caller's side that could have been ours. */
const unlikelyAfterLoudHops = 45;
/** Gains are taken from this much of the past, this often, and from no fewer hops than that. */
const gainHops = 400;
const gainEveryHops = 10;
const leastGainHops = 12;
/** Rooms fade out by 60 dB in half a second: 1.2 dB a hop. */
const fadeDb = 1.2;
/** The background gets louder by at most 2 dB a second. */
const floorRiseDb = 0.02;
/** A band is louder than its echo can be from here on, and than the background. */
const aboveEchoDb = 7;
const aboveFloorDb = 8;

export type EchoDelay = {
  readonly hops: number;
  /** Correlation of the two envelopes at this delay, -1..1. */
  readonly correlation: number;
};

/**
 * How our own sound comes back to us with the caller's: after which delay, and how loud in each band. Knows nothing of
 * samples, only of levels in bands, so that codecs, small drifts of clocks and rooms do not disturb it.
 */
export class EchoPath {
  readonly #played: EnvelopeTrack;
  readonly #heard: EnvelopeTrack;
  /** For each delay: the loudest that an echo can be against what was played. Power adds up, so no sum is below it. */
  readonly #bounds = new Float64Array(lags).fill(firstBoundDb);
  readonly #cross = new Float64Array(lags);
  readonly #playedPower = new Float64Array(lags);
  readonly #heardPower = new Float64Array(lags);
  readonly #playedMean = new Float64Array(bandCount).fill(audibleDb);
  readonly #heardMean = new Float64Array(bandCount).fill(audibleDb);
  readonly #floor = new Float64Array(bandCount).fill(Number.NaN);
  #playedPeakDb = -30;
  #seenHops = 0;
  #loudHops = 0;
  #firstHop: number | undefined;
  #delay: EchoDelay | undefined;
  readonly #gains = new Float64Array(bandCount).fill(0);
  #gainsKnown = false;
  #sinceGains = 0;
  readonly #predicted = new Float64Array(bandCount).fill(silenceDb);

  constructor(played: EnvelopeTrack, heard: EnvelopeTrack) {
    this.#played = played;
    this.#heard = heard;
  }

  get delay(): EchoDelay | undefined {
    return this.#delay;
  }

  /** Enough of ours was played for an echo to have shown itself, and none has. */
  get isUnlikely(): boolean {
    const shown = this.#seenHops >= unlikelyAfterHops || this.#loudHops >= unlikelyAfterLoudHops;
    return shown && this.#best(0).correlation < unlikelyBelow;
  }

  /** A hop of the caller's audio was written; those before it have been told already. */
  hear(hop: number): void {
    this.#followFloor(hop);
    if (this.plays(hop)) {
      this.#followBounds(hop);
      this.#correlate(hop);
      this.#decide(hop);
    }
    this.#predict(hop);
  }

  /** Whether anything of ours can be in the caller's audio at this hop. */
  plays(hop: number): boolean {
    for (let lag = -1; lag < lags; lag++) if (this.#played.totalAt(hop - lag) > audibleDb) return true;
    return false;
  }

  /** Share of the bands in which this hop is louder than our echo can be, 0..1. Undefined while that is unknown. */
  foreignShare(hop: number): number | undefined {
    if (!this.#delay || this.#seenHops < learnedAfterHops) return undefined;
    const heard = this.#heard.at(hop);
    let foreign = 0;
    for (let band = 0; band < bandCount; band++) {
      const level = heard[band] as number;
      if (
        level > (this.#predicted[band] as number) + aboveEchoDb &&
        level > (this.#floor[band] as number) + aboveFloorDb
      )
        foreign += 1;
    }
    return foreign / bandCount;
  }

  /** How far this hop is above the loudest echo that is possible at any delay, in dB. */
  aboveAnyEchoDb(hop: number): number {
    let most = silenceDb;
    for (let lag = 0; lag < lags; lag++) {
      const playedDb = Math.max(this.#played.totalAt(hop - lag), this.#played.totalAt(hop - lag - 1) - fadeDb);
      most = Math.max(most, playedDb + (this.#bounds[lag] as number));
    }
    return this.#heard.totalAt(hop) - most;
  }

  #followFloor(hop: number): void {
    const heard = this.#heard.at(hop);
    for (let band = 0; band < bandCount; band++) {
      const level = Math.max(-90, heard[band] as number);
      const floor = this.#floor[band] as number;
      this.#floor[band] = Number.isNaN(floor)
        ? level
        : level < floor
          ? floor + 0.3 * (level - floor)
          : floor + floorRiseDb;
    }
  }

  #followBounds(hop: number): void {
    const heardDb = Math.max(this.#heard.totalAt(hop), this.#heard.totalAt(hop - 1));
    const newest = this.#played.totalAt(hop);
    this.#playedPeakDb = Math.max(this.#playedPeakDb - 0.03, newest);
    for (let lag = 0; lag < lags; lag++) {
      const playedDb = Math.min(
        this.#played.totalAt(hop - lag - 2),
        this.#played.totalAt(hop - lag - 1),
        this.#played.totalAt(hop - lag),
        this.#played.totalAt(hop - lag + 1),
      );
      if (playedDb < this.#playedPeakDb - usefulRangeDb) continue;
      this.#bounds[lag] = Math.min((this.#bounds[lag] as number) + boundRiseDb, heardDb - playedDb);
    }
  }

  #correlate(hop: number): void {
    this.#seenHops += 1;
    if (this.#heard.totalAt(hop) > audibleDb) this.#loudHops += 1;
    const weight = 1 / Math.min(this.#seenHops, memoryHops);
    const heard = this.#heard.at(hop);
    const played = this.#played.at(hop);
    const deviation = new Float64Array(bandCount);
    for (let band = 0; band < bandCount; band++) {
      const y = Math.max(heard[band] as number, (this.#floor[band] as number) + 3);
      this.#heardMean[band] = (this.#heardMean[band] as number) + weight * (y - (this.#heardMean[band] as number));
      const x = Math.max(played[band] as number, audibleDb - 10);
      this.#playedMean[band] = (this.#playedMean[band] as number) + weight * (x - (this.#playedMean[band] as number));
      deviation[band] = y - (this.#heardMean[band] as number);
    }
    let heardPower = 0;
    for (let band = 0; band < bandCount; band++) heardPower += (deviation[band] as number) ** 2;
    this.#firstHop ??= hop;
    for (let lag = 0; lag < lags; lag++) {
      // At this delay nothing of ours can be back yet: that silence says nothing against it.
      const known = this.#knownHops(lag);
      if (hop - lag < this.#firstHop || known <= 0) continue;
      const weight = 1 / Math.min(known, memoryHops);
      const then = this.#played.at(hop - lag);
      let cross = 0;
      let power = 0;
      for (let band = 0; band < bandCount; band++) {
        const x = Math.max(then[band] as number, audibleDb - 10) - (this.#playedMean[band] as number);
        cross += x * (deviation[band] as number);
        power += x * x;
      }
      this.#heardPower[lag] =
        (this.#heardPower[lag] as number) + weight * (heardPower - (this.#heardPower[lag] as number));
      this.#cross[lag] = (this.#cross[lag] as number) + weight * (cross - (this.#cross[lag] as number));
      this.#playedPower[lag] =
        (this.#playedPower[lag] as number) + weight * (power - (this.#playedPower[lag] as number));
    }
  }

  /** How many hops have told something of this delay. */
  #knownHops(lag: number): number {
    return this.#seenHops - lag;
  }

  /** @param fewHops a correlation over so few counts half: by chance, anything seems to agree with few */
  #best(fewHops: number): EchoDelay {
    let hops = 0;
    let correlation = -1;
    for (let lag = 0; lag < lags; lag++) {
      const known = Math.max(0, this.#knownHops(lag));
      const power = (this.#playedPower[lag] as number) * (this.#heardPower[lag] as number);
      const here = ((known / (known + fewHops)) * (this.#cross[lag] as number)) / Math.sqrt(power + 1e-9);
      if (here <= correlation) continue;
      correlation = here;
      hops = lag;
    }
    return { hops, correlation };
  }

  #decide(hop: number): void {
    const best = this.#best(fewAgree);
    const before = this.#delay;
    if (best.correlation >= believedFrom && this.#seenHops >= believedAfterHops) this.#delay = best;
    else if (before && best.correlation < doubtedBelow) this.#delay = undefined;
    this.#sinceGains += 1;
    if (!this.#delay || (before?.hops === this.#delay.hops && this.#sinceGains < gainEveryHops)) return;
    this.#sinceGains = 0;
    this.#learnGains(hop, this.#delay.hops);
  }

  /** The middle of what the bands came back with, wherever we were loud. */
  #learnGains(hop: number, delay: number): void {
    const all: number[] = [];
    const own: number[][] = [];
    for (let band = 0; band < bandCount; band++) {
      const ratios: number[] = [];
      let peak = silenceDb;
      for (let at = hop - gainHops; at <= hop; at++) peak = Math.max(peak, this.#played.at(at - delay)[band] as number);
      for (let at = Math.max(0, hop - gainHops); at <= hop; at++) {
        const x = this.#around(at - delay, band);
        const y = this.#heard.at(at)[band] as number;
        if (x > peak - usefulRangeDb && x > audibleDb - 10) ratios.push(y - x);
      }
      own.push(ratios);
      all.push(...ratios);
    }
    // So soon after a silence too little has come back to tell: what was learnt before it holds.
    if (this.#gainsKnown && all.length < leastGainHops * bandCount) return;
    this.#gainsKnown = true;
    const common = median(all);
    for (let band = 0; band < bandCount; band++) {
      const ratios = own[band] as number[];
      this.#gains[band] = ratios.length >= leastGainHops ? median(ratios) : common;
    }
  }

  /** The loudest of a hop and its neighbours: a delay is not a whole number of hops. */
  #around(hop: number, band: number): number {
    return Math.max(
      this.#played.at(hop - 1)[band] as number,
      this.#played.at(hop)[band] as number,
      this.#played.at(hop + 1)[band] as number,
    );
  }

  #predict(hop: number): void {
    for (let band = 0; band < bandCount; band++) {
      const faded = (this.#predicted[band] as number) - fadeDb;
      const now = this.#delay ? this.#around(hop - this.#delay.hops, band) + (this.#gains[band] as number) : silenceDb;
      this.#predicted[band] = Math.max(silenceDb, faded, now);
    }
  }
}

function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] as number;
}
