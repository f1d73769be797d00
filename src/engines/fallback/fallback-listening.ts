import { ParleyError } from '../../ports/errors.js';
import { EventQueue } from '../../ports/event-queue.js';
import type {
  SpeechToText,
  SpeechToTextEvent,
  SpeechToTextInput,
  SpeechToTextOptions,
} from '../../ports/speech-to-text.js';
import { lateError } from './attempt.js';
import type { EngineChain, Link } from './engine-chain.js';
import { plainWord } from './whole-words.js';

/** Of an utterance, for the next engine: 120 s at 16 kHz. What is older is left out. */
const keptSamples = 1_920_000;

/** One engine that listens. */
type Ear = {
  readonly link: Link<SpeechToText>;
  readonly input: EventQueue<SpeechToTextInput>;
  readonly life: AbortController;
};

/** A freeze that is not answered, and the engines that have failed at it. */
type Question = {
  readonly utterance: number;
  readonly request: number;
  readonly atSamples: number;
  readonly failed: Set<Link<SpeechToText>>;
  disarm: () => void;
};

/** One `listen` over engines in order. One of them listens at a time. */
export class FallbackListening {
  readonly events: EventQueue<SpeechToTextEvent>;
  readonly #chain: EngineChain<SpeechToText>;
  readonly #options: SpeechToTextOptions;
  #ear: Ear | undefined;
  /** What the current utterance has been given: from which sample on, and the audio. */
  #utterance: { readonly number: number; parts: Float32Array[]; samples: number; dropped: number } | undefined;
  #questions: Question[] = [];
  /** Of the current utterance: words that were called stable, and whether another engine has taken over since. */
  #stable: readonly string[] = [];
  #changed = false;
  #inputOver = false;

  constructor(chain: EngineChain<SpeechToText>, options: SpeechToTextOptions) {
    this.#chain = chain;
    this.#options = options;
    this.events = new EventQueue<SpeechToTextEvent>(options.signal);
    options.signal.addEventListener('abort', () => this.#end(), { once: true });
    this.#begin();
    void this.#consume().catch((error: Error) => {
      this.#end();
      this.events.fail(error);
    });
  }

  async #consume(): Promise<void> {
    for await (const item of this.#options.input) {
      if (this.#options.signal.aborted) return;
      this.#take(item);
    }
    this.#inputOver = true;
    this.#endWhenAnswered();
  }

  #take(item: SpeechToTextInput): void {
    if (item.type === 'start') {
      this.#utterance = { number: item.utterance, parts: [], samples: 0, dropped: 0 };
      this.#stable = [];
      this.#changed = false;
      // Between utterances nothing is lost by going back to an engine that is well again.
      const [first] = this.#chain.order();
      if (first && first !== this.#ear?.link && this.#questions.length === 0) this.#switchTo(first);
    } else if (item.type === 'audio') this.#keep(item.samples);
    else if (item.type === 'freeze' && this.#ask(item.utterance, item.request)) return;
    else if (item.type === 'end' && item.utterance === this.#utterance?.number) this.#utterance = undefined;
    this.#ear?.input.push(item);
  }

  #keep(samples: Float32Array): void {
    const kept = this.#utterance;
    if (!kept) return;
    kept.parts.push(samples);
    kept.samples += samples.length;
    while (kept.samples - kept.dropped > keptSamples) kept.dropped += kept.parts.shift()?.length ?? keptSamples;
  }

  /** Where all have failed before, all are tried again. */
  #begin(): void {
    const [first] = this.#chain.order();
    if (first) this.#switchTo(first);
  }

  /** @returns whether the engine has been asked already */
  #ask(utterance: number, request: number): boolean {
    if (utterance !== this.#utterance?.number) return false;
    const atSamples = this.#utterance.samples;
    const question: Question = { utterance, request, atSamples, failed: new Set(), disarm: () => {} };
    this.#questions.push(question);
    if (!this.#ear) {
      this.#begin();
      this.#changed = true;
      this.#repeat();
      return true;
    }
    this.#ear.link.breaker.begin();
    this.#arm(question);
    return false;
  }

  #arm(question: Question): void {
    const { clock, deadlines } = this.#chain;
    question.disarm();
    question.disarm = clock.at(clock.nowMs() + deadlines.firstMs, () => {
      const ear = this.#ear;
      if (ear) this.#fail(ear, lateError(ear.link.engine.name, deadlines.firstMs));
    });
  }

  #switchTo(link: Link<SpeechToText>): void {
    this.#leave();
    const life = new AbortController();
    const ear: Ear = { link, input: new EventQueue<SpeechToTextInput>(life.signal, 100_000), life };
    this.#ear = ear;
    void this.#read(ear);
  }

  #leave(): void {
    this.#ear?.input.end();
    this.#ear?.life.abort(new Error('another engine listens'));
    this.#ear = undefined;
  }

  async #read(ear: Ear): Promise<void> {
    const { signal } = ear.life;
    const options = { ...this.#options, input: ear.input, signal };
    try {
      for await (const event of ear.link.engine.listen(options)) {
        if (this.#ear !== ear) return;
        this.#hear(ear, event);
      }
      if (this.#ear !== ear) return;
      throw new ParleyError(`${ear.link.engine.name} stopped listening.`, {
        code: 'fallback.cut_off',
        retryable: true,
      });
    } catch (error) {
      if (this.#ear === ear) this.#fail(ear, error as Error);
    }
  }

  #hear(ear: Ear, event: SpeechToTextEvent): void {
    if (event.type === 'partial' || event.type === 'correction') {
      // Another engine's guesses would take back what was called stable; its final says what changes.
      if (this.#changed) return;
      if (event.type === 'partial') this.#stable = event.text.split(' ').slice(0, event.stableWords);
      else this.#correct(event);
      this.events.push(event);
      return;
    }
    const question = this.#questions.find(({ request }) => request === event.request);
    if (event.type === 'error' && question) {
      this.#fail(ear, event.error);
      return;
    }
    if (event.type === 'final' && question) {
      ear.link.breaker.succeeded();
      if (this.#changed) this.#correctTo(event.utterance, event.text);
      this.#close(question);
    }
    this.events.push(event);
    this.#endWhenAnswered();
  }

  /** The engine is given up; the next one that has not failed at what is asked goes on. */
  #fail(ear: Ear, error: Error): void {
    ear.link.breaker.failed(error);
    for (const question of this.#questions) question.failed.add(ear.link);
    const order = this.#chain.order();
    const untried = order.find((link) => link !== ear.link && !this.#questions.some(({ failed }) => failed.has(link)));
    this.#chain.tell(ear.link, untried, error);
    if (!untried) {
      for (const { utterance, request } of this.#questions)
        this.events.push({ type: 'error', utterance, request, error });
      for (const question of [...this.#questions]) this.#close(question);
      // The next utterance tries again.
      this.#leave();
      this.#endWhenAnswered();
      return;
    }
    this.#switchTo(untried);
    this.#changed = true;
    this.#repeat();
  }

  /** Gives the utterance to an engine that has not heard it, with the questions where they were asked. */
  #repeat(): void {
    const kept = this.#utterance;
    if (!kept || !this.#ear) return;
    const { input, link } = this.#ear;
    input.push({ type: 'start', utterance: kept.number });
    let at = kept.dropped;
    const questions = [...this.#questions];
    for (const samples of kept.parts) {
      input.push({ type: 'audio', samples });
      at += samples.length;
      while (questions[0] && questions[0].atSamples <= at) this.#askAgain(questions.shift(), link);
    }
    for (const question of questions) this.#askAgain(question, link);
  }

  #askAgain(question: Question | undefined, link: Link<SpeechToText>): void {
    if (!question) return;
    link.breaker.begin();
    this.#arm(question);
    this.#ear?.input.push({ type: 'freeze', utterance: question.utterance, request: question.request });
  }

  #correct({ word, from, to }: Extract<SpeechToTextEvent, { type: 'correction' }>): void {
    const stable = [...this.#stable];
    stable.splice(word, from === '' ? 0 : 1, ...(to === '' ? [] : [to]));
    this.#stable = stable;
  }

  #correctTo(utterance: number, text: string): void {
    const words = text.split(/\s+/).filter((word) => word !== '');
    for (const [word, from] of this.#stable.entries()) {
      const to = words[word] ?? '';
      if (plainWord(from) !== plainWord(to)) this.events.push({ type: 'correction', utterance, word, from, to });
    }
    this.#stable = words.slice(0, this.#stable.length);
  }

  #close(question: Question): void {
    question.disarm();
    this.#questions = this.#questions.filter((each) => each !== question);
  }

  #endWhenAnswered(): void {
    if (!this.#inputOver || this.#questions.length > 0) return;
    this.#end();
    this.events.end();
  }

  #end(): void {
    if (this.#questions.length > 0) this.#ear?.link.breaker.abandoned();
    for (const question of [...this.#questions]) this.#close(question);
    this.#leave();
  }
}
