import { encodeRaw } from '../../../audio/formats.js';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import type { SpeechText } from '../../../platform/layers/speech/clauses-of-text.js';
import { ParleyError } from '../../../ports/errors.js';
import { EventQueue } from '../../../ports/event-queue.js';
import type { SocketRoute } from '../../sockets/socket-routes.js';
import type { SocketSession } from '../../sockets/socket-session.js';
import { clientMessage } from '../client-message.js';
import { modelInfo, modelOf, modelUuid, voiceOf } from '../models.js';
import { type Query, readQuery } from '../query.js';
import { type SocketMeans, socketBasics } from '../sockets.js';
import { speakSocketQuerySchema, streamedFormatOf } from './speak-query.js';

type Checked = Query<typeof speakSocketQuerySchema> & ReturnType<typeof streamedFormatOf>;

/** Text that waits to be spoken: as much as one speech may have, for each of a few flushes. */
const maxWaitingCharacters = 4 * defaultLayerLimits.maxSpeechCharacters;
const maxWaitingMessages = 1_024;
/** Flushes that have not been spoken. */
const maxFlushes = 32;

/** Speech as text comes, at `/v1/speak`. */
export function speakSocket(means: SocketMeans): SocketRoute<Checked> {
  return {
    ...socketBasics,
    path: '/v1/speak',
    scope: 'speak',
    headers: (id, { ignored }) => socketBasics.headers(id, ignored),
    check(url) {
      const query = readQuery(speakSocketQuerySchema, url.searchParams);
      const { model } = query.options;
      voiceOf(modelOf(means.layers().speech.models, 'speak', model).engine.voices, model);
      return { ...query, ...streamedFormatOf(query.options) };
    },
    onOpen: (session, checked) => new SpeakSession(session, checked, means).serve(),
  };
}

/** What is spoken until the next flush. */
type Passage = {
  readonly text: EventQueue<SpeechText>;
  /** Ends what is being made of it. */
  readonly abort: AbortController;
  characters: number;
  messages: number;
  /** The client has said that it ends here, and is told when it has been spoken. */
  flushed: boolean;
};

class SpeakSession {
  readonly #session: SocketSession;
  readonly #checked: Checked;
  readonly #means: SocketMeans;
  readonly #ignored: readonly string[];
  /** The first one is being spoken. */
  #passages: Passage[] = [];
  #speaking: Promise<void> = Promise.resolve();
  #failed: ((error: unknown) => void) | undefined;
  #flushes = 0;
  #clears = 0;

  constructor(session: SocketSession, checked: Checked, means: SocketMeans) {
    this.#session = session;
    this.#checked = checked;
    this.#means = means;
    this.#ignored = checked.ignored;
  }

  async serve(): Promise<void> {
    const { model } = this.#checked.options;
    const found = modelOf(this.#means.layers().speech.models, 'speak', model);
    const { name, version } = modelInfo(found);
    this.#session.sendJson({
      type: 'Metadata',
      request_id: this.#session.id,
      model_name: name,
      model_version: version,
      model_uuid: modelUuid(found.id),
    });
    for (const name of this.#ignored) this.#warn('UNSUPPORTED_PARAMETER', `${name.slice(0, 60)} has no effect here.`);
    const failure = new Promise<never>((_resolve, reject) => {
      this.#failed = reject;
    });
    await Promise.race([this.#take(), failure]);
  }

  /** Until the client closes; what is left is spoken then. */
  async #take(): Promise<void> {
    for await (const message of this.#session.messages) {
      if (typeof message !== 'string')
        throw new ParleyError('Text messages are expected here, not binary ones.', {
          code: 'invalid_value',
          status: 400,
        });
      const said = clientMessage(message, ['Speak', 'Flush', 'Clear', 'Close', 'KeepAlive']);
      if (said.type === 'Speak') this.#speak(said.text);
      else if (said.type === 'Flush') this.#flush();
      else if (said.type === 'Clear') this.#clear();
      else if (said.type === 'Close') break;
    }
    this.#passages.at(-1)?.text.end();
    await this.#speaking;
  }

  #speak(text: unknown): void {
    if (typeof text !== 'string' || text === '') {
      this.#warn('INVALID_TEXT', 'A message Speak has no text.');
      return;
    }
    const waiting = this.#passages.reduce((sum, { characters }) => sum + characters, 0);
    const passage = this.#open();
    const { maxSpeechCharacters } = defaultLayerLimits;
    if (
      passage.characters + text.length > maxSpeechCharacters ||
      waiting + text.length > maxWaitingCharacters ||
      passage.messages >= maxWaitingMessages
    ) {
      this.#warn(
        'TEXT_LENGTH_EXCEEDED',
        `At most ${maxSpeechCharacters} characters are spoken between two flushes, and ${maxWaitingCharacters} may wait; this text is left out.`,
      );
      return;
    }
    passage.characters += text.length;
    passage.messages += 1;
    passage.text.push({ type: 'text', text });
  }

  #flush(): void {
    if (this.#passages.length >= maxFlushes) {
      this.#warn('TOO_MANY_FLUSHES', `${maxFlushes} flushes wait to be spoken; this one is left out.`);
      return;
    }
    const passage = this.#open();
    passage.flushed = true;
    passage.text.end();
  }

  /** What has been sent cannot be taken back; nothing more of it is. */
  #clear(): void {
    for (const { abort } of this.#passages.splice(0)) abort.abort(new Error('the client has cleared it'));
    this.#session.sendJson({ type: 'Cleared', sequence_id: this.#clears });
    this.#clears += 1;
  }

  /** The passage that text goes to. */
  #open(): Passage {
    const last = this.#passages.at(-1);
    if (last && !last.flushed) return last;
    const abort = new AbortController();
    const passage = { text: new EventQueue<SpeechText>(), abort, characters: 0, messages: 0, flushed: false };
    this.#passages.push(passage);
    this.#speaking = this.#speaking.then(() => this.#speakPassage(passage)).catch((error) => this.#failed?.(error));
    return passage;
  }

  async #speakPassage(passage: Passage): Promise<void> {
    const { text, abort } = passage;
    const signal = AbortSignal.any([this.#session.signal, abort.signal]);
    signal.addEventListener('abort', () => text.end(), { once: true });
    try {
      if (!signal.aborted) await this.#send(text, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (signal.aborted) return;
    this.#passages = this.#passages.filter((each) => each !== passage);
    if (!passage.flushed) return;
    this.#session.sendJson({ type: 'Flushed', sequence_id: this.#flushes });
    this.#flushes += 1;
  }

  async #send(text: AsyncIterable<SpeechText>, signal: AbortSignal): Promise<void> {
    const { options, encoding, rateHz } = this.#checked;
    const { speech } = this.#means.layers();
    const found = modelOf(speech.models, 'speak', options.model);
    const voice = voiceOf(found.engine.voices, options.model);
    const events = speech.speak({ text, model: found.id, voice, speed: options.speed, rateHz, signal });
    for await (const event of events) {
      if (event.type === 'finish') this.#session.count({ characters: event.characters });
      if (event.type !== 'audio') continue;
      await this.#session.room();
      if (signal.aborted) return;
      this.#session.count({ audioOutSeconds: event.samples.length / event.rateHz });
      this.#session.send(encodeRaw(encoding, event.samples));
    }
  }

  #warn(code: string, description: string): void {
    this.#session.sendJson({ type: 'Warning', code, description });
  }
}
