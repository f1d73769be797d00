import { silenced } from '../audio/frame.js';
import { type Resampler, resample } from '../audio/resample.js';
import type { BrainSession } from '../ports/brain.js';
import type { Clock } from '../ports/clock.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import { ParleyError } from '../ports/errors.js';
import { EventQueue } from '../ports/event-queue.js';
import type { Keyword, SpeechToText, SpeechToTextInput } from '../ports/speech-to-text.js';
import type { TextToSpeech } from '../ports/text-to-speech.js';
import { isKey, type Transport } from '../ports/transport.js';
import { type VoiceActivity, vadRateHz, vadWindowMs } from '../ports/voice-activity.js';
import { CallTimers } from './call-timers.js';
import { Drafts } from './drafts.js';
import { type EffectOutcome, type EventLog, type EventLogNote, isNote } from './event-log.js';
import { Floor } from './floor.js';
import { Ear } from './listen/ear.js';
import { EndQuestions } from './listen/end-questions.js';
import { OverlapListener } from './listen/overlap-listener.js';
import { shareOfOurs } from './listen/own-words.js';
import { transcribeSamples } from './listen/transcribe-samples.js';
import { Openers } from './openers.js';
import type { VoicePhrases } from './phrases.js';
import type { CallRecorder } from './recording.js';
import { type SessionControls, sessionControls } from './session-controls.js';
import type { SessionEvent } from './session-events.js';
import { waitOfPause } from './turn/endpointing.js';
import type { TurnCommand, TurnEventBody } from './turn/events.js';
import { inferExpectedAnswer } from './turn/infer-expected-answer.js';
import { reduceTurn } from './turn/machine.js';
import { wholeText } from './turn/reopening.js';
import type { TurnSettings } from './turn/settings.js';
import { initialTurnState, type TurnState } from './turn/state.js';
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

/** Half of what the ear keeps: a shorter turn costs nothing until it is one. */
const transcribeAheadAfterMs = 20_000;
/** How often stalled input is looked for. */
const fillEveryMs = vadWindowMs;

/**
 * One call. Turns what engines, clients and clocks report into events, asks the turn machine what follows, and carries
 * that out. It decides nothing itself.
 */
export class CallSession {
  readonly controls: SessionControls;
  readonly #options: SessionOptions;
  readonly #ear: Ear;
  readonly #overlaps: OverlapListener;
  readonly #sttInput: EventQueue<SpeechToTextInput>;
  readonly #drafts: Drafts;
  readonly #openers: Openers;
  readonly #floor: Floor;
  readonly #abort = new AbortController();
  readonly #startedMs: number;
  readonly #timers: CallTimers;
  readonly #timings = new TurnTimings();
  readonly #questions: EndQuestions;
  readonly #queue: { readonly body: TurnEventBody; readonly atMs: number }[] = [];
  #draining = false;
  #written: boolean;
  #muted = false;
  #state: TurnState;
  #releaseCores: (() => void) | undefined;
  #endReason: string | undefined;
  #disarmGaps: (() => void) | undefined;
  /** Where the client's current input buffer began, in its audio. */
  #bufferStartMs = 0;

  constructor(given: SessionOptions) {
    const options = { ...given, observer: (event: SessionEvent) => this.#tell(event, given.observer) };
    const { clock, engines, callId, transport } = options;
    this.#options = options;
    this.#state = initialTurnState(options.settings);
    this.#written = options.written ?? false;
    this.#startedMs = clock.nowMs();
    this.#overlaps = new OverlapListener(engines.tts.rateHz);
    this.#sttInput = new EventQueue<SpeechToTextInput>(this.#abort.signal, 100_000);
    this.#ear = new Ear({
      vad: engines.vad.open({ callId }),
      clock,
      stt: this.#sttInput,
      events: {
        onWindow: (probability, atMs, window) => {
          this.#transcribeLongInput(atMs);
          const overlap = this.#overlaps.judge(window, probability);
          this.#dispatch({ type: 'window', probability, windowMs: vadWindowMs, ...(overlap ? { overlap } : {}) }, atMs);
        },
        onProblem: (error) => this.#problem(error),
      },
      treatment: options.settings.treatment,
    });
    this.#timers = new CallTimers(clock, (timer) => this.#dispatch({ type: 'timer', timer }));
    this.#questions = new EndQuestions({
      clock,
      endOfTurn: engines.endOfTurn,
      ear: this.#ear,
      stt: this.#sttInput,
      signal: this.#abort.signal,
      onEvent: (event) => this.#dispatch(event),
      onProblem: (error) => this.#problem(error),
    });
    this.#openers = new Openers(options.phrases.openers);
    this.#drafts = new Drafts({
      brain: options.brain,
      tts: engines.tts,
      voice: options.voice,
      speed: options.speed,
      phrases: options.phrases.cache,
      openers: this.#openers,
      clock,
      written: () => this.#written,
      onWorking: (turn, revision) => this.#dispatch({ type: 'reply-working', turn, revision }),
      onRead: (tag, probability) => this.#dispatch({ type: 'words-read', ...tag, probability }),
      onFailed: (turn, revision, error) => {
        this.#problem(error);
        this.#dispatch({ type: 'draft-failed', turn, revision });
      },
      onWasted: (waste) => this.#note({ type: 'draft-wasted', ...waste }),
    });
    this.#floor = new Floor({
      transport,
      clock,
      brain: options.brain,
      sourceRateHz: engines.tts.rateHz,
      resampler: options.outputResampler,
      phrases: options.phrases.named,
      observer: options.observer,
      recorder: options.recorder,
      ear: this.#ear,
      onPlayed: (samples, positionMs) => this.#overlaps.play(samples, positionMs),
      written: () => this.#written,
      waitsForTool: () => this.#state.talk.tool !== undefined,
      timingOf: (turn) => this.#timings.of(turn),
      onAudible: (reply) => {
        this.#freeCores();
        this.#dispatch({ type: 'reply-audible', reply });
      },
      onAnswered: (reply) => {
        this.#openers.turnBegan(reply.opener);
        const { startedMs, firstTokenMs, firstAudioMs } = reply.marks;
        if (firstTokenMs !== undefined && firstAudioMs !== undefined)
          this.#openers.readyAfter(firstAudioMs - startedMs, firstTokenMs - startedMs);
      },
      onDry: (reply) => this.#dispatch({ type: 'reply-dry', reply }),
      onFlows: (reply) => this.#dispatch({ type: 'reply-flows', reply }),
      onHeard: (text, declared) => {
        const answer = declared ?? inferExpectedAnswer(text);
        if (answer) this.#dispatch({ type: 'expect', answer });
      },
      onPassage: (reply, begins) => this.#dispatch({ type: begins ? 'passage-begins' : 'passage-over', reply }),
      onDone: (reply, outcome) => this.#dispatch({ type: 'reply-done', reply, ...outcome }),
    });
    this.controls = sessionControls({
      dispatch: (event) => this.#dispatch(event),
      floor: this.#floor,
      brain: options.brain,
      signal: this.#abort.signal,
      input: {
        startMs: () => this.#bufferStartMs,
        clear: () => {
          this.#bufferStartMs = this.#ear.atMs;
          this.#ear.stopTranscribingAhead();
          this.#ear.forget(this.#bufferStartMs);
        },
      },
      transcribe: async ({ samples, rateHz }, signal) => {
        const { vad, stt } = engines;
        const means = { vad, stt, signal, keywords: options.keywords };
        const { text } = await transcribeSamples(await resample(samples, rateHz, vadRateHz), means);
        return text;
      },
      setWritten: (written) => {
        this.#written = written;
      },
      setMuted: (muted) => {
        this.#muted = muted;
      },
      hangUp: (reason) => this.#hangUp(reason),
    });
  }

  /** Runs the call to its end. Never rejects. */
  async run(): Promise<void> {
    const { transport, observer, greet } = this.#options;
    const listening = this.#hearTranscripts();
    this.#watchForGaps();
    this.#dispatch({ type: 'begin', greeting: greet });
    if (this.#written) this.#dispatch({ type: 'written', written: true });
    try {
      for await (const input of transport.input) {
        if (input.type === 'audio') {
          const frame = this.#muted ? silenced(input.frame) : input.frame;
          await this.#options.recorder?.caller(frame);
          await this.#ear.take(frame);
        } else if (input.type === 'dtmf') this.#pressed(input.digit);
        else if (input.type === 'played') this.#floor.played(input.reply, input.playedMs, input.last ?? false);
        else if (input.type === 'barrier') input.reached();
        else if (input.type === 'closed') this.#endReason ??= input.reason;
        if (this.#state.ended) break;
      }
    } catch (error) {
      this.#problem(error as Error);
    }
    const reason = this.#endReason ?? 'hung-up';
    this.#dispatch({ type: 'hung-up', reason });
    this.#close();
    await listening;
    transport.hangUp(reason);
    observer({ type: 'drafts-counted', ...this.#drafts.account });
    observer({ type: 'ended', reason });
  }

  /** Says goodbye in place of whatever is being said, and ends the call. Nothing happens when it is ending already. */
  windDown(reason: string): void {
    this.#dispatch({ type: 'wind-down', reason });
  }

  #close(): void {
    this.#timers.close();
    this.#questions.close();
    this.#disarmGaps?.();
    this.#freeCores();
    this.#drafts.close();
    this.#floor.close();
    this.#ear.close();
    this.#options.brain.close();
    this.#options.recorder?.close();
    this.#options.outputResampler?.close();
    this.#abort.abort(new Error('the call has ended'));
  }

  /** Events wait for one another: a command may cause the next event before the last one is dealt with. */
  #dispatch(body: TurnEventBody, atMs = this.#ear.atMs): void {
    this.#queue.push({ body, atMs });
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next; next = this.#queue.shift()) this.#step(next.body, next.atMs);
    } finally {
      this.#draining = false;
    }
  }

  #step(body: TurnEventBody, atMs: number): void {
    const seenMs = this.#options.clock.nowMs() - this.#startedMs;
    const event = { atMs, seenMs, ...body };
    this.#observe(body);
    const { log } = this.#options;
    const cause = log.write(atMs, seenMs, { type: 'event', event });
    const { state, commands } = reduceTurn(this.#state, event);
    this.#state = state;
    for (const command of commands) {
      const of = log.write(atMs, seenMs, { type: 'command', cause, command });
      let outcome: EffectOutcome = 'failed';
      let detail: string | undefined;
      try {
        outcome = this.#carryOut(command) ? 'done' : 'stale';
      } catch (error) {
        detail = (error as Error).message;
        this.#problem(error as Error);
      }
      log.write(atMs, seenMs, { type: 'effect', of, outcome, ...(detail === undefined ? {} : { detail }) });
    }
  }

  #tell(event: SessionEvent, observer: (event: SessionEvent) => void): void {
    if (isNote(event)) this.#note(event);
    observer(event);
  }

  #note(note: EventLogNote): void {
    const { log, clock } = this.#options;
    log.write(this.#ear.atMs, clock.nowMs() - this.#startedMs, { type: 'note', note });
  }

  /** Marks for the waterfall that come with events rather than commands. */
  #observe(body: TurnEventBody): void {
    const now = this.#options.clock.nowMs();
    if (body.type === 'end-of-turn') {
      const timing = this.#timings.of(body.turn);
      timing.endOfTurnMs ??= now;
      timing.endOfTurnProbability = body.probability;
    } else if (body.type === 'final') this.#timings.of(body.turn).finalMs = now;
  }

  /** @returns false when what the command is about was gone already */
  #carryOut(command: TurnCommand): boolean {
    const { observer, brain, clock } = this.#options;
    switch (command.type) {
      case 'open-turn':
        this.#ear.openUtterance(command.turn, command.startMs);
        observer({ type: 'speech-started', turn: command.turn, startMs: command.startMs });
        return true;
      case 'suspect-end': {
        const timing = this.#timings.of(command.turn);
        timing.suspectedMs = clock.nowMs();
        timing.speechEndAudioMs = command.speechEndMs;
        this.#holdCores();
        this.#questions.freeze(command.turn, command.revision);
        timing.endOfTurnMs = undefined;
        this.#ask(command);
        observer({ type: 'speech-paused', turn: command.turn, endMs: command.speechEndMs });
        return true;
      }
      case 'look-again':
        this.#ask(command);
        return true;
      case 'freeze-again':
        this.#questions.freeze(command.turn, command.revision);
        return true;
      case 'resume-turn':
        this.#freeCores();
        return true;
      case 'draft': {
        const { turn, revision, text } = command;
        this.#timings.of(turn).drafts += 1;
        const opener = this.#written ? undefined : this.#openers.choose(text, this.#decidedInMs(text));
        this.#drafts.begin({ turn, revision, text }, opener);
        // Begun anew for a reply that was committed already: it takes its place.
        if (this.#floor.awaits(turn, revision)) {
          const adopted = this.#drafts.adopt(turn, revision);
          if (adopted) this.#floor.replace(turn, revision, adopted);
        }
        return true;
      }
      case 'discard':
        return this.#drafts.discard(command.turn, command.revision);
      case 'commit':
        return this.#commit(command);
      case 'drop-turn':
        this.#freeCores();
        this.#ear.closeUtterance(command.turn);
        this.#floor.goesOn();
        this.#bufferStartMs = this.#ear.atMs;
        observer({ type: 'turn-dropped', turn: command.turn, why: command.why });
        return true;
      case 'respond': {
        const { turn, reply } = command;
        observer({ type: 'reply-started', reply, turn: undefined });
        this.#drafts.begin({ turn, revision: 0, text: undefined });
        const adopted = this.#drafts.adopt(turn, 0);
        if (!adopted) return false;
        brain.commit({ turn, revision: 0 });
        this.#floor.play(reply, { turn, revision: 0 }, adopted);
        return true;
      }
      case 'lower':
        return this.#floor.lower(command.reply);
      case 'restore':
        return this.#floor.restore(command.reply, command.again ?? false);
      case 'stop':
        return this.#floor.stop(command.reply, command.why, command.withinMs);
      case 'pause':
        return this.#floor.pause(command.reply, command.withinMs);
      case 'look':
        this.#ear.look(command.turn);
        return true;
      case 'say':
        this.#freeCores();
        return this.#floor.say(command.reply, command.phrase);
      case 'arm':
        this.#timers.arm(command.timer, this.#startedMs + command.atSeenMs);
        return true;
      case 'disarm':
        return this.#timers.disarm(command.timer);
      case 'end-call':
        this.#hangUp(command.reason);
        return true;
      case 'reopen':
        brain.forget({ turn: command.continues });
        observer({ type: 'turn-reopened', turn: command.turn, continues: command.continues });
        return true;
      case 'note':
        brain.noteUser(command.text, command.turn);
        observer({ type: 'keys-entered', turn: command.turn, text: command.text });
        return true;
      case 'hold-output':
        this.#floor.hold();
        return true;
      case 'release-output':
        this.#floor.release(command.lostMs);
        return true;
      case 'murmur':
        return this.#floor.murmur(command.reply);
    }
  }

  /** How long from now the turn will be waited for, as things stand. */
  #decidedInMs(text: string): number {
    const { listening } = this.#state;
    if (listening.phase !== 'pause' || listening.forced) return 0;
    const { waitMs } = waitOfPause(this.#state, listening, text);
    return listening.lastVoicedMs + waitMs - this.#ear.atMs;
  }

  #commit(command: Extract<TurnCommand, { type: 'commit' }>): boolean {
    const { turn, revision, text, reply, speechEndMs: endMs } = command;
    const { observer, brain, clock } = this.#options;
    const timing = this.#timings.of(turn);
    timing.committedMs = clock.nowMs();
    timing.because = command.because;
    timing.transcript = text;
    timing.speechEndAudioMs = endMs;
    this.#ear.closeUtterance(turn);
    this.#ear.forget(endMs);
    this.#bufferStartMs = endMs;
    observer({ type: 'turn-committed', turn, text, endMs, reply });
    if (reply === undefined) {
      this.#freeCores();
      brain.noteUser(text, turn);
      return true;
    }
    if (!this.#floor.isOpen(reply)) observer({ type: 'reply-started', reply, turn });
    const adopted = this.#drafts.adopt(turn, revision);
    if (!adopted) return false;
    brain.commit({ turn, revision });
    this.#floor.play(reply, { turn, revision }, adopted);
    return true;
  }

  async #hearTranscripts(): Promise<void> {
    const { engines, callId, brain, observer, queueMs, keywords = [] } = this.#options;
    const { signal } = this.#abort;
    try {
      const listening = engines.stt.listen({ callId, input: this.#sttInput, signal, keywords });
      for await (const event of listening) {
        const turn = this.#ear.turnOf(event.utterance);
        if (event.type === 'error' && !(ParleyError.isInstance(event.error) && event.error.code === 'stt.stale'))
          this.#problem(event.error);
        // What was transcribed ahead may never come to be a turn.
        if (turn === undefined) continue;
        if (event.type === 'partial') {
          observer({ type: 'partial', turn, text: event.text, stableWords: event.stableWords });
          const ours = shareOfOurs(event.text, this.#floor.recentWords());
          this.#dispatch({ type: 'partial', turn, text: event.text, ...(ours === undefined ? {} : { ours }) });
          brain.hear(wholeText(this.#state, turn, event.text));
        } else if (event.type === 'correction')
          observer({ type: 'correction', turn, word: event.word, from: event.from, to: event.to });
        else if (event.type === 'final')
          this.#questions.answered({
            type: 'final',
            turn,
            revision: event.request,
            text: event.text,
            ...(queueMs ? { queueMs: Math.round(queueMs()) } : {}),
          });
        else this.#questions.answered({ type: 'final-failed', turn, revision: event.request });
      }
    } catch (error) {
      if (!signal.aborted) this.#problem(error as Error);
    }
  }

  #ask({ turn, revision, speechEndMs }: Extract<TurnCommand, { type: 'suspect-end' | 'look-again' }>): void {
    void this.#questions.ask(turn, revision, this.#turnStartMs(), this.#ear.atMs - speechEndMs);
  }

  /** Where the client says what a turn is, one that is longer than what is kept is transcribed before it is said. */
  #transcribeLongInput(atMs: number): void {
    const { settings, listening } = this.#state;
    if (settings.detection !== 'manual' || listening.phase !== 'quiet') return;
    if (atMs - this.#bufferStartMs >= transcribeAheadAfterMs) this.#ear.transcribeAhead(this.#bufferStartMs);
  }

  #pressed(digit: string): void {
    if (!isKey(digit)) {
      this.#problem(new ParleyError(`"${digit.slice(0, 8)}" is no key of a telephone.`, { code: 'transport.key' }));
      return;
    }
    this.#options.observer({ type: 'key', digit });
    this.#dispatch({ type: 'key', digit });
  }

  #turnStartMs(): number {
    const { listening } = this.#state;
    return listening.phase === 'quiet' ? 0 : listening.startMs;
  }

  #watchForGaps(): void {
    const { clock } = this.#options;
    this.#disarmGaps = clock.at(clock.nowMs() + fillEveryMs, () => {
      this.#watchForGaps();
      if (this.#state.settings.detection === 'manual') return;
      const filled = this.#ear.fill(this.#state.listening.phase === 'speech');
      filled.then(
        (ms) => this.#options.recorder?.silence(ms),
        (error: Error) => this.#problem(error),
      );
    });
  }

  #hangUp(reason: string): void {
    this.#endReason ??= reason;
    this.#options.transport.hangUp(reason);
  }

  #holdCores(): void {
    this.#releaseCores ??= this.#options.holdBackground();
  }

  #freeCores(): void {
    this.#releaseCores?.();
    this.#releaseCores = undefined;
  }

  #problem(error: Error): void {
    const code = ParleyError.isInstance(error) ? error.code : 'session.failed';
    this.#options.observer({ type: 'problem', code, message: error.message });
  }
}
