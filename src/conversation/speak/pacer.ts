import { durationMs, samplesOf } from '../../audio/frame.js';
import { applyGainRamp, rmsDb } from '../../audio/loudness.js';
import type { Resampler } from '../../audio/resample.js';
import type { Clock } from '../../ports/clock.js';
import type { Transport } from '../../ports/transport.js';
import type { PlayoutLedger } from './ledger.js';
import type { ReplySource } from './reply-source.js';

/** Audio leaves in frames of this length. */
const frameMs = 20;
/** A lowered agent is this much quieter: present, and easy to talk over. */
const loweredGain = 10 ** (-14 / 20);
/** What counts as audible when the first sound of a reply is looked for. */
const audibleDb = -45;

/** What a stretch of a reply's audio is: something that bridges the wait, a beginning that says nothing yet, or the reply. */
export type SoundRole = 'filler' | 'opener' | 'content';

export type PacerEvents = {
  /** The first audible sample of each role in a reply; `atMs` on the clock, when the far end can hear it. */
  readonly onSound: (reply: number, role: SoundRole, atMs: number) => void;
  /** A piece of text begins to be spoken. */
  readonly onText: (reply: number, text: string) => void;
  /** All of the reply has been sent and, as far as is known, heard. */
  readonly onDone: (reply: number) => void;
  readonly onFrame: (samples: Float32Array, atMs: number) => void;
};

export type PacerOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly ledger: PlayoutLedger;
  /** The rate that all sources have. */
  readonly sourceRateHz: number;
  /** From the source's rate to the transport's; undefined when they are the same. */
  readonly resampler: Resampler | undefined;
  readonly events: PacerEvents;
};

type Playing = {
  readonly reply: number;
  source: ReplySource;
  /** Position: piece and sample in it. */
  piece: number;
  sample: number;
  sentMs: number;
  /** Roles that have been audible. */
  readonly heard: Set<SoundRole>;
  /** The longest time that nothing was there to be played, after the reply had begun to sound. */
  gapMs: number;
  /** Pieces played in front of the source: they do not count as the reply. */
  interlude: ReplySource | undefined;
};

type Frame = { readonly samples: Float32Array; readonly role: SoundRole };

/**
 * Sends a reply at the pace of real time, at most the transport's lead ahead: what has left cannot be lowered, paused
 * or taken back. One reply at a time; whoever stops it drops all that has not left.
 */
export class Pacer {
  readonly #options: PacerOptions;
  #playing: Playing | undefined;
  /** When the far end has played all that was sent. */
  #dueMs = 0;
  #gain = 1;
  #targetGain = 1;
  #disarm: (() => void) | undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  get reply(): number | undefined {
    return this.#playing?.reply;
  }

  /** The longest silence inside the reply that is being played, because what follows was not ready. */
  get gapMs(): number {
    return this.#playing?.gapMs ?? 0;
  }

  /** Begins to play `source` as `reply`; with the same reply, goes on with another source. */
  play(reply: number, source: ReplySource): void {
    if (this.#playing?.reply === reply) {
      this.#playing.source = source;
      // An interlude that is being played goes on; the source follows it from its beginning.
      if (!this.#playing.interlude) {
        this.#playing.piece = 0;
        this.#playing.sample = 0;
      }
    } else {
      this.#playing = {
        reply,
        source,
        piece: 0,
        sample: 0,
        sentMs: 0,
        heard: new Set(),
        gapMs: 0,
        interlude: undefined,
      };
      this.#gain = this.#targetGain = 1;
    }
    source.watch(() => this.#pump());
    this.#pump();
  }

  /** Plays something while the reply is being waited for. Too late when the reply has begun. */
  bridge(reply: number, source: ReplySource): boolean {
    const playing = this.#playing;
    if (playing?.reply !== reply || hasBegun(playing)) return false;
    playing.interlude = source;
    playing.piece = 0;
    playing.sample = 0;
    this.#pump();
    return true;
  }

  /** Makes the reply quieter; one that is not audible yet is held back instead. */
  lower(reply: number): boolean {
    return this.#setGain(reply, loweredGain);
  }

  restore(reply: number): boolean {
    const restored = this.#setGain(reply, 1);
    this.#pump();
    return restored;
  }

  /** Stops the reply. @returns how much of it the far end has played, undefined when it was not playing */
  stop(reply: number): { readonly playedMs: number } | undefined {
    const playing = this.#playing;
    if (playing?.reply !== reply) return undefined;
    this.#disarm?.();
    this.#playing = undefined;
    const unplayedMs = Math.max(0, this.#dueMs - this.#options.clock.nowMs());
    this.#dueMs = Math.min(this.#dueMs, this.#options.clock.nowMs());
    this.#options.transport.playout.clear();
    return { playedMs: Math.max(0, playing.sentMs - unplayedMs) };
  }

  close(): void {
    this.#disarm?.();
    this.#playing = undefined;
  }

  #setGain(reply: number, gain: number): boolean {
    if (this.#playing?.reply !== reply) return false;
    this.#targetGain = gain;
    return true;
  }

  #pump(): void {
    this.#disarm?.();
    this.#disarm = undefined;
    const { clock, transport, events } = this.#options;
    for (;;) {
      const playing = this.#playing;
      if (!playing) return;
      // The caller has begun to speak before the reply was audible: it waits until that is decided.
      if (!hasBegun(playing) && this.#targetGain < 1) return;
      const now = clock.nowMs();
      if (this.#dueMs - now > transport.playout.leadMs - frameMs) {
        this.#wakeAt(this.#dueMs - transport.playout.leadMs + frameMs);
        return;
      }
      const frame = this.#nextFrame(playing);
      if (frame) {
        if (hasBegun(playing)) playing.gapMs = Math.max(playing.gapMs, now - this.#dueMs);
        // Nothing to play for a while: the next sound is heard when it is sent.
        this.#dueMs = Math.max(this.#dueMs, now);
        this.#send(playing, frame);
        continue;
      }
      if (playing.interlude) {
        if (playing.interlude.complete) {
          playing.interlude = undefined;
          playing.piece = 0;
          playing.sample = 0;
          continue;
        }
        return;
      }
      if (!playing.source.complete) return;
      if (this.#dueMs > now) {
        this.#wakeAt(this.#dueMs);
        return;
      }
      events.onDone(playing.reply);
      if (this.#playing === playing) this.#playing = undefined;
    }
  }

  #wakeAt(atMs: number): void {
    this.#disarm = this.#options.clock.at(atMs, () => this.#pump());
  }

  /** The next 20 ms, less where a piece ends. */
  #nextFrame(playing: Playing): Frame | undefined {
    const pieces = (playing.interlude ?? playing.source).pieces;
    const frameSamples = samplesOf(frameMs, this.#options.sourceRateHz);
    while (playing.piece < pieces.length) {
      const piece = pieces[playing.piece];
      if (!piece) return undefined;
      if (playing.sample === 0) {
        // What bridges the wait takes time in the reply, and none of its words.
        const noted = playing.interlude ? { ...piece, text: '', words: [] } : piece;
        this.#options.ledger.note(playing.reply, noted, playing.sentMs);
        if (!playing.interlude) this.#options.events.onText(playing.reply, piece.text);
      }
      const samples = piece.samples.subarray(playing.sample, playing.sample + frameSamples);
      playing.sample += samples.length;
      if (playing.sample >= piece.samples.length) {
        playing.piece += 1;
        playing.sample = 0;
      }
      if (samples.length > 0)
        return { samples, role: playing.interlude ? 'filler' : piece.opener ? 'opener' : 'content' };
    }
    return undefined;
  }

  #send(playing: Playing, frame: Frame): void {
    const { transport, events, resampler, sourceRateHz } = this.#options;
    const samples = applyGainRamp(frame.samples, this.#gain, this.#targetGain);
    this.#gain = this.#targetGain;
    const heardAtMs = this.#dueMs + transport.playout.latencyMs;
    const lengthMs = durationMs(samples.length, sourceRateHz);
    const out = resampler ? resampler.process(samples) : samples;
    transport.send({ samples: out, rateHz: transport.outputRateHz }, { reply: playing.reply });
    events.onFrame(samples, heardAtMs);
    this.#dueMs += lengthMs;
    playing.sentMs += lengthMs;
    if (playing.heard.has(frame.role)) return;
    const onsetMs = audibleFromMs(samples, sourceRateHz);
    if (onsetMs === undefined) return;
    playing.heard.add(frame.role);
    events.onSound(playing.reply, frame.role, heardAtMs + onsetMs);
  }
}

/** Whether the reply itself is audible. What bridges the wait for it does not count. */
function hasBegun(playing: Playing): boolean {
  return playing.heard.has('content') || playing.heard.has('opener');
}

/** Where in a frame the sound begins, by 5 ms steps. */
function audibleFromMs(samples: Float32Array, rateHz: number): number | undefined {
  const hop = samplesOf(5, rateHz);
  for (let at = 0; at < samples.length; at += hop)
    if (rmsDb(samples.subarray(at, at + hop)) > audibleDb) return durationMs(at, rateHz);
  return undefined;
}
