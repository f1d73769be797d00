import type { Brain, BrainEvent, BrainSession } from '../ports/brain.js';
import type { Clock } from '../ports/clock.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import { ParleyError } from '../ports/errors.js';
import { EventQueue } from '../ports/event-queue.js';
import type { SpeechToText, SpeechToTextEvent } from '../ports/speech-to-text.js';
import type { SpeechEvent, TextToSpeech } from '../ports/text-to-speech.js';
import type { VoiceActivity } from '../ports/voice-activity.js';
import { delay } from './delay.js';

/** What a call waits for: whatever comes later than it was asked for. */
export const resultKinds = [
  'window',
  'partial',
  'final',
  'end-of-turn',
  'thought',
  'speech',
  'timer',
  'acknowledgement',
] as const;

export type ResultKind = (typeof resultKinds)[number];

/**
 * What becomes of one result. `hung`: it never comes, and of a stream nothing after it; `lost`: the stream goes on
 * without it.
 */
export type Treatment =
  | { readonly how: 'late'; readonly ms: number }
  | { readonly how: 'twice'; readonly againMs: number }
  | { readonly how: 'lost' | 'hung' | 'failed' };

const never = new AbortController().signal;

/**
 * Brings disorder into the results that a call waits for, as a test has planned: each plan holds for the next result of
 * its kind. What stands behind it is deaf besides: it is never told that nobody wants its results any more, so that they
 * come after every cancel.
 */
export class Disorder {
  readonly #clock: Clock;
  readonly #plans = new Map<ResultKind, Treatment[]>();
  #timers = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Timers that whoever uses {@link clock} has armed. */
  get timers(): number {
    return this.#timers;
  }

  plan(kind: ResultKind, treatment: Treatment): void {
    const plans = this.#plans.get(kind) ?? [];
    plans.push(treatment);
    this.#plans.set(kind, plans);
  }

  /** From now on everything comes as it should. */
  calm(): void {
    this.#plans.clear();
  }

  next(kind: ResultKind): Treatment | undefined {
    return this.#plans.get(kind)?.shift();
  }

  /** Tells `deliver` once, later, twice or never. */
  deliver(kind: ResultKind, deliver: () => void): void {
    const treatment = this.next(kind);
    const at = (ms: number): void => {
      this.#clock.at(this.#clock.nowMs() + ms, deliver);
    };
    if (treatment?.how === 'late') at(treatment.ms);
    else if (treatment?.how === 'twice') {
      deliver();
      at(treatment.againMs);
    } else if (treatment === undefined) deliver();
  }

  /** The same clock, whose timers may fire late. */
  clock(): Clock {
    const inner = this.#clock;
    return {
      nowMs: () => inner.nowMs(),
      at: (atMs, fire) => {
        const treatment = this.next('timer');
        const lateMs = treatment?.how === 'late' ? treatment.ms : 0;
        let armed = true;
        this.#timers += 1;
        const over = (): boolean => {
          if (!armed) return false;
          armed = false;
          this.#timers -= 1;
          return true;
        };
        const disarm = inner.at(atMs + lateMs, () => {
          if (over()) fire();
        });
        return () => {
          if (over()) disarm();
        };
      },
    };
  }

  voiceActivity(inner: VoiceActivity): VoiceActivity {
    return {
      name: inner.name,
      open: (options) => {
        const stream = inner.open(options);
        return { push: (window) => this.#promise('window', stream.push(window)), close: () => stream.close() };
      },
      close: () => inner.close(),
    };
  }

  endOfTurn(inner: EndOfTurn): EndOfTurn {
    return {
      name: inner.name,
      lookBackMs: inner.lookBackMs,
      predict: (samples) => this.#promise('end-of-turn', inner.predict(samples, { signal: never })),
      close: () => inner.close(),
    };
  }

  /** Partials and finals overtake one another. */
  speechToText(inner: SpeechToText): SpeechToText {
    return {
      name: inner.name,
      capabilities: inner.capabilities,
      listen: (options) => {
        const out = new EventQueue<SpeechToTextEvent>(options.signal);
        void (async () => {
          for await (const event of inner.listen(options)) this.#transcribed(event, out);
          out.end();
        })().catch((error: Error) => out.fail(error));
        return out;
      },
      close: () => inner.close(),
    };
  }

  textToSpeech(inner: TextToSpeech): TextToSpeech {
    return {
      name: inner.name,
      rateHz: inner.rateHz,
      voices: inner.voices,
      // Audio that came twice would rightly be heard twice.
      speak: (options) => this.#stream('speech', inner.speak({ ...options, signal: never }), finishOfSpeech),
      close: () => inner.close(),
    };
  }

  brain(inner: Brain): Brain {
    return {
      begin: async (call) => {
        const session = await inner.begin(call);
        return new Proxy<BrainSession>(session, {
          get: (target, name) => {
            if (name === 'draft')
              return (turn: Parameters<BrainSession['draft']>[0]) =>
                this.#stream<BrainEvent>('thought', target.draft(turn, never), () => true);
            const value: unknown = Reflect.get(target, name, target);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        });
      },
    };
  }

  #transcribed(event: SpeechToTextEvent, out: EventQueue<SpeechToTextEvent>): void {
    if (event.type !== 'final' && event.type !== 'partial') {
      out.push(event);
      return;
    }
    if (event.type === 'final' && this.#plans.get('final')?.[0]?.how === 'failed') {
      this.next('final');
      out.push({ type: 'error', utterance: event.utterance, request: event.request, error: brokenError('final') });
      return;
    }
    this.deliver(event.type, () => out.push(event));
  }

  async #promise<T>(kind: ResultKind, promise: Promise<T>): Promise<T> {
    const treatment = this.next(kind);
    if (treatment?.how === 'hung' || treatment?.how === 'lost') await new Promise<never>(() => {});
    if (treatment?.how === 'late') await delay(this.#clock, treatment.ms);
    if (treatment?.how === 'failed') throw brokenError(kind);
    return promise;
  }

  async *#stream<T>(kind: ResultKind, events: AsyncIterable<T>, mayRepeat: (event: T) => boolean): AsyncIterable<T> {
    for await (const event of events) {
      const treatment = this.next(kind);
      if (treatment?.how === 'lost') continue;
      if (treatment?.how === 'hung') await new Promise<never>(() => {});
      if (treatment?.how === 'failed') throw brokenError(kind);
      if (treatment?.how === 'late') await delay(this.#clock, treatment.ms);
      yield event;
      if (treatment?.how !== 'twice' || !mayRepeat(event)) continue;
      await delay(this.#clock, treatment.againMs);
      yield event;
    }
  }
}

function finishOfSpeech(event: SpeechEvent): boolean {
  return event.type === 'finish';
}

function brokenError(kind: ResultKind): ParleyError {
  return new ParleyError(`The test has broken this result (${kind}).`, { code: 'test.broken', retryable: true });
}
