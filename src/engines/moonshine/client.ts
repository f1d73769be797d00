import { concatSamples, durationMs, samplesOf } from '../../audio/frame.js';
import { ParleyError } from '../../ports/errors.js';
import { EventQueue } from '../../ports/event-queue.js';
import type {
  SpeechToText,
  SpeechToTextEvent,
  SpeechToTextInput,
  SpeechToTextOptions,
  TranscribedWord,
} from '../../ports/speech-to-text.js';
import { entryBeside } from '../host/entry.js';
import type { ComputeGovernor, WorkKind } from '../host/governor.js';
import { type HostLogEvent, HostProcess } from '../host/host-process.js';
import { maxMoonshineSamples, minMoonshineSamples } from './limits.js';
import { activeRange, findCut } from './segmenting.js';
import { dropRepetition, joinText, spreadWords } from './text.js';
import type { BeginDecoding, DecodingState, StepDecoding } from './wire.js';

const rateHz = 16_000;

export type MoonshineOptions = {
  readonly modelDir: string;
  readonly governor: ComputeGovernor;
  readonly log?: (event: HostLogEvent) => void;
};

/** New audio before a partial is worth decoding. */
const partialEveryMs = 280;
/** The next partial starts no sooner than this many times the last one's cost: about 30 % of one core at most. */
const partialDuty = 4;
const sliceMs = 50;
/** A caller that never stops is cut off from memory here: two minutes of unsettled audio cannot happen otherwise. */
const maxUtteranceSamples = samplesOf(30 * 60_000, rateHz);

/** Moonshine behind the {@link SpeechToText} port: one host process, decoding in slices that the governor leases. */
export class MoonshineSpeechToText implements SpeechToText {
  readonly name = 'moonshine-tiny-en';
  readonly capabilities = { partials: true, wordTimes: 'estimated', languages: ['en'] } as const;
  readonly #host: HostProcess;
  readonly #governor: ComputeGovernor;
  #nextJob = 1;

  constructor(options: MoonshineOptions) {
    this.#governor = options.governor;
    this.#host = new HostProcess({
      name: 'speech-to-text',
      entry: entryBeside(import.meta.url, 'host'),
      init: { modelDir: options.modelDir },
      ...(options.log ? { log: options.log } : {}),
    });
  }

  start(): Promise<void> {
    return this.#host.start();
  }

  get pid(): number | undefined {
    return this.#host.pid;
  }

  listen(options: SpeechToTextOptions): AsyncIterable<SpeechToTextEvent> {
    const events = new EventQueue<SpeechToTextEvent>(options.signal);
    const listener = new Listener(
      (samples, kind, signal) => this.#transcribe(samples, kind, signal),
      events,
      options.signal,
    );
    void (async () => {
      try {
        for await (const input of options.input) {
          if (options.signal.aborted) break;
          listener.take(input);
        }
      } finally {
        await listener.finish();
      }
    })().then(
      () => events.end(),
      (error: Error) => events.fail(error),
    );
    return events;
  }

  close(): Promise<void> {
    return this.#host.close();
  }

  async #transcribe(samples: Float32Array, kind: WorkKind, signal: AbortSignal): Promise<string> {
    if (samples.length < minMoonshineSamples) return '';
    const job = this.#nextJob++;
    const clipped =
      samples.length > maxMoonshineSamples ? samples.subarray(samples.length - maxMoonshineSamples) : samples;
    const begin: BeginDecoding = { job, samples: clipped.slice(), budgetMs: sliceMs };
    const step: StepDecoding = { job, budgetMs: sliceMs };
    const slice = async (op: string, payload: unknown): Promise<DecodingState> => {
      await this.#host.whenReady(signal);
      return this.#governor.slice({ kind, signal }, () => this.#host.request<DecodingState>(op, payload));
    };
    let state: DecodingState;
    try {
      state = await slice('begin', begin);
      while (!state.done) state = await slice('step', step);
    } catch (error) {
      if (signal.aborted) void this.#host.request('drop', { job }).catch(() => {});
      throw error;
    }
    return dropRepetition(state.text);
  }
}

type Transcribe = (samples: Float32Array, kind: WorkKind, signal: AbortSignal) => Promise<string>;

type Settled = { readonly text: string; readonly words: readonly TranscribedWord[] };

/** The utterances of one call, one at a time: what is settled, what is live, and which decoding is under way. */
class Listener {
  readonly #transcribe: Transcribe;
  readonly #events: EventQueue<SpeechToTextEvent>;
  readonly #signal: AbortSignal;
  #utterance = -1;
  #live: Float32Array[] = [];
  #liveSamples = 0;
  /** Audio before the live window: its words are settled. */
  #settledSamples = 0;
  #settled: Settled[] = [];
  #decodedAtSamples = 0;
  #lastCostMs = 0;
  #lastEndedAt = 0;
  #partial: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;
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
    this.#live = [];
    this.#liveSamples = 0;
    this.#settledSamples = 0;
    this.#settled = [];
    this.#decodedAtSamples = 0;
  }

  #append(samples: Float32Array): void {
    if (this.#utterance < 0) return;
    if (this.#settledSamples + this.#liveSamples > maxUtteranceSamples) return;
    this.#live.push(samples);
    this.#liveSamples += samples.length;
    this.#maybePartial();
  }

  #maybePartial(): void {
    if (this.#partial || this.#utterance < 0) return;
    const total = this.#settledSamples + this.#liveSamples;
    if (total - this.#decodedAtSamples < samplesOf(partialEveryMs, rateHz)) return;
    if (performance.now() - this.#lastEndedAt < this.#lastCostMs * (partialDuty - 1)) return;
    this.#decodedAtSamples = total;
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, this.#signal]);
    const run = this.#decodePartial(this.#utterance, signal);
    const partial = {
      abort,
      done: run
        .catch(() => {
          // A partial is a courtesy: the next one, or the final, makes up for it.
        })
        .then(() => {
          if (this.#partial === partial) this.#partial = undefined;
        }),
    };
    this.#partial = partial;
  }

  async #decodePartial(utterance: number, signal: AbortSignal): Promise<void> {
    const live = this.#window();
    const cut = findCut(live);
    const startedAt = performance.now();
    const text = await this.#transcribe(cut === undefined ? live : live.subarray(0, cut), 'stt-partial', signal);
    if (signal.aborted || utterance !== this.#utterance) return;
    if (cut !== undefined) this.#settle(live, cut, text);
    this.#lastEndedAt = performance.now();
    this.#lastCostMs = this.#lastEndedAt - startedAt;
    this.#events.push({
      type: 'partial',
      utterance,
      text: joinText([...this.#settled.map((part) => part.text), cut === undefined ? text : '']),
      audioMs: durationMs(this.#settledSamples + (cut === undefined ? live.length : 0), rateHz),
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
    const live = this.#window();
    const settled = [...this.#settled];
    const offset = this.#settledSamples;
    const startedAt = performance.now();
    const run = async (): Promise<void> => {
      try {
        const last = await this.#transcribeLong(live, offset);
        const parts = [...settled, ...last];
        this.#events.push({
          type: 'final',
          utterance,
          request,
          text: joinText(parts.map((part) => part.text)),
          words: parts.flatMap((part) => part.words),
          audioMs: durationMs(offset + live.length, rateHz),
          computeMs: performance.now() - startedAt,
        });
      } catch (error) {
        this.#events.push({ type: 'error', utterance, request, error: error as Error });
      }
    };
    this.#finals = Promise.all([this.#finals, run()]).then(() => {});
  }

  /** Windows longer than the model likes (a burst that no partial has settled) are decoded piece by piece. */
  async #transcribeLong(samples: Float32Array, offset: number): Promise<Settled[]> {
    const parts: Settled[] = [];
    let rest = samples;
    let at = offset;
    for (;;) {
      const cut =
        rest.length > samplesOf(12_000, rateHz) ? findCut(rest.subarray(0, samplesOf(12_000, rateHz))) : undefined;
      const piece = cut === undefined ? rest : rest.subarray(0, cut);
      const text = await this.#withRetry(piece);
      parts.push(placed(text, piece, at));
      if (cut === undefined) return parts;
      rest = rest.subarray(cut);
      at += cut;
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

  #window(): Float32Array {
    const live = this.#live.length === 1 ? (this.#live[0] as Float32Array) : concatSamples(this.#live);
    this.#live = [live];
    return live;
  }

  #settle(live: Float32Array, cut: number, text: string): void {
    this.#settled.push(placed(text, live.subarray(0, cut), this.#settledSamples));
    const now = this.#window();
    this.#live = [now.slice(cut)];
    this.#liveSamples = now.length - cut;
    this.#settledSamples += cut;
  }
}

function placed(text: string, samples: Float32Array, offset: number): Settled {
  if (text === '') return { text, words: [] };
  const { from, to } = activeRange(samples);
  return { text, words: spreadWords(text, durationMs(offset + from, rateHz), durationMs(offset + to, rateHz)) };
}
