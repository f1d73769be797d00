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
  /** All that there is of the reply has been heard, and more is to come; then it goes on. */
  readonly onDry: (reply: number) => void;
  readonly onFlows: (reply: number) => void;
  readonly onFrame: (samples: Float32Array, atMs: number) => void;
  /** A passage that is heard to its end begins; it has been played. The end of the reply ends it too. */
  readonly onPassage: (reply: number, begins: boolean) => void;
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

/** Audio that is being read, and how far: piece and sample in it. */
type Reading = {
  readonly source: ReplySource;
  piece: number;
  sample: number;
  /** Pieces that have begun: some of what was sent may be sent again. */
  begun: number;
};

type Playing = {
  readonly reply: number;
  reading: Reading;
  sentMs: number;
  /** Roles that have been audible. */
  readonly heard: Set<SoundRole>;
  /** The longest time that nothing was there to be played, after the reply had begun to sound. */
  gapMs: number;
  /** It stopped for want of more, and has not gone on since: an interlude does not change that. */
  dry: boolean;
  /** The far end has played everything that was there. */
  silent: boolean;
  /** Played before the reply goes on: it does not count as a part of it. */
  interlude: Reading | undefined;
  /** A passage that is heard to its end: until when it is played, as soon as that is known. */
  passage: { untilMs: number | undefined } | undefined;
};

type Frame = { readonly samples: Float32Array; readonly role: SoundRole };

function fromBeginning(source: ReplySource): Reading {
  return { source, piece: 0, sample: 0, begun: 0 };
}

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
  /** While nothing is played: how much had left that cannot have been played. */
  #heldMs: number | undefined;

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
    const reading = fromBeginning(source);
    // An interlude that is being played goes on; the source follows it.
    if (this.#playing?.reply === reply) this.#playing.reading = reading;
    else {
      this.#playing = {
        reply,
        reading,
        sentMs: 0,
        heard: new Set(),
        gapMs: 0,
        dry: false,
        silent: false,
        interlude: undefined,
        passage: undefined,
      };
      this.#gain = this.#targetGain = 1;
    }
    source.watch(() => this.#pump());
    this.#pump();
  }

  /** Plays something while the reply, or more of it, is being waited for. Too late when that has come. */
  bridge(reply: number, source: ReplySource): boolean {
    const playing = this.#playing;
    if (playing?.reply !== reply || (hasBegun(playing) && !playing.dry)) return false;
    playing.interlude = fromBeginning(source);
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
    const unplayedMs = this.#heldMs ?? Math.max(0, this.#dueMs - this.#options.clock.nowMs());
    this.#dueMs = Math.min(this.#dueMs, this.#options.clock.nowMs());
    this.#options.transport.playout.clear();
    return { playedMs: Math.max(0, playing.sentMs - unplayedMs) };
  }

  /** Plays nothing until it is released. */
  hold(): void {
    if (this.#heldMs !== undefined) return;
    this.#disarm?.();
    const { clock, transport } = this.#options;
    this.#heldMs = Math.max(0, this.#dueMs - clock.nowMs());
    this.#dueMs = Math.min(this.#dueMs, clock.nowMs());
    transport.playout.clear();
  }

  /** Goes on. What the far end has not got of it is sent again. @defaultValue what it cannot have played when it was held */
  release(lostMs = this.#heldMs ?? 0): void {
    if (this.#heldMs === undefined) return;
    this.#heldMs = undefined;
    const { clock, sourceRateHz } = this.#options;
    this.#dueMs = Math.max(this.#dueMs, clock.nowMs());
    const playing = this.#playing;
    if (playing) {
      const rewound = rewind(playing.interlude ?? playing.reading, samplesOf(lostMs, sourceRateHz));
      playing.sentMs -= durationMs(rewound, sourceRateHz);
    }
    this.#pump();
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
      if (!playing || this.#heldMs !== undefined) return;
      this.#endPassage(playing);
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
        if (!playing.interlude.source.complete) return;
        playing.interlude = undefined;
        continue;
      }
      // Of a reply that has not begun nothing was played that could be over.
      if (playing.sentMs === 0 && !playing.reading.source.complete) return;
      if (this.#dueMs > now) {
        this.#wakeAt(this.#dueMs);
        return;
      }
      if (!playing.reading.source.complete) {
        if (playing.silent) return;
        playing.silent = playing.dry = true;
        if (playing.passage) playing.passage.untilMs = now;
        this.#endPassage(playing);
        events.onDry(playing.reply);
        continue;
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
    const reading = playing.interlude ?? playing.reading;
    const { pieces } = reading.source;
    const frameSamples = samplesOf(frameMs, this.#options.sourceRateHz);
    while (reading.piece < pieces.length) {
      const piece = pieces[reading.piece];
      if (!piece) return undefined;
      if (reading.piece >= reading.begun) {
        reading.begun = reading.piece + 1;
        // What bridges the wait takes time in the reply, and none of its words.
        const noted = playing.interlude ? { ...piece, text: '', words: [] } : piece;
        this.#options.ledger.note(playing.reply, noted, playing.sentMs);
        if (!playing.interlude) {
          this.#notePassage(playing, piece.whole ?? false);
          this.#options.events.onText(playing.reply, piece.text);
        }
      }
      const samples = piece.samples.subarray(reading.sample, reading.sample + frameSamples);
      reading.sample += samples.length;
      if (reading.sample >= piece.samples.length) {
        reading.piece += 1;
        reading.sample = 0;
      }
      if (samples.length > 0)
        return { samples, role: playing.interlude ? 'filler' : piece.opener ? 'opener' : 'content' };
    }
    return undefined;
  }

  #notePassage(playing: Playing, whole: boolean): void {
    if (whole && !playing.passage) {
      playing.passage = { untilMs: undefined };
      this.#options.events.onPassage(playing.reply, true);
    } else if (!whole && playing.passage) playing.passage.untilMs ??= this.#dueMs;
  }

  #endPassage(playing: Playing): void {
    const untilMs = playing.passage?.untilMs;
    if (untilMs === undefined || this.#options.clock.nowMs() < untilMs) return;
    playing.passage = undefined;
    this.#options.events.onPassage(playing.reply, false);
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
    playing.silent = false;
    if (!playing.interlude) {
      const wasDry = playing.dry;
      playing.dry = false;
      if (wasDry && hasBegun(playing)) events.onFlows(playing.reply);
    }
    if (playing.heard.has(frame.role)) return;
    const onsetMs = audibleFromMs(samples, sourceRateHz);
    if (onsetMs === undefined) return;
    playing.heard.add(frame.role);
    events.onSound(playing.reply, frame.role, heardAtMs + onsetMs);
  }
}

/** Goes back by so many samples, at most to the beginning. @returns how many it was */
function rewind(reading: Reading, samples: number): number {
  let left = samples;
  while (left > 0 && (reading.sample > 0 || reading.piece > 0)) {
    if (reading.sample === 0) {
      reading.piece -= 1;
      reading.sample = reading.source.pieces[reading.piece]?.samples.length ?? 0;
    }
    const back = Math.min(left, reading.sample);
    reading.sample -= back;
    left -= back;
  }
  return samples - left;
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
