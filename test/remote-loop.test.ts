import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hearingRateHz, toneMaterial } from '../conformance/material.js';
import { toneWords } from '../conformance/scripted-engines.js';
import { decodeAudioFile } from '../src/audio/decode.js';
import { concatSamples } from '../src/audio/frame.js';
import { resample } from '../src/audio/resample.js';
import { OpenAiRealtime } from '../src/engines/openai-realtime/speech-to-speech.js';
import { ApiKey } from '../src/engines/remote/api-key.js';
import { systemClock as clock } from '../src/observability/system-clock.js';
import { EventQueue } from '../src/ports/event-queue.js';
import type { ConverseOptions, SpeechToSpeechEvent, SpeechToSpeechInput } from '../src/ports/speech-to-speech.js';
import { decodedText } from '../src/testing/tone-decoder.js';
import { Microphone } from './support/microphone.js';
import { type ScriptedNode, startScriptedNode } from './support/scripted-node.js';

const keyOf = { models: 'the-key-of-the-models', front: 'the-key-of-the-front' };
const keyVariable = 'PARLEY_TEST_LOOP_KEY';
const vocabulary = toneWords();
const material = toneMaterial(vocabulary);
const patient = { timeout: 15_000, interval: 20 };

const weatherTools = [
  {
    name: 'get_weather',
    description: 'Tells the current weather in a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
];

/** One server has the models; the other has none of its own but those for voice activity, and asks the first. */
let models: ScriptedNode;
let front: ScriptedNode;

beforeAll(async () => {
  process.env[keyVariable] = keyOf.models;
  models = await startScriptedNode({ apiKey: keyOf.models });
  front = await startScriptedNode({
    apiKey: keyOf.front,
    config: `
providers:
  other:
    kind: openai
    url: ${models.url}/v1
    key_env: ${keyVariable}
    models:
      gpt-4o-mini: { task: chat, context_tokens: 4096 }
      whisper-1: { task: transcribe, word_times: true }
      tts-1: { task: speak, voices: [heart] }
  far:
    kind: openai-realtime
    url: ${models.url}/v1
    key_env: ${keyVariable}
    models:
      gpt-realtime: { task: converse, voices: [heart] }
agent: { llm: other/gpt-4o-mini, stt: other/whisper-1, tts: other/tts-1 }
`,
  });
});
afterAll(async () => {
  await front?.close();
  await models?.close();
  delete process.env[keyVariable];
});

/** A conversation with the realtime surface of a server, through our own engine for such servers. */
function converse(
  node: ScriptedNode,
  key: string,
  { model = 'gpt-realtime', ...options }: Partial<ConverseOptions> & { readonly model?: string } = {},
) {
  const api = { provider: 'node', url: `${node.url}/v1`, key: new ApiKey('KEY', key), clock, deadlines: {} };
  const engine = new OpenAiRealtime({ ...api, model, voices: ['heart'] });
  const input = new EventQueue<SpeechToSpeechInput>();
  const abort = new AbortController();
  const events: SpeechToSpeechEvent[] = [];
  const over = (async () => {
    const call = { callId: 'c', instructions: 'Be brief.', input, signal: abort.signal, ...options };
    for await (const event of engine.converse(call)) events.push(event);
  })();
  over.catch(() => {});
  const rateHz = engine.capabilities.inputRateHz;
  const mic = new Microphone({ rateHz, send: (samples) => input.push({ type: 'audio', samples }) });
  const of = <T extends SpeechToSpeechEvent['type']>(type: T) =>
    events.filter((event): event is Extract<SpeechToSpeechEvent, { type: T }> => event.type === type);
  return {
    input,
    of,
    say: async (samples: Float32Array) => mic.say(await resample(samples, hearingRateHz, rateHz)),
    reach: (type: SpeechToSpeechEvent['type'], count: number) =>
      expect.poll(() => of(type).length, { ...patient, message: type }).toBeGreaterThanOrEqual(count),
    heard: () =>
      decodedText(concatSamples(of('audio').map(({ samples }) => samples)), {
        rateHz: engine.capabilities.outputRateHz,
        vocabulary,
      }),
    async end() {
      mic.stop();
      abort.abort(new Error('the test is over'));
      await over.catch(() => {});
    },
  };
}

/** Has a tool called for a question, and what came of it told. */
async function asksForWeather({ input, of, reach, heard }: ReturnType<typeof converse>): Promise<void> {
  input.push({ type: 'text', text: 'What is the weather in Oslo?' });
  await reach('tool-call', 1);
  const [call] = of('tool-call');
  expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"Oslo"}' });
  input.push({ type: 'tool-result', call: call?.call ?? '', output: 'sunny' });
  await expect.poll(heard, patient).toMatch(/it is sunny in oslo$/);
}

describe('a server whose models are on another one', () => {
  const openai = (): OpenAI => new OpenAI({ apiKey: keyOf.front, baseURL: `${front.url}/v1`, maxRetries: 0 });

  it('speaks, hears and answers with them, each by itself', async () => {
    const speech = await openai().audio.speech.create({
      model: 'other/tts-1',
      voice: 'heart',
      input: material.text,
      response_format: 'wav',
    });
    const { channels, rateHz } = await decodeAudioFile(new Uint8Array(await speech.arrayBuffer()));
    expect(decodedText(channels[0] ?? new Float32Array(0), { rateHz, vocabulary })).toBe(
      'two large teas and one small coffee please',
    );

    const { text, words } = await openai().audio.transcriptions.create({
      model: 'other/whisper-1',
      file: await toFile(material.sentenceWav, 'sentence.wav'),
      response_format: 'verbose_json',
      timestamp_granularities: ['word'],
    });
    expect(text).toBe(material.sentence.text);
    expect(words?.map(({ word }) => word)).toEqual(material.sentence.text.split(' '));

    const stream = await openai().chat.completions.create({
      model: 'other/gpt-4o-mini',
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
      stream: true,
    });
    let said = '';
    for await (const { choices } of stream) said += choices[0]?.delta.content ?? '';
    expect(said).toBe('Paris.');
  });

  it('calls tools with them: the request has its tools, and the reply its calls and what came of them', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters } }];
    const model = 'other/gpt-4o-mini';
    const question = { role: 'user' as const, content: 'What is the weather in Oslo?' };
    const stream = openai().chat.completions.stream({ model, tools, messages: [question] });
    const { choices } = await stream.finalChatCompletion();
    const [call] = choices[0]?.message.tool_calls ?? [];
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } });
    const answer = await openai().chat.completions.create({
      model,
      tools,
      messages: [
        question,
        { role: 'assistant', tool_calls: call ? [call] : [] },
        { role: 'tool', tool_call_id: call?.id ?? '', content: 'sunny' },
      ],
    });
    expect(answer.choices[0]?.message.content).toBe('It is sunny in Oslo.');
  });

  it('lists them all, each with what it is for', async () => {
    const { data } = await openai().models.list();
    const listed = data.map((model) => `${model.id}: ${(model as { readonly job?: string }).job}`);
    for (const model of ['other/gpt-4o-mini: chat', 'other/whisper-1: transcription', 'other/tts-1: speech'])
      expect(listed).toContain(model);
    expect(listed.filter((model) => model.endsWith('realtime'))).toEqual(['far/gpt-realtime: realtime']);
    expect(await openai().models.retrieve('far/gpt-realtime')).toMatchObject({ owned_by: 'far', job: 'realtime' });
  });

  it('holds a call with them in which a tool is called, and tells what came of it', async () => {
    const talk = converse(front, keyOf.front, { tools: weatherTools });
    try {
      await asksForWeather(talk);
      expect(talk.of('error')).toEqual([]);
    } finally {
      await talk.end();
    }
  }, 30_000);

  it('holds a spoken call with them, heard through our engine for realtime servers', async () => {
    const { say, reach, of, heard, end } = converse(front, keyOf.front);
    try {
      await say(material.order.samples);
      await reach('reply-finished', 1);
      expect(of('caller-text').findLast(({ final }) => final)?.text).toBe('one small coffee');
      expect(of('reply-finished')[0]?.status).toBe('complete');
      expect(heard()).toMatch(/you said one small coffee$/);
      expect(
        of('agent-text')
          .map(({ text }) => text)
          .join(''),
      ).toMatch(/You said one small coffee\.$/);
      expect(of('error')).toEqual([]);
    } finally {
      await end();
    }
  }, 30_000);
});

describe('a server that has its calls held by the realtime surface of another one', () => {
  it('is spoken with in the same protocol, and passes on tools and what came of them', async () => {
    const talk = converse(front, keyOf.front, {
      model: 'far/gpt-realtime',
      tools: weatherTools,
    });
    const { say, reach, of, heard, end } = talk;
    try {
      await say(material.order.samples);
      await reach('reply-finished', 1);
      await reach('caller-text', 1);
      expect(of('caller-text').findLast(({ final }) => final)?.text).toBe('one small coffee');
      expect(of('reply-finished')[0]?.status).toBe('complete');
      await expect.poll(heard, patient).toMatch(/you said one small coffee$/);
      await asksForWeather(talk);
      expect(of('error')).toEqual([]);
    } finally {
      await end();
    }
  }, 40_000);
});

describe('our engine for realtime servers, with our own', () => {
  it('has a tool called, gives its result back, and is interrupted', async () => {
    const talk = converse(models, keyOf.models, { tools: weatherTools });
    const { input, say, reach, of, heard, end } = talk;
    try {
      await asksForWeather(talk);
      await reach('reply-finished', 2);

      const before = of('reply-finished').length;
      input.push({ type: 'text', text: 'Tell me a story.' });
      await expect.poll(heard, patient).toMatch(/once there lived nine/);
      await say(material.order.samples);
      await reach('reply-finished', before + 2);
      expect(of('reply-finished')[before]?.status).toBe('interrupted');
      // The word that was cut off runs into the first one of the reply: one of the two may not be told from it.
      await expect.poll(heard, patient).toMatch(/(?:you )?said one small coffee$/);
      expect(of('error')).toEqual([]);
    } finally {
      await end();
    }
  }, 40_000);
});
