import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import { Ear, preRollMs } from '../../../conversation/listen/ear.js';
import { EndQuestions } from '../../../conversation/listen/end-questions.js';
import { waitOfPause } from '../../../conversation/turn/endpointing.js';
import type { TurnCommand, TurnEventBody } from '../../../conversation/turn/events.js';
import { reduceTurn } from '../../../conversation/turn/machine.js';
import { initialTurnState, type Pausing, type TurnState } from '../../../conversation/turn/state.js';
import type { Clock } from '../../../ports/clock.js';
import type { EndOfTurn } from '../../../ports/end-of-turn.js';
import { ParleyError } from '../../../ports/errors.js';
import { EventQueue } from '../../../ports/event-queue.js';
import type {
  SpeechToText,
  SpeechToTextEvent,
  SpeechToTextInput,
  TranscribedWord,
} from '../../../ports/speech-to-text.js';
import { type VoiceActivity, vadWindowMs, vadWindowSamples } from '../../../ports/voice-activity.js';
import type { Transcript } from '../../text-forms/text-forms.js';
import { turnSettingsOf } from './endpointing.js';
import type { LiveEvent, LiveInput, LiveOptions, UtteranceEnding } from './live-events.js';
import { LiveText } from './live-text.js';

export type LiveEngines = {
  readonly vad: VoiceActivity;
  readonly endOfTurn: EndOfTurn;
  readonly stt: SpeechToText;
};

type LiveMeans = {
  readonly engines: LiveEngines;
  readonly clock: Clock;
  /** A transcript that takes longer than this is not coming. */
  readonly stallMs: number;
};

type Heard = Transcript<TranscribedWord>;

const defaultMaxUtteranceMs = 30_000;
/** Behind the last word the recogniser hears at least this much. */
const tailMs = 4 * vadWindowMs;

/** The utterance that is open, or was last. */
type Open = {
  readonly utterance: number;
  readonly startMs: number;
  /** Where the recogniser's own times begin. */
  readonly offsetMs: number;
  /** Of the newest answer, as the recogniser wrote it. */
  heard: Heard;
  revision: number;
  frozenAtMs: number;
  probability: number | undefined;
  /** End-of-turn questions that are not answered. */
  questions: number;
  suspectedTold: number;
  forced: UtteranceEnding | undefined;
  disarm: () => void;
};

/**
 * One live transcription. The turn machine of calls decides when an utterance is over, told that nobody answers. Audio is
 * taken in step with the answers: where the end of an utterance hangs on a transcript, what comes behind it waits, so that
 * the same audio gives the same utterances at whatever pace it comes.
 */
export class LiveTranscription {
  readonly #options: LiveOptions;
  readonly #means: LiveMeans;
  readonly #events: EventQueue<LiveEvent>;
  readonly #stt: EventQueue<SpeechToTextInput>;
  readonly #abort = new AbortController();
  readonly #ear: Ear;
  readonly #questions: EndQuestions;
  readonly #text: LiveText;
  readonly #queue: TurnEventBody[] = [];
  #draining = false;
  #state: TurnState;
  #open: Open | undefined;
  #forgottenMs = 0;
  #takenMs = 0;
  #lastWordEndMs: number | undefined;
  #wake: (() => void) | undefined;

  constructor(options: LiveOptions, means: LiveMeans) {
    this.#options = options;
    this.#means = means;
    const { engines, clock } = means;
    this.#text = new LiveText(options.transcript ?? {});
    this.#state = initialTurnState(turnSettingsOf(options.endpointing ?? { type: 'turn' }));
    const signal = AbortSignal.any([options.signal, this.#abort.signal]);
    this.#events = new EventQueue(options.signal);
    this.#stt = new EventQueue(signal);
    const onProblem = (error: Error): void => this.#events.push({ type: 'problem', error });
    this.#ear = new Ear({
      vad: engines.vad.open({ callId: options.callId }),
      clock,
      stt: this.#stt,
      events: { onWindow: (probability) => this.#onWindow(probability), onProblem },
    });
    this.#questions = new EndQuestions({
      clock,
      endOfTurn: engines.endOfTurn,
      ear: this.#ear,
      stt: this.#stt,
      signal,
      onEvent: (event) => this.#dispatch(event),
      onProblem,
    });
    options.signal.addEventListener('abort', () => this.#wakeUp(), { once: true });
    const listening = engines.stt.listen({
      callId: options.callId,
      input: this.#stt,
      signal,
      keywords: options.transcript?.keywords ?? [],
    });
    void Promise.all([this.#take(), this.#hear(listening)]).then(
      () => this.#events.end(),
      (error: Error) => {
        this.#close();
        this.#events.fail(error);
      },
    );
  }

  get events(): AsyncIterable<LiveEvent> {
    return this.#events;
  }

  async #take(): Promise<void> {
    try {
      for await (const input of this.#options.input) {
        if (this.#options.signal.aborted) return;
        await this.#taken(input);
      }
      if (this.#options.signal.aborted) return;
      await this.#finish();
    } finally {
      this.#close();
    }
  }

  async #taken(input: LiveInput): Promise<void> {
    switch (input.type) {
      case 'audio':
        this.#takenMs += durationMs(input.frame.samples.length, input.frame.rateHz);
        return this.#listenTo(input.frame);
      case 'finalize':
        await this.#end('finalize');
        this.#events.push({ type: 'finalized', mark: input.mark, atMs: this.#takenMs });
        return;
      case 'configure':
        this.#dispatch({ type: 'configure', settings: turnSettingsOf(input.endpointing) });
    }
  }

  /** Window by window, so that audio can wait for an answer in between. */
  async #listenTo({ samples, rateHz }: AudioFrame): Promise<void> {
    const step = Math.max(1, Math.floor((vadWindowSamples * rateHz) / 16_000));
    for (let at = 0; at < samples.length; at += step) {
      await this.#ear.take({ samples: samples.subarray(at, at + step), rateHz });
      while (this.#mustWait()) await this.#nextAnswer();
      if (this.#options.signal.aborted) return;
    }
  }

  async #finish(): Promise<void> {
    const silence = new Float32Array((tailMs / vadWindowMs) * vadWindowSamples);
    await this.#listenTo({ samples: silence, rateHz: 16_000 });
    await this.#end('close');
    this.#events.push({ type: 'finish', audioMs: this.#takenMs });
  }

  /** Ends the open utterance, if there is one, whatever the silence. */
  async #end(why: UtteranceEnding): Promise<void> {
    this.#force(why);
    while (this.#state.listening.phase !== 'quiet' && !this.#options.signal.aborted) await this.#nextAnswer();
  }

  #force(why: UtteranceEnding): void {
    if (this.#state.listening.phase === 'quiet' || !this.#open) return;
    this.#open.forced ??= why;
    this.#dispatch({ type: 'client-commit', bufferStartMs: this.#open.startMs });
  }

  #close(): void {
    this.#open?.disarm();
    this.#questions.close();
    this.#ear.close();
    this.#abort.abort(new Error('the transcription has ended'));
    this.#wakeUp();
  }

  #mustWait(): boolean {
    const { listening, settings } = this.#state;
    if (this.#options.signal.aborted || listening.phase !== 'pause') return false;
    const asked = listening.transcript.status === 'asked' || (this.#open?.questions ?? 0) > 0;
    const silenceMs = this.#ear.atMs - listening.lastVoicedMs;
    return asked && (listening.forced || silenceMs >= settings.endpointing.minWaitMs);
  }

  #nextAnswer(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #onWindow(probability: number): void {
    this.#dispatch({ type: 'window', probability, windowMs: vadWindowMs });
    const { maxUtteranceMs = defaultMaxUtteranceMs } = this.#options;
    const { listening } = this.#state;
    if (listening.phase === 'quiet') this.#tellUtteranceEnd();
    else if (!this.#open?.forced) {
      const lengthMs = this.#ear.atMs - listening.startMs;
      if (lengthMs >= maxUtteranceMs * (listening.phase === 'pause' ? 1 : 2)) this.#force('length');
    }
  }

  #tellUtteranceEnd(): void {
    const { utteranceEndMs } = this.#options;
    const lastWordEndMs = this.#lastWordEndMs;
    if (utteranceEndMs === undefined || lastWordEndMs === undefined) return;
    if (this.#ear.atMs - lastWordEndMs < utteranceEndMs) return;
    this.#lastWordEndMs = undefined;
    this.#events.push({ type: 'utterance-end', lastWordEndMs });
  }

  async #hear(events: AsyncIterable<SpeechToTextEvent>): Promise<void> {
    for await (const event of events) {
      const open = this.#open;
      if (!open || this.#ear.turnOf(event.utterance) !== open.utterance) continue;
      const { utterance } = open;
      switch (event.type) {
        case 'partial':
          this.#dispatch({ type: 'partial', turn: utterance, text: event.text });
          this.#tellPartial(open, event);
          break;
        case 'correction': {
          const correction = this.#text.correction(event);
          if (correction) this.#events.push({ ...correction, utterance });
          break;
        }
        case 'final': {
          if (event.request !== open.revision) break;
          open.disarm();
          open.heard = { text: event.text, words: event.words.map(placedBy(open.offsetMs)) };
          this.#dispatch({ type: 'final', turn: utterance, revision: open.revision, text: event.text });
          break;
        }
        case 'error':
          if (event.request !== open.revision) break;
          this.#failed(open, event.error);
      }
    }
  }

  #failed(open: Open, error: Error): void {
    open.disarm();
    this.#events.push({ type: 'problem', error });
    this.#dispatch({ type: 'final-failed', turn: open.utterance, revision: open.revision });
  }

  #tellPartial(open: Open, partial: Extract<SpeechToTextEvent, { type: 'partial' }>): void {
    if (partial.text === '' || this.#open !== open) return;
    const { text, stableWords } = this.#text.partial(partial);
    if (text === '') return;
    const { utterance, offsetMs } = open;
    const atMs = offsetMs + partial.audioMs;
    this.#events.push({ type: 'partial', utterance, text, stableWords, startMs: offsetMs, atMs });
  }

  /** Events wait for one another: a command may cause the next event before the last one is dealt with. */
  #dispatch(body: TurnEventBody): void {
    this.#queue.push(body);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
        const event = { atMs: this.#ear.atMs, seenMs: this.#means.clock.nowMs(), ...next };
        const { state, commands } = reduceTurn(this.#state, event);
        this.#state = state;
        for (const command of commands) this.#carryOut(command);
      }
    } finally {
      this.#draining = false;
    }
    this.#tellSuspected();
    this.#wakeUp();
  }

  #carryOut(command: TurnCommand): void {
    const { listening } = this.#state;
    switch (command.type) {
      case 'open-turn':
        this.#begin(command.turn, command.startMs);
        return;
      case 'suspect-end': {
        const { turn, revision, speechEndMs } = command;
        const open = this.#freeze(turn, revision);
        this.#events.push({ type: 'speech-paused', utterance: turn, revision, atMs: speechEndMs });
        if (open && listening.phase === 'pause' && !listening.forced) this.#ask(open, listening, speechEndMs);
        return;
      }
      case 'freeze-again':
        this.#freeze(command.turn, command.revision);
        return;
      case 'look-again':
        if (this.#open && listening.phase === 'pause') this.#ask(this.#open, listening, command.speechEndMs);
        return;
      case 'resume-turn': {
        this.#open?.disarm();
        const { turn: utterance, revision } = command;
        this.#events.push({ type: 'speech-resumed', utterance, revision, atMs: this.#ear.atMs });
        return;
      }
      case 'commit':
        this.#commit(command);
        return;
      case 'drop-turn':
        this.#closed(command.turn);
        this.#events.push({ type: 'dropped', utterance: command.turn, atMs: this.#ear.atMs });
        return;
      // Nobody is there to ask the speaker to say it again.
      case 'say':
        this.#dispatch({ type: 'reply-done', reply: command.reply });
    }
  }

  #begin(utterance: number, startMs: number): void {
    this.#ear.openUtterance(utterance, startMs);
    this.#open = {
      utterance,
      startMs,
      offsetMs: Math.max(0, startMs - preRollMs, this.#forgottenMs),
      heard: { text: '', words: [] },
      revision: 0,
      frozenAtMs: 0,
      probability: undefined,
      questions: 0,
      suspectedTold: 0,
      forced: undefined,
      disarm: () => {},
    };
    this.#events.push({ type: 'speech-started', utterance, atMs: startMs });
  }

  /** Asks for the words so far. */
  #freeze(turn: number, revision: number): Open | undefined {
    const open = this.#open;
    if (!open || open.utterance !== turn) return undefined;
    const { clock, stallMs } = this.#means;
    open.disarm();
    if (open.revision !== revision) {
      open.probability = undefined;
      open.questions = 0;
    }
    open.revision = revision;
    open.frozenAtMs = this.#ear.atMs;
    open.disarm = clock.at(clock.nowMs() + stallMs, () =>
      this.#failed(
        open,
        new ParleyError(`No transcript came within ${stallMs} ms.`, { code: 'stt.late', retryable: true, status: 503 }),
      ),
    );
    this.#stt.push({ type: 'freeze', utterance: this.#ear.utteranceOf(turn), request: revision });
    return open;
  }

  /** Asks whether it sounds finished, where that has a say. */
  #ask(open: Open, listening: Pausing, speechEndMs: number): void {
    const { minWaitMs, maxWaitMs } = this.#state.settings.endpointing;
    if (minWaitMs === maxWaitMs) return;
    const { revision } = open;
    open.questions += 1;
    void this.#questions.ask(open.utterance, revision, listening.startMs, this.#ear.atMs - speechEndMs).finally(() => {
      if (open.revision === revision) open.questions -= 1;
      this.#tellSuspected();
      this.#wakeUp();
    });
  }

  #tellSuspected(): void {
    const { listening } = this.#state;
    const open = this.#open;
    if (!open || listening.phase !== 'pause' || listening.transcript.status !== 'ready' || listening.forced) return;
    open.probability = listening.looks.at(-1)?.probability;
    if (open.questions > 0 || open.suspectedTold === listening.revision) return;
    open.suspectedTold = listening.revision;
    const { waitMs, because } = waitOfPause(this.#state, listening);
    this.#events.push({
      type: 'end-suspected',
      utterance: open.utterance,
      revision: listening.revision,
      ...this.#text.suspected(open.heard),
      startMs: open.offsetMs,
      speechEndMs: listening.lastVoicedMs,
      probability: open.probability,
      waitMs,
      because,
    });
  }

  #commit({ turn, speechEndMs, because }: Extract<TurnCommand, { type: 'commit' }>): void {
    const open = this.#open;
    this.#closed(turn);
    if (!open) return;
    // All up to here is in the transcript: no later utterance begins with it.
    this.#forgottenMs = open.frozenAtMs;
    this.#ear.forget(open.frozenAtMs);
    const { heard, offsetMs, forced } = open;
    this.#lastWordEndMs = heard.words.at(-1)?.endMs ?? speechEndMs;
    this.#events.push({
      type: 'final',
      utterance: turn,
      ...this.#text.final(heard),
      startMs: offsetMs,
      endMs: open.frozenAtMs,
      speechEndMs,
      probability: open.probability,
      ending: forced ?? 'endpoint',
      because,
    });
  }

  #closed(turn: number): void {
    this.#open?.disarm();
    this.#open = undefined;
    this.#ear.closeUtterance(turn);
  }
}

function placedBy(offsetMs: number): (word: Heard['words'][number]) => Heard['words'][number] {
  return (word) => ({
    ...word,
    startMs: Math.round(word.startMs + offsetMs),
    endMs: Math.round(word.endMs + offsetMs),
  });
}
