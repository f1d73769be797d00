import { durationMs, samplesOf } from '../../audio/frame.js';
import type { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToTextEvent, TranscribedWord } from '../../ports/speech-to-text.js';
import { remoteLimits } from './limits.js';
import { cutOff, late } from './refusals.js';
import type { RemoteApi } from './remote-api.js';
import type { RemoteSocket, SocketMessage } from './remote-socket.js';
import { SampleBacklog } from './sample-backlog.js';
import { type FrozenUtterance, listeningRateHz, type UtteranceSink } from './utterances.js';
import { wordsIn } from './worded-audio.js';

/** What a service has heard. Times are of its stream, in milliseconds. */
export type Hearing =
  /** May still change. `endMs`: how far it goes, where the service tells. */
  | { readonly type: 'interim'; readonly text: string; readonly startMs?: number; readonly endMs?: number }
  /** Will not change. Without times it is all that was not settled before. */
  | {
      readonly type: 'settled';
      readonly text: string;
      readonly words: readonly TranscribedWord[];
      readonly startMs?: number;
      readonly endMs?: number;
      /** It is what `finalize` has asked for. */
      readonly asked: boolean;
    };

/** How a service is spoken to. */
export type ListeningDialect = {
  readonly open: (signal: AbortSignal) => Promise<RemoteSocket>;
  readonly audio: (samples: Float32Array) => SocketMessage;
  /** Settle everything that was sent; exactly one `settled` that is `asked` answers it. */
  readonly finalize: SocketMessage;
  readonly keepAlive?: { readonly everyMs: number; readonly message: SocketMessage };
  /** Said before the socket is closed. */
  readonly goodbye?: SocketMessage;
  /** @throws ParleyError what the service reports, or cannot have meant */
  readonly read: (message: SocketMessage) => readonly Hearing[];
};

type Utterance = {
  readonly utterance: number;
  /** What was pushed, from `settledSamples` on: kept in case it has to be sent again. */
  readonly unsettled: SampleBacklog;
  /** How much of the utterance is settled. */
  settledSamples: number;
  pushedSamples: number;
  /** Where it begins in the stream; negative where the stream begins within it. */
  streamSamples: number;
  texts: string[];
  words: TranscribedWord[];
  /** Audio that no `finalize` has asked for yet. */
  fresh: boolean;
};

type Question = {
  readonly of: Utterance;
  /** Undefined: the utterance is over, and what is left of it is only to be got out of the way. */
  readonly request: FrozenUtterance | undefined;
  readonly atSamples: number;
  readonly startedMs: number;
  readonly disarm: () => void;
  readonly done: () => void;
};

/** A connection that is lost is opened again once; more only after it has brought something. */
const mostLosses = 2;

/**
 * One `listen` over a socket that stays open for the call. A freeze asks the service to settle what it has. When the
 * connection is lost, another is opened and given the audio that was not settled, with the questions where they were.
 */
export class StreamedListening implements UtteranceSink {
  readonly #api: RemoteApi;
  readonly #dialect: ListeningDialect;
  readonly #events: EventQueue<SpeechToTextEvent>;
  readonly #life = new AbortController();
  #current: Utterance | undefined;
  #questions: Question[] = [];
  #socket: RemoteSocket | undefined;
  #opening = false;
  #losses = 0;
  #sentSamples = 0;
  #stopKeepAlive: (() => void) | undefined;

  constructor(api: RemoteApi, dialect: ListeningDialect, events: EventQueue<SpeechToTextEvent>) {
    this.#api = api;
    this.#dialect = dialect;
    this.#events = events;
    // The first utterance is not to wait for a handshake.
    this.#connect();
  }

  start(utterance: number): void {
    this.#losses = 0;
    this.#current = {
      utterance,
      unsettled: new SampleBacklog(),
      settledSamples: 0,
      pushedSamples: 0,
      streamSamples: this.#sentSamples,
      texts: [],
      words: [],
      fresh: false,
    };
    if (!this.#socket) this.#connect();
  }

  audio(samples: Float32Array): void {
    const current = this.#current;
    if (!current || samples.length === 0) return;
    current.unsettled.push(samples);
    current.pushedSamples += samples.length;
    current.fresh = true;
    const excess = current.unsettled.length - samplesOf(remoteLimits.maxUtteranceMs, listeningRateHz);
    if (excess > 0) {
      current.unsettled.drop(excess);
      current.settledSamples += excess;
    }
    this.#sendAudio(samples);
  }

  freeze(request: FrozenUtterance): Promise<void> {
    const of = this.#current;
    if (!of) return Promise.resolve();
    return new Promise((done) => {
      if (!of.fresh && !this.#questions.some((question) => question.of === of)) {
        this.#answer({ of, request, atSamples: of.pushedSamples, startedMs: this.#api.clock.nowMs() });
        done();
        return;
      }
      this.#ask(of, request, done);
    });
  }

  look(): void {}

  end(): void {
    const { fresh } = this.#current ?? {};
    const ended = this.#current;
    this.#current = undefined;
    // What comes late must not be taken for the next utterance.
    if (ended && fresh && this.#socket) this.#ask(ended, undefined, () => {});
  }

  close(): void {
    if (this.#life.signal.aborted) return;
    this.#life.abort(new Error('nobody listens any more'));
    this.#stopKeepAlive?.();
    if (this.#socket && this.#dialect.goodbye !== undefined) this.#socket.send(this.#dialect.goodbye);
    this.#socket?.close();
    this.#socket = undefined;
    for (const { disarm, done } of this.#questions.splice(0)) {
      disarm();
      done();
    }
  }

  #ask(of: Utterance, request: FrozenUtterance | undefined, done: () => void): void {
    const { clock, deadlines, provider } = this.#api;
    of.fresh = false;
    const startedMs = clock.nowMs();
    const question: Question = {
      of,
      request,
      atSamples: of.pushedSamples,
      startedMs,
      done,
      disarm: clock.at(startedMs + deadlines.firstByteMs, () => {
        // Its answer can no longer be told from the next one's: the connection is of no use.
        this.#refuse([question], late(provider, 'no transcript', deadlines.firstByteMs));
        this.#drop();
      }),
    };
    this.#questions.push(question);
    if (this.#socket) this.#socket.send(this.#dialect.finalize);
    else this.#connect();
  }

  #connect(): void {
    if (this.#opening || this.#socket || this.#life.signal.aborted) return;
    this.#opening = true;
    void this.#dialect
      .open(this.#life.signal)
      .then(
        (socket) => {
          this.#opening = false;
          if (this.#life.signal.aborted) {
            socket.close();
            return undefined;
          }
          this.#begin(socket);
          return this.#read(socket);
        },
        (error: Error) => {
          this.#opening = false;
          this.#lost(error);
        },
      )
      .catch((error: Error) => this.#lost(error));
  }

  /** Sends what was not settled, with the questions where they were asked. */
  #begin(socket: RemoteSocket): void {
    this.#socket = socket;
    this.#sentSamples = 0;
    const { keepAlive } = this.#dialect;
    if (keepAlive) {
      const timer = setInterval(() => socket.send(keepAlive.message), keepAlive.everyMs);
      this.#stopKeepAlive = () => clearInterval(timer);
    }
    const asked = this.#questions;
    this.#questions = asked.filter(({ request }) => request !== undefined);
    for (const { request, disarm } of asked) if (!request) disarm();
    const utterances = new Set(this.#questions.map(({ of }) => of));
    if (this.#current) utterances.add(this.#current);
    for (const utterance of utterances) {
      utterance.streamSamples = this.#sentSamples - utterance.settledSamples;
      const unsettled = utterance.unsettled.all();
      let at = 0;
      const sendUntil = (samples: number): void => {
        const until = Math.max(at, samples - utterance.settledSamples);
        this.#sendAudio(unsettled.subarray(at, until));
        at = until;
      };
      for (const question of this.#questions.filter(({ of }) => of === utterance)) {
        sendUntil(question.atSamples);
        socket.send(this.#dialect.finalize);
      }
      sendUntil(utterance.pushedSamples);
    }
  }

  #sendAudio(samples: Float32Array): void {
    if (!this.#socket || samples.length === 0) return;
    this.#socket.send(this.#dialect.audio(samples));
    this.#sentSamples += samples.length;
  }

  async #read(socket: RemoteSocket): Promise<void> {
    try {
      for await (const message of socket.messages)
        for (const hearing of this.#dialect.read(message)) {
          if (this.#socket !== socket) return;
          this.#losses = 0;
          this.#take(hearing);
        }
      if (this.#socket === socket) this.#lost(cutOff(this.#api.provider, 'it ended the connection'));
    } catch (error) {
      if (this.#socket === socket) this.#lost(error as Error);
    }
  }

  #take(hearing: Hearing): void {
    const { startMs, endMs } = hearing;
    const [question] = this.#questions;
    const of = startMs === undefined ? (question?.of ?? this.#current) : this.#utteranceAt(startMs);
    if (hearing.type === 'interim') {
      if (of && of === this.#current) this.#partial(of, hearing.text, endMs);
      return;
    }
    if (of) this.#settle(of, hearing, endMs);
    if (!hearing.asked || !question) return;
    this.#questions.shift();
    question.disarm();
    this.#answer(question);
    question.done();
  }

  #utteranceAt(startMs: number): Utterance | undefined {
    // Services round to some milliseconds.
    const at = samplesOf(startMs + 25, listeningRateHz);
    const known = [...new Set([...this.#questions.map(({ of }) => of), ...(this.#current ? [this.#current] : [])])];
    return known.findLast((utterance) => utterance.streamSamples <= at);
  }

  #settle(of: Utterance, { text, words }: Extract<Hearing, { type: 'settled' }>, endMs: number | undefined): void {
    const fromMs = durationMs(of.streamSamples, listeningRateHz);
    const totalMs = durationMs(of.pushedSamples, listeningRateHz);
    for (const word of words) {
      const startMs = Math.max(of.words.at(-1)?.startMs ?? 0, word.startMs - fromMs);
      of.words.push({ ...word, startMs, endMs: Math.max(startMs + 1, Math.min(totalMs, word.endMs - fromMs)) });
    }
    if (text.trim() !== '') of.texts.push(text.trim());
    const until = endMs === undefined ? undefined : samplesOf(endMs, listeningRateHz) - of.streamSamples;
    const settled = Math.min(
      of.pushedSamples,
      Math.max(of.settledSamples, until ?? this.#questions[0]?.atSamples ?? 0),
    );
    of.unsettled.drop(settled - of.settledSamples);
    of.settledSamples = settled;
    if (of === this.#current && text.trim() !== '') this.#partial(of, '', endMs);
  }

  #partial(of: Utterance, interim: string, endMs: number | undefined): void {
    const settled = of.texts.join(' ');
    const text = [settled, interim.trim()].filter((part) => part !== '').join(' ');
    if (text === '') return;
    const pushedMs = durationMs(of.pushedSamples, listeningRateHz);
    const heardMs = endMs === undefined ? pushedMs : endMs - durationMs(of.streamSamples, listeningRateHz);
    this.#events.push({
      type: 'partial',
      utterance: of.utterance,
      text,
      stableWords: wordsIn(settled).length,
      audioMs: Math.min(pushedMs, Math.max(0, heardMs)),
    });
  }

  #answer({ of, request, startedMs }: Pick<Question, 'of' | 'request' | 'startedMs' | 'atSamples'>): void {
    if (!request) return;
    const text = of.texts.join(' ');
    const computeMs = this.#api.clock.nowMs() - startedMs;
    this.#events.push({ type: 'final', ...request, text, words: [...of.words], computeMs });
  }

  #refuse(questions: readonly Question[], error: Error): void {
    this.#questions = this.#questions.filter((question) => !questions.includes(question));
    for (const { request, disarm, done } of questions) {
      disarm();
      if (request) this.#events.push({ type: 'error', utterance: request.utterance, request: request.request, error });
      done();
    }
  }

  #drop(): void {
    this.#stopKeepAlive?.();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    if (this.#questions.length > 0) this.#connect();
  }

  #lost(error: Error): void {
    if (this.#life.signal.aborted) return;
    this.#losses += 1;
    this.#stopKeepAlive?.();
    this.#socket?.close();
    this.#socket = undefined;
    if (this.#losses >= mostLosses) this.#refuse([...this.#questions], error);
    // Where nobody waits, the next utterance or question connects.
    if (this.#questions.length > 0 || (this.#current && this.#losses < mostLosses)) this.#connect();
  }
}
