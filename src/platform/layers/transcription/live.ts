import { type AudioFrame, durationMs } from '../../../audio/frame.js';
import { Ear, preRollMs } from '../../../conversation/listen/ear.js';
import { EndQuestions } from '../../../conversation/listen/end-questions.js';
import type { TurnCommand, TurnEventBody } from '../../../conversation/turn/events.js';
import { initialTurnState } from '../../../conversation/turn/state.js';
import { TurnLoop } from '../../../conversation/turn-loop.js';
import type { Clock } from '../../../ports/clock.js';
import type { EndOfTurn } from '../../../ports/end-of-turn.js';
import { EventQueue } from '../../../ports/event-queue.js';
import type { SpeechToText, SpeechToTextEvent, SpeechToTextInput } from '../../../ports/speech-to-text.js';
import { type VoiceActivity, vadWindowMs, vadWindowSamples } from '../../../ports/voice-activity.js';
import { turnSettingsOf } from './endpointing.js';
import type { LiveEvent, LiveInput, LiveOptions, UtteranceEnding } from './live-events.js';
import { LiveText } from './live-text.js';
import { LiveUtterance } from './live-utterance.js';

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

const defaultMaxUtteranceMs = 30_000;
/** Behind the last word the recogniser hears at least this much. */
const tailMs = 4 * vadWindowMs;

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
  readonly #loop: TurnLoop;
  #open: LiveUtterance | undefined;
  #forgottenMs = 0;
  #takenMs = 0;
  #lastWordEndMs: number | undefined;
  #wake: (() => void) | undefined;

  constructor(options: LiveOptions, means: LiveMeans) {
    this.#options = options;
    this.#means = means;
    const { engines, clock, stallMs } = means;
    this.#text = new LiveText(options.transcript ?? {});
    const settings = turnSettingsOf(options.endpointing ?? { type: 'turn' });
    this.#loop = new TurnLoop(initialTurnState(settings), (_event, commands) => {
      for (const command of commands) this.#carryOut(command);
    });
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
      finalDeadlineMs: stallMs,
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
    while (this.#loop.state.listening.phase !== 'quiet' && !this.#options.signal.aborted) await this.#nextAnswer();
  }

  #force(why: UtteranceEnding): void {
    if (this.#loop.state.listening.phase === 'quiet' || !this.#open) return;
    this.#open.forced ??= why;
    this.#dispatch({ type: 'client-commit', bufferStartMs: this.#open.startMs });
  }

  #close(): void {
    this.#questions.stopWaiting();
    this.#ear.close();
    this.#abort.abort(new Error('the transcription has ended'));
    this.#wakeUp();
  }

  #mustWait(): boolean {
    const { listening, settings } = this.#loop.state;
    if (this.#options.signal.aborted || listening.phase !== 'pause') return false;
    const asked = listening.transcript.status === 'asked' || (this.#open?.isAsked ?? false);
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
    const { listening } = this.#loop.state;
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
      const { utterance: turn, revision } = open;
      switch (event.type) {
        case 'partial':
          this.#dispatch({ type: 'partial', turn, text: event.text });
          if (this.#open === open) this.#tell(open.partial(event));
          break;
        case 'correction':
          this.#tell(open.correction(event));
          break;
        case 'final':
          if (event.request !== revision) break;
          open.transcribed(event);
          this.#questions.answered({ type: 'final', turn, revision, text: event.text });
          break;
        case 'error':
          if (event.request !== revision) break;
          this.#events.push({ type: 'problem', error: event.error });
          this.#questions.answered({ type: 'final-failed', turn, revision });
      }
    }
  }

  #tell(event: LiveEvent | undefined): void {
    if (event) this.#events.push(event);
  }

  #dispatch(body: TurnEventBody): void {
    this.#step(body);
    this.#tellSuspected();
    this.#wakeUp();
  }

  #step(body: TurnEventBody): void {
    this.#loop.dispatch({ atMs: this.#ear.atMs, seenMs: this.#means.clock.nowMs(), ...body });
  }

  #tellSuspected(): void {
    this.#tell(this.#open?.suspected(this.#loop.state));
  }

  #carryOut(command: TurnCommand): void {
    switch (command.type) {
      case 'open-turn':
        this.#begin(command.turn, command.startMs);
        return;
      case 'suspect-end': {
        const { turn, revision, speechEndMs } = command;
        this.#freeze(turn, revision);
        this.#events.push({ type: 'speech-paused', utterance: turn, revision, atMs: speechEndMs });
        this.#ask(speechEndMs);
        return;
      }
      case 'freeze-again':
        this.#freeze(command.turn, command.revision);
        return;
      case 'look-again':
        this.#ask(command.speechEndMs);
        return;
      case 'resume-turn': {
        this.#questions.stopWaiting();
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
        this.#step({ type: 'reply-done', reply: command.reply });
    }
  }

  #begin(utterance: number, startMs: number): void {
    this.#ear.openUtterance(utterance, startMs);
    const offsetMs = Math.max(0, startMs - preRollMs, this.#forgottenMs);
    this.#open = new LiveUtterance({ utterance, startMs, offsetMs, text: this.#text });
    this.#events.push({ type: 'speech-started', utterance, atMs: startMs });
  }

  /** Asks for the words so far. */
  #freeze(turn: number, revision: number): void {
    if (this.#open?.utterance !== turn) return;
    this.#open.freeze(revision, this.#ear.atMs);
    this.#questions.freeze(turn, revision);
  }

  /** Asks whether it sounds finished, where that has a say. */
  #ask(speechEndMs: number): void {
    const open = this.#open;
    const { settings, listening } = this.#loop.state;
    const { minWaitMs, maxWaitMs } = settings.endpointing;
    if (!open || listening.phase !== 'pause' || listening.forced || minWaitMs === maxWaitMs) return;
    const silenceMs = this.#ear.atMs - speechEndMs;
    const answered = this.#questions.ask(open.utterance, open.revision, listening.startMs, silenceMs);
    void open.ask(answered).finally(() => {
      this.#tellSuspected();
      this.#wakeUp();
    });
  }

  #commit(command: Extract<TurnCommand, { type: 'commit' }>): void {
    const open = this.#open;
    this.#closed(command.turn);
    if (!open) return;
    // All up to here is in the transcript: no later utterance begins with it.
    this.#forgottenMs = open.frozenAtMs;
    this.#ear.forget(open.frozenAtMs);
    this.#lastWordEndMs = open.lastWordEndMs ?? command.speechEndMs;
    this.#events.push(open.final(command));
  }

  #closed(turn: number): void {
    this.#questions.stopWaiting();
    this.#open = undefined;
    this.#ear.closeUtterance(turn);
  }
}
