import { durationMs } from '../audio/frame.js';
import { median } from './speak/median.js';
import type { ReplyMarks } from './speak/prepared-reply.js';
import type { SpokenPiece } from './speak/spoken-piece.js';
import { fittingOpener, isNoncommittal, type OpenerKind } from './think/openers.js';

export type Opener = { readonly kind: OpenerKind; readonly text: string; readonly pieces: readonly SpokenPiece[] };

export type OpenerSettings = {
  /** Whether replies may begin with an opener at all. @defaultValue true */
  readonly enabled: boolean;
  /** An opener may put off what the reply says by this much, and no more. @defaultValue 300 */
  readonly maxDelayMs: number;
  /** Of any five turns in a row, at most this many begin with an opener. @defaultValue 3 */
  readonly perFiveTurns: number;
  /** The same opener is not heard again for this many turns. @defaultValue 3 */
  readonly restTurns: number;
  /** How long a reply takes from the transcript to its first audio, before this call has shown it. @defaultValue 600 */
  readonly expectedReadyMs: number;
  /** How long it takes to its first word, before this call has shown it. @defaultValue 300 */
  readonly expectedWordMs: number;
};

export const defaultOpenerSettings = {
  enabled: true,
  maxDelayMs: 300,
  perFiveTurns: 3,
  restTurns: 3,
  expectedReadyMs: 600,
  expectedWordMs: 300,
} as const satisfies OpenerSettings;

/** The first word alone rarely shows whether a reply refuses: the next one takes this long. */
const nextWordMs = 100;
/** Replies whose times are remembered. */
const remembered = 8;

/** Which openers one call has heard, and which may come next. */
export class Openers {
  readonly #openers: readonly Opener[];
  readonly #settings: OpenerSettings;
  /** What each recent turn began with, oldest first; undefined where it began with its content. */
  readonly #turns: (string | undefined)[] = [];
  readonly #readyMs: number[] = [];
  readonly #wordMs: number[] = [];

  constructor(openers: readonly Opener[], settings: OpenerSettings = defaultOpenerSettings) {
    this.#openers = openers;
    this.#settings = settings;
  }

  /** By how much a reply must be later than its decision for this opener to be worth it. */
  worthMs(opener: Opener): number {
    return lengthMs(opener) - this.#settings.maxDelayMs;
  }

  /** How long after its start a draft is expected to have its first audio. */
  get expectedReadyMs(): number {
    return median(this.#readyMs) ?? this.#settings.expectedReadyMs;
  }

  /**
   * An opener for a reply to `callerText` that is decided on `decidedInMs` from now, or undefined when none fits, the
   * reply is expected in time, or openers have been heard often enough. When the decision will come before the first word
   * of the reply, it is one that any answer may follow: it can be heard at once.
   */
  choose(callerText: string, decidedInMs: number): Opener | undefined {
    const { enabled, perFiveTurns, restTurns } = this.#settings;
    if (!enabled) return undefined;
    const lateMs = this.expectedReadyMs - Math.max(0, decidedInMs);
    if (this.#turns.slice(-4).filter((text) => text !== undefined).length >= perFiveTurns) return undefined;
    const kind = fittingOpener(callerText);
    const wordsMs = (median(this.#wordMs) ?? this.#settings.expectedWordMs) + nextWordMs;
    const atOnce = Math.max(0, decidedInMs) < wordsMs;
    const resting = new Set(restTurns > 0 ? this.#turns.slice(-restTurns) : []);
    const fitting = this.#openers.filter(
      (opener) =>
        opener.kind === kind &&
        !resting.has(opener.text) &&
        (!atOnce || isNoncommittal(opener.text)) &&
        lateMs >= this.worthMs(opener),
    );
    // One that is over long before what the reply says would leave a gap. Of those as near, the one that fits best.
    const missMs = (opener: Opener): number => Math.abs(lateMs - lengthMs(opener));
    return fitting.sort((a, b) => missMs(a) - missMs(b))[0];
  }

  /** A reply was heard, or some of it. */
  heard({ opener, marks }: { readonly opener: string | undefined; readonly marks: ReplyMarks }): void {
    this.turnBegan(opener);
    const { startedMs, firstTokenMs, firstAudioMs } = marks;
    if (firstTokenMs !== undefined && firstAudioMs !== undefined)
      this.readyAfter(firstAudioMs - startedMs, firstTokenMs - startedMs);
  }

  /** A turn has been answered; `opener` is what was heard first, if it was one. */
  turnBegan(opener: string | undefined): void {
    this.#turns.push(opener);
    if (this.#turns.length > 16) this.#turns.shift();
  }

  /** A draft has had its first word, and its first audio, this long after it was started. */
  readyAfter(audioMs: number, wordMs: number): void {
    remember(this.#readyMs, audioMs);
    remember(this.#wordMs, wordMs);
  }
}

function lengthMs({ pieces }: Opener): number {
  return pieces.reduce((sum, { samples, rateHz }) => sum + durationMs(samples.length, rateHz), 0);
}

function remember(values: number[], value: number): void {
  values.push(value);
  if (values.length > remembered) values.shift();
}
