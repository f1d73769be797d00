import { silenced } from '../../audio/frame.js';
import { createResampler, type Resampler } from '../../audio/resample.js';
import type { SessionControls } from '../../conversation/session-controls.js';
import type { SessionEvent } from '../../conversation/session-events.js';
import type { Clock } from '../../ports/clock.js';
import { ParleyError } from '../../ports/errors.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToSpeech, SpeechToSpeechEvent, SpeechToSpeechInput } from '../../ports/speech-to-speech.js';
import type { Transport } from '../../ports/transport.js';
import type { CallFacts } from '../admission-types.js';
import type { CallRecord } from './call-record.js';
import { CallerTurns } from './caller-turns.js';
import { speechToSpeechLimits } from './limits.js';
import { ModelReplies } from './model-replies.js';
import { PacedReplies } from './paced-replies.js';
import { speechToSpeechControls } from './speech-to-speech-controls.js';

export type SpeechToSpeechCallOptions = {
  readonly callId: string;
  readonly engine: SpeechToSpeech;
  readonly facts: CallFacts;
  /** Where the call brings none. */
  readonly instructions: string;
  /** What the agent says first, where the call says nothing of that. */
  readonly greeting: string | undefined;
  readonly transport: Transport;
  readonly observer: (event: SessionEvent) => void;
  readonly record: CallRecord;
  readonly clock: Clock;
};

/**
 * A call that a realtime model holds by itself, told in the words of every other call: its turns, replies and where their
 * time went. Audio of replies is sent when it is due, so that what is interrupted was not heard.
 */
export class SpeechToSpeechCall {
  /** Resolves when the call is over. */
  readonly done: Promise<void>;
  readonly controls: SessionControls;
  readonly #options: SpeechToSpeechCallOptions;
  readonly #input = new EventQueue<SpeechToSpeechInput>();
  readonly #abort = new AbortController();
  readonly #paced: PacedReplies;
  readonly #turns: CallerTurns;
  readonly #replies: ModelReplies;
  #muted = false;
  #toEngine: Resampler | undefined;
  #fromEngine: Resampler | undefined;
  #reason = 'the call has ended';

  constructor(options: SpeechToSpeechCallOptions) {
    const { transport, clock, record } = options;
    const { outputRateHz, playout } = transport;
    this.#options = options;
    const tell = (event: SessionEvent): void => this.#tell(event);
    const push = (input: SpeechToSpeechInput): void => this.#input.push(input);
    this.#turns = new CallerTurns(tell);
    this.#paced = new PacedReplies({
      clock,
      rateHz: outputRateHz,
      leadMs: playout.leadMs,
      maxWaitingMs: speechToSpeechLimits.maxWaitingMs,
      send: (reply, samples, dueMs) => {
        transport.send({ samples, rateHz: outputRateHz }, { reply });
        record.agent(samples, dueMs + playout.latencyMs);
      },
      onPlayed: (reply) => this.#replies.played(reply),
    });
    this.#replies = new ModelReplies({
      tell,
      push,
      trouble: (error) => this.#trouble(error),
      paced: this.#paced,
      resampled: (samples) => this.#fromEngine?.process(samples) ?? samples,
      answeredBy: (reply) => this.#turns.answeredBy(reply),
    });
    this.controls = speechToSpeechControls({
      push,
      note: (note) => record.added(note),
      cancel: () => this.#replies.cancel(),
      truncate: (reply, playedMs) => this.#replies.truncate(reply, playedMs),
      sentMs: (reply) => this.#paced.sentMs(reply),
      setMuted: (muted) => {
        this.#muted = muted;
      },
      hangUp: (reason) => this.#hangUp(reason),
    });
    this.done = this.#run();
  }

  async #run(): Promise<void> {
    const { engine, facts, transport, record, clock, callId, instructions } = this.#options;
    const { inputRateHz, outputRateHz, voices } = engine.capabilities;
    const { maxCallMs } = speechToSpeechLimits;
    const disarm = clock.at(clock.nowMs() + maxCallMs, () => this.#hangUp('the call has lasted for too long'));
    try {
      if (outputRateHz !== transport.outputRateHz)
        this.#fromEngine = await createResampler({ fromHz: outputRateHz, toHz: transport.outputRateHz });
      this.#listen(inputRateHz).catch((error: unknown) => {
        if (!this.#abort.signal.aborted) this.#trouble(error);
      });
      this.#greet();
      const voice = facts.voice !== undefined && voices.includes(facts.voice) ? { voice: facts.voice } : {};
      const tools = facts.toolbox?.tools.map(({ name, description, parameters }) => ({
        name,
        description,
        parameters: parameters as Readonly<Record<string, unknown>>,
      }));
      const events = engine.converse({
        callId,
        instructions: facts.instructions ?? instructions,
        ...voice,
        ...(tools ? { tools } : {}),
        ...(facts.modelTurns ? { turns: facts.modelTurns } : {}),
        input: this.#input,
        signal: this.#abort.signal,
      });
      for await (const event of events) this.#on(event);
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        this.#trouble(error);
        this.#reason = 'the model that held the call failed';
      }
    } finally {
      // Nobody hands audio over any more.
      this.#hangUp(this.#reason);
      disarm();
      this.#paced.close();
      this.#input.end();
      this.#toEngine?.close();
      this.#fromEngine?.close();
      this.#replies.close();
      record.close(this.#reason);
      this.#tell({ type: 'ended', reason: this.#reason });
      transport.hangUp(this.#reason);
    }
  }

  /** Hands the caller's audio over at the engine's rate. */
  async #listen(rateHz: number): Promise<void> {
    for await (const input of this.#options.transport.input) {
      if (input.type === 'closed') return this.#hangUp(input.reason);
      if (input.type === 'barrier') input.reached();
      if (input.type !== 'audio') continue;
      const frame = this.#muted ? silenced(input.frame) : input.frame;
      await this.#options.record.caller(frame);
      const { samples, rateHz: fromHz } = frame;
      if (fromHz !== rateHz && this.#toEngine?.fromHz !== fromHz) {
        this.#toEngine?.close();
        this.#toEngine = await createResampler({ fromHz, toHz: rateHz });
      }
      if (this.#abort.signal.aborted) return;
      this.#input.push({
        type: 'audio',
        samples: (fromHz === rateHz ? undefined : this.#toEngine)?.process(samples) ?? samples,
      });
    }
  }

  #greet(): void {
    const { facts, greeting } = this.#options;
    const text = facts.greeting ?? (facts.instructions === undefined ? greeting : undefined);
    if (text) this.#input.push({ type: 'respond', instructions: `Say exactly this, and nothing else: ${text}` });
  }

  #on(event: SpeechToSpeechEvent): void {
    switch (event.type) {
      case 'speech-started':
        this.#replies.interrupt();
        this.#turns.started(event);
        return;
      case 'speech-stopped':
        this.#turns.stopped(event);
        return;
      case 'caller-text':
        this.#turns.said(event);
        return;
      case 'reply-started':
        this.#replies.begin(event.reply);
        return;
      case 'agent-text':
        this.#replies.say(event);
        return;
      case 'audio':
        this.#replies.sound(event);
        return;
      case 'tool-call':
        this.#replies.called(event);
        return;
      case 'reply-finished':
        this.#replies.generated(event);
        return;
      case 'error':
        this.#trouble(event.error);
    }
  }

  #tell(event: SessionEvent): void {
    const { observer, record } = this.#options;
    record.note(event);
    observer(event);
  }

  #trouble(error: unknown): void {
    const known = ParleyError.isInstance(error);
    const message = known ? error.message : 'The model that holds the call made a mistake.';
    this.#tell({ type: 'problem', code: known ? error.code : 'speech_to_speech.failed', message });
  }

  #hangUp(reason: string): void {
    if (this.#abort.signal.aborted) return;
    this.#reason = reason;
    this.#abort.abort(new Error(reason));
  }
}
