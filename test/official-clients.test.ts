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
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { RealtimeEar } from '../conformance/realtime-ear.js';
import { concatSamples } from '../src/audio/frame.js';
import { decodeMulaw, encodeMulaw } from '../src/audio/g711.js';
import { decodePcm16, encodePcm16 } from '../src/audio/pcm.js';
import { decodedText } from '../src/testing/tone-decoder.js';
import { speakTones } from '../src/testing/tone-words.js';
import { Microphone } from './support/microphone.js';
import { type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.js';

// What the clients do with a server is the business of conformance/; here is what it makes the model see.

const apiKey = 'the-key-of-the-server';
const rateHz = 24_000;
const story = 'Once there lived nine quiet foxes beyond seven tall green hills near our old mill.';
const lampCall = '{"name":"look_up","arguments":{"item":"lamp"}}';
const patient = { timeout: 15_000, interval: 20 };
const testMs = 30_000;

let server: ScriptedAgent;
const closers: (() => void)[] = [];

beforeAll(async () => {
  server = await startScriptedAgent({
    apiKey,
    reply: (said) => {
      if (said.includes('<tool_response>')) return said.replaceAll(/<[^>]*>|\n/g, '');
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
const heard = (samples: Float32Array, rate = rateHz): string =>
  decodedText(samples, { rateHz: rate, vocabulary: server.agentVocabulary });

const tones = (text: string, rate = rateHz): Float32Array =>
  speakTones(text, { rateHz: rate, vocabulary: server.callerVocabulary }).samples;

describe('the openai package', () => {
  const connected = async (modality: 'audio' | 'text') => {
    const openai = new OpenAI({ apiKey, baseURL: `${server.url}/v1` });
    const client = new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { ca: server.ca } }, openai);
    closers.push(() => client.close());
    const ear = new RealtimeEar(client, AbortSignal.timeout(testMs));
    await ear.nth('session.created');
    client.send({
      type: 'session.update',
      session: { type: 'realtime', instructions: 'You repeat what you hear.', output_modalities: [modality] },
    });
    await ear.nth('session.updated');
    const write = (text: string): void => {
      const content = [{ type: 'input_text', text }] as const;
      client.send({ type: 'conversation.item.create', item: { type: 'message', role: 'user', content: [...content] } });
      client.send({ type: 'response.create' });
    };
    return { client, ear, write };
  };

  it(
    'has the model remember of an interrupted answer what it says was played',
    async () => {
      const { client, ear, write } = await connected('audio');
      const heardOf = (itemId: string | undefined): string => heard(ear.audio(itemId));
      const mic = new Microphone({
        rateHz,
        send: (samples) =>
          client.send({ type: 'input_audio_buffer.append', audio: encodePcm16(samples).toString('base64') }),
      });
      closers.push(() => mic.stop());

      write('tell a story');
      const { item_id } = await ear.nth('response.output_audio.delta');
      const playingSinceMs = performance.now();
      await expect.poll(() => heardOf(item_id), patient).toMatch(/once there lived nine/);
      const interrupting = mic.say(tones('stop there now please'));
      await ear.nth('input_audio_buffer.speech_started');
      const playedMs = Math.floor(
        Math.min(performance.now() - playingSinceMs, (1_000 * ear.audio(item_id).length) / rateHz),
      );
      client.send({ type: 'conversation.item.truncate', item_id, content_index: 0, audio_end_ms: playedMs });
      expect(await ear.nth('conversation.item.truncated')).toMatchObject({ audio_end_ms: playedMs });
      await interrupting;
      const cut = await ear.nth('response.done');
      expect(cut.response).toMatchObject({
        status: 'cancelled',
        status_details: { type: 'cancelled', reason: 'turn_detected' },
      });
      expect(heardOf(item_id).length).toBeLessThan(words(story).length);
      const answer = await ear.nth('response.done', 2);
      expect(heardOf(answer.response.output?.[0]?.id)).toBe('you said stop there now please');
      const messages = server.asked.at(-1) ?? [];
      expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
      const remembered = words(messages[1]?.text ?? '');
      expect(remembered).toMatch(/^once there lived/);
      expect(words(story).startsWith(remembered)).toBe(true);
      expect(remembered.length).toBeLessThan(words(story).length);
      expect(words(messages[2]?.text ?? '')).toBe('stop there now please');
      expect(ear.errors()).toBe('');

      const closed = new Promise((resolve) => client.socket.once('close', resolve));
      client.close();
      expect(await closed).toBe(1000);
    },
    testMs,
  );

  it(
    'asks for something beside the conversation, which neither knows of the other',
    async () => {
      const { client, ear, write } = await connected('text');
      write('this is the conversation');
      await ear.nth('response.done');
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
      const aside = await ear.nth('response.done', 2);
      expect(aside.response).toMatchObject({ status: 'completed', metadata: { topic: 'mood' } });
      expect(aside.response.output?.[0]).toMatchObject({ content: [{ text: 'You said all is well.' }] });
      expect(server.asked.at(-1)).toEqual([{ role: 'user', text: 'all is well' }]);
      write('and now');
      await ear.nth('response.done', 3);
      const asked = server.asked.at(-1)?.map(({ text }) => text);
      expect(asked).toEqual(['this is the conversation', 'You said this is the conversation.', 'and now']);
      expect(ear.errors()).toBe('');
    },
    testMs,
  );
});

describe('the agents-realtime package', () => {
  it(
    'has the model remember of an interrupted answer what its own history has',
    async () => {
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
        rateHz,
        send: (samples) => session.sendAudio(new Uint8Array(encodePcm16(samples)).buffer),
      });
      closers.push(() => mic.stop());

      session.sendMessage('tell a story');
      await expect.poll(() => heard(concatSamples(audio)), patient).toMatch(/once there lived nine/);
      await mic.say(tones('stop there now please'));
      await reach('response.done', 2);
      expect(interruptions).toBeGreaterThanOrEqual(1);
      expect(count('conversation.item.truncated')).toBe(1);
      const [, cut, after] = transcripts(session.history);
      expect(cut).toMatch(/^assistant: once there lived/);
      expect(cut?.length).toBeLessThan(words(story).length);
      expect(after).toBe('user: stop there now please');
      // The model remembers what this client says was heard.
      expect(`assistant: ${words(server.asked.at(-1)?.[1]?.text ?? '')}`).toBe(cut);

      session.sendMessage('in writing');
      await reach('response.done', 3);
      await expect
        .poll(() => transcripts(session.history).slice(-2), patient)
        .toEqual(['user: in writing', 'assistant: you said in writing']);
      expect(errors).toEqual([]);
      session.close();
      expect(session.transport.status).toBe('disconnected');
    },
    testMs,
  );

  it(
    'has its function called for a spoken turn that needs it, and hears what came of it',
    async () => {
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
      await expect.poll(() => heard(concatSamples(audio), 8_000), patient).toMatch(/it comes on friday$/);
      expect(looked).toEqual([{ item: 'lamp' }]);
      expect(count('response.function_call_arguments.done')).toBe(1);
      await expect
        .poll(() => session.history.map((item) => (item.type === 'function_call' ? item.output : item.type)), patient)
        .toContain('It comes on Friday');

      const finished = count('response.created');
      await expect.poll(() => count('response.done'), patient).toBe(finished);
      session.sendMessage('with tools');
      await expect.poll(() => heard(concatSamples(audio), 8_000), patient).toMatch(/you said with tools$/);
      expect(looked).toHaveLength(1);
      expect(errors).toEqual([]);
    },
    testMs,
  );
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
