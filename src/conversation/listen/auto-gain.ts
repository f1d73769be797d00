import { createBiquadFilter } from '../../audio/biquad.js';
import { kWeighting, lufsOf } from '../../audio/k-weighting.js';
import { applyGainRamp, gainOf } from '../../audio/loudness.js';
import { vadRateHz, vadWindowMs } from '../../ports/voice-activity.js';
import { type AutoGainSettings, defaultAutoGain } from './treatment-settings.js';

/** Speech stands out of its room by this much. */
const aboveRoomDb = 10;
/** Quieter than this is nobody speaking, in whatever room. */
const leastSpeechLufs = -70;
/** A room gets louder by at most this much in a window (1.5 dB a second): speech is shorter than that. */
const roomRiseDb = 0.05;
const leastRoomLufs = -90;
/** Loudness is a mean over so much speech; before `firstMs` of it have been heard, it is not acted on. */
const memoryMs = 3_000;
const firstMs = 96;
const quickMs = 1_000;
/** Softer than the mean by more than this is the edge of a word. */
const gateDb = 10;
/** A difference that nobody hears is not worth a movement. */
const deadZoneDb = 1;
/** Up to here samples pass unchanged; above, they approach 1 smoothly. */
const knee = 0.9;

/**
 * Automatic gain. It measures the caller's loudness over windows that stand out of the room, and moves the gain only in
 * those, so that silence does not swell. It judges by level and not by voice activity, which it is there to help.
 */
export class AutoGain {
  readonly #settings: AutoGainSettings;
  #weighted = createBiquadFilter(kWeighting(vadRateHz));
  #roomLufs: number | undefined;
  #speechPower = 0;
  #speechMs = 0;
  #gainDb = 0;

  constructor(settings: AutoGainSettings = defaultAutoGain) {
    this.#settings = settings;
  }

  /** What is added at the moment. */
  get gainDb(): number {
    return this.#gainDb;
  }

  /** Takes the next window (32 ms at 16 kHz) and returns it at the new level, never beyond full scale. */
  process(window: Float32Array): Float32Array {
    const before = gainOf(this.#gainDb);
    this.#measure(meanSquare(this.#weighted(window)));
    const louder = applyGainRamp(window, before, gainOf(this.#gainDb));
    for (let i = 0; i < louder.length; i++) louder[i] = limited(louder[i] as number);
    return louder;
  }

  #measure(power: number): void {
    if (!Number.isFinite(power)) {
      // A filter never forgets what is not a number.
      this.#weighted = createBiquadFilter(kWeighting(vadRateHz));
      return;
    }
    const lufs = lufsOf(power);
    const room = Math.max(leastRoomLufs, Math.min(lufs, (this.#roomLufs ?? lufs) + roomRiseDb));
    this.#roomLufs = room;
    if (lufs < Math.max(room + aboveRoomDb, leastSpeechLufs)) return;
    if (this.#speechMs > 0 && lufs < lufsOf(this.#speechPower) - gateDb) return;
    this.#speechMs += vadWindowMs;
    const share = vadWindowMs / Math.min(memoryMs, this.#speechMs);
    this.#speechPower += share * (power - this.#speechPower);
    if (this.#speechMs >= firstMs) this.#move();
  }

  #move(): void {
    const { targetLufs, leastDb, mostDb, dbPerSecond, firstDbPerSecond } = this.#settings;
    const wanted = Math.max(leastDb, Math.min(mostDb, targetLufs - lufsOf(this.#speechPower)));
    const away = wanted - this.#gainDb;
    if (Math.abs(away) < deadZoneDb) return;
    const perSecond = this.#speechMs <= quickMs ? firstDbPerSecond : dbPerSecond;
    const step = (perSecond * vadWindowMs) / 1000;
    this.#gainDb += Math.max(-step, Math.min(step, away));
  }
}

function meanSquare(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : sum / samples.length;
}

function limited(sample: number): number {
  const size = Math.abs(sample);
  if (!(size > knee)) return Number.isFinite(sample) ? sample : 0;
  return Math.sign(sample) * (knee + (1 - knee) * Math.tanh((size - knee) / (1 - knee)));
}
