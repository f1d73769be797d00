import { durationMs } from '../../audio/frame.js';
import { vadRateHz } from '../../ports/voice-activity.js';
import type { OverlapEvidence } from '../turn/events.js';
import { BandEnvelope, hopMs } from './band-envelope.js';
import { EchoPath } from './echo-path.js';
import { EnvelopeTrack } from './envelope-track.js';
import { PlayedAudio } from './played-audio.js';
import { SpeechLevel } from './speech-level.js';
import { SpeechPitch } from './speech-pitch.js';
import { voicingOf, voicingSamples } from './voicing.js';

/** Louder by this much than any echo can be, a sound is not ours though the way of the echo is not known. */
const aboveAnyEchoDb = 16;
/** Levels of an echo waver: its share is taken over this much. */
const smoothedHops = 6;
/** A pitch is the caller's from this share on. */
const mostlyForeign = 0.75;
/** A window that is no speech is looked at no further. */
const leastProbability = 0.2;

/**
 * Compares the caller's audio with what is being played to them: whether a window holds more than our own sound coming
 * back, whether that has a pitch, and how loud and how high it is against the caller's usual speech. One
 * millisecond of computing for a second of call, three for one of speech.
 */
export class OverlapListener {
  readonly #playedTrack = new EnvelopeTrack();
  readonly #heardTrack = new EnvelopeTrack();
  readonly #played: PlayedAudio;
  readonly #heard = new BandEnvelope(vadRateHz);
  readonly #path = new EchoPath(this.#playedTrack, this.#heardTrack);
  readonly #usual = new SpeechLevel();
  readonly #usualPitch = new SpeechPitch();
  readonly #recent = new Float32Array(voicingSamples);
  /** How much of each of the last hops cannot be ours, 0..1. */
  readonly #foreign: number[] = [];
  #hop = 0;

  constructor(playedRateHz: number) {
    this.#played = new PlayedAudio(playedRateHz, this.#playedTrack);
  }

  /** Delay of our own sound in the caller's audio, as far as it is known. */
  get echoDelayMs(): number | undefined {
    const delay = this.#path.delay;
    return delay && delay.hops * hopMs;
  }

  /** Our audio leaves; its first sample is played at this position of the caller's audio, echo delay left out. */
  play(samples: Float32Array, positionMs: number): void {
    this.#played.take(samples, positionMs);
  }

  /**
   * Judges the next window of the caller's audio, which must follow on the last one. Undefined when there is no overlap
   * to judge: nothing of ours can be in it, or no speech is.
   */
  judge(window: Float32Array, probability: number): OverlapEvidence | undefined {
    const hops: number[] = [];
    this.#heard.push(window, (levelsDb) => {
      this.#heardTrack.write(this.#hop, levelsDb);
      this.#path.hear(this.#hop);
      hops.push(this.#hop++);
    });
    this.#recent.copyWithin(0, window.length);
    this.#recent.set(window.subarray(-this.#recent.length), Math.max(0, this.#recent.length - window.length));
    const ours = hops.some((hop) => this.#path.plays(hop));
    const levelDb = Math.max(...hops.map((hop) => this.#heardTrack.totalAt(hop)));
    for (const hop of hops) this.#foreign.push(this.#foreignAt(hop));
    this.#foreign.splice(0, this.#foreign.length - smoothedHops);
    const foreign = ours ? mean(this.#foreign) : 1;
    // Over the agent it may be anybody.
    if (!ours) this.#usual.hear(levelDb, probability, durationMs(window.length, vadRateHz));
    if (probability < leastProbability) return undefined;
    const voicing = voicingOf(this.#recent);
    if (!ours) this.#usualPitch.hear(voicing, probability);
    if (!ours) return undefined;
    // Of what is half the agent's, the pitch may be the agent's.
    const semitones = foreign >= mostlyForeign ? this.#usualPitch.relative(voicing) : undefined;
    return {
      foreign: round(foreign, 100),
      voicing: round(voicing.voicing, 100),
      levelDb: round(this.#usual.relativeDb(levelDb), 10),
      ...(semitones === undefined ? {} : { semitones: round(semitones, 10) }),
    };
  }

  /** How much of this hop cannot be ours, 0..1. */
  #foreignAt(hop: number): number {
    const share = this.#path.foreignShare(hop);
    if (share !== undefined) return share;
    return this.#path.isUnlikely || this.#path.aboveAnyEchoDb(hop) > aboveAnyEchoDb ? 1 : 0;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
