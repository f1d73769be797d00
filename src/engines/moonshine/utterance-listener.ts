import { durationMs, samplesOf } from '../../audio/frame.js';
import { ParleyError } from '../../ports/errors.js';
import type { EventQueue } from '../../ports/event-queue.js';
import type {
  Beginning,
  SpeechToTextEvent,
  SpeechToTextInput,
  SpeechToTextOptions,
  TranscribedWord,
} from '../../ports/speech-to-text.js';
import type { WorkKind } from '../host/governor.js';
import { type Correction, Hypothesis } from './hypothesis.js';
import { PartialPace } from './partial-pace.js';
import { findSeam } from './segmenting.js';
import { textOf } from './text.js';
import { UtteranceAudio } from './utterance-audio.js';
import type { Heard, HeardWord } from './wire.js';

const rateHz = 16_000;

/**
 * What is decoded at once. More context is worth a third of the errors (windows of 4 s: 18 % word error rate, whole
 * utterances: 11 %).
 */
export const maxWindowMs = 20_000;
const windowSamples = samplesOf(maxWindowMs, rateHz);
/** Half an hour in one turn: what comes after is not transcribed. */
const maxUtteranceSamples = samplesOf(30 * 60_000, rateHz);

export type TranscribeRequest = {
  /** 16 kHz mono */
  readonly samples: Float32Array;
  /** What an earlier decoding heard in nearly the same audio: it will probably come again. */
  readonly earlier: readonly HeardWord[];
  readonly kind: Extract<WorkKind, 'stt-final' | 'stt-partial' | 'job'>;
  readonly signal: AbortSignal;
};

export type Transcribe = (request: TranscribeRequest) => Promise<Heard>;

export type UtteranceListenerOptions = {
  readonly transcribe: Transcribe;
  readonly events: EventQueue<SpeechToTextEvent>;
  readonly signal: AbortSignal;
  /** @defaultValue 'live' */
  readonly urgency?: SpeechToTextOptions['urgency'];
  /** Monotonic, for the pace of partials and what a final took. */
  readonly nowMs: () => number;
};

/** Words that are final, and how far. Positions are samples since the beginning of the utterance. */
type Settled = { readonly words: readonly HeardWord[]; readonly until: number };

type Utterance = {
  readonly number: number;
  readonly audio: UtteranceAudio;
  readonly hypothesis: Hypothesis;
  settled: Settled;
};

/**
 * The utterances of one call, one at a time. Partials and finals look at everything since words were last settled, which
 * happens between two words once that is longer than a window. Partials of a long window cost more and come more seldom.
 */
export class UtteranceListener {
  readonly #options: UtteranceListenerOptions;
  readonly #pace: PartialPace;
  readonly #finalKind: 'stt-final' | 'job';
  #current: Utterance | undefined;
  #partial: AbortController | undefined;
  /** A look came while a partial was under way. */
  #lookAgain = false;
  #finals: Promise<void> = Promise.resolve();

  constructor(options: UtteranceListenerOptions) {
    this.#options = options;
    this.#pace = new PartialPace(options.nowMs);
    this.#finalKind = options.urgency === 'background' ? 'job' : 'stt-final';
  }

  take(input: SpeechToTextInput): void {
    switch (input.type) {
      case 'start':
        this.#stopPartial();
        this.#pace.restart();
        this.#current = begin(input.utterance);
        break;
      case 'audio':
        if (this.#current) this.#append(this.#current, input.samples);
        break;
      case 'look':
        if (input.utterance === this.#current?.number) this.#look(this.#current);
        break;
      case 'freeze':
        this.#freeze(input.utterance, input.request);
        break;
      case 'end':
        if (input.utterance !== this.#current?.number) break;
        this.#stopPartial();
        this.#current = undefined;
        break;
    }
  }

  async finish(): Promise<void> {
    this.#stopPartial();
    await this.#finals;
  }

  #append(utterance: Utterance, samples: Float32Array): void {
    const { audio } = utterance;
    if (audio.end > maxUtteranceSamples) return;
    audio.append(samples);
    const audioMs = durationMs(audio.end, rateHz);
    if (!this.#partial && this.#pace.isDue(audioMs)) this.#beginPartial(utterance);
  }

  /** Somebody waits for words: the pace does not matter, and a partial of older audio is followed by another. */
  #look(utterance: Utterance): void {
    if (this.#partial) this.#lookAgain = true;
    else this.#beginPartial(utterance);
  }

  #beginPartial(utterance: Utterance): void {
    // Nobody reads what is not final of a recording.
    if (this.#finalKind === 'job') return;
    const { audio } = utterance;
    const audioMs = durationMs(audio.end, rateHz);
    const abort = new AbortController();
    this.#partial = abort;
    const ended = this.#pace.begin(audioMs);
    const signal = AbortSignal.any([abort.signal, this.#options.signal]);
    const full = audio.end - utterance.settled.until > windowSamples;
    (full ? this.#settle(utterance, signal) : this.#lookAhead(utterance, signal))
      .catch(() => {
        // A partial is a courtesy: the next one, or the final, makes up for it.
      })
      .finally(() => {
        ended();
        if (this.#partial !== abort) return;
        this.#partial = undefined;
        if (!this.#lookAgain || this.#current !== utterance) return;
        this.#lookAgain = false;
        this.#beginPartial(utterance);
      });
  }

  #stopPartial(): void {
    this.#partial?.abort(new Error('the partial is not wanted any more'));
    this.#partial = undefined;
    this.#lookAgain = false;
  }

  async #lookAhead(utterance: Utterance, signal: AbortSignal): Promise<void> {
    const { audio, hypothesis, settled } = utterance;
    const audioMs = durationMs(audio.end, rateHz);
    const { words, beginnings } = await this.#decode(utterance, settled.until, audio.end, 'stt-partial', signal);
    if (signal.aborted) return;
    hypothesis.hear(words, audioMs);
    this.#tellPartial(utterance, audioMs, settled.until === 0 ? beginnings : []);
  }

  /** The final words of a stretch that has grown too long to be decoded when the final is wanted. */
  async #settle(utterance: Utterance, signal: AbortSignal): Promise<void> {
    const { audio, hypothesis, settled } = utterance;
    const next = await this.#decodePiece(utterance, settled.until, 'stt-partial', signal);
    if (signal.aborted) return;
    const corrections = hypothesis.settle(next.words, durationMs(next.until, rateHz));
    utterance.settled = { words: [...settled.words, ...next.words], until: next.until };
    audio.forgetBefore(next.until);
    this.#tellCorrections(utterance, corrections);
    this.#tellPartial(utterance, durationMs(audio.end, rateHz));
  }

  /** The frozen decode sees exactly the audio pushed before it was asked for. */
  #freeze(number: number, request: number): void {
    const { events, nowMs } = this.#options;
    const utterance = this.#current;
    if (!utterance || utterance.number !== number) {
      const error = new ParleyError(`Utterance ${number} is not the current one.`, { code: 'stt.stale' });
      events.push({ type: 'error', utterance: number, request, error });
      return;
    }
    this.#stopPartial();
    const startedMs = nowMs();
    const audioMs = durationMs(utterance.audio.end, rateHz);
    const { settled } = utterance;
    const run = async (): Promise<void> => {
      try {
        const open = await this.#decodeAll(frozen(utterance));
        // What was settled meanwhile has been compared already.
        if (utterance.settled === settled) {
          this.#tellCorrections(utterance, utterance.hypothesis.compareWithFinal(open));
          utterance.hypothesis.hear(open, audioMs);
        }
        const words = [...settled.words, ...open];
        events.push({
          type: 'final',
          utterance: number,
          request,
          text: textOf(words),
          words: words.map(transcribed),
          audioMs,
          computeMs: nowMs() - startedMs,
        });
      } catch (error) {
        events.push({ type: 'error', utterance: number, request, error: error as Error });
      }
    };
    this.#finals = Promise.all([this.#finals, run()]).then(() => {});
  }

  /** Everything that is not settled. What is longer than a final's window (a burst) goes piece by piece. */
  async #decodeAll(utterance: Utterance): Promise<HeardWord[]> {
    const words: HeardWord[] = [];
    const { audio } = utterance;
    let { until } = utterance.settled;
    while (audio.end - until > windowSamples) {
      const piece = await this.#decodePiece(utterance, until, this.#finalKind, this.#options.signal);
      words.push(...piece.words);
      until = piece.until;
    }
    const last = await this.#decode(utterance, until, audio.end, this.#finalKind, this.#options.signal);
    return [...words, ...last.words];
  }

  /** One final's window from `from`, up to a seam between two words in it. */
  async #decodePiece(
    utterance: Utterance,
    from: number,
    kind: TranscribeRequest['kind'],
    signal: AbortSignal,
  ): Promise<Settled> {
    const to = from + windowSamples;
    const { words } = await this.#decode(utterance, from, to, kind, signal);
    const offsetMs = durationMs(from, rateHz);
    const seam = findSeam(
      utterance.audio.between(from, to),
      words.map((word) => shifted(word, -offsetMs)),
    );
    const seamMs = durationMs(seam, rateHz) + offsetMs;
    return { words: words.filter((word) => (word.startMs + word.endMs) / 2 < seamMs), until: from + seam };
  }

  async #decode(
    utterance: Utterance,
    from: number,
    to: number,
    kind: TranscribeRequest['kind'],
    signal: AbortSignal,
  ): Promise<Heard> {
    const offsetMs = durationMs(from, rateHz);
    const earlier = utterance.hypothesis.words.filter((word) => (word.startMs + word.endMs) / 2 >= offsetMs);
    const request = { samples: utterance.audio.between(from, to), earlier, kind, signal };
    const { words, beginnings } = await this.#withRetry(request);
    return { words: words.map((word) => shifted(word, offsetMs)), beginnings };
  }

  async #withRetry(request: TranscribeRequest): Promise<Heard> {
    try {
      return await this.#options.transcribe(request);
    } catch (error) {
      if (request.kind === 'stt-partial' || !ParleyError.isInstance(error) || !error.retryable) throw error;
      return this.#options.transcribe(request);
    }
  }

  #tellPartial({ number, hypothesis }: Utterance, audioMs: number, beginnings: readonly Beginning[] = []): void {
    const { words, stableCount } = hypothesis;
    this.#options.events.push({
      type: 'partial',
      utterance: number,
      text: textOf(words),
      stableWords: stableCount,
      ...(beginnings.length > 0 ? { beginnings } : {}),
      audioMs,
    });
  }

  #tellCorrections({ number }: Utterance, corrections: readonly Correction[]): void {
    for (const correction of corrections)
      this.#options.events.push({ type: 'correction', utterance: number, ...correction });
  }
}

function begin(number: number): Utterance {
  return {
    number,
    audio: new UtteranceAudio(),
    hypothesis: new Hypothesis(),
    settled: { words: [], until: 0 },
  };
}

/** The same utterance as it is now: audio that comes later does not show in it. */
function frozen(utterance: Utterance): Utterance {
  const { audio, settled } = utterance;
  const still = new UtteranceAudio(settled.until);
  still.append(audio.between(settled.until, audio.end));
  return { ...utterance, audio: still };
}

function shifted(word: HeardWord, byMs: number): HeardWord {
  return { ...word, startMs: word.startMs + byMs, endMs: word.endMs + byMs };
}

/** Whole milliseconds; the beginning never after the end. */
function transcribed({ text, startMs, endMs, confidence }: HeardWord): TranscribedWord {
  const start = Math.round(startMs);
  return { text, startMs: start, endMs: Math.max(start + 1, Math.round(endMs)), confidence };
}
