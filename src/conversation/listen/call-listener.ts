import { type AudioFrame, silenced } from '../../audio/frame.js';
import { resample } from '../../audio/resample.js';
import type { BrainSession } from '../../ports/brain.js';
import type { Clock } from '../../ports/clock.js';
import type { EndOfTurn } from '../../ports/end-of-turn.js';
import { ParleyError } from '../../ports/errors.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { Keyword, SpeechToText, SpeechToTextEvent, SpeechToTextInput } from '../../ports/speech-to-text.js';
import { type VoiceActivity, vadRateHz, vadWindowMs } from '../../ports/voice-activity.js';
import type { CallRecorder } from '../recording.js';
import type { SessionEvent } from '../session-events.js';
import type { TurnEventBody } from '../turn/events.js';
import { wholeText } from '../turn/reopening.js';
import type { TurnState } from '../turn/state.js';
import { Ear } from './ear.js';
import { EndQuestions } from './end-questions.js';
import { OverlapListener } from './overlap-listener.js';
import { beginningsOfOthers, shareOfOurs } from './own-words.js';
import { transcribeSamples } from './transcribe-samples.js';
import type { TreatmentSettings } from './treatment-settings.js';

export type CallListenerOptions = {
  readonly callId: string;
  readonly engines: { readonly vad: VoiceActivity; readonly stt: SpeechToText; readonly endOfTurn: EndOfTurn };
  readonly keywords: readonly Keyword[];
  readonly treatment: TreatmentSettings | undefined;
  /** Rate of the agent's audio, which may come back as an echo. */
  readonly playedRateHz: number;
  readonly brain: BrainSession;
  readonly clock: Clock;
  /** The call's end. */
  readonly signal: AbortSignal;
  readonly queueMs: (() => number) | undefined;
  readonly recorder: CallRecorder | undefined;
  readonly observer: (event: SessionEvent) => void;
  readonly state: () => TurnState;
  /** What the agent has been saying lately. */
  readonly ownWords: () => readonly string[];
  /** `atMs`: where in the caller's audio it happened. @defaultValue the end of what was judged */
  readonly dispatch: (event: TurnEventBody, atMs?: number) => void;
  readonly onProblem: (error: Error) => void;
};

/** Half of what the ear keeps: a shorter turn costs nothing until it is one. */
const transcribeAheadAfterMs = 20_000;
/** How often stalled input is looked for. */
const fillEveryMs = vadWindowMs;

/** The caller's side of a call: takes their audio and tells the turn machine, the brain and the client what is heard in it. */
export class CallListener {
  readonly ear: Ear;
  readonly overlaps: OverlapListener;
  readonly questions: EndQuestions;
  readonly #options: CallListenerOptions;
  readonly #stt: EventQueue<SpeechToTextInput>;
  #disarmGaps: (() => void) | undefined;
  #bufferStartMs = 0;

  constructor(options: CallListenerOptions) {
    this.#options = options;
    const { callId, engines, clock, treatment, signal, dispatch, onProblem } = options;
    this.overlaps = new OverlapListener(options.playedRateHz);
    this.#stt = new EventQueue(signal, 100_000);
    this.ear = new Ear({
      vad: engines.vad.open({ callId }),
      clock,
      stt: this.#stt,
      events: { onWindow: (...judged) => this.#judged(...judged), onProblem },
      treatment,
    });
    const { endOfTurn } = engines;
    const { ear } = this;
    this.questions = new EndQuestions({ clock, endOfTurn, ear, stt: this.#stt, signal, onEvent: dispatch, onProblem });
  }

  /** Where the client's current input buffer began, in its audio. */
  get bufferStartMs(): number {
    return this.#bufferStartMs;
  }

  /** Listens until the call is over. Never rejects. */
  async run(): Promise<void> {
    this.#watchForGaps();
    const { engines, callId, signal, keywords, onProblem } = this.#options;
    try {
      for await (const event of engines.stt.listen({ callId, input: this.#stt, signal, keywords }))
        this.#transcribed(event);
    } catch (error) {
      if (!signal.aborted) onProblem(error as Error);
    }
  }

  /** Takes the next audio; resolves when all whole windows of it have been judged. */
  async take(given: AudioFrame): Promise<void> {
    const { recorder, state } = this.#options;
    const frame = state().talk.muted ? silenced(given) : given;
    await recorder?.caller(frame);
    await this.ear.take(frame);
  }

  /** Asks whether the open turn sounds finished. */
  ask(turn: number, revision: number, speechEndMs: number): void {
    const { listening } = this.#options.state();
    const startMs = listening.phase === 'quiet' ? 0 : listening.startMs;
    void this.questions.ask(turn, revision, startMs, this.ear.atMs - speechEndMs);
  }

  /** The turn is over, and has ended at `endMs`. */
  committed(turn: number, endMs: number): void {
    this.ear.closeUtterance(turn);
    this.ear.forget(endMs);
    this.#bufferStartMs = endMs;
  }

  /** The sound was no turn. */
  dropped(turn: number): void {
    this.ear.closeUtterance(turn);
    this.#bufferStartMs = this.ear.atMs;
  }

  /** What was said since the last turn is not meant. */
  clearBuffer(): void {
    this.#bufferStartMs = this.ear.atMs;
    this.ear.stopTranscribingAhead();
    this.ear.forget(this.#bufferStartMs);
  }

  /** The words of audio that is no turn of the call. */
  async transcribe({ samples, rateHz }: AudioFrame, signal: AbortSignal): Promise<string> {
    const { engines, keywords } = this.#options;
    const means = { vad: engines.vad, stt: engines.stt, signal, keywords };
    const { text } = await transcribeSamples(await resample(samples, rateHz, vadRateHz), means);
    return text;
  }

  close(): void {
    this.#disarmGaps?.();
    this.questions.stopWaiting();
    this.ear.close();
  }

  #judged(probability: number, atMs: number, window: Float32Array): void {
    this.#transcribeLongInput(atMs);
    const overlap = this.overlaps.judge(window, probability);
    const event = { type: 'window', probability, windowMs: vadWindowMs, ...(overlap ? { overlap } : {}) } as const;
    this.#options.dispatch(event, atMs);
  }

  /** Where the client says what a turn is, one that is longer than what is kept is transcribed before it is said. */
  #transcribeLongInput(atMs: number): void {
    const { settings, listening } = this.#options.state();
    if (settings.detection !== 'manual' || listening.phase !== 'quiet') return;
    if (atMs - this.#bufferStartMs >= transcribeAheadAfterMs) this.ear.transcribeAhead(this.#bufferStartMs);
  }

  #transcribed(event: SpeechToTextEvent): void {
    const { brain, observer, queueMs, state, ownWords, dispatch, onProblem } = this.#options;
    const turn = this.ear.turnOf(event.utterance);
    if (event.type === 'error' && !(ParleyError.isInstance(event.error) && event.error.code === 'stt.stale'))
      onProblem(event.error);
    // What was transcribed ahead may never come to be a turn.
    if (turn === undefined) return;
    switch (event.type) {
      case 'partial': {
        const { text, stableWords, beginnings } = event;
        observer({ type: 'partial', turn, text, stableWords });
        const said = ownWords();
        const ours = shareOfOurs(text, said);
        // Only over the agent does it matter how a turn begins.
        const begins = beginnings && state().overlap ? beginningsOfOthers(beginnings, said) : [];
        dispatch({
          type: 'partial',
          turn,
          text,
          ...(ours === undefined ? {} : { ours }),
          ...(begins.length > 0 ? { beginnings: begins } : {}),
        });
        brain.hear(wholeText(state(), turn, text));
        return;
      }
      case 'correction':
        observer({ type: 'correction', turn, word: event.word, from: event.from, to: event.to });
        return;
      case 'final': {
        const waited = queueMs ? { queueMs: Math.round(queueMs()) } : {};
        this.questions.answered({ type: 'final', turn, revision: event.request, text: event.text, ...waited });
        return;
      }
      case 'error':
        this.questions.answered({ type: 'final-failed', turn, revision: event.request });
    }
  }

  #watchForGaps(): void {
    const { clock, state, recorder, onProblem } = this.#options;
    this.#disarmGaps = clock.at(clock.nowMs() + fillEveryMs, () => {
      this.#watchForGaps();
      const { settings, listening } = state();
      if (settings.detection === 'manual') return;
      this.ear.fill(listening.phase === 'speech').then((ms) => recorder?.silence(ms), onProblem);
    });
  }
}
