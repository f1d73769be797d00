import { concatSamples, durationMs, samplesOf } from '../../audio/frame.js';
import { applyGainRamp, rmsDb } from '../../audio/loudness.js';
import type { Resampler } from '../../audio/resample.js';
import type { Clock } from '../../ports/clock.js';
import type { Transport } from '../../ports/transport.js';
import type { PlayoutLedger } from './ledger.js';
import { phraseStart, wordEnd } from './phrase-start.js';
import type { ReplySource } from './reply-source.js';
import type { SpokenPiece } from './spoken-piece.js';

/** Audio leaves in frames of this length. */
const frameMs = 20;
/** A lowered agent is this much quieter: present, and easy to talk over. */
const loweredGain = 10 ** (-14 / 20);
/** A lowered reply may have to stop at once: less of it is sent ahead. */
const loweredLeadMs = 40;
/** A change of level takes this long: short enough to be at once, long enough not to click. */
const rampMs = 5;
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
  /** Number of the last piece that the ledger knows to be playing, and of the last whose text was told. */
  noted: number;
  told: number;
};

/** A place in a source. */
type Place = {
  readonly piece: SpokenPiece;
  readonly index: number;
  readonly ms: number;
  /** Where the piece begins, or would, in the reply's sent audio. */
  readonly pieceFromMs: number;
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
  /** Where the reply's own pieces began, in sent audio: `fromMs` belongs to `skippedMs` of the piece. */
  readonly begun: { readonly piece: number; readonly fromMs: number; readonly skippedMs: number }[];
  /** How much had been played when it was lowered. */
  loweredAtMs: number | undefined;
  paused: boolean;
  /** A passage that is heard to its end: until when it is played, as soon as that is known. */
  passage: { untilMs: number | undefined } | undefined;
};

type Frame = { readonly samples: Float32Array; readonly role: SoundRole };

function fromBeginning(source: ReplySource): Reading {
  return { source, piece: 0, sample: 0, noted: -1, told: -1 };
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
  /** Drops what the far end has of a reply that was left to end its word. */
  #clearLate: (() => void) | undefined;
  /** While nothing is played: how much had left that cannot have been played. */
  #heldMs: number | undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  get reply(): number | undefined {
    return this.#playing?.reply;
  }

  /** How much audio of the reply that is being played was sent. */
  get sentMs(): number {
    return this.#playing?.sentMs ?? 0;
  }

  /** The longest silence inside the reply that is being played, because what follows was not ready. */
  get gapMs(): number {
    return this.#playing?.gapMs ?? 0;
  }

  /** Begins to play `source` as `reply`; with the same reply, goes on with another source. */
  play(reply: number, source: ReplySource): void {
    const reading = fromBeginning(source);
    // An interlude that is being played goes on; the source follows it.
    if (this.#playing?.reply === reply) {
      this.#playing.reading = reading;
      this.#playing.begun.length = 0;
      this.#playing.loweredAtMs = undefined;
    } else {
      this.#clearLate?.();
      this.#playing = {
        reply,
        reading,
        sentMs: 0,
        heard: new Set(),
        gapMs: 0,
        dry: false,
        silent: false,
        interlude: undefined,
        begun: [],
        loweredAtMs: undefined,
        paused: false,
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
    if (this.#playing?.reply === reply) this.#playing.loweredAtMs ??= this.playedMs;
    return this.#setGain(reply, loweredGain);
  }

  /** @param again take up the phrase once more that was being said when it was lowered */
  restore(reply: number, again = false): boolean {
    const playing = this.#playing;
    if (playing?.reply === reply) {
      if (again && playing.loweredAtMs !== undefined) this.#goBack(playing, playing.loweredAtMs);
      playing.loweredAtMs = undefined;
      if (playing.paused) this.#dueMs = Math.max(this.#dueMs, this.#options.clock.nowMs());
      playing.paused = false;
    }
    const restored = this.#setGain(reply, 1);
    this.#pump();
    return restored;
  }

  /** How much of the reply the far end has played. */
  get playedMs(): number {
    const unplayedMs = this.#heldMs ?? Math.max(0, this.#dueMs - this.#options.clock.nowMs());
    return Math.max(0, (this.#playing?.sentMs ?? 0) - unplayedMs);
  }

  /**
   * Stops the reply: at once, or at the end of a word when one ends within `withinMs`.
   * @returns how much of it the far end will have played then, undefined when it was not playing
   */
  stop(reply: number, withinMs = 0): { readonly playedMs: number; readonly sentMs: number } | undefined {
    const playing = this.#playing;
    if (playing?.reply !== reply) return undefined;
    const { sentMs } = playing;
    const playedMs = playing.paused ? playing.sentMs : this.#cease(playing, withinMs);
    this.#playing = undefined;
    return { playedMs, sentMs };
  }

  /** Falls silent as for a stop, until `restore` or `stop`. @returns false when the reply was not playing */
  pause(reply: number, withinMs = 0): boolean {
    const playing = this.#playing;
    if (playing?.reply !== reply || playing.paused) return false;
    playing.loweredAtMs ??= this.playedMs;
    playing.sentMs = this.#cease(playing, withinMs);
    playing.paused = true;
    return true;
  }

  /** @returns how much of the reply will have been played when it is silent */
  #cease(playing: Playing, withinMs: number): number {
    this.#disarm?.();
    this.#disarm = undefined;
    const { clock } = this.#options;
    const { playedMs } = this;
    const endMs = withinMs > 0 && this.#heldMs === undefined ? this.#wordEnd(playing, playedMs, withinMs) : playedMs;
    // What is missing of the word leaves now.
    if (endMs > playing.sentMs) this.#sendUntil(playing, endMs);
    const surplusMs = playing.sentMs - endMs;
    this.#dueMs = Math.min(this.#dueMs, clock.nowMs() + Math.max(0, endMs - playedMs));
    if (surplusMs > 0 || endMs <= playedMs) this.#clearAt(this.#dueMs);
    return endMs;
  }

  #clearAt(atMs: number): void {
    const { clock, transport } = this.#options;
    const clear = (): void => {
      disarm?.();
      this.#clearLate = undefined;
      transport.playout.clear();
    };
    let disarm: (() => void) | undefined;
    if (atMs <= clock.nowMs()) clear();
    else {
      disarm = clock.at(atMs, clear);
      this.#clearLate = clear;
    }
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
    this.#clearLate?.();
    this.#disarm?.();
    this.#playing = undefined;
  }

  /** Where in the source the audio was taken from that is played at `atMs` of the reply. */
  #placeOf(playing: Playing, atMs: number): Place | undefined {
    const begun = playing.begun.findLast(({ fromMs }) => fromMs <= atMs);
    const piece = begun && playing.reading.source.pieces[begun.piece];
    if (!piece || playing.interlude) return undefined;
    const pieceFromMs = begun.fromMs - begun.skippedMs;
    return { piece, index: begun.piece, ms: atMs - pieceFromMs, pieceFromMs };
  }

  #goBack(playing: Playing, atMs: number): void {
    const place = this.#placeOf(playing, atMs);
    if (!place) return;
    const { reading } = playing;
    const { piece, index } = place;
    const skippedMs = phraseStart(piece, place.ms);
    reading.piece = reading.noted = index;
    reading.sample = Math.min(piece.samples.length, samplesOf(skippedMs, piece.rateHz));
    playing.begun.push({ piece: index, fromMs: playing.sentMs, skippedMs });
    this.#options.ledger.again(playing.reply, piece, playing.sentMs, skippedMs);
  }

  #wordEnd(playing: Playing, playedMs: number, withinMs: number): number {
    const place = this.#placeOf(playing, playedMs);
    const endMs = place && wordEnd(place.piece, place.ms, withinMs);
    return place === undefined || endMs === undefined ? playedMs : place.pieceFromMs + endMs;
  }

  /** Sends what is missing of the reply up to `endMs`, and fades it out. */
  #sendUntil(playing: Playing, endMs: number): void {
    const { sourceRateHz } = this.#options;
    for (;;) {
      const left = samplesOf(endMs - playing.sentMs, sourceRateHz);
      const frame = left > 0 ? this.#nextFrame(playing) : undefined;
      if (!frame) return;
      if (left <= frame.samples.length) this.#targetGain = 0;
      this.#send(playing, { ...frame, samples: frame.samples.subarray(0, left) });
    }
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
      if (!playing || playing.paused || this.#heldMs !== undefined) return;
      this.#endPassage(playing);
      // The caller has begun to speak before the reply was audible: it waits until that is decided.
      if (!hasBegun(playing) && this.#targetGain < 1) return;
      const now = clock.nowMs();
      const leadMs =
        this.#targetGain < 1 ? Math.min(loweredLeadMs, transport.playout.leadMs) : transport.playout.leadMs;
      if (this.#dueMs - now > leadMs - frameMs) {
        this.#wakeAt(this.#dueMs - leadMs + frameMs);
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
      if (reading.noted < reading.piece) {
        reading.noted = reading.piece;
        // What bridges the wait takes time in the reply, and none of its words.
        const noted = playing.interlude ? { ...piece, text: '', words: [] } : piece;
        this.#options.ledger.note(playing.reply, noted, playing.sentMs);
        if (!playing.interlude) {
          playing.begun.push({ piece: reading.piece, fromMs: playing.sentMs, skippedMs: 0 });
          this.#notePassage(playing, piece.whole ?? false);
          if (reading.told < reading.piece) this.#options.events.onText(playing.reply, piece.text);
          reading.told = Math.max(reading.told, reading.piece);
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
    const samples = withGain(frame.samples, this.#gain, this.#targetGain, samplesOf(rampMs, sourceRateHz));
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

/** The gain moves within the first samples; a fade to nothing is at the end. */
function withGain(samples: Float32Array, from: number, to: number, rampSamples: number): Float32Array {
  const ramped = Math.min(rampSamples, samples.length);
  const split = to === 0 ? samples.length - ramped : ramped;
  const [first, second] = [samples.subarray(0, split), samples.subarray(split)];
  return concatSamples(
    to === 0
      ? [applyGainRamp(first, from, from), applyGainRamp(second, from, 0)]
      : [applyGainRamp(first, from, to), applyGainRamp(second, to, to)],
  );
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
