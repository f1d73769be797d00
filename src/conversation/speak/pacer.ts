import { durationMs, samplesOf } from '../../audio/frame.js';
import { rmsDb } from '../../audio/loudness.js';
import type { Resampler } from '../../audio/resample.js';
import type { Clock } from '../../ports/clock.js';
import type { Transport } from '../../ports/transport.js';
import { FarEndBuffer } from './far-end-buffer.js';
import type { Place, PlayoutLedger } from './ledger.js';
import { OutputGain } from './output-gain.js';
import { phraseStart, wordEnd } from './phrase-start.js';
import type { ReplySource } from './reply-source.js';
import { type ReadSamples, SourceCursor } from './source-cursor.js';

/** Audio leaves in frames of this length. */
const frameMs = 20;
/** A lowered agent is this much quieter: present, and easy to talk over. */
const loweredGain = 10 ** (-14 / 20);
/** A lowered reply may have to stop at once: less of it is sent ahead. */
const loweredLeadMs = 40;
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

type Playing = {
  readonly reply: number;
  cursor: SourceCursor;
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
  interlude: SourceCursor | undefined;
  /** How much had been played when it was lowered. */
  loweredAtMs: number | undefined;
  paused: boolean;
  /** A passage that is heard to its end: until when it is played, as soon as that is known. */
  passage: { untilMs: number | undefined } | undefined;
};

type Frame = { readonly samples: Float32Array; readonly role: SoundRole };

/**
 * Sends a reply at the pace of real time, at most the transport's lead ahead: what has left cannot be lowered, paused
 * or taken back. One reply at a time; whoever stops it drops all that has not left.
 */
export class Pacer {
  readonly #options: PacerOptions;
  #playing: Playing | undefined;
  readonly #farEnd: FarEndBuffer;
  readonly #gain: OutputGain;
  #disarm: (() => void) | undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#farEnd = new FarEndBuffer(options.clock, options.transport.playout);
    this.#gain = new OutputGain(options.sourceRateHz);
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
    const cursor = new SourceCursor(source);
    // An interlude that is being played goes on; the source follows it.
    if (this.#playing?.reply === reply) {
      this.#playing.cursor = cursor;
      this.#playing.loweredAtMs = undefined;
    } else {
      this.#farEnd.clearLate();
      this.#playing = {
        reply,
        cursor,
        sentMs: 0,
        heard: new Set(),
        gapMs: 0,
        dry: false,
        silent: false,
        interlude: undefined,
        loweredAtMs: undefined,
        paused: false,
        passage: undefined,
      };
      this.#gain.reset();
    }
    source.watch(() => this.#pump());
    this.#pump();
  }

  /** Plays something while the reply, or more of it, is being waited for. Too late when that has come. */
  bridge(reply: number, source: ReplySource): boolean {
    const playing = this.#playing;
    if (playing?.reply !== reply || (hasBegun(playing) && !playing.dry)) return false;
    playing.interlude = new SourceCursor(source);
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
      if (playing.paused) this.#farEnd.catchUp();
      playing.paused = false;
    }
    const restored = this.#setGain(reply, 1);
    this.#pump();
    return restored;
  }

  /** How much of the reply the far end has played. */
  get playedMs(): number {
    return Math.max(0, this.sentMs - this.#farEnd.unplayedMs);
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
    const { playedMs } = this;
    const endMs = withinMs > 0 && !this.#farEnd.held ? this.#wordEnd(playing, playedMs, withinMs) : playedMs;
    // What is missing of the word leaves now.
    if (endMs > playing.sentMs) this.#sendUntil(playing, endMs);
    this.#farEnd.cut(Math.max(0, endMs - playedMs), endMs < playing.sentMs || endMs <= playedMs);
    return endMs;
  }

  /** Plays nothing until it is released. */
  hold(): void {
    if (this.#farEnd.held) return;
    this.#disarm?.();
    this.#farEnd.hold();
  }

  /** Goes on. What the far end has not got of it is sent again. @defaultValue what it cannot have played when it was held */
  release(lostMs = this.#farEnd.unplayedMs): void {
    if (!this.#farEnd.held) return;
    this.#farEnd.release();
    const { sourceRateHz } = this.#options;
    const playing = this.#playing;
    if (playing) {
      const rewound = (playing.interlude ?? playing.cursor).rewind(samplesOf(lostMs, sourceRateHz));
      playing.sentMs -= durationMs(rewound, sourceRateHz);
    }
    this.#pump();
  }

  close(): void {
    this.#farEnd.clearLate();
    this.#disarm?.();
    this.#playing = undefined;
  }

  /** Which piece of the reply was playing, and where in it; undefined when that is not known, or something bridges the wait. */
  #placeAt({ reply, cursor, interlude }: Playing, playedMs: number): Place | undefined {
    return interlude ? undefined : this.#options.ledger.placeAt(reply, cursor.source.pieces, playedMs);
  }

  #goBack(playing: Playing, playedMs: number): void {
    const place = this.#placeAt(playing, playedMs);
    if (!place) return;
    const { piece } = place;
    const skippedMs = phraseStart(piece, place.ms);
    playing.cursor.goBack(piece, samplesOf(skippedMs, piece.rateHz));
    this.#options.ledger.again(playing.reply, piece, playing.sentMs, skippedMs);
  }

  #wordEnd(playing: Playing, playedMs: number, withinMs: number): number {
    const place = this.#placeAt(playing, playedMs);
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
      if (left <= frame.samples.length) this.#gain.target = 0;
      this.#send(playing, { ...frame, samples: frame.samples.subarray(0, left) });
    }
  }

  #setGain(reply: number, gain: number): boolean {
    if (this.#playing?.reply !== reply) return false;
    this.#gain.target = gain;
    return true;
  }

  #pump(): void {
    this.#disarm?.();
    this.#disarm = undefined;
    const { clock, transport, events } = this.#options;
    for (;;) {
      const playing = this.#playing;
      if (!playing || playing.paused || this.#farEnd.held) return;
      this.#endPassage(playing);
      // The caller has begun to speak before the reply was audible: it waits until that is decided.
      if (!hasBegun(playing) && this.#gain.target < 1) return;
      const now = clock.nowMs();
      const leadMs =
        this.#gain.target < 1 ? Math.min(loweredLeadMs, transport.playout.leadMs) : transport.playout.leadMs;
      if (this.#farEnd.dueMs - now > leadMs - frameMs) {
        this.#wakeAt(this.#farEnd.dueMs - leadMs + frameMs);
        return;
      }
      const frame = this.#nextFrame(playing);
      if (frame) {
        if (hasBegun(playing)) playing.gapMs = Math.max(playing.gapMs, now - this.#farEnd.dueMs);
        this.#farEnd.catchUp();
        this.#send(playing, frame);
        continue;
      }
      if (playing.interlude) {
        if (!playing.interlude.source.complete) return;
        playing.interlude = undefined;
        continue;
      }
      // Of a reply that has not begun nothing was played that could be over.
      if (playing.sentMs === 0 && !playing.cursor.source.complete) return;
      if (this.#farEnd.dueMs > now) {
        this.#wakeAt(this.#farEnd.dueMs);
        return;
      }
      if (!playing.cursor.source.complete) {
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
    const { interlude } = playing;
    const cursor = interlude ?? playing.cursor;
    const frameSamples = samplesOf(frameMs, this.#options.sourceRateHz);
    for (let next = cursor.read(frameSamples); next; next = cursor.read(frameSamples)) {
      const { piece, samples } = next;
      if (next.begins) this.#noteBeginning(playing, next);
      if (samples.length > 0) return { samples, role: interlude ? 'filler' : piece.opener ? 'opener' : 'content' };
    }
    return undefined;
  }

  #noteBeginning(playing: Playing, { piece, isNew }: ReadSamples): void {
    const { ledger, events } = this.#options;
    // What bridges the wait takes time in the reply, and none of its words.
    if (playing.interlude) {
      ledger.note(playing.reply, { ...piece, text: '', words: [] }, playing.sentMs);
      return;
    }
    ledger.note(playing.reply, piece, playing.sentMs);
    this.#notePassage(playing, piece.whole ?? false);
    if (isNew) events.onText(playing.reply, piece.text);
  }

  #notePassage(playing: Playing, whole: boolean): void {
    if (whole && !playing.passage) {
      playing.passage = { untilMs: undefined };
      this.#options.events.onPassage(playing.reply, true);
    } else if (!whole && playing.passage) playing.passage.untilMs ??= this.#farEnd.dueMs;
  }

  #endPassage(playing: Playing): void {
    const untilMs = playing.passage?.untilMs;
    if (untilMs === undefined || this.#options.clock.nowMs() < untilMs) return;
    playing.passage = undefined;
    this.#options.events.onPassage(playing.reply, false);
  }

  #send(playing: Playing, frame: Frame): void {
    const { transport, events, resampler, sourceRateHz } = this.#options;
    const samples = this.#gain.apply(frame.samples);
    const heardAtMs = this.#farEnd.dueMs + transport.playout.latencyMs;
    const lengthMs = durationMs(samples.length, sourceRateHz);
    const out = resampler ? resampler.process(samples) : samples;
    transport.send({ samples: out, rateHz: transport.outputRateHz }, { reply: playing.reply });
    events.onFrame(samples, heardAtMs);
    this.#farEnd.sent(lengthMs);
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
