import assert from 'node:assert/strict';
import { type Deepgram, DeepgramClient } from '@deepgram/sdk';
import { concatSamples } from '../../src/audio/frame.js';
import { decodePcm16, encodePcm16 } from '../../src/audio/pcm.js';
import { Microphone } from '../../test/support/microphone.js';
import type { ConformanceCase, ConformanceClient, Surroundings } from '../case.js';
import { assertSaid, assertSpoken, assertWords, hasWords, until } from '../checks.js';
import { installed } from '../installed.js';
import { hearingRateHz } from '../material.js';

const speechRateHz = 24_000;
const model = 'nova-3';
const voice = 'aura-2-thalia-en';

const deepgram = ({ url, apiKey }: Pick<Surroundings, 'url' | 'apiKey'>): DeepgramClient =>
  new DeepgramClient({ apiKey, baseUrl: url });

/** What all of the package's sockets have. */
type Socket<Message> = {
  on(event: 'message', listener: (message: Message) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'close', listener: (event: { readonly code?: number }) => void): void;
  connect(): unknown;
  waitForOpen(): Promise<unknown>;
  close(): void;
};

type ListenMessage =
  | Deepgram.listen.ListenV1Results
  | Deepgram.listen.ListenV1Metadata
  | Deepgram.listen.ListenV1UtteranceEnd
  | Deepgram.listen.ListenV1SpeechStarted;
type TurnMessage = Deepgram.listen.ListenV2Connected | Deepgram.listen.ListenV2TurnInfo;

type Heard<Message> = {
  readonly messages: Message[];
  /** Undefined while the socket is open. */
  readonly closedWith: () => number | undefined;
};

/** Opens a socket, talks, and closes it whatever happens. Errors of the socket are errors of the call. */
async function through<Message>(
  socket: Socket<Message>,
  talk: (heard: Heard<Message>) => Promise<void>,
): Promise<void> {
  const messages: Message[] = [];
  const errors: Error[] = [];
  let closed: number | undefined;
  socket.on('message', (message) => messages.push(message));
  socket.on('error', (error) => errors.push(error));
  socket.on('close', ({ code }) => {
    closed = code ?? 0;
  });
  try {
    socket.connect();
    await socket.waitForOpen();
    await talk({ messages, closedWith: () => closed });
    assert.deepEqual(errors, []);
  } finally {
    socket.close();
  }
}

/** A microphone in front of a socket, which goes on with silence until it is stopped. */
const microphone = (send: (bytes: Buffer) => void): Microphone =>
  new Microphone({ rateHz: hearingRateHz, send: (samples) => send(encodePcm16(samples)) });

const listenCases: readonly ConformanceCase[] = [
  {
    name: 'listen.v1.media.transcribeFile',
    attempt: async (at, abortSignal) => {
      const answer = await deepgram(at).listen.v1.media.transcribeFile(
        Buffer.from(at.material.sentenceWav),
        { model, punctuate: true },
        { abortSignal, maxRetries: 0 },
      );
      assert.ok('results' in answer, 'no results');
      const best = answer.results.channels[0]?.alternatives?.[0];
      assertWords(best?.transcript ?? '', at.material.sentence.text);
      assertWords(best?.words?.map(({ word }) => word).join(' ') ?? '', at.material.sentence.text);
      const seconds = at.material.sentence.samples.length / hearingRateHz;
      assert.ok(Math.abs((answer.metadata?.duration ?? 0) - seconds) < 0.1, `duration ${answer.metadata?.duration}`);
    },
  },
  {
    name: 'listen.v1.connect: interim results, speech_final, utterance end, CloseStream',
    attempt: async (at, signal) => {
      const socket = await deepgram(at).listen.v1.connect({
        model,
        encoding: 'linear16',
        sample_rate: hearingRateHz,
        interim_results: 'true',
        endpointing: 300,
        utterance_end_ms: 1_000,
        vad_events: 'true',
        reconnectAttempts: 0,
      } as Parameters<DeepgramClient['listen']['v1']['connect']>[0]);
      await through<ListenMessage>(socket, async ({ messages, closedWith }) => {
        const mic = microphone((bytes) => socket.sendMedia(bytes));
        const results = () => messages.filter((message) => message.type === 'Results');
        const finals = (): string =>
          results()
            .filter((result) => result.is_final === true)
            .map((result) => result.channel.alternatives[0]?.transcript ?? '')
            .join(' ');
        try {
          await mic.say(at.material.sentence.samples);
          await until('speech_final', signal, () => results().some((result) => result.speech_final === true), finals);
          await until('UtteranceEnd', signal, () => messages.some(({ type }) => type === 'UtteranceEnd'));
        } finally {
          mic.stop();
        }
        assertWords(finals(), at.material.sentence.text);
        assert.ok(
          results().some((result) => result.is_final === false),
          'no interim results',
        );
        assert.ok(
          messages.some(({ type }) => type === 'SpeechStarted'),
          'no SpeechStarted',
        );
        socket.sendCloseStream({ type: 'CloseStream' });
        await until('Metadata', signal, () => messages.some(({ type }) => type === 'Metadata'));
        await until('the end', signal, () => closedWith() !== undefined);
        assert.equal(closedWith(), 1000);
      });
    },
  },
  {
    name: 'listen.v1.connect: KeepAlive, Finalize, faster than real time',
    attempt: async (at, signal) => {
      const socket = await deepgram(at).listen.v1.connect({
        model,
        encoding: 'linear16',
        sample_rate: hearingRateHz,
        reconnectAttempts: 0,
      } as Parameters<DeepgramClient['listen']['v1']['connect']>[0]);
      await through<ListenMessage>(socket, async ({ messages }) => {
        socket.sendKeepAlive({ type: 'KeepAlive' });
        const bytes = encodePcm16(at.material.sentence.samples);
        for (let from = 0; from < bytes.length; from += 8_000) socket.sendMedia(bytes.subarray(from, from + 8_000));
        socket.sendFinalize({ type: 'Finalize' });
        const finals = () => messages.filter((message) => message.type === 'Results' && message.is_final === true);
        await until('from_finalize', signal, () =>
          finals().some((result) => 'from_finalize' in result && result.from_finalize === true),
        );
        const heard = finals().map((result) =>
          result.type === 'Results' ? (result.channel.alternatives[0]?.transcript ?? '') : '',
        );
        assertWords(heard.join(' '), at.material.sentence.text);
      });
    },
  },
  {
    name: 'listen.v2.connect: a turn begins, grows and ends',
    attempt: async (at, signal) => {
      const socket = await deepgram(at).listen.v2.connect({
        model: 'flux-general-en',
        encoding: 'linear16',
        sample_rate: hearingRateHz,
        eot_threshold: 0.7,
        reconnectAttempts: 0,
      } as Parameters<DeepgramClient['listen']['v2']['connect']>[0]);
      await through<TurnMessage>(socket, async ({ messages }) => {
        const mic = microphone((bytes) => socket.sendMedia(bytes));
        const turns = () => messages.filter((message) => message.type === 'TurnInfo');
        const ended = (): string =>
          turns()
            .filter(({ event }) => event === 'EndOfTurn')
            .map(({ transcript }) => transcript)
            .join(' ');
        try {
          await mic.say(at.material.sentence.samples);
          await until('the words of a turn', signal, () => hasWords(ended(), at.material.sentence.text), ended);
        } finally {
          mic.stop();
        }
        assert.equal(messages[0]?.type, 'Connected');
        const events = turns().map(({ event }) => event);
        assert.ok(events.indexOf('StartOfTurn') >= 0, 'no StartOfTurn');
        assert.ok(events.indexOf('StartOfTurn') < events.indexOf('EndOfTurn'), 'it ends before it begins');
        assert.ok(events.includes('Update'), 'no Update');
        socket.sendCloseStream({ type: 'CloseStream' });
      });
    },
  },
];

const speakCases: readonly ConformanceCase[] = [
  ...((
    [
      { encoding: 'mp3' },
      { encoding: 'linear16', container: 'wav', sample_rate: speechRateHz },
      { encoding: 'opus', container: 'ogg' },
      { encoding: 'flac' },
    ] as const
  ).map((format) => ({
    name: `speak.v1.audio.generate ${Object.values(format).join(' ')}`,
    attempt: async (at, abortSignal) => {
      const answer = await deepgram(at).speak.v1.audio.generate(
        { text: at.material.text, model: voice, ...format },
        { abortSignal, maxRetries: 0 },
      );
      await assertSpoken(at, new Uint8Array(await answer.arrayBuffer()), at.material.text);
    },
  })) satisfies ConformanceCase[]),
  {
    name: 'speak.v1.connect: Speak, Flush, Clear, Close',
    attempt: async (at, signal) => {
      const socket = await deepgram(at).speak.v1.connect({
        model: voice,
        encoding: 'linear16',
        sample_rate: `${speechRateHz}`,
        reconnectAttempts: 0,
      });
      await through<unknown>(socket, async ({ messages }) => {
        const kinds = (): string[] =>
          messages.map((message) =>
            typeof message === 'object' && message !== null && 'type' in message ? String(message.type) : 'audio',
          );
        for (const word of at.material.text.split(/(?<= )/)) socket.sendText({ type: 'Speak', text: word });
        socket.sendFlush({ type: 'Flush' });
        await until(
          'Flushed',
          signal,
          () => kinds().includes('Flushed'),
          () => kinds().join(', '),
        );
        const parts = await Promise.all(messages.map(bytesOf));
        await assertSaid(
          at,
          { samples: concatSamples(parts.map(decodePcm16)), rateHz: speechRateHz },
          at.material.text,
        );
        assert.ok(kinds().includes('Metadata'), 'no Metadata');
        socket.sendText({ type: 'Speak', text: 'This is never heard.' });
        socket.sendClear({ type: 'Clear' });
        await until('Cleared', signal, () => kinds().includes('Cleared'));
        socket.sendClose({ type: 'Close' });
      });
    },
  },
];

/** Audio of a message as it comes: the package hands binary frames on as a Blob or buffer. */
async function bytesOf(message: unknown): Promise<Uint8Array> {
  if (message instanceof Blob) return new Uint8Array(await message.arrayBuffer());
  if (message instanceof ArrayBuffer) return new Uint8Array(message);
  return message instanceof Uint8Array ? message : new Uint8Array(0);
}

/** Deepgram's package for JavaScript, told nothing but another address. */
export const deepgramSdk: ConformanceClient = {
  name: '@deepgram/sdk',
  version: installed('@deepgram/sdk'),
  cases: [
    ...listenCases,
    ...speakCases,
    {
      name: 'a wrong key is refused with 401',
      attempt: async (at, abortSignal) => {
        await assert.rejects(
          async () =>
            deepgram({ url: at.url, apiKey: 'another-key' }).speak.v1.audio.generate(
              { text: 'x', model: voice },
              { abortSignal, maxRetries: 0 },
            ),
          { statusCode: 401 },
        );
      },
    },
  ],
};
