import { createResampler, type Resampler } from '../../audio/resample.js';
import type { SessionControls } from '../../conversation/session-controls.js';
import type { SessionEvent } from '../../conversation/session-events.js';
import type { Clock } from '../../ports/clock.js';
import { ParleyError } from '../../ports/errors.js';
import { EventQueue } from '../../ports/event-queue.js';
import type { SpeechToSpeech, SpeechToSpeechEvent, SpeechToSpeechInput } from '../../ports/speech-to-speech.js';
import type { Transport } from '../../ports/transport.js';
import type { CallFacts } from '../admission-types.js';
import { speechToSpeechLimits } from './limits.js';
import { PacedReplies } from './paced-replies.js';
import { speechToSpeechControls } from './speech-to-speech-controls.js';
import { marksOf } from './turn-marks.js';
import { WholeWords } from './whole-words.js';

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
  readonly clock: Clock;
};

type Of<T extends SpeechToSpeechEvent['type']> = Extract<SpeechToSpeechEvent, { type: T }>;

type Turn = {
  readonly turn: number;
  endMs: number | undefined;
  id: string | undefined;
  committed: boolean;
  answered: boolean;
  text: string;
};

type Reply = {
  readonly reply: number;
  readonly id: string;
  readonly turn: Turn | undefined;
  readonly words: WholeWords;
  text: string;
  receivedMs: number;
  finished: Of<'reply-finished'> | undefined;
};

/** Replies whose playing may still be told of. */
const keptReplies = 16;
const keptTurns = 16;

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
  readonly #replies: Reply[] = [];
  /** The last ones: words of a turn may come when the next has begun. */
  readonly #turns: Turn[] = [];
  #turnCount = 0;
  #replyCount = 0;
  #muted = false;
  #toEngine: Resampler | undefined;
  #fromEngine: Resampler | undefined;
  #reason = 'the call has ended';

  constructor(options: SpeechToSpeechCallOptions) {
    const { transport, clock } = options;
    this.#options = options;
    this.#paced = new PacedReplies({
      clock,
      rateHz: transport.outputRateHz,
      leadMs: transport.playout.leadMs,
      maxWaitingMs: speechToSpeechLimits.maxWaitingMs,
      send: (reply, samples) => transport.send({ samples, rateHz: transport.outputRateHz }, { reply }),
      onPlayed: (reply) => this.#played(reply),
    });
    this.controls = speechToSpeechControls({
      push: (input) => this.#input.push(input),
      cancel: () => this.#cancel(),
      sentMs: (reply) => this.#paced.sentMs(reply),
      setMuted: (muted) => {
        this.#muted = muted;
      },
      hangUp: (reason) => this.#hangUp(reason),
    });
    this.done = this.#run();
  }

  async #run(): Promise<void> {
    const { engine, facts, transport, observer, clock, callId, instructions } = this.#options;
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
      for (const reply of [...this.#replies]) this.#finish(reply, 'failed', '');
      observer({ type: 'ended', reason: this.#reason });
      transport.hangUp(this.#reason);
    }
  }

  /** Hands the caller's audio over at the engine's rate. */
  async #listen(rateHz: number): Promise<void> {
    for await (const input of this.#options.transport.input) {
      if (input.type === 'closed') return this.#hangUp(input.reason);
      if (input.type === 'barrier') input.reached();
      if (input.type !== 'audio' || this.#muted) continue;
      const { samples, rateHz: fromHz } = input.frame;
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
    const { observer } = this.#options;
    switch (event.type) {
      case 'speech-started':
        this.#interrupt();
        this.#speechStarted(event);
        return;
      case 'speech-stopped': {
        const turn = this.#turns.at(-1);
        if (!turn) return;
        turn.endMs = event.atMs;
        observer({ type: 'speech-paused', turn: turn.turn, endMs: event.atMs });
        return;
      }
      case 'caller-text':
        this.#callerSaid(event);
        return;
      case 'reply-started':
        this.#begin(event.reply);
        return;
      case 'agent-text': {
        const reply = this.#replyOf(event.reply);
        const words = reply?.words.push(event.text);
        if (reply && words) this.#say(reply, words);
        return;
      }
      case 'audio':
        this.#sound(event);
        return;
      case 'tool-call': {
        const reply = this.#replyOf(event.reply);
        const call = { callId: event.call, name: event.name, arguments: event.arguments };
        if (reply) observer({ type: 'tool-called', reply: reply.reply, call });
        return;
      }
      case 'reply-finished':
        this.#generated(event);
        return;
      case 'error':
        this.#trouble(event.error);
    }
  }

  /** The caller speaks while the agent is heard: the model forgets what was not. */
  #interrupt(): void {
    for (const reply of [...this.#replies]) {
      const playedMs = this.#paced.stop(reply.reply);
      if (playedMs === undefined) continue;
      this.#input.push({ type: 'heard', reply: reply.id, playedMs });
      this.#finish(reply, 'interrupted', heardOf(reply, playedMs));
    }
  }

  #speechStarted({ atMs }: Of<'speech-started'>): void {
    const before = this.#turns.at(-1);
    if (before) this.#commit(before, undefined);
    this.#turnCount += 1;
    const turn = this.#turnCount;
    this.#turns.push({ turn, endMs: undefined, id: undefined, committed: false, answered: false, text: '' });
    if (this.#turns.length > keptTurns) this.#turns.shift();
    this.#options.observer({ type: 'speech-started', turn, startMs: atMs });
  }

  /** Words may come after the reply to them has begun. */
  #callerSaid({ turn: id, text, final }: Of<'caller-text'>): void {
    const { observer } = this.#options;
    const turn = this.#turns.find((each) => each.id === id) ?? this.#turns.find((each) => each.id === undefined);
    if (!turn) return;
    turn.id = id;
    turn.text = text;
    if (!final) {
      if (text !== '' && !turn.committed) observer({ type: 'partial', turn: turn.turn, text, stableWords: 0 });
    } else if (turn.committed) {
      if (text !== '') observer({ type: 'turn-transcribed', turn: turn.turn, text });
    } else if (turn.endMs !== undefined) this.#commit(turn, undefined);
  }

  #commit(turn: Turn, reply: number | undefined): void {
    if (turn.committed) return;
    turn.committed = true;
    const endMs = turn.endMs ?? 0;
    this.#options.observer({ type: 'turn-committed', turn: turn.turn, text: turn.text, endMs, reply });
  }

  #begin(id: string): void {
    this.#replyCount += 1;
    const reply = this.#replyCount;
    const last = this.#turns.at(-1);
    const turn = last?.endMs === undefined || last.answered ? undefined : last;
    if (turn) {
      turn.answered = true;
      this.#commit(turn, reply);
    }
    this.#replies.push({ reply, id, turn, words: new WholeWords(), text: '', receivedMs: 0, finished: undefined });
    if (this.#replies.length > keptReplies) this.#replies.shift();
    this.#options.observer({ type: 'reply-started', reply, turn: turn?.turn });
  }

  #sound({ reply: id, samples, rateHz }: Of<'audio'>): void {
    const reply = this.#replyOf(id);
    if (!reply) return;
    reply.receivedMs += (samples.length / rateHz) * 1_000;
    if (this.#paced.push(reply.reply, this.#fromEngine?.process(samples) ?? samples)) return;
    this.#paced.stop(reply.reply);
    this.#input.push({ type: 'cancel' });
    this.#trouble(
      new ParleyError('The model said more than can wait to be heard; its reply was cut.', {
        code: 'speech_to_speech.too_long',
      }),
    );
    this.#finish(reply, 'cancelled', reply.text);
  }

  /** All of a reply is there; it is over when it has been heard. */
  #generated(event: Of<'reply-finished'>): void {
    const reply = this.#replyOf(event.reply);
    if (!reply) return;
    const rest = reply.words.end();
    if (rest !== '') this.#say(reply, rest);
    reply.finished = event;
    this.#measure(reply, event);
    if (event.status === 'complete' || event.status === 'cut') {
      this.#paced.end(reply.reply);
      return;
    }
    const playedMs = this.#paced.stop(reply.reply) ?? 0;
    this.#finish(reply, event.status, heardOf(reply, playedMs));
  }

  #played(number: number): void {
    const reply = this.#replies.find((each) => each.reply === number);
    if (reply) this.#finish(reply, 'completed', reply.text);
  }

  #finish(reply: Reply, status: 'completed' | 'interrupted' | 'cancelled' | 'failed', heard: string): void {
    const at = this.#replies.indexOf(reply);
    if (at < 0) return;
    this.#replies.splice(at, 1);
    const { usage } = reply.finished ?? {};
    this.#options.observer({
      type: 'reply-finished',
      reply: reply.reply,
      status,
      heard,
      heardBasis: 'estimated',
      ...(usage ? { tokens: { computed: usage.inputTokens, reused: 0, generated: usage.outputTokens } } : {}),
    });
  }

  #say(reply: Reply, text: string): void {
    reply.text = reply.text === '' ? text : `${reply.text} ${text}`;
    this.#options.observer({ type: 'reply-text', reply: reply.reply, text });
  }

  #measure({ reply, turn }: Reply, event: Of<'reply-finished'>): void {
    const marks = turn && marksOf({ turn: turn.turn, reply, text: turn.text, endMs: turn.endMs }, event);
    if (marks) this.#options.observer({ type: 'turn-measured', marks });
  }

  #replyOf(id: string): Reply | undefined {
    return this.#replies.find((each) => each.id === id);
  }

  #trouble(error: unknown): void {
    const known = ParleyError.isInstance(error);
    const message = known ? error.message : 'The model that holds the call made a mistake.';
    this.#options.observer({ type: 'problem', code: known ? error.code : 'speech_to_speech.failed', message });
  }

  #hangUp(reason: string): void {
    if (this.#abort.signal.aborted) return;
    this.#reason = reason;
    this.#abort.abort(new Error(reason));
  }

  #cancel(): void {
    this.#input.push({ type: 'cancel' });
    for (const reply of [...this.#replies]) {
      const playedMs = this.#paced.stop(reply.reply) ?? 0;
      this.#finish(reply, 'cancelled', heardOf(reply, playedMs));
    }
  }
}

/** Words of a reply by how much of its sound was heard: the model does not say when each is spoken. */
function heardOf({ text, receivedMs }: Reply, playedMs: number): string {
  if (receivedMs === 0) return '';
  const words = text.split(' ');
  return words.slice(0, Math.round(words.length * Math.min(1, playedMs / receivedMs))).join(' ');
}
