import type { Resampler } from '../audio/resample.js';
import type { BrainSession } from '../ports/brain.js';
import type { Clock } from '../ports/clock.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import { ParleyError } from '../ports/errors.js';
import type { Keyword, SpeechToText } from '../ports/speech-to-text.js';
import type { TextToSpeech } from '../ports/text-to-speech.js';
import { isKey, type Transport, type TransportInput } from '../ports/transport.js';
import type { VoiceActivity } from '../ports/voice-activity.js';
import { BackgroundHold } from './background-hold.js';
import { CallTimers } from './call-timers.js';
import { type CallParts, carryOut } from './carry-out.js';
import { Drafts } from './drafts.js';
import { type EffectOutcome, type EventLog, type EventLogNote, isNote } from './event-log.js';
import { Floor } from './floor.js';
import { CallListener } from './listen/call-listener.js';
import { Openers } from './openers.js';
import type { VoicePhrases } from './phrases.js';
import type { CallRecorder } from './recording.js';
import { type SessionControls, sessionControls } from './session-controls.js';
import type { SessionEvent } from './session-events.js';
import type { TurnCommand, TurnEvent, TurnEventBody } from './turn/events.js';
import type { TurnSettings } from './turn/settings.js';
import { initialTurnState, type TurnState } from './turn/state.js';
import { TurnLoop } from './turn-loop.js';
import { TurnTimings } from './turn-timing.js';

export type SessionOptions = {
  readonly callId: string;
  readonly transport: Transport;
  readonly engines: {
    readonly vad: VoiceActivity;
    readonly stt: SpeechToText;
    readonly endOfTurn: EndOfTurn;
    readonly tts: TextToSpeech;
  };
  readonly brain: BrainSession;
  readonly voice: string;
  readonly speed: number;
  readonly settings: TurnSettings;
  /** Phrases that are likely to be said. @defaultValue none */
  readonly keywords?: readonly Keyword[];
  readonly phrases: VoicePhrases;
  /** Whether the agent speaks first. */
  readonly greet: boolean;
  /** Whether replies are written: their text comes at the pace of thinking, and no audio. @defaultValue false */
  readonly written?: boolean;
  readonly clock: Clock;
  /** From the voice's rate to the transport's, when they differ. Closed with the session. */
  readonly outputResampler: Resampler | undefined;
  /** Keeps the cores free of work that nobody waits for, until the returned function is called. */
  readonly holdBackground: () => () => void;
  /** How long urgent work has waited for a core lately. @defaultValue nobody knows */
  readonly queueMs?: () => number;
  readonly recorder: CallRecorder | undefined;
  readonly log: EventLog;
  readonly observer: (event: SessionEvent) => void;
};

/**
 * One call. Turns what engines, clients and clocks report into events, asks the turn machine what follows, and carries
 * that out. It decides nothing itself.
 */
export class CallSession {
  readonly controls: SessionControls;
  readonly #options: SessionOptions;
  readonly #parts: CallParts;
  readonly #loop: TurnLoop;
  readonly #timings = new TurnTimings();
  readonly #background: BackgroundHold;
  readonly #abort = new AbortController();
  readonly #startedMs: number;
  #endReason: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { engines, brain, clock, phrases, recorder, settings, transport, voice, speed } = options;
    const { signal } = this.#abort;
    this.#startedMs = clock.nowMs();
    this.#loop = new TurnLoop(initialTurnState(settings), (event, commands) => this.#follow(event, commands));
    this.#background = new BackgroundHold(options.holdBackground);
    const state = (): TurnState => this.#loop.state;
    const dispatch = (event: TurnEventBody, atMs?: number): void => this.#dispatch(event, atMs);
    const observer = (event: SessionEvent): void => this.#tell(event);
    const onProblem = (error: Error): void => this.#problem(error);
    const hangUp = (reason: string): void => this.#hangUp(reason);
    const listener: CallListener = new CallListener({
      callId: options.callId,
      engines,
      keywords: options.keywords ?? [],
      treatment: settings.treatment,
      playedRateHz: engines.tts.rateHz,
      brain,
      clock,
      signal,
      queueMs: options.queueMs,
      recorder,
      observer,
      state,
      ownWords: () => floor.recentWords(),
      dispatch,
      onProblem,
    });
    const openers = new Openers(phrases.openers);
    const drafts = new Drafts({
      brain,
      tts: engines.tts,
      voice,
      speed,
      phrases: phrases.cache,
      openers,
      clock,
      written: () => state().talk.written,
      onWorking: (turn, revision) => dispatch({ type: 'reply-working', turn, revision }),
      onRead: (tag, probability) => dispatch({ type: 'words-read', ...tag, probability }),
      onFailed: (turn, revision, error) => {
        onProblem(error);
        dispatch({ type: 'draft-failed', turn, revision });
      },
      onWasted: (waste) => this.#note({ type: 'draft-wasted', ...waste }),
    });
    const { ear, overlaps } = listener;
    const floor: Floor = new Floor({
      transport,
      clock,
      brain,
      sourceRateHz: engines.tts.rateHz,
      resampler: options.outputResampler,
      phrases: phrases.named,
      observer,
      recorder,
      ear,
      overlaps,
      openers,
      timings: this.#timings,
      state,
      dispatch,
    });
    const timers = new CallTimers(clock, this.#startedMs, (timer) => dispatch({ type: 'timer', timer }));
    this.#parts = { listener, brain, drafts, openers, floor, timers, observer, hangUp };
    this.controls = sessionControls({
      dispatch,
      floor,
      brain,
      signal,
      listener,
      note: (note) => this.#note(note),
      hangUp,
    });
  }

  /** Runs the call to its end. Never rejects. */
  async run(): Promise<void> {
    const { transport, greet, written } = this.#options;
    const { listener, drafts, observer } = this.#parts;
    const listening = listener.run();
    if (written) this.#dispatch({ type: 'written', written });
    this.#dispatch({ type: 'begin', greeting: greet });
    try {
      for await (const input of transport.input) {
        await this.#take(input);
        if (this.#loop.state.ended) break;
      }
    } catch (error) {
      this.#problem(error as Error);
    }
    const reason = this.#endReason ?? 'hung-up';
    this.#dispatch({ type: 'hung-up', reason });
    this.#close();
    await listening;
    transport.hangUp(reason);
    observer({ type: 'drafts-counted', ...drafts.account });
    observer({ type: 'ended', reason });
  }

  /** Says goodbye in place of whatever is being said, and ends the call. Nothing happens when it is ending already. */
  windDown(reason: string): void {
    this.#dispatch({ type: 'wind-down', reason });
  }

  async #take(input: TransportInput): Promise<void> {
    const { listener, floor } = this.#parts;
    switch (input.type) {
      case 'audio':
        return listener.take(input.frame);
      case 'dtmf':
        return this.#pressed(input.digit);
      case 'played':
        return floor.played(input.reply, input.playedMs, input.last ?? false);
      case 'barrier':
        return input.reached();
      case 'closed':
        this.#endReason ??= input.reason;
    }
  }

  #pressed(digit: string): void {
    if (!isKey(digit)) {
      this.#problem(new ParleyError(`"${digit.slice(0, 8)}" is no key of a telephone.`, { code: 'transport.key' }));
      return;
    }
    this.#tell({ type: 'key', digit });
    this.#dispatch({ type: 'key', digit });
  }

  #dispatch(body: TurnEventBody, atMs = this.#parts.listener.ear.atMs): void {
    const nowMs = this.#options.clock.nowMs();
    this.#timings.noteEvent(body, nowMs);
    this.#background.noteEvent(body);
    this.#loop.dispatch({ atMs, seenMs: nowMs - this.#startedMs, ...body });
  }

  /** Carries out what an event commands, and logs what became of it. */
  #follow(event: TurnEvent, commands: readonly TurnCommand[]): void {
    const { log, clock } = this.#options;
    const { atMs, seenMs } = event;
    const cause = log.write(atMs, seenMs, { type: 'event', event });
    for (const command of commands) {
      const of = log.write(atMs, seenMs, { type: 'command', cause, command });
      this.#timings.noteCommand(command, clock.nowMs());
      this.#background.noteCommand(command);
      let outcome: EffectOutcome = 'failed';
      let detail: string | undefined;
      try {
        outcome = carryOut(command, this.#loop.state, this.#parts) ? 'done' : 'stale';
      } catch (error) {
        detail = (error as Error).message;
        this.#problem(error as Error);
      }
      log.write(atMs, seenMs, { type: 'effect', of, outcome, ...(detail === undefined ? {} : { detail }) });
    }
  }

  #tell(event: SessionEvent): void {
    if (isNote(event)) this.#note(event);
    this.#options.observer(event);
  }

  #note(note: EventLogNote): void {
    const { log, clock } = this.#options;
    log.write(this.#parts.listener.ear.atMs, clock.nowMs() - this.#startedMs, { type: 'note', note });
  }

  #problem(error: Error): void {
    const code = ParleyError.isInstance(error) ? error.code : 'session.failed';
    this.#tell({ type: 'problem', code, message: error.message });
  }

  #hangUp(reason: string): void {
    this.#endReason ??= reason;
    this.#options.transport.hangUp(reason);
  }

  #close(): void {
    const { timers, drafts, floor, listener, brain } = this.#parts;
    timers.close();
    this.#background.release();
    drafts.close();
    floor.close();
    listener.close();
    brain.close();
    this.#options.recorder?.close();
    this.#options.outputResampler?.close();
    this.#abort.abort(new Error('the call has ended'));
  }
}
