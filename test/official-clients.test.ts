import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  OpenAIRealtimeWebSocket as AgentsWebSocket,
  RealtimeAgent,
  type RealtimeItem,
  RealtimeSession,
  tool,
} from '@openai/agents-realtime';
import OpenAI from 'openai';
import { OpenAIRealtimeWebSocket } from 'openai/realtime/websocket';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { decodeMulaw, encodeMulaw } from '../src/audio/g711.js';
import { decodePcm16, encodePcm16 } from '../src/audio/pcm.js';
import { decodedText } from '../src/testing/tone-decoder.js';
import { speakTones } from '../src/testing/tone-words.js';
import { Microphone } from './support/microphone.js';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.js';
import { trustingFetch } from './support/trusting-fetch.js';

const apiKey = 'the-key-of-the-server';
const story = 'Once there lived nine quiet foxes beyond seven tall green hills near our old mill.';
const lampCall = '{"name":"look_up","arguments":{"item":"lamp"}}';
const patient = { timeout: 15_000, interval: 20 };

let server: ScriptedAgent;
const closers: (() => void)[] = [];

beforeAll(async () => {
  server = await startScriptedAgent({
    apiKey,
    reply: (said) => {
      if (said.includes('<tool_response>')) return said.replaceAll(/<[^>]*>|\n/g, '').replace(/ok.*/, 'All done.');
      if (/lamp/.test(said)) return lampCall;
      return /story/.test(said) ? story : `You said ${said}.`;
    },
  });
});
afterAll(() => server?.close());
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const words = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .trim();

/** What was heard, in the agent's tones. */
const heard = (samples: Float32Array, rateHz: number): string =>
  decodedText(samples, { rateHz, vocabulary: server.agentVocabulary });

const tones = (text: string, rateHz: number): Float32Array =>
  speakTones(text, { rateHz, vocabulary: server.callerVocabulary }).samples;

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

type Of<T extends RealtimeServerEvent['type']> = Extract<RealtimeServerEvent, { type: T }>;

/** What either socket of the openai package tells, kept. */
class Ear {
  readonly events: RealtimeServerEvent[] = [];
  readonly #rateHz: number;
  readonly #decode: (bytes: Buffer) => Float32Array;

  constructor(
    client: OpenAIRealtimeWS | OpenAIRealtimeWebSocket,
    format: { readonly rateHz: number; readonly decode: (bytes: Buffer) => Float32Array },
  ) {
    this.#rateHz = format.rateHz;
    this.#decode = format.decode;
    client.on('event', (event) => this.events.push(event));
    // Errors are events too: the tests look at those.
    client.on('error', () => {});
  }

  all<T extends RealtimeServerEvent['type']>(type: T): Of<T>[] {
    return this.events.filter((event): event is Of<T> => event.type === type);
  }

  /** The `count`th event of a type. */
  async nth<T extends RealtimeServerEvent['type']>(type: T, count = 1): Promise<Of<T>> {
    await expect
      .poll(() => this.all(type).length, { ...patient, message: `${type} ${count}` })
      .toBeGreaterThanOrEqual(count);
    return this.all(type)[count - 1] as Of<T>;
  }

  audioOf(itemId: string): Float32Array {
    const deltas = this.all('response.output_audio.delta').filter(({ item_id }) => item_id === itemId);
    return joined(deltas.map(({ delta }) => this.#decode(Buffer.from(delta, 'base64'))));
  }

  heardOf(itemId: string): string {
    return heard(this.audioOf(itemId), this.#rateHz);
  }
}

const pcm = { rateHz: 24_000, decode: (bytes: Buffer) => decodePcm16(bytes) };
const mulaw = { rateHz: 8_000, decode: (bytes: Buffer) => decodeMulaw(bytes) };

function openai(key = apiKey): OpenAI {
  return new OpenAI({ apiKey: key, baseURL: `${server.url}/v1`, fetch: trustingFetch(server.ca), maxRetries: 0 });
}

function microphone(
  client: OpenAIRealtimeWS | OpenAIRealtimeWebSocket,
  rateHz: number,
  encode: (samples: Float32Array) => Buffer,
): Microphone {
  const mic = new Microphone({
    rateHz,
    send: (samples) => client.send({ type: 'input_audio_buffer.append', audio: encode(samples).toString('base64') }),
  });
  closers.push(() => mic.stop());
  return mic;
}

describe('the openai package', () => {
  it('holds a spoken conversation over TLS: turns, an interruption, a message in writing', async () => {
    const client = new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { ca: server.ca } }, openai());
    closers.push(() => client.close());
    const ear = new Ear(client, pcm);
    const created = await ear.nth('session.created');
    expect(created.session).toMatchObject({ type: 'realtime', object: 'realtime.session' });
    client.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        model: 'gpt-realtime',
        instructions: 'You repeat what you hear.',
        output_modalities: ['audio'],
        tracing: { workflow_name: 'orders', group_id: 'group_1' },
        audio: {
          input: {
            format: { type: 'audio/pcm', rate: 24_000 },
            noise_reduction: { type: 'near_field' },
            transcription: { model: 'gpt-4o-mini-transcribe' },
            turn_detection: {
              type: 'semantic_vad',
              eagerness: 'high',
              create_response: true,
              interrupt_response: true,
            },
          },
          output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'marin', speed: 1 },
        },
      },
    });
    const updated = await ear.nth('session.updated');
    expect(updated.session).toMatchObject({
      instructions: 'You repeat what you hear.',
      tracing: { workflow_name: 'orders', group_id: 'group_1' },
      audio: {
        input: {
          noise_reduction: { type: 'near_field' },
          transcription: { model: 'gpt-4o-mini-transcribe' },
          turn_detection: { type: 'semantic_vad', eagerness: 'high', interrupt_response: true },
        },
      },
    });

    const mic = microphone(client, 24_000, (samples) => encodePcm16(samples));
    await mic.say(tones('two large teas', 24_000));
    const first = await ear.nth('response.done');
    const started = await ear.nth('input_audio_buffer.speech_started');
    const stopped = await ear.nth('input_audio_buffer.speech_stopped');
    expect(stopped.audio_end_ms - started.audio_start_ms).toBeGreaterThan(700);
    const transcription = await ear.nth('conversation.item.input_audio_transcription.completed');
    expect(transcription).toMatchObject({ item_id: started.item_id, transcript: 'two large teas' });
    const [reply] = first.response.output ?? [];
    expect(first.response).toMatchObject({ status: 'completed', output_modalities: ['audio'] });
    expect(ear.heardOf(reply?.id ?? '')).toBe('you said two large teas');
    expect((await ear.nth('response.output_audio_transcript.done')).transcript).toBe('You said two large teas.');

    await mic.say(tones('tell a story', 24_000));
    const storyResponse = (await ear.nth('response.created', 2)).response.id;
    const firstAudio = await ear.nth('response.output_audio.delta', ear.all('response.output_audio.delta').length + 1);
    expect(firstAudio.response_id).toBe(storyResponse);
    const playingSinceMs = performance.now();
    await expect.poll(() => ear.heardOf(firstAudio.item_id), patient).toMatch(/once there lived nine/);
    const interrupting = mic.say(tones('stop there now please', 24_000));
    await ear.nth('input_audio_buffer.speech_started', 3);
    const playedMs = Math.floor(
      Math.min(performance.now() - playingSinceMs, ear.audioOf(firstAudio.item_id).length / 24),
    );
    client.send({
      type: 'conversation.item.truncate',
      item_id: firstAudio.item_id,
      content_index: 0,
      audio_end_ms: playedMs,
    });
    expect(await ear.nth('conversation.item.truncated')).toMatchObject({ audio_end_ms: playedMs });
    await interrupting;
    const cut = await ear.nth('response.done', 2);
    expect(cut.response).toMatchObject({
      status: 'cancelled',
      status_details: { type: 'cancelled', reason: 'turn_detected' },
    });
    expect(ear.heardOf(firstAudio.item_id).length).toBeLessThan(words(story).length);
    await ear.nth('response.done', 3);
    const messages = server.asked.at(-1) ?? [];
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant', 'user']);
    const remembered = words(messages[3]?.text ?? '');
    expect(remembered).toMatch(/^once there lived/);
    expect(words(story).startsWith(remembered)).toBe(true);
    expect(remembered.length).toBeLessThan(words(story).length);
    expect(words(messages[4]?.text ?? '')).toBe('stop there now please');

    client.send({
      type: 'conversation.item.create',
      item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'in writing' }] },
    });
    client.send({ type: 'response.create' });
    const written = await ear.nth('response.done', 4);
    expect(ear.heardOf(written.response.output?.[0]?.id ?? '')).toBe('you said in writing');
    expect(ear.all('error')).toEqual([]);

    const closed = new Promise((resolve) => client.socket.once('close', resolve));
    client.close();
    expect(await closed).toBe(1000);
  }, 60_000);

  it('talks G.711 in a browser, with a client secret that brings the session along', async () => {
    const secret = await openai().realtime.clientSecrets.create({
      expires_after: { anchor: 'created_at', seconds: 60 },
      session: {
        type: 'realtime',
        instructions: 'You repeat what you hear.',
        audio: {
          input: {
            format: { type: 'audio/pcmu' },
            turn_detection: { type: 'server_vad', silence_duration_ms: 400, prefix_padding_ms: 200, threshold: 0.6 },
          },
          output: { format: { type: 'audio/pcmu' } },
        },
      },
    });
    expect(secret.value).toMatch(/^ek_/);
    useBrowserSockets();
    const client = new OpenAIRealtimeWebSocket({ model: 'gpt-realtime' }, openai(secret.value));
    closers.push(() => client.close());
    const ear = new Ear(client, mulaw);
    expect((await ear.nth('session.created')).session).toMatchObject({
      instructions: 'You repeat what you hear.',
      audio: {
        input: {
          format: { type: 'audio/pcmu' },
          turn_detection: { type: 'server_vad', silence_duration_ms: 400, prefix_padding_ms: 200, threshold: 0.6 },
        },
        output: { format: { type: 'audio/pcmu' } },
      },
    });
    const mic = microphone(client, 8_000, (samples) => Buffer.from(encodeMulaw(samples)));
    await mic.say(tones('one small coffee', 8_000));
    const done = await ear.nth('response.done');
    expect((await ear.nth('conversation.item.input_audio_transcription.completed')).transcript).toBe(
      'one small coffee',
    );
    expect(ear.heardOf(done.response.output?.[0]?.id ?? '')).toBe('you said one small coffee');
    expect(ear.all('error')).toEqual([]);
  }, 30_000);

  it('marks turns itself when turn detection is off', async () => {
    const client = new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { ca: server.ca } }, openai());
    closers.push(() => client.close());
    const ear = new Ear(client, pcm);
    await ear.nth('session.created');
    client.send({
      type: 'session.update',
      session: { type: 'realtime', instructions: 'Repeat.', audio: { input: { turn_detection: null } } },
    });
    await ear.nth('session.updated');
    const audio = encodePcm16(joined([tones('push to talk', 24_000), new Float32Array(4_800)])).toString('base64');
    client.send({ type: 'input_audio_buffer.append', audio });
    client.send({ type: 'input_audio_buffer.commit' });
    client.send({ type: 'response.create', response: { metadata: { topic: 'test' } } });
    const done = await ear.nth('response.done');
    expect(done.response.metadata).toEqual({ topic: 'test' });
    expect(ear.heardOf(done.response.output?.[0]?.id ?? '')).toBe('you said push to talk');
    expect(ear.all('input_audio_buffer.speech_started')).toEqual([]);
    expect(ear.all('error')).toEqual([]);
  }, 30_000);

  it('answers a function call, and asks for something beside the conversation', async () => {
    const client = new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { ca: server.ca } }, openai());
    closers.push(() => client.close());
    const ear = new Ear(client, pcm);
    await ear.nth('session.created');
    client.send({
      type: 'session.update',
      session: {
        type: 'realtime',
        instructions: 'You find orders.',
        output_modalities: ['text'],
        tools: [
          {
            type: 'function',
            name: 'look_up',
            description: 'Looks an order up.',
            parameters: { type: 'object', properties: { item: { type: 'string' } }, required: ['item'] },
          },
        ],
        tool_choice: 'auto',
      },
    });
    await ear.nth('session.updated');
    const say = (text: string) =>
      client.send({
        type: 'conversation.item.create',
        item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
      });
    say('where is my lamp');
    client.send({ type: 'response.create' });
    const done = await ear.nth('response.function_call_arguments.done');
    expect(done).toMatchObject({ name: 'look_up', arguments: '{"item":"lamp"}' });
    const [call] = (await ear.nth('response.done')).response.output ?? [];
    expect(call).toMatchObject({ type: 'function_call', status: 'completed', call_id: done.call_id });
    client.send({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: done.call_id, output: 'ok' },
    });
    client.send({ type: 'response.create' });
    const answered = await ear.nth('response.done', 2);
    expect(answered.response.output?.[0]).toMatchObject({
      type: 'message',
      content: [{ type: 'output_text', text: 'All done.' }],
    });

    client.send({
      type: 'response.create',
      response: {
        conversation: 'none',
        metadata: { topic: 'mood' },
        output_modalities: ['text'],
        instructions: 'Say how they feel.',
        tools: [],
        input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'all is well' }] }],
      },
    });
    const aside = await ear.nth('response.done', 3);
    expect(aside.response).toMatchObject({ status: 'completed', metadata: { topic: 'mood' } });
    expect(aside.response.output?.[0]).toMatchObject({ content: [{ text: 'You said all is well.' }] });
    expect(server.asked.at(-1)).toEqual([{ role: 'user', text: 'all is well' }]);
    say('and now');
    client.send({ type: 'response.create' });
    await ear.nth('response.done', 4);
    expect(
      server.asked
        .at(-1)
        ?.map(({ text }) => text)
        .join(' '),
    ).not.toContain('all is well');
    expect(ear.all('error')).toEqual([]);
  }, 30_000);

  it('has speech transcribed, with a client secret for that alone', async () => {
    const { value, session } = await openai().realtime.clientSecrets.create({
      session: { type: 'transcription', audio: { input: { transcription: { model: 'whisper-1', language: 'en' } } } },
    });
    expect(session).toMatchObject({ type: 'transcription' });
    const client = new OpenAIRealtimeWS({ model: 'whisper-1', options: { ca: server.ca } }, openai(value));
    closers.push(() => client.close());
    const ear = new Ear(client, pcm);
    expect((await ear.nth('session.created')).session).toMatchObject({ type: 'transcription' });
    const mic = microphone(client, 24_000, (samples) => encodePcm16(samples));
    await mic.say(tones('two large teas', 24_000));
    const completed = await ear.nth('conversation.item.input_audio_transcription.completed');
    expect(completed.transcript).toBe('two large teas');
    const deltas = ear.all('conversation.item.input_audio_transcription.delta');
    expect(deltas.map(({ delta }) => delta).join('')).toBe('two large teas');
    expect(ear.all('response.created')).toEqual([]);
    expect(ear.all('error')).toEqual([]);
  }, 30_000);

  it('is told that its key is wrong', async () => {
    const client = new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { ca: server.ca } }, openai('another-key'));
    const error = await new Promise<Error>((resolve) => client.on('error', resolve));
    expect(error.message).toContain('401');
    await expect(openai('another-key').realtime.clientSecrets.create({})).rejects.toThrow(/401 .*key is wrong/);
  });
});

describe('the agents-realtime package', () => {
  it('holds a spoken conversation: turns, an interruption, a message in writing', async () => {
    const agent = new RealtimeAgent({ name: 'Repeater', instructions: 'You repeat what you hear.' });
    const session = new RealtimeSession(agent, { transport: agentsTransport(), model: 'gpt-realtime' });
    closers.push(() => session.close());
    const audio: Float32Array[] = [];
    const errors: unknown[] = [];
    const seen: Record<string, unknown>[] = [];
    let interruptions = 0;
    session.on('audio', ({ data }) => audio.push(decodePcm16(Buffer.from(data))));
    session.on('audio_interrupted', () => {
      interruptions += 1;
    });
    session.on('error', (error) => errors.push(error));
    session.on('transport_event', (event) => seen.push(event));
    const count = (type: string): number => seen.filter((event) => event.type === type).length;
    const reach = (type: string, times: number) =>
      expect.poll(() => count(type), { ...patient, message: `${type} ${times}` }).toBeGreaterThanOrEqual(times);

    await session.connect({ apiKey });
    await reach('session.updated', 2);
    const mic = new Microphone({
      rateHz: 24_000,
      send: (samples) => session.sendAudio(new Uint8Array(encodePcm16(samples)).buffer),
    });
    closers.push(() => mic.stop());

    await mic.say(tones('two large teas', 24_000));
    await reach('response.done', 1);
    expect(heard(joined(audio), 24_000)).toBe('you said two large teas');
    await expect
      .poll(() => transcripts(session.history), patient)
      .toEqual(['user: two large teas', 'assistant: you said two large teas']);

    audio.length = 0;
    await mic.say(tones('tell a story', 24_000));
    await expect.poll(() => heard(joined(audio), 24_000), patient).toMatch(/once there lived nine/);
    await mic.say(tones('stop there now please', 24_000));
    await reach('response.done', 3);
    expect(interruptions).toBeGreaterThanOrEqual(1);
    expect(count('conversation.item.truncated')).toBe(1);
    const [, , , cut, after] = transcripts(session.history);
    expect(cut).toMatch(/^assistant: once there lived/);
    expect(cut?.length).toBeLessThan(words(story).length);
    expect(after).toBe('user: stop there now please');
    // The model remembers what this client says was heard.
    expect(`assistant: ${words(server.asked.at(-1)?.[3]?.text ?? '')}`).toBe(cut);

    session.sendMessage('in writing');
    await reach('response.done', 4);
    await expect
      .poll(() => transcripts(session.history).slice(-2), patient)
      .toEqual(['user: in writing', 'assistant: you said in writing']);
    expect(errors).toEqual([]);
    session.close();
    expect(session.transport.status).toBe('disconnected');
  }, 60_000);

  it('has its function called for a spoken turn that needs it, and hears what came of it', async () => {
    const looked: unknown[] = [];
    const lookUp = tool({
      name: 'look_up',
      description: 'Looks an order up.',
      parameters: {
        type: 'object',
        properties: { item: { type: 'string' } },
        required: ['item'],
        additionalProperties: false,
      },
      strict: true,
      execute: async (input) => {
        looked.push(input);
        return 'It comes on Friday';
      },
    });
    const agent = new RealtimeAgent({ name: 'Repeater', instructions: 'Repeat.', tools: [lookUp] });
    const session = new RealtimeSession(agent, {
      transport: agentsTransport(),
      config: { audio: { input: { format: { type: 'audio/pcmu' } }, output: { format: { type: 'audio/pcmu' } } } },
    });
    closers.push(() => session.close());
    const errors: unknown[] = [];
    const audio: Float32Array[] = [];
    const seen: Record<string, unknown>[] = [];
    session.on('error', (error) => errors.push(error));
    session.on('audio', ({ data }) => audio.push(decodeMulaw(new Uint8Array(data))));
    session.on('transport_event', (event) => seen.push(event));
    const count = (type: string): number => seen.filter((event) => event.type === type).length;
    await session.connect({ apiKey });
    await expect.poll(() => count('session.updated'), patient).toBeGreaterThanOrEqual(2);
    expect(seen.filter(({ type }) => type === 'session.updated').at(-1)?.session).toMatchObject({
      tools: [{ type: 'function', name: 'look_up' }],
      audio: { output: { format: { type: 'audio/pcmu' } } },
    });
    const mic = new Microphone({
      rateHz: 8_000,
      send: (samples) => session.sendAudio(new Uint8Array(encodeMulaw(samples)).buffer),
    });
    closers.push(() => mic.stop());
    await mic.say(tones('where is my lamp', 8_000));
    await expect.poll(() => heard(joined(audio), 8_000), patient).toMatch(/it comes on friday$/);
    expect(looked).toEqual([{ item: 'lamp' }]);
    expect(count('response.function_call_arguments.done')).toBe(1);
    await expect
      .poll(() => session.history.map((item) => (item.type === 'function_call' ? item.output : item.type)), patient)
      .toContain('It comes on Friday');

    const finished = count('response.created');
    await expect.poll(() => count('response.done'), patient).toBe(finished);
    session.sendMessage('with tools');
    await expect.poll(() => heard(joined(audio), 8_000), patient).toMatch(/you said with tools$/);
    expect(looked).toHaveLength(1);
    expect(errors).toEqual([]);
  }, 30_000);
});

describe('the self-made certificate', () => {
  it('is trusted by a Node program that is started as the server says', async () => {
    const program = `fetch('${server.url}/health').then((response) => console.log(response.status))`;
    const get = (env: Record<string, string>) =>
      promisify(execFile)(process.execPath, ['-e', program], { env: { ...process.env, ...env } });
    expect((await get({ NODE_EXTRA_CA_CERTS: server.trustFile })).stdout.trim()).toBe('200');
    await expect(get({ NODE_EXTRA_CA_CERTS: '' })).rejects.toThrow(/self-signed certificate/);
  });
});

/** The package's own transport; only the socket below it is told to trust the server. */
function agentsTransport(): AgentsWebSocket {
  const url = `${server.url.replace('https', 'wss')}/v1/realtime?model=gpt-realtime`;
  return new AgentsWebSocket({
    url,
    createWebSocket: async ({ apiKey: key }) =>
      new WebSocket(url, { headers: { Authorization: `Bearer ${key}` }, ca: server.ca }) as never,
  });
}

/** The `WebSocket` of browsers, which can set no headers, over a socket that trusts the server. */
function useBrowserSockets(): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  const { ca } = server;
  class BrowserSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { ca });
    }
  }
  Object.defineProperty(globalThis, 'WebSocket', { value: BrowserSocket, configurable: true, writable: true });
  closers.push(() => {
    if (before) Object.defineProperty(globalThis, 'WebSocket', before);
    else Reflect.deleteProperty(globalThis, 'WebSocket');
  });
}

/** The conversation as the package remembers it. */
function transcripts(history: readonly RealtimeItem[]): string[] {
  return history.flatMap((item) => {
    if (item.type !== 'message') return [];
    const text = item.content.map((part) =>
      'transcript' in part ? (part.transcript ?? '') : 'text' in part ? part.text : '',
    );
    return [`${item.role}: ${words(text.join(' '))}`];
  });
}
