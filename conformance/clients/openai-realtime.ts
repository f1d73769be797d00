import assert from 'node:assert/strict';
import type OpenAI from 'openai';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { WebSocket } from 'ws';
import { decodeMulaw, encodeMulaw } from '../../src/audio/g711.js';
import { encodePcm16 } from '../../src/audio/pcm.js';
import { resample } from '../../src/audio/resample.js';
import { Microphone } from '../../test/support/microphone.js';
import type { ConformanceCase, Surroundings } from '../case.js';
import { assertAnswered, assertHas, assertSame, hasWords, until } from '../checks.js';
import { hearingRateHz } from '../material.js';
import { weatherParameters, weatherQuestion } from '../questions.js';
import { RealtimeEar } from '../realtime-ear.js';
import { openAiClient } from './openai-client.js';

const pcmRateHz = 24_000;
const weatherTool = {
  type: 'function',
  name: 'get_weather',
  description: 'Tells the current weather in a city.',
  parameters: weatherParameters,
} as const;

type Coding = {
  readonly rateHz: number;
  readonly encode: (samples: Float32Array) => Buffer;
  readonly decode?: (bytes: Buffer) => Float32Array;
};
const pcm: Coding = { rateHz: pcmRateHz, encode: encodePcm16 };
const mulaw: Coding = {
  rateHz: 8_000,
  encode: (samples) => Buffer.from(encodeMulaw(samples)),
  decode: (bytes) => decodeMulaw(bytes),
};

type RealtimeSocket = OpenAIRealtimeWS | OpenAIRealtimeWebSocket;

const fromNode = (model: string, client: OpenAI): RealtimeSocket => new OpenAIRealtimeWS({ model }, client);

/** As in a page, whose sockets can set no headers: the package takes the `WebSocket` that is there while it connects. */
function fromPage(model: string, client: OpenAI): RealtimeSocket {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, configurable: true });
  try {
    return new OpenAIRealtimeWebSocket({ model }, client);
  } finally {
    if (before) Object.defineProperty(globalThis, 'WebSocket', before);
    else Reflect.deleteProperty(globalThis, 'WebSocket');
  }
}

/** A connection with an open microphone, closed at the end whatever happens. */
async function connected(
  at: Surroundings,
  signal: AbortSignal,
  talk: (parts: {
    readonly socket: RealtimeSocket;
    readonly ear: RealtimeEar;
    /** Says something in real time. */
    readonly say: (samples: Float32Array) => Promise<void>;
    readonly write: (text: string) => void;
  }) => Promise<void>,
  { key = at.apiKey, model = 'gpt-realtime', coding = pcm, microphone = true, open: openSocket = fromNode } = {},
): Promise<void> {
  const socket = openSocket(model, openAiClient({ ...at, apiKey: key }));
  const ear = new RealtimeEar(socket, signal, coding.decode);
  let mic: Microphone | undefined;
  try {
    await ear.nth('session.created');
    const open = (): Microphone =>
      new Microphone({
        rateHz: coding.rateHz,
        send: (samples) =>
          socket.send({ type: 'input_audio_buffer.append', audio: coding.encode(samples).toString('base64') }),
      });
    if (microphone) mic = open();
    await talk({
      socket,
      ear,
      say: async (samples) => {
        mic ??= open();
        await mic.say(await resample(samples, hearingRateHz, coding.rateHz));
      },
      write: (text) => {
        const content = [{ type: 'input_text', text }] as const;
        socket.send({
          type: 'conversation.item.create',
          item: { type: 'message', role: 'user', content: [...content] },
        });
        socket.send({ type: 'response.create' });
      },
    });
    assert.equal(ear.errors(), '');
  } finally {
    mic?.stop();
    socket.close();
  }
}

export const openAiRealtimeCases: readonly ConformanceCase[] = [
  {
    name: 'realtime: a spoken turn, heard and answered aloud',
    attempt: (at, signal) =>
      connected(at, signal, async ({ socket, ear, say }) => {
        const tracing = { workflow_name: 'orders', group_id: 'group_1' };
        const noiseReduction = { type: 'near_field' } as const;
        const transcription = { model: 'whisper-1' };
        const turnDetection = { type: 'semantic_vad', eagerness: 'medium', interrupt_response: true } as const;
        socket.send({
          type: 'session.update',
          session: {
            type: 'realtime',
            instructions: 'You take orders in a coffee shop. Say the order back in one short sentence.',
            tracing,
            audio: { input: { noise_reduction: noiseReduction, transcription, turn_detection: turnDetection } },
          },
        });
        const { session } = await ear.nth('session.updated');
        assert.ok(session.type === 'realtime');
        assert.deepEqual(session.tracing, tracing);
        assertSame(session.audio?.input?.noise_reduction, noiseReduction);
        assertSame(session.audio?.input?.transcription, transcription);
        assertSame(session.audio?.input?.turn_detection, turnDetection);
        await say(at.material.order.samples);
        const { response } = await ear.nth('response.done');
        assert.equal(response.status, 'completed');
        const heard = await ear.nth('conversation.item.input_audio_transcription.completed');
        assertHas(heard.transcript, at.material.order.text);
        const started = await ear.nth('input_audio_buffer.speech_started');
        const stopped = await ear.nth('input_audio_buffer.speech_stopped');
        assert.ok(stopped.audio_end_ms - started.audio_start_ms > 700, 'the turn is shorter than what was said');
        assert.equal(heard.item_id, started.item_id);
        const { transcript } = await ear.nth('response.output_audio_transcript.done');
        await assertAnswered(at, { samples: ear.audio(response.output?.[0]?.id), rateHz: pcmRateHz }, transcript);
      }),
  },
  {
    name: 'realtime: an answer is interrupted, and truncated to what was heard',
    attempt: (at, signal) =>
      connected(at, signal, async ({ socket, ear, say, write }) => {
        socket.send({
          type: 'session.update',
          session: { type: 'realtime', instructions: 'You tell long stories of a hundred words.' },
        });
        await ear.nth('session.updated');
        write('Tell me a long story about foxes.');
        const { item_id } = await ear.nth('response.output_audio.delta');
        await until('a second of the story', signal, () => ear.audio(item_id).length > pcmRateHz);
        const speaking = say(at.material.order.samples);
        await ear.nth('input_audio_buffer.speech_started');
        const cut = await ear.nth('response.done');
        assert.equal(cut.response.status, 'cancelled');
        assert.equal(cut.response.status_details?.reason, 'turn_detected');
        socket.send({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms: 900 });
        assert.equal((await ear.nth('conversation.item.truncated')).audio_end_ms, 900);
        await speaking;
        await ear.nth('response.done', 2);
      }),
  },
  {
    name: 'realtime: a tool is called, and its result told, in writing',
    attempt: (at, signal) =>
      connected(
        at,
        signal,
        async ({ socket, ear, write }) => {
          socket.send({
            type: 'session.update',
            session: {
              type: 'realtime',
              instructions: 'You help people with the weather.',
              output_modalities: ['text'],
              tools: [weatherTool],
              tool_choice: 'auto',
            },
          });
          await ear.nth('session.updated');
          write(weatherQuestion);
          const call = await ear.nth('response.function_call_arguments.done');
          assert.equal(call.name, 'get_weather');
          assert.match(JSON.parse(call.arguments).city, /^oslo/i);
          const item = (await ear.nth('response.done')).response.output?.find(({ type }) => type === 'function_call');
          assert.equal(item?.type === 'function_call' && item.status, 'completed');
          assert.equal(item?.type === 'function_call' && item.call_id, call.call_id);
          socket.send({
            type: 'conversation.item.create',
            item: { type: 'function_call_output', call_id: call.call_id, output: '{"sky":"sunny","celsius":21}' },
          });
          socket.send({ type: 'response.create' });
          await ear.nth('response.done', 2);
          assertHas((await ear.nth('response.output_text.done')).text, 'sunny');
        },
        { microphone: false },
      ),
  },
  {
    name: 'realtime: a client secret brings its session along, as in a page; G.711, server VAD',
    attempt: async (at, signal) => {
      const session = {
        type: 'realtime',
        instructions: 'You take orders in a coffee shop. Say the order back in one short sentence.',
        audio: {
          input: {
            format: { type: 'audio/pcmu' },
            turn_detection: { type: 'server_vad', silence_duration_ms: 600, prefix_padding_ms: 200, threshold: 0.6 },
          },
          output: { format: { type: 'audio/pcmu' } },
        },
      } as const;
      const { value } = await openAiClient(at).realtime.clientSecrets.create(
        { expires_after: { anchor: 'created_at', seconds: 60 }, session },
        { signal },
      );
      assert.match(value, /^ek_/);
      await connected(
        at,
        signal,
        async ({ ear, say }) => {
          const created = (await ear.nth('session.created')).session as typeof session;
          assert.equal(created.instructions, session.instructions);
          const { input, output } = created.audio;
          assert.deepEqual([input.format, output.format], [session.audio.input.format, session.audio.output.format]);
          assertSame(input.turn_detection, session.audio.input.turn_detection);
          await say(at.material.order.samples);
          await ear.nth('response.done');
          assertHas(
            (await ear.nth('conversation.item.input_audio_transcription.completed')).transcript,
            at.material.order.text,
          );
          const { transcript } = await ear.nth('response.output_audio_transcript.done');
          await assertAnswered(at, { samples: ear.audio(), rateHz: mulaw.rateHz }, transcript);
        },
        { key: value, coding: mulaw, open: fromPage },
      );
    },
  },
  {
    name: 'realtime: push to talk, and an answer beside the conversation',
    attempt: (at, signal) =>
      connected(
        at,
        signal,
        async ({ socket, ear }) => {
          socket.send({
            type: 'session.update',
            session: {
              type: 'realtime',
              instructions: 'Answer in one short sentence.',
              audio: { input: { turn_detection: null, transcription: { model: 'whisper-1' } } },
            },
          });
          await ear.nth('session.updated');
          const samples = await resample(at.material.order.samples, hearingRateHz, pcmRateHz);
          const audio = encodePcm16(samples).toString('base64');
          socket.send({ type: 'input_audio_buffer.append', audio });
          socket.send({ type: 'input_audio_buffer.commit' });
          assertHas(
            (await ear.nth('conversation.item.input_audio_transcription.completed')).transcript,
            at.material.order.text,
          );
          socket.send({ type: 'response.create', response: { metadata: { topic: 'order' } } });
          const { response } = await ear.nth('response.done');
          assert.equal(response.status, 'completed');
          assert.deepEqual(response.metadata, { topic: 'order' });
          assert.deepEqual(ear.all('input_audio_buffer.speech_started'), []);
          socket.send({
            type: 'response.create',
            response: {
              conversation: 'none',
              output_modalities: ['text'],
              metadata: { topic: 'capital' },
              input: [
                {
                  type: 'message',
                  role: 'user',
                  content: [{ type: 'input_text', text: 'What is the capital of France? Answer with one word.' }],
                },
              ],
            },
          });
          const aside = await ear.nth('response.done', 2);
          assert.deepEqual(aside.response.metadata, { topic: 'capital' });
          assertHas((await ear.nth('response.output_text.done')).text, 'Paris');
        },
        { microphone: false },
      ),
  },
  {
    name: 'realtime: a transcription session',
    attempt: async (at, signal) => {
      const { value } = await openAiClient(at).realtime.clientSecrets.create(
        { session: { type: 'transcription', audio: { input: { transcription: { model: 'whisper-1' } } } } },
        { signal },
      );
      await connected(
        at,
        signal,
        async ({ ear, say }) => {
          assert.equal((await ear.nth('session.created')).session.type, 'transcription');
          await say(at.material.sentence.samples);
          const completed = (): string =>
            ear
              .all('conversation.item.input_audio_transcription.completed')
              .map(({ transcript }) => transcript)
              .join(' ');
          await until('all words', signal, () => hasWords(completed(), at.material.sentence.text));
          assert.deepEqual(ear.all('response.created'), []);
        },
        { key: value, model: 'whisper-1' },
      );
    },
  },
  {
    name: 'realtime: a wrong key is refused before the socket opens',
    attempt: async (at, signal) => {
      const socket = new OpenAIRealtimeWS({ model: 'gpt-realtime' }, openAiClient({ ...at, apiKey: 'another-key' }));
      let message: string | undefined;
      socket.on('error', (error) => {
        message = error.message;
      });
      await until('an error', signal, () => message !== undefined);
      assert.match(message ?? '', /401/);
      const secrets = openAiClient({ ...at, apiKey: 'another-key' }).realtime.clientSecrets;
      await assert.rejects(secrets.create({}), /401 .*key is wrong/);
    },
  },
];
