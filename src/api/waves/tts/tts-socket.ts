import { encodeRaw } from '../../../audio/formats.js';
import { durationMs } from '../../../audio/frame.js';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import { asWritten } from '../../../platform/pronunciations/respelling.js';
import { ParleyError } from '../../../ports/errors.js';
import type { SpokenWord } from '../../../ports/text-to-speech.js';
import { unknownFields } from '../../openai/rest/ignored.js';
import { RequestError, requestError } from '../../openai/rest/openai-error.js';
import type { SocketMessage } from '../../sockets/inbox.js';
import { jsonMessage } from '../../sockets/json-message.js';
import type { SocketSession } from '../../sockets/socket-session.js';
import { newId } from '../common/correlation.js';
import { type Reported, unknownReported, warningsOf } from '../common/reported.js';
import { wavesError } from '../common/waves-error.js';
import type { WavesServices, WavesSocket } from '../common/waves-route.js';
import { chooseSpeech } from './choose-speech.js';
import { type QueuedSpeech, SpeechQueue } from './speech-queue.js';
import { type TtsMessage, ttsMessageSchema } from './tts-request.js';

/** What the query of the socket says. */
type TtsSocketQuery = {
  /** A client that sends nothing for so long, while nothing is spoken, is closed. */
  readonly timeoutS: number;
  /** Of older paths, which have the model in them. */
  readonly model: string | undefined;
};

/**
 * Smallest.ai closes after 60 s. Its plug-in for LiveKit keeps a socket for an hour, sends nothing between two answers, and
 * loses the next answer when the socket has been closed meanwhile: people think for longer than that.
 */
const timeouts = { usualS: 300, maxS: 3_600 } as const;

export const ttsSocketLimits = {
  /** Syntheses of a socket that wait or are under way; more text is not read before one is done. */
  maxSpeeches: 32,
  /** Text that goes on, and then does not, is taken to be all after this. */
  maxSilenceMs: 60_000,
  /** Of one piece of audio. */
  pieceMs: 200,
} as const;

/** Ways to encode a piece of audio by itself. */
const encodings = { pcm: 'pcm16', mulaw: 'mulaw', alaw: 'alaw' } as const;

export const ttsSocket: WavesSocket<TtsSocketQuery> = {
  paths: [
    '/tts/live',
    '/lightning/get_speech/stream',
    '/lightning-large/get_speech/stream',
    '/lightning-v2/get_speech/stream',
    '/lightning-v3.1/get_speech/stream',
    '/lightning-v3.2/get_speech/stream',
  ],
  scope: 'speak',
  // The socket's own time limit comes first.
  limits: { idleMs: (timeouts.maxS + 60) * 1_000 },
  check: ({ pathname, searchParams }) => {
    const asked = Number(searchParams.get('timeout') ?? timeouts.usualS);
    return {
      timeoutS: Number.isInteger(asked) && asked > 0 ? Math.min(asked, timeouts.maxS) : timeouts.usualS,
      model: /\/(lightning[^/]*)\//.exec(pathname)?.[1],
    };
  },
  onOpen: serve,
};

type Means = {
  readonly session: SocketSession;
  readonly services: WavesServices;
  readonly query: TtsSocketQuery;
  readonly queue: SpeechQueue;
};

async function serve(session: SocketSession, query: TtsSocketQuery, services: WavesServices): Promise<void> {
  const queue = new SpeechQueue({
    clock: services.clock,
    signal: session.signal,
    maxCharacters: defaultLayerLimits.maxSpeechCharacters,
    maxSpeeches: ttsSocketLimits.maxSpeeches,
    maxSilenceMs: ttsSocketLimits.maxSilenceMs,
  });
  const means: Means = { session, services, query, queue };
  await Promise.all([readAll(means), speakAll(means)]);
}

/** Reads messages until the client goes, or says nothing for too long. */
async function readAll(means: Means): Promise<void> {
  const { session, query, queue, services } = means;
  const { clock } = services;
  const { timeoutS } = query;
  let disarm = (): void => {};
  const arm = (): void => {
    disarm();
    disarm = clock.at(clock.nowMs() + timeoutS * 1_000, () => {
      if (queue.busy) {
        arm();
        return;
      }
      tell(session, new ParleyError(`Connection timed out after ${timeoutS} seconds of inactivity`, timedOut));
      session.close();
    });
  };
  arm();
  try {
    for await (const message of session.messages) {
      arm();
      try {
        await take(readMessage(message), means);
      } catch (error) {
        if (isFault(error)) throw error;
        // What is wrong with one message is no reason to lose those before and after it.
        tell(session, error);
      }
    }
  } finally {
    disarm();
    queue.end();
  }
}

const timedOut = { code: 'socket.timed_out', status: 408 } as const;

type ReadMessage = { readonly body: TtsMessage; readonly unknown: readonly string[] };

/** @throws ParleyError `invalid_json` (400); RequestError */
function readMessage(message: SocketMessage): ReadMessage {
  if (typeof message !== 'string')
    throw new ParleyError('A message came as binary; expected JSON as text.', { code: 'invalid_json', status: 400 });
  const value = jsonMessage(message);
  const parsed = ttsMessageSchema.safeParse(value);
  if (!parsed.success) throw requestError(parsed.error);
  return { body: parsed.data, unknown: unknownFields(value as object, Object.keys(ttsMessageSchema.shape)) };
}

/**
 * Does what a message asks for. Text without `continue` is all that there is to say; with it more is coming, until `flush` or
 * a message without it. Blank text that says neither keeps the socket open and is no request.
 */
async function take({ body, unknown }: ReadMessage, means: Means): Promise<void> {
  const { queue } = means;
  const blank = body.text.trim() === '';
  const silent = (body.continue ?? undefined) === undefined && (body.flush ?? undefined) === undefined;
  if (blank && silent) return;
  const goesOn = body.continue === true;
  if (queue.opened && body.request_id && body.request_id !== queue.opened.externalId) queue.finish();
  if (!queue.opened) {
    // There is nothing to be spoken now; only a request that ends is answered for that.
    if (blank && (!body.flush || goesOn)) return;
    await open(body, blank, { ...means, unknown });
  }
  if (body.text !== '') queue.write(body.text);
  if (!goesOn) queue.finish();
  else if (body.flush) queue.speakNow();
}

/** @param empty there is nothing to say: a flush is answered all the same */
async function open(
  body: TtsMessage,
  empty: boolean,
  { session, services, query, queue, unknown }: Means & { readonly unknown: readonly string[] },
): Promise<void> {
  const { speech } = services.layers();
  const { dictionaries } = services;
  const model = body.model ?? query.model;
  const chosen = await chooseSpeech({ ...body, model }, { speech, dictionaries, keyId: session.visit.keyId });
  if (!(chosen.format in encodings))
    throw new RequestError(
      `output_format: ${body.output_format} is not made over a socket; expected pcm, ulaw or alaw.`,
      {
        param: 'output_format',
      },
    );
  const reported: Reported[] = [...chosen.reported, ...unknownReported(unknown)];
  if (body.complete_backoff_ms)
    reported.push({
      name: 'complete_backoff_ms',
      message: 'complete_backoff_ms: complete is sent right after the audio.',
    });
  await queue.open({
    id: newId('task'),
    externalId: body.request_id ?? undefined,
    externalSessionId: body.session_id ?? undefined,
    chosen: empty ? undefined : chosen,
    withWords: body.word_timestamps ?? false,
    maxWaitMs: body.max_buffer_flush_ms ?? 0,
    reported,
  });
}

/** Speaks what is asked for, one after the other. */
async function speakAll({ session, services, queue }: Means): Promise<void> {
  for await (const speech of queue) {
    try {
      await speak(speech, session, services);
      session.sendJson({ ...headOf(session, speech), status: 'complete', ...warningsOf(speech.reported) });
    } catch (error) {
      if (session.signal.aborted) return;
      tell(session, error, speech);
      if (isFault(error)) throw error;
    } finally {
      queue.done();
    }
  }
}

async function speak(speech: QueuedSpeech, session: SocketSession, services: WavesServices): Promise<void> {
  const { chosen, withWords } = speech;
  if (!chosen) return;
  const { model, voice, speed, rateHz, respell, format } = chosen;
  const encoding = encodings[format as keyof typeof encodings];
  const head = headOf(session, speech);
  const pieceSamples = Math.round((ttsSocketLimits.pieceMs / 1_000) * rateHz);
  let words = 0;
  const sendWord = ({ text, startMs, endMs }: SpokenWord): void => {
    const data = { id: words, word: text, start: startMs / 1_000, end: endMs / 1_000 };
    words += 1;
    session.sendJson({ ...head, status: 'word_timestamp', data });
  };
  const spoken = services.layers().speech.speak({
    text: speech.text,
    model,
    voice,
    speed,
    rateHz,
    respell: respell ?? (withWords ? asWritten : undefined),
    signal: session.signal,
  });
  for await (const event of spoken) {
    if (event.type === 'finish') session.count({ characters: event.characters });
    if (event.type !== 'audio') continue;
    const { samples } = event;
    session.count({ audioOutSeconds: durationMs(samples.length, rateHz) / 1_000 });
    for (let from = 0; from < samples.length; from += pieceSamples) {
      const bytes = encodeRaw(encoding, samples.subarray(from, from + pieceSamples));
      session.sendJson({ ...head, status: 'chunk', data: { audio: Buffer.from(bytes).toString('base64') } });
      await session.room();
    }
    if (withWords) event.words.forEach(sendWord);
  }
}

function headOf({ id }: SocketSession, speech: QueuedSpeech) {
  const { externalSessionId, externalId } = speech;
  return {
    session_id: `ws_${id}`,
    request_id: speech.id,
    ...(externalSessionId === undefined ? {} : { external_session_id: externalSessionId }),
    ...(externalId === undefined ? {} : { external_request_id: externalId }),
  };
}

function tell(session: SocketSession, error: unknown, speech?: QueuedSpeech): void {
  const { body } = wavesError(error, speech?.id);
  session.sendJson({ session_id: `ws_${session.id}`, ...(speech ? headOf(session, speech) : {}), ...body });
}

/** What is wrong with the server itself: whoever keeps it has to know. */
function isFault(error: unknown): boolean {
  return !ParleyError.isInstance(error) || (error.status >= 500 && error.status !== 503);
}
