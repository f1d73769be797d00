import { concatSamples, durationMs, samplesOf } from '../../audio/frame.js';
import { ParleyError } from '../../ports/errors.js';
import type { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToTextEvent, SpeechToTextInput, TranscribedWord } from '../../ports/speech-to-text.js';
import type { WorkKind } from '../host/governor.js';
import { activeRange, findCut } from './segmenting.js';
import { joinText, spreadWords } from './text.js';

const rateHz = 16_000;

/** New audio before a partial is worth decoding. */
const partialEveryMs = 280;
/** The next partial starts no sooner than this many times the last one's cost: about 30 % of one core at most. */
const partialDuty = 4;
/**
 * What a final decodes at once. More context is worth a third of the errors (windows of 4 s: 18 % word error rate,
 * whole utterances: 11 %), and costs about 35 ms a second.
 */
const finalWindowMs = 14_000;
/** Half an hour in one turn: what comes after is not transcribed. */
const maxUtteranceSamples = samplesOf(30 * 60_000, rateHz);

export type Transcribe = (samples: Float32Array, kind: WorkKind, signal: AbortSignal) => Promise<string>;

type Settled = { readonly text: string; readonly words: readonly TranscribedWord[] };

/** Words of a stretch before a pause, as partials show them: good enough to be looked at, not to be answered. */
type Shown = { readonly until: number; readonly text: string };

/**
 * The utterances of one call, one at a time. Partials look at a short window behind the last pause; a final looks at
 * everything since the words were last settled, which happens at a pause once a final's window is full.
 */
export class UtteranceListener {
  readonly #transcribe: Transcribe;
  readonly #events: EventQueue<SpeechToTextEvent>;
  readonly #signal: AbortSignal;
  #utterance = -1;
  /** Audio behind what is settled. */
  #audio: Float32Array[] = [];
  #audioSamples = 0;
  #settled: Settled[] = [];
  #settledSamples = 0;
  /** Positions count from the settled end. */
  #shown: Shown[] = [];
  #decodedAtSamples = 0;
  #lastCostMs = 0;
  #lastEndedAt = 0;
  #partial: { readonly abort: AbortController } | undefined;
  #finals: Promise<void> = Promise.resolve();

  constructor(transcribe: Transcribe, events: EventQueue<SpeechToTextEvent>, signal: AbortSignal) {
    this.#transcribe = transcribe;
    this.#events = events;
    this.#signal = signal;
  }

  take(input: SpeechToTextInput): void {
    switch (input.type) {
      case 'start':
        this.#reset(input.utterance);
        break;
      case 'audio':
        this.#append(input.samples);
        break;
      case 'freeze':
        this.#freeze(input.utterance, input.request);
        break;
      case 'end':
        if (input.utterance === this.#utterance) this.#reset(-1);
        break;
    }
  }

  async finish(): Promise<void> {
    this.#partial?.abort.abort();
    await this.#finals;
  }

  #reset(utterance: number): void {
    this.#partial?.abort.abort(new Error('the utterance has ended'));
    this.#partial = undefined;
    this.#utterance = utterance;
    this.#audio = [];
    this.#audioSamples = 0;
    this.#settled = [];
    this.#settledSamples = 0;
    this.#shown = [];
    this.#decodedAtSamples = 0;
  }

  #append(samples: Float32Array): void {
    if (this.#utterance < 0) return;
    if (this.#settledSamples + this.#audioSamples > maxUtteranceSamples) return;
    this.#audio.push(samples);
    this.#audioSamples += samples.length;
    this.#maybePartial();
  }

  #maybePartial(): void {
    if (this.#partial) return;
    const total = this.#settledSamples + this.#audioSamples;
    if (total - this.#decodedAtSamples < samplesOf(partialEveryMs, rateHz)) return;
    if (performance.now() - this.#lastEndedAt < this.#lastCostMs * (partialDuty - 1)) return;
    this.#decodedAtSamples = total;
    const partial = { abort: new AbortController() };
    this.#partial = partial;
    this.#lookAhead(this.#utterance, AbortSignal.any([partial.abort.signal, this.#signal]))
      .catch(() => {
        // A partial is a courtesy: the next one, or the final, makes up for it.
      })
      .finally(() => {
        if (this.#partial === partial) this.#partial = undefined;
      });
  }

  /** One partial: the newest words, or a stretch that can be settled. */
  async #lookAhead(utterance: number, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const all = this.#whole();
    const full = samplesOf(finalWindowMs, rateHz);
    const settle = all.length > full ? findCut(all.subarray(0, full)) : undefined;
    const from = settle === undefined ? (this.#shown.at(-1)?.until ?? 0) : 0;
    const cut = settle ?? findCut(all.subarray(from));
    const window = all.subarray(from, cut === undefined ? undefined : from + cut);
    const text = await this.#transcribe(window, 'stt-partial', signal);
    if (signal.aborted || utterance !== this.#utterance) return;
    this.#lastEndedAt = performance.now();
    this.#lastCostMs = this.#lastEndedAt - startedAt;
    const audioMs = durationMs(this.#settledSamples + from + window.length, rateHz);
    if (settle !== undefined) this.#settle(settle, text);
    else if (cut !== undefined) this.#shown.push({ until: from + cut, text });
    const shown = [...this.#settled, ...this.#shown].map((part) => part.text);
    this.#events.push({
      type: 'partial',
      utterance,
      text: joinText(cut === undefined ? [...shown, text] : shown),
      audioMs,
    });
  }

  /** The frozen decode sees exactly the audio pushed before it was asked for. */
  #freeze(utterance: number, request: number): void {
    if (utterance !== this.#utterance) {
      const error = new ParleyError(`Utterance ${utterance} is not the current one.`, { code: 'stt.stale' });
      this.#events.push({ type: 'error', utterance, request, error });
      return;
    }
    this.#partial?.abort.abort(new Error('the final is wanted'));
    this.#partial = undefined;
    const all = this.#whole();
    const settled = [...this.#settled];
    const offset = this.#settledSamples;
    const startedAt = performance.now();
    const run = async (): Promise<void> => {
      try {
        const parts = [...settled, ...(await this.#transcribeLong(all, offset))];
        this.#events.push({
          type: 'final',
          utterance,
          request,
          text: joinText(parts.map((part) => part.text)),
          words: parts.flatMap((part) => part.words),
          audioMs: durationMs(offset + all.length, rateHz),
          computeMs: performance.now() - startedAt,
        });
      } catch (error) {
        this.#events.push({ type: 'error', utterance, request, error: error as Error });
      }
    };
    this.#finals = Promise.all([this.#finals, run()]).then(() => {});
  }

  /** Audio longer than a final's window (a burst that nothing has settled) is decoded piece by piece. */
  async #transcribeLong(samples: Float32Array, offset: number): Promise<Settled[]> {
    const full = samplesOf(finalWindowMs, rateHz);
    const parts: Settled[] = [];
    let from = 0;
    for (;;) {
      const rest = samples.subarray(from);
      const cut = rest.length > full ? findCut(rest.subarray(0, full)) : undefined;
      const piece = cut === undefined ? rest : rest.subarray(0, cut);
      parts.push(placed(await this.#withRetry(piece), piece, offset + from));
      if (cut === undefined) return parts;
      from += cut;
    }
  }

  async #withRetry(samples: Float32Array): Promise<string> {
    try {
      return await this.#transcribe(samples, 'stt-final', this.#signal);
    } catch (error) {
      if (!ParleyError.isInstance(error) || !error.retryable) throw error;
      return this.#transcribe(samples, 'stt-final', this.#signal);
    }
  }

  #whole(): Float32Array {
    const whole = this.#audio.length === 1 ? (this.#audio[0] as Float32Array) : concatSamples(this.#audio);
    this.#audio = [whole];
    return whole;
  }

  #settle(cut: number, text: string): void {
    const now = this.#whole();
    this.#settled.push(placed(text, now.subarray(0, cut), this.#settledSamples));
    this.#audio = [now.slice(cut)];
    this.#audioSamples = now.length - cut;
    this.#settledSamples += cut;
    this.#shown = this.#shown.filter(({ until }) => until > cut).map((each) => ({ ...each, until: each.until - cut }));
  }
}

function placed(text: string, samples: Float32Array, offset: number): Settled {
  if (text === '') return { text, words: [] };
  const { from, to } = activeRange(samples);
  return { text, words: spreadWords(text, durationMs(offset + from, rateHz), durationMs(offset + to, rateHz)) };
}
