import { type AudioFrame, durationMs, samplesOf } from '../../audio/frame.js';
import { createResampler, type Resampler } from '../../audio/resample.js';
import type { Clock } from '../../ports/clock.js';
import { ParleyError } from '../../ports/errors.js';
import type { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToTextInput } from '../../ports/speech-to-text.js';
import { type VoiceActivityStream, vadRateHz, vadWindowMs, vadWindowSamples } from '../../ports/voice-activity.js';
import { ArrivalMap } from './arrival-map.js';
import { LevelActivity } from './level-activity.js';
import { SampleRing } from './sample-ring.js';
import { CallTreatment } from './treatment.js';
import type { TreatmentSettings } from './treatment-settings.js';

/** A window costs 0.3 ms. A detector that owes one for this long is not waited for. */
const windowDeadlineMs = 1_500;
/** Nor is it given more than this for each window that follows, until it answers again: audio goes on coming. */
const overdueWindowMs = vadWindowMs / 2;

/** Speech begins a little before it is noticed, and soft consonants before that. */
export const preRollMs = 800;
/** Kept for the pre-roll, for the end-of-turn model, and until the client says that what it sent was a turn. */
const ringMs = 40_000;
/** When the caller's audio stops coming in a pause, silence is taken to go on after this. */
const fillInQuietAfterMs = 160;
/** In the middle of speech a stall is more likely the network's: silence is assumed much later. */
const fillInSpeechAfterMs = 1_500;

export type EarEvents = {
  /** A window was judged; `atMs` is its end in the caller's audio. Awaited before the next one is looked at. */
  readonly onWindow: (probability: number, atMs: number, window: Float32Array) => void;
  /** Voice activity has begun to fail; until it works again, windows are judged by their level. */
  readonly onProblem: (error: Error) => void;
};

/**
 * The caller's audio, made continuous at 16 kHz and taken in step with voice activity: whoever acts on a window (the
 * transcript that is frozen, the turn model that is asked) sees the audio up to that window and none beyond, at whatever
 * pace it arrived.
 */
export class Ear {
  readonly #vad: VoiceActivityStream;
  readonly #clock: Clock;
  readonly #events: EarEvents;
  readonly #ring = new SampleRing(samplesOf(ringMs, vadRateHz));
  readonly #arrivals: ArrivalMap;
  readonly #stt: EventQueue<SpeechToTextInput>;
  readonly #level = new LevelActivity();
  readonly #treatment: CallTreatment | undefined;
  #detectorFails = false;
  #detectorHangs = false;
  #resampler: Resampler | undefined;
  /** The rate of what came last: what is put in behind it goes through the same resampler. */
  #rateHz = vadRateHz;
  #waiting = new Float32Array(0);
  #utterance: number | undefined;
  /** What is being transcribed before it is known to be a turn; `turn`: it is. */
  #ahead: { readonly utterance: number; readonly fromMs: number; turn: number | undefined } | undefined;
  #utterancesAhead = 0;
  #arrivedMs = 0;
  #lastArrivalMs: number;
  #filling = false;
  #forgottenMs = 0;
  #closed = false;

  constructor(options: {
    vad: VoiceActivityStream;
    clock: Clock;
    stt: EventQueue<SpeechToTextInput>;
    events: EarEvents;
    /** What is done to the audio before anything else hears it. @defaultValue nothing */
    treatment?: TreatmentSettings | undefined;
  }) {
    this.#vad = options.vad;
    this.#clock = options.clock;
    this.#stt = options.stt;
    this.#events = options.events;
    this.#treatment = options.treatment && new CallTreatment(options.treatment, options.events.onProblem);
    this.#lastArrivalMs = options.clock.nowMs();
    this.#arrivals = new ArrivalMap(this.#lastArrivalMs);
  }

  /** How much audio has been judged. */
  get atMs(): number {
    return durationMs(this.#ring.end, vadRateHz);
  }

  /** Takes the next audio; resolves when all whole windows of it have been judged. */
  async take(frame: AudioFrame): Promise<void> {
    this.#lastArrivalMs = this.#clock.nowMs();
    this.#arrivedMs += durationMs(frame.samples.length, frame.rateHz);
    this.#arrivals.note(this.#arrivedMs, this.#lastArrivalMs);
    await this.#judge(await this.#at16k(frame));
  }

  /**
   * Called regularly: fills what does not arrive with silence. `speaking`: the caller is in the middle of speech.
   * @returns milliseconds of silence that were put in
   */
  async fill(speaking: boolean): Promise<number> {
    if (this.#filling) return 0;
    const missingMs = this.#clock.nowMs() - this.#lastArrivalMs;
    const after = speaking ? fillInSpeechAfterMs : fillInQuietAfterMs;
    if (missingMs < after) return 0;
    this.#filling = true;
    try {
      // One window's worth at a time, at the pace of the clock from here on.
      this.#lastArrivalMs = this.#clock.nowMs() - after + vadWindowMs;
      this.#arrivedMs += vadWindowMs;
      this.#arrivals.note(this.#arrivedMs, this.#clock.nowMs());
      const rateHz = this.#rateHz;
      await this.#judge(await this.#at16k({ samples: new Float32Array(samplesOf(vadWindowMs, rateHz)), rateHz }));
      return vadWindowMs;
    } finally {
      this.#filling = false;
    }
  }

  /** From here on audio goes to the transcript of this turn, beginning a little before `startMs`. */
  openUtterance(turn: number, startMs: number): void {
    const ahead = this.#ahead;
    if (ahead && ahead.turn === undefined && ahead.fromMs === startMs) {
      ahead.turn = turn;
      return;
    }
    this.stopTranscribingAhead();
    this.#begin(turn, startMs);
  }

  /**
   * From here on audio is transcribed, beginning at `fromMs`, although nobody has said yet that it is a turn: it may
   * become longer than what is kept. A turn that is opened from there goes on with it.
   */
  transcribeAhead(fromMs: number): void {
    if (this.#utterance !== undefined) return;
    this.#utterancesAhead += 1;
    // Turns count from 1.
    this.#ahead = { utterance: -this.#utterancesAhead, fromMs, turn: undefined };
    this.#begin(this.#ahead.utterance, fromMs);
  }

  stopTranscribingAhead(): void {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead && ahead.turn === undefined) this.#finish(ahead.utterance);
  }

  /** The number by which the recogniser knows a turn, and the turn that it means by a number, if it is one. */
  utteranceOf(turn: number): number {
    return this.#ahead?.turn === turn ? this.#ahead.utterance : turn;
  }

  turnOf(utterance: number): number | undefined {
    if (utterance >= 0) return utterance;
    return this.#ahead?.utterance === utterance ? this.#ahead.turn : undefined;
  }

  /** Audio up to here was answered or is not meant: no later utterance begins with it. */
  forget(untilMs: number): void {
    this.#forgottenMs = Math.max(this.#forgottenMs, untilMs);
  }

  /** The words of this turn are wanted as they are now. */
  look(turn: number): void {
    if (this.#utterance === turn) this.#stt.push({ type: 'look', utterance: turn });
  }

  closeUtterance(turn: number): void {
    this.#finish(this.utteranceOf(turn));
    if (this.#ahead?.turn === turn) this.#ahead = undefined;
  }

  /** 16 kHz audio of the turn up to the last judged window. */
  since(startMs: number, atMostMs: number): Float32Array {
    const from = Math.max(startMs - preRollMs, this.atMs - atMostMs, 0);
    return this.#ring.slice(samplesOf(from, vadRateHz));
  }

  /** When the sample at `audioMs` arrived, on the clock. */
  clockAt(audioMs: number): number {
    return this.#arrivals.clockAt(audioMs);
  }

  /** Which position of the caller's audio belongs to a moment on the clock. */
  audioAt(clockMs: number): number {
    return this.#arrivals.audioAt(clockMs);
  }

  close(): void {
    this.#closed = true;
    this.#vad.close();
    this.#resampler?.close();
    this.#treatment?.close();
    this.#stt.end();
  }

  #begin(utterance: number, startMs: number): void {
    this.#utterance = utterance;
    this.#stt.push({ type: 'start', utterance });
    this.#stt.push({
      type: 'audio',
      samples: this.#ring.slice(samplesOf(Math.max(startMs - preRollMs, this.#forgottenMs), vadRateHz)),
    });
  }

  #finish(utterance: number): void {
    if (this.#utterance === utterance) this.#utterance = undefined;
    this.#stt.push({ type: 'end', utterance });
  }

  /** A detector that fails costs precision, not the call. */
  async #probability(window: Float32Array): Promise<number> {
    const byLevel = this.#level.judge(window);
    try {
      const probability = await this.#answered(this.#vad.push(window));
      this.#detectorFails = this.#detectorHangs = false;
      return probability;
    } catch (error) {
      if (!this.#closed && !this.#detectorFails) this.#events.onProblem(error as Error);
      this.#detectorFails = true;
      return byLevel;
    }
  }

  #answered(probability: Promise<number>): Promise<number> {
    return new Promise((resolve, reject) => {
      const afterMs = this.#detectorHangs ? overdueWindowMs : windowDeadlineMs;
      const disarm = this.#clock.at(this.#clock.nowMs() + afterMs, () => {
        this.#detectorHangs = true;
        const message = `Voice activity has not judged a window within ${afterMs} ms.`;
        reject(new ParleyError(message, { code: 'vad.late', retryable: true }));
      });
      probability.then(resolve, reject).finally(disarm);
    });
  }

  async #at16k(frame: AudioFrame): Promise<Float32Array> {
    this.#rateHz = frame.rateHz;
    if (frame.rateHz === vadRateHz) return frame.samples;
    if (this.#resampler?.fromHz !== frame.rateHz) {
      this.#resampler?.close();
      this.#resampler = await createResampler({ fromHz: frame.rateHz, toHz: vadRateHz });
    }
    return this.#resampler.process(frame.samples);
  }

  async #judge(samples: Float32Array): Promise<void> {
    const joined = new Float32Array(this.#waiting.length + samples.length);
    joined.set(this.#waiting);
    joined.set(samples, this.#waiting.length);
    // Taken before the first await: a filler that comes in between must not judge the same samples again.
    this.#waiting = joined.slice(joined.length - (joined.length % vadWindowSamples));
    for (let at = 0; at + vadWindowSamples <= joined.length; at += vadWindowSamples) {
      const untreated = joined.slice(at, at + vadWindowSamples);
      const window = this.#treatment ? await this.#treatment.process(untreated) : untreated;
      const probability = await this.#probability(window);
      this.#ring.push(window);
      if (this.#utterance !== undefined) this.#stt.push({ type: 'audio', samples: window });
      this.#events.onWindow(probability, this.atMs, window);
    }
  }
}
