import { samplesOf } from '../../audio/frame.js';
import type { Clock } from '../../ports/clock.js';
import type { EndOfTurn } from '../../ports/end-of-turn.js';
import { ParleyError } from '../../ports/errors.js';
import type { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToTextInput } from '../../ports/speech-to-text.js';
import { vadRateHz } from '../../ports/voice-activity.js';
import type { TurnEventBody } from '../turn/events.js';
import type { Ear } from './ear.js';
import { speechDecayDb } from './speech-decay.js';

/** The end-of-turn model must answer while it can still matter. */
const endOfTurnDeadlineMs = 1_500;
const defaultFinalDeadlineMs = 5_000;

type Final = Extract<TurnEventBody, { type: 'final' | 'final-failed' }>;

export type EndQuestionsOptions = {
  readonly clock: Clock;
  readonly endOfTurn: EndOfTurn;
  readonly ear: Ear;
  readonly stt: EventQueue<SpeechToTextInput>;
  /** The call's end. */
  readonly signal: AbortSignal;
  /** A transcript that takes longer than this is not coming. @defaultValue 5000 */
  readonly finalDeadlineMs?: number;
  readonly onEvent: (event: TurnEventBody) => void;
  readonly onProblem: (error: Error) => void;
};

/** What is asked when a turn may have ended: its words, and whether it sounds finished. Each has a deadline. */
export class EndQuestions {
  readonly #options: EndQuestionsOptions;
  #awaited: { readonly turn: number; readonly revision: number; readonly disarm: () => void } | undefined;

  constructor(options: EndQuestionsOptions) {
    this.#options = options;
  }

  /** Asks for the transcript so far. Whatever becomes of the engine, the turn machine gets an answer. */
  freeze(turn: number, revision: number): void {
    const { clock, ear, stt, finalDeadlineMs = defaultFinalDeadlineMs, onProblem } = this.#options;
    stt.push({ type: 'freeze', utterance: ear.utteranceOf(turn), request: revision });
    this.#awaited?.disarm();
    const disarm = clock.at(clock.nowMs() + finalDeadlineMs, () => {
      const message = `No transcript came within ${finalDeadlineMs} ms.`;
      onProblem(new ParleyError(message, { code: 'stt.late', retryable: true, status: 503 }));
      this.answered({ type: 'final-failed', turn, revision });
    });
    this.#awaited = { turn, revision, disarm };
  }

  /** The transcript has come, or will not. */
  answered(final: Final): void {
    if (this.#awaited?.turn === final.turn && this.#awaited.revision === final.revision) this.stopWaiting();
    this.#options.onEvent(final);
  }

  /**
   * Asks whether the turn that began at `startMs` sounds finished after `silenceMs` of silence. No answer is one too: the
   * wait does without.
   */
  async ask(turn: number, revision: number, startMs: number, silenceMs: number): Promise<void> {
    const { clock, endOfTurn, ear, signal, onEvent, onProblem } = this.#options;
    const late = new AbortController();
    const disarm = clock.at(clock.nowMs() + endOfTurnDeadlineMs, () => {
      const message = `No end-of-turn estimate came within ${endOfTurnDeadlineMs} ms.`;
      late.abort(new ParleyError(message, { code: 'end_of_turn.late', retryable: true }));
    });
    try {
      const heard = ear.since(startMs, endOfTurn.lookBackMs);
      // In front of the turn is what was there before it; behind it, the silence.
      const turnSamples = samplesOf(ear.atMs - startMs, vadRateHz);
      const decayDb = speechDecayDb(heard.slice(-turnSamples), vadRateHz, silenceMs);
      const { probability } = await endOfTurn.predict(heard, { signal: AbortSignal.any([signal, late.signal]) });
      onEvent({ type: 'end-of-turn', turn, revision, probability, silenceMs, decayDb });
    } catch (error) {
      if (!signal.aborted) onProblem(error as Error);
    } finally {
      disarm();
    }
  }

  /** No transcript is waited for any more. */
  stopWaiting(): void {
    this.#awaited?.disarm();
    this.#awaited = undefined;
  }
}
