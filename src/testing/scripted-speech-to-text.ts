import { concatSamples, durationMs, samplesOf } from '../audio/frame.js';
import { rmsDb } from '../audio/loudness.js';
import type { Clock } from '../ports/clock.js';
import { ParleyError } from '../ports/errors.js';
import { EventQueue } from '../ports/event-queue.js';
import type {
  SpeechToText,
  SpeechToTextEvent,
  SpeechToTextInput,
  SpeechToTextOptions,
  TranscribedWord,
} from '../ports/speech-to-text.js';
import { delay } from './delay.js';
import { type ScriptedFailure, suffer } from './scripted-failure.js';

const rateHz = 16_000;
const hopMs = 20;
const speechFromDb = -45;

/** An utterance as the script sees it. */
export type ScriptedUtterance = {
  readonly callId: string;
  readonly utterance: number;
  /** Utterances that the call began before this one. */
  readonly order: number;
  /** What was pushed of it so far, 16 kHz mono. */
  readonly samples: Float32Array;
};

export type ScriptedSpeechToTextOptions = {
  readonly clock: Clock;
  /**
   * What the caller says: utterance by utterance of each call (nothing after the last), or worked out from the audio
   * (for instance with `decodedText`). An utterance without an audible sound is empty in either case.
   */
  readonly transcripts: readonly string[] | ((utterance: ScriptedUtterance) => string);
  /**
   * How much audible audio makes a word, for written transcripts: partials grow at this pace.
   * @defaultValue 290, a word of tone speech
   */
  readonly wordMs?: number;
  /** `whole`: a final has all of the utterance's transcript. `heard`: the words that the audio so far has room for. @defaultValue 'whole' */
  readonly finals?: 'whole' | 'heard';
  /** @defaultValue 120 */
  readonly finalLatencyMs?: number;
  /** @defaultValue 80 */
  readonly partialLatencyMs?: number;
  /** New audio before the next partial; 0 for no partials. @defaultValue 280 */
  readonly partialEveryMs?: number;
  /** What partials make of the words, where a final has them right. @defaultValue the words themselves */
  readonly misheard?: (text: string) => string;
  /** Asked for each freeze; the error becomes the request's `error` event. */
  readonly fail?: (request: FrozenRequest) => ScriptedFailure | undefined;
};

/** A freeze as it arrived. */
export type FrozenRequest = {
  readonly callId: string;
  readonly utterance: number;
  readonly request: number;
  readonly audioMs: number;
  readonly atMs: number;
};

type Current = {
  readonly utterance: number;
  readonly order: number;
  parts: Float32Array[];
  length: number;
  partialAt: number;
  /** One partial is worked on at a time: audio that comes in a burst gets few. */
  partialUnderWay: boolean;
  /** Words that two successive partials agreed on. */
  stable: readonly string[];
  lastPartial: readonly string[];
};

/** Hears what a test has written down, as late as it says. */
export class ScriptedSpeechToText implements SpeechToText {
  readonly name = 'scripted';
  readonly capabilities: SpeechToText['capabilities'];
  readonly #options: ScriptedSpeechToTextOptions;
  readonly #requests: FrozenRequest[] = [];

  constructor(options: ScriptedSpeechToTextOptions) {
    this.#options = options;
    this.capabilities = {
      partials: (options.partialEveryMs ?? 280) > 0,
      wordTimes: 'estimated',
      languages: ['en'],
    };
  }

  /** Every freeze so far, in order. */
  get requests(): readonly FrozenRequest[] {
    return this.#requests;
  }

  listen(options: SpeechToTextOptions): AsyncIterable<SpeechToTextEvent> {
    const events = new EventQueue<SpeechToTextEvent>(options.signal);
    void this.#consume(options, events).then(
      () => events.end(),
      (error: Error) => events.fail(error),
    );
    return events;
  }

  async close(): Promise<void> {}

  async #consume(options: SpeechToTextOptions, events: EventQueue<SpeechToTextEvent>): Promise<void> {
    const finals: Promise<void>[] = [];
    let current: Current | undefined;
    let order = 0;
    for await (const input of options.input) {
      if (options.signal.aborted) break;
      if (input.type === 'start')
        current = {
          utterance: input.utterance,
          order: order++,
          parts: [],
          length: 0,
          partialAt: 0,
          partialUnderWay: false,
          stable: [],
          lastPartial: [],
        };
      else if (input.type === 'audio') {
        if (current) this.#append(current, input.samples, () => current, options, events);
      } else if (input.type === 'look') {
        if (current?.utterance === input.utterance) this.#look(current, () => current, options, events);
      } else if (input.type === 'freeze') finals.push(this.#freeze(input, current, options, events));
      else if (current?.utterance === input.utterance) current = undefined;
    }
    await Promise.all(finals);
  }

  #append(
    utterance: Current,
    samples: Float32Array,
    now: () => Current | undefined,
    options: SpeechToTextOptions,
    events: EventQueue<SpeechToTextEvent>,
  ): void {
    const { partialEveryMs = 280 } = this.#options;
    utterance.parts.push(samples);
    utterance.length += samples.length;
    if (utterance.length - utterance.partialAt < samplesOf(partialEveryMs, rateHz)) return;
    this.#look(utterance, now, options, events);
  }

  #look(
    utterance: Current,
    now: () => Current | undefined,
    options: SpeechToTextOptions,
    events: EventQueue<SpeechToTextEvent>,
  ): void {
    const { clock, partialLatencyMs = 80 } = this.#options;
    if (utterance.partialUnderWay || !this.capabilities.partials) return;
    utterance.partialAt = utterance.length;
    const audio = samplesOfUtterance(utterance);
    const { misheard = (words) => words } = this.#options;
    const text = misheard(this.#textOf(utterance, audio, options.callId, 'heard'));
    if (text === '') return;
    utterance.partialUnderWay = true;
    void delay(clock, partialLatencyMs, options.signal).then(
      () => {
        utterance.partialUnderWay = false;
        if (now() !== utterance) return;
        const audioMs = durationMs(audio.length, rateHz);
        events.push({ type: 'partial', utterance: utterance.utterance, ...agree(utterance, text), audioMs });
      },
      () => {},
    );
  }

  async #freeze(
    input: Extract<SpeechToTextInput, { type: 'freeze' }>,
    current: Current | undefined,
    options: SpeechToTextOptions,
    events: EventQueue<SpeechToTextEvent>,
  ): Promise<void> {
    const { clock, finalLatencyMs = 120, finals = 'whole', fail } = this.#options;
    const { utterance, request } = input;
    const startedMs = clock.nowMs();
    try {
      if (current?.utterance !== utterance)
        throw new ParleyError(`Utterance ${utterance} is not the current one.`, { code: 'stt.stale' });
      const audio = samplesOfUtterance(current);
      const audioMs = durationMs(audio.length, rateHz);
      const frozen = { callId: options.callId, utterance, request, audioMs, atMs: startedMs };
      this.#requests.push(frozen);
      const text = this.#textOf(current, audio, options.callId, finals);
      await delay(clock, finalLatencyMs, options.signal);
      await suffer(fail?.(frozen), options.signal);
      const words = spread(text, audio);
      const computeMs = clock.nowMs() - startedMs;
      for (const correction of correct(current, text)) events.push({ type: 'correction', utterance, ...correction });
      events.push({ type: 'final', utterance, request, text, words, audioMs, computeMs });
    } catch (error) {
      events.push({ type: 'error', utterance, request, error: error as Error });
    }
  }

  #textOf(current: Current, samples: Float32Array, callId: string, mode: 'whole' | 'heard'): string {
    const { transcripts, wordMs = 290 } = this.#options;
    const audible = audibleHops(samples);
    if (audible.length === 0) return '';
    const { utterance, order } = current;
    if (typeof transcripts === 'function') return transcripts({ callId, utterance, order, samples });
    const transcript = transcripts[order] ?? '';
    if (mode === 'whole') return transcript;
    return wordsOf(transcript)
      .slice(0, Math.round((audible.length * hopMs) / wordMs))
      .join(' ');
  }
}

function samplesOfUtterance(current: Current): Float32Array {
  const all = concatSamples(current.parts);
  current.parts = [all];
  return all;
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** The partial that says `text`, behind what is stable already. */
function agree(utterance: Current, text: string): { readonly text: string; readonly stableWords: number } {
  const { stable, lastPartial } = utterance;
  const words = [...stable, ...wordsOf(text).slice(stable.length)];
  let agreed = stable.length;
  while (agreed < words.length && words[agreed] === lastPartial[agreed]) agreed += 1;
  utterance.stable = words.slice(0, agreed);
  utterance.lastPartial = words;
  return { text: words.join(' '), stableWords: agreed };
}

/** What a final with this text changes of the stable words, which then are the final's. */
function correct(
  utterance: Current,
  text: string,
): { readonly word: number; readonly from: string; readonly to: string }[] {
  const words = wordsOf(text);
  const { stable } = utterance;
  utterance.stable = words.slice(0, stable.length);
  utterance.lastPartial = [];
  return stable.flatMap((from, word) => {
    const to = words[word] ?? '';
    return from === to ? [] : [{ word, from, to }];
  });
}

/** Start of each 20 ms that is loud enough to be speech, in milliseconds. */
function audibleHops(samples: Float32Array): number[] {
  const hop = samplesOf(hopMs, rateHz);
  const starts: number[] = [];
  for (let at = 0; at + hop <= samples.length; at += hop)
    if (rmsDb(samples.subarray(at, at + hop)) > speechFromDb) starts.push(durationMs(at, rateHz));
  return starts;
}

/** The words at even distances between the first and the last sound. */
function spread(text: string, samples: Float32Array): TranscribedWord[] {
  const words = wordsOf(text);
  const audible = audibleHops(samples);
  const fromMs = audible[0] ?? 0;
  const stepMs = ((audible.at(-1) ?? 0) + hopMs - fromMs) / Math.max(1, words.length);
  return words.map((word, index) => ({
    text: word,
    startMs: fromMs + index * stepMs,
    endMs: fromMs + (index + 1) * stepMs,
    confidence: 1,
  }));
}
