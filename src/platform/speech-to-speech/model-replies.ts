import type { SessionEvent } from '../../conversation/session-events.js';
import { ParleyError } from '../../ports/errors.js';
import type { SpeechToSpeechEvent, SpeechToSpeechInput } from '../../ports/speech-to-speech.js';
import type { CallerTurn } from './caller-turns.js';
import type { PacedReplies } from './paced-replies.js';
import { marksOf } from './turn-marks.js';
import { WholeWords } from './whole-words.js';

type Of<T extends SpeechToSpeechEvent['type']> = Extract<SpeechToSpeechEvent, { type: T }>;

type Reply = {
  readonly reply: number;
  /** The model's name of it. */
  readonly id: string;
  readonly turn: CallerTurn | undefined;
  readonly words: WholeWords;
  text: string;
  receivedMs: number;
  finished: Of<'reply-finished'> | undefined;
};

/** Replies whose playing may still be told of. */
const keptReplies = 16;

/** A reply that is over, and how much of it the model was told to have been heard. */
type Over = { readonly reply: Reply; heardMs: number };

export type ModelRepliesOptions = {
  readonly tell: (event: SessionEvent) => void;
  readonly push: (input: SpeechToSpeechInput) => void;
  readonly trouble: (error: unknown) => void;
  readonly paced: PacedReplies;
  /** At the pace's rate. */
  readonly resampled: (samples: Float32Array) => Float32Array;
  readonly answeredBy: (reply: number) => CallerTurn | undefined;
};

/** The replies of a model that holds a call: what each says, how much of it was heard, and how it ended. */
export class ModelReplies {
  readonly #options: ModelRepliesOptions;
  readonly #replies: Reply[] = [];
  readonly #over: Over[] = [];
  #count = 0;

  constructor(options: ModelRepliesOptions) {
    this.#options = options;
  }

  begin(id: string): void {
    this.#count += 1;
    const reply = this.#count;
    const turn = this.#options.answeredBy(reply);
    this.#replies.push({ reply, id, turn, words: new WholeWords(), text: '', receivedMs: 0, finished: undefined });
    if (this.#replies.length > keptReplies) this.#replies.shift();
    this.#options.tell({ type: 'reply-started', reply, turn: turn?.turn });
  }

  say({ reply: id, text }: Of<'agent-text'>): void {
    const reply = this.#replyOf(id);
    const words = reply?.words.push(text);
    if (reply && words) this.#said(reply, words);
  }

  sound({ reply: id, samples, rateHz }: Of<'audio'>): void {
    const { paced, push, resampled, trouble } = this.#options;
    const reply = this.#replyOf(id);
    if (!reply) return;
    reply.receivedMs += (samples.length / rateHz) * 1_000;
    if (paced.push(reply.reply, resampled(samples))) return;
    paced.stop(reply.reply);
    push({ type: 'cancel' });
    trouble(
      new ParleyError('The model said more than can wait to be heard; its reply was cut.', {
        code: 'speech_to_speech.too_long',
      }),
    );
    this.#finish(reply, 'cancelled', reply.text);
  }

  called({ reply: id, call: callId, name, arguments: args }: Of<'tool-call'>): void {
    const reply = this.#replyOf(id);
    if (!reply) return;
    const speaking = reply.receivedMs > 0 ? ({ speaking: true } as const) : {};
    const call = { callId, name, arguments: args };
    this.#options.tell({ type: 'tool-called', reply: reply.reply, call, ...speaking });
  }

  /** All of a reply is there; it is over when it has been heard. */
  generated(event: Of<'reply-finished'>): void {
    const { paced, tell } = this.#options;
    const reply = this.#replyOf(event.reply);
    if (!reply) return;
    const rest = reply.words.end();
    if (rest !== '') this.#said(reply, rest);
    reply.finished = event;
    const { turn } = reply;
    const marks = turn && marksOf({ ...turn, reply: reply.reply }, event);
    if (marks) tell({ type: 'turn-measured', marks });
    if (event.status === 'complete' || event.status === 'cut') paced.end(reply.reply);
    else this.#finish(reply, event.status, heardOf(reply, paced.stop(reply.reply) ?? 0));
  }

  played(number: number): void {
    const reply = this.#replies.find((each) => each.reply === number);
    if (reply) this.#finish(reply, 'completed', reply.text);
  }

  /** The caller speaks while the agent is heard: the model forgets what was not. */
  interrupt(): void {
    const { paced, push } = this.#options;
    for (const reply of [...this.#replies]) {
      const playedMs = paced.stop(reply.reply);
      if (playedMs === undefined) continue;
      push({ type: 'heard', reply: reply.id, playedMs });
      this.#finish(reply, 'interrupted', heardOf(reply, playedMs), playedMs);
    }
  }

  /**
   * The client has played so much of a reply, which is stopped where it is still heard: the model forgets the rest.
   * @returns what was heard, or undefined when the reply is not known (any more)
   */
  truncate(number: number, playedMs: number): string | undefined {
    const { paced, push } = this.#options;
    const open = this.#replies.find((each) => each.reply === number);
    if (open) {
      const stoppedMs = Math.min(playedMs, paced.stop(number) ?? 0);
      if (!open.finished) push({ type: 'cancel' });
      this.#finish(open, 'interrupted', heardOf(open, stoppedMs), open.receivedMs);
    }
    const over = this.#over.find(({ reply }) => reply.reply === number);
    if (!over) return undefined;
    // What it has forgotten it cannot be told to have been heard.
    if (playedMs < over.heardMs) {
      push({ type: 'heard', reply: over.reply.id, playedMs });
      over.heardMs = playedMs;
    }
    return heardOf(over.reply, over.heardMs);
  }

  cancel(): void {
    const { paced, push } = this.#options;
    push({ type: 'cancel' });
    for (const reply of [...this.#replies])
      this.#finish(reply, 'cancelled', heardOf(reply, paced.stop(reply.reply) ?? 0));
  }

  /** The call is over. */
  close(): void {
    for (const reply of [...this.#replies]) this.#finish(reply, 'failed', '');
  }

  #said(reply: Reply, text: string): void {
    reply.text = reply.text === '' ? text : `${reply.text} ${text}`;
    this.#options.tell({ type: 'reply-text', reply: reply.reply, text });
  }

  /** @param heardMs what the model knows to have been heard */
  #finish(
    reply: Reply,
    status: 'completed' | 'interrupted' | 'cancelled' | 'failed',
    heard: string,
    heardMs = reply.receivedMs,
  ): void {
    const at = this.#replies.indexOf(reply);
    if (at < 0) return;
    this.#replies.splice(at, 1);
    this.#over.push({ reply, heardMs });
    if (this.#over.length > keptReplies) this.#over.shift();
    const { usage } = reply.finished ?? {};
    this.#options.tell({
      type: 'reply-finished',
      reply: reply.reply,
      status,
      heard,
      heardBasis: 'estimated',
      ...(usage ? { tokens: { computed: usage.inputTokens, reused: 0, generated: usage.outputTokens } } : {}),
    });
  }

  #replyOf(id: string): Reply | undefined {
    return this.#replies.find((each) => each.id === id);
  }
}

/** Words of a reply by how much of its sound was heard: the model does not say when each is spoken. */
function heardOf({ text, receivedMs }: Reply, playedMs: number): string {
  if (receivedMs === 0) return '';
  const words = text.split(' ');
  return words.slice(0, Math.round(words.length * Math.min(1, playedMs / receivedMs))).join(' ');
}
