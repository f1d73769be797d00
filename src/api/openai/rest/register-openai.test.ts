import fastify, { type FastifyInstance } from 'fastify';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../../../audio/decode.js';
import { concatSamples } from '../../../audio/frame.js';
import { writeWav } from '../../../audio/wav.js';
import { layersOf } from '../../../main/layers.js';
import { modelAliases } from '../../../main/model-aliases.js';
import { systemClock as clock } from '../../../observability/system-clock.js';
import { keyedAccess } from '../../../platform/access/keyed-access-fixture.js';
import { EngineRegistry } from '../../../platform/engine-registry.js';
import { defaultLayerLimits } from '../../../platform/layers/limits.js';
import { ScriptedEndOfTurn } from '../../../testing/scripted-end-of-turn.js';
import { ScriptedLanguageModel } from '../../../testing/scripted-language-model.js';
import { ScriptedSpeechToText } from '../../../testing/scripted-speech-to-text.js';
import { ScriptedTextToSpeech } from '../../../testing/scripted-text-to-speech.js';
import { ScriptedVoiceActivity } from '../../../testing/scripted-voice-activity.js';
import { decodedText } from '../../../testing/tone-decoder.js';
import { speakTones, ToneVocabulary } from '../../../testing/tone-words.js';
import { registerOpenApi } from '../../openapi/register-openapi.js';
import { modelSchema } from '../models/models-route.js';
import { openAiRoutes, registerOpenAiRest } from './register-openai.js';

const apiKey = 'the-key-of-the-server';
const vocabulary = new ToneVocabulary();
const tts = new ScriptedTextToSpeech({ clock, vocabulary, latencyMs: 1, voices: ['heart'] });
const model = new ScriptedLanguageModel({
  clock,
  firstTokenMs: 1,
  tokenMs: 1,
  reply: (said, messages) => {
    if (messages.at(-1)?.text.startsWith('Decide')) return '{"name":"get_weather","arguments":{"city":"Oslo"}}';
    return said.includes('JSON') ? '{"count":2}' : 'I am well, thank you.';
  },
});
const stt = new ScriptedSpeechToText({
  clock,
  finalLatencyMs: 1,
  transcripts: ({ samples }) => decodedText(samples, { rateHz: 16_000, vocabulary }),
});
let server: FastifyInstance;
let openai: OpenAI;
let url: string;

beforeAll(async () => {
  server = fastify({ logger: false, forceCloseConnections: true });
  const registry = new EngineRegistry({
    entries: [
      { task: 'chat', name: 'local', make: () => model },
      { task: 'transcribe', name: 'local', make: () => stt },
      { task: 'speak', name: 'local', make: () => tts },
      { task: 'converse', name: 'openai/gpt-realtime', make: () => expect.fail('nobody calls it') },
    ],
    usual: { chat: ['local'], transcribe: ['local'], speak: ['local'] },
    aliases: modelAliases,
    clock,
  });
  const layers = layersOf(
    { vad: new ScriptedVoiceActivity({ clock }), endOfTurn: new ScriptedEndOfTurn({ clock }), registry },
    clock,
    defaultLayerLimits,
  );
  await registerOpenAiRest(server, {
    layers: () => layers,
    realtime: () => registry.conversation.entries,
    clock,
    access: keyedAccess(apiKey),
    onFault: (error) => {
      throw error;
    },
  });
  registerOpenApi(server);
  url = await server.listen({ host: '127.0.0.1', port: 0 });
  openai = new OpenAI({ apiKey, baseURL: `${url}/v1`, maxRetries: 0 });
});
afterAll(() => server.close());

const heard = async (bytes: Uint8Array): Promise<string> => {
  const { channels, rateHz } = await decodeAudioFile(bytes);
  return decodedText(channels[0] ?? new Float32Array(0), { rateHz, vocabulary });
};

const recording = (): Promise<File> => {
  const say = (text: string) => speakTones(text, { rateHz: 16_000, vocabulary }).samples;
  const samples = concatSamples([say('two large teas'), new Float32Array(24_000), say('and one coffee')]);
  return toFile(writeWav([samples], 16_000), 'order.wav');
};

const post = (path: string, body: string | FormData, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}${path}`, { method: 'POST', body, headers: { authorization: `Bearer ${apiKey}`, ...headers } });
const errorOf = async (answer: Response) =>
  ((await answer.json()) as { readonly error: { readonly code: string; readonly param: string | null } }).error;
const json = { 'content-type': 'application/json' };

function form(fields: Readonly<Record<string, string>>, file?: string): FormData {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) made.append(name, value);
  if (file !== undefined) made.append('file', new Blob([file]), 'file.wav');
  return made;
}

describe('speech', () => {
  const input = 'Two large teas, please.';

  it.each(['mp3', 'opus', 'aac', 'flac', 'wav'] as const)('comes as %s', async (response_format) => {
    const answer = await openai.audio.speech.create({ input, model: 'tts-1', voice: 'alloy', response_format });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    // Loss and the encoder's delay may blur a word at the edges.
    if (response_format === 'flac' || response_format === 'wav')
      expect(await heard(bytes)).toBe('two large teas please');
    else expect((await decodeAudioFile(bytes)).channels[0]?.length).toBeGreaterThan(24_000);
    expect(answer.headers.get('x-parley-ignored')).toBe('voice');
  });

  it('comes as events', async () => {
    const answer = await post(
      '/v1/audio/speech',
      JSON.stringify({ input, model: 'tts-1', stream_format: 'sse', response_format: 'pcm' }),
      json,
    );
    const events = (await answer.text())
      .trim()
      .split('\n\n')
      .map((line) => JSON.parse(line.replace(/^data: /, '')));
    const bytes = Buffer.concat(events.slice(0, -1).map(({ audio }) => Buffer.from(audio, 'base64')));
    expect(bytes.length / 48).toBeCloseTo(4 * 290, 0);
    expect(events.at(-1)).toMatchObject({ type: 'speech.audio.done', usage: { input_tokens: 22, output_tokens: 23 } });
  });

  it('says what has no effect', async () => {
    const answer = await openai.audio.speech.create({
      input,
      model: 'gpt-4o-mini-tts',
      voice: 'heart',
      instructions: 'Whisper.',
      speed: 4,
      response_format: 'pcm',
    });
    expect(answer.headers.get('x-parley-ignored')).toBe('instructions, speed');
    expect(answer.headers.get('content-type')).toBe('audio/pcm;rate=24000;channels=1');
    await answer.arrayBuffer();
  });

  it.each([
    [{ model: 'tts-1' }, 400, 'input'],
    [{ input: '', model: 'tts-1' }, 400, 'input'],
    [{ input: 'a'.repeat(5_000), model: 'tts-1' }, 400, 'input'],
    [{ input, model: 'nothing' }, 404, 'model'],
    [{ input, model: 'tts-1', response_format: 'midi' }, 400, 'response_format'],
    [{ input, model: 'tts-1', speed: 99 }, 400, 'speed'],
    [{ input, model: 'tts-1', sample_rate: 12_345 }, 400, 'sample_rate'],
    [[], 400, null],
  ])('refuses %j', async (body, status, param) => {
    const answer = await post('/v1/audio/speech', JSON.stringify(body), json);
    expect([answer.status, await errorOf(answer)]).toMatchObject([status, { param, type: 'invalid_request_error' }]);
  });

  it('stops when the client is gone', async () => {
    const long = 'One two three four five six seven. '.repeat(100);
    const before = tts.clauses.length;
    const abort = new AbortController();
    const answer = await fetch(`${url}/v1/audio/speech`, {
      method: 'POST',
      body: JSON.stringify({ input: long, model: 'tts-1', response_format: 'wav' }),
      headers: { ...json, authorization: `Bearer ${apiKey}` },
      signal: abort.signal,
    });
    await answer.body?.getReader().read();
    abort.abort();
    let made = -1;
    const isStill = (): boolean => {
      const last = made;
      made = tts.clauses.length;
      return made === last;
    };
    await expect.poll(isStill, { interval: 100 }).toBe(true);
    expect(made - before).toBeLessThan(100);
  });
});

describe('transcriptions', () => {
  it('come as text, JSON, words and segments', async () => {
    const whole = await openai.audio.transcriptions.create({ file: await recording(), model: 'whisper-1' });
    expect(whole).toEqual({ text: 'two large teas and one coffee', usage: { type: 'duration', seconds: 4 } });
    const verbose = await openai.audio.transcriptions.create({
      file: await recording(),
      model: 'whisper-1',
      response_format: 'verbose_json',
      timestamp_granularities: ['word', 'segment'],
    });
    expect(verbose.segments?.map(({ text }) => text)).toEqual(['two large teas', 'and one coffee']);
    expect(verbose.words).toHaveLength(6);
    expect(Math.abs((verbose.words?.[3]?.start ?? 0) - 2.37)).toBeLessThan(0.1);
  });

  it.each([
    ['text', /^two large teas and one coffee\n$/],
    ['srt', /^1\n00:00:00,\d{3} --> 00:00:00,\d{3}\ntwo large teas\n\n2\n00:00:02,/],
    ['vtt', /^WEBVTT\n\n00:00:00\.\d{3} --> 00:00:00\.\d{3}\ntwo large teas\n\n/],
  ] as const)('come as %s', async (response_format, expected) => {
    const text = await openai.audio.transcriptions.create({
      file: await recording(),
      model: 'whisper-1',
      response_format,
    });
    expect(text).toMatch(expected);
  });

  it('come as events, with how far it is', async () => {
    const stream = await openai.audio.transcriptions.create({
      file: await recording(),
      model: 'gpt-4o-transcribe',
      stream: true,
      ...{ progress: true },
    });
    const events: { readonly type: string; readonly delta?: string }[] = [];
    for await (const event of stream) events.push(event);
    expect(events.map(({ delta }) => delta).filter(Boolean)).toEqual(['two large teas', ' and one coffee']);
    expect(events.at(-1)).toMatchObject({ type: 'transcript.text.done', text: 'two large teas and one coffee' });
    expect(events.filter(({ type }) => type === 'transcript.progress').at(-1)).toMatchObject({ seconds: 3.24 });
  });

  it.each([
    ['no form', (): string | FormData => '{}', 400, null],
    ['no file', (): string | FormData => form({ model: 'whisper-1' }), 400, 'file'],
    ['an empty file', (): string | FormData => form({ model: 'whisper-1' }, ''), 400, 'file'],
    ['what is no audio', (): string | FormData => form({ model: 'whisper-1' }, 'Dear Sir'), 400, 'file'],
    ['no model', (): string | FormData => form({}, 'x'), 400, 'model'],
    ['an unknown model', (): string | FormData => form({ model: 'x' }, 'x'), 404, 'model'],
    [
      'an unknown format',
      (): string | FormData => form({ model: 'whisper-1', response_format: 'doc' }, 'x'),
      400,
      'response_format',
    ],
    [
      'subtitles as events',
      () => form({ model: 'whisper-1', response_format: 'srt', stream: 'true' }, 'x'),
      400,
      'stream',
    ],
    [
      'a field that is too long',
      (): string | FormData => form({ model: 'whisper-1', prompt: 'x'.repeat(20_000) }, 'x'),
      400,
      'prompt',
    ],
  ] as const)('refuse %s', async (_, body, status, param) => {
    const given = body();
    const answer = await post('/v1/audio/transcriptions', given, typeof given === 'string' ? json : {});
    expect([answer.status, (await errorOf(answer)).param]).toEqual([status, param]);
  });

  it('refuse a file that is too large', async () => {
    const answer = await post('/v1/audio/transcriptions', form({ model: 'whisper-1' }, 'x'.repeat(26 * 1024 ** 2)));
    expect([answer.status, (await errorOf(answer)).code]).toEqual([413, 'upload.too_large']);
  });
});

describe('chat completions', () => {
  const messages = [{ role: 'user', content: 'How are you?' }] as const;

  it('answer whole, and in pieces with usage', async () => {
    const whole = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [...messages] });
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'I am well, thank you.' } });
    expect(whole.usage?.completion_tokens).toBe(5);
    const stream = await openai.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [...messages],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let tokens: number | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect([text, tokens]).toEqual(['I am well, thank you.', 5]);
  });

  it('call tools, whole and in pieces', async () => {
    const tools = [
      {
        type: 'function' as const,
        function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      },
    ];
    const request = { model: 'gpt-4o', messages: [...messages], tools };
    const called = { function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } };
    const whole = await openai.chat.completions.create(request);
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [called] },
    });
    const final = await openai.chat.completions.stream(request).finalChatCompletion();
    expect(final.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [called] } });
  });

  it('keep to a schema', async () => {
    const answer = await openai.chat.completions.create({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'JSON, please.' }],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'n',
          strict: true,
          schema: {
            type: 'object',
            properties: { count: { type: 'integer' } },
            required: ['count'],
            additionalProperties: false,
          },
        },
      },
    });
    expect(answer.choices[0]?.message.content).toBe('{"count":2}');
  });

  it.each([
    [{ model: 'gpt-4o' }, 400, 'messages'],
    [{ model: 'gpt-4o', messages: [] }, 400, 'messages'],
    [
      { model: 'gpt-4o', messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
      400,
      'messages.0.content',
    ],
    [{ model: 'gpt-4o', messages, n: 2 }, 400, 'n'],
    [{ model: 'x', messages }, 404, 'model'],
    [{ model: 'gpt-4o', messages, tool_choice: 'required' }, 400, 'tools'],
  ])('refuse %j', async (body, status, param) => {
    const answer = await post('/v1/chat/completions', JSON.stringify(body), json);
    expect([answer.status, (await errorOf(answer)).param]).toEqual([status, param]);
  });

  it.each([
    ['what is no JSON', '{"model":'],
    ['what is nested without end', '['.repeat(100_000)],
  ])('refuse %s', async (_, body) => {
    const answer = await post('/v1/chat/completions', body, json);
    expect([answer.status, (await errorOf(answer)).code]).toEqual([400, 'invalid_json']);
  });

  it('leave no context behind', () => {
    expect(model.calls).toBe(0);
  });
});

describe('the rest', () => {
  it('lists models by their own names and by those of others', async () => {
    const { data } = await openai.models.list();
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['whisper-1', 'tts-1', 'gpt-4o', 'local']));
    expect(await openai.models.retrieve('whisper-1')).toMatchObject({ id: 'whisper-1', object: 'model' });
    await expect(openai.models.retrieve('nothing')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('lists the realtime models, and says what they are for', async () => {
    const id = 'openai/gpt-realtime';
    const realtime = { id, object: 'model', owned_by: 'openai', job: 'realtime', root: id };
    const { data } = await openai.models.list();
    expect(data.filter(({ id: listed }) => listed.includes('realtime'))).toEqual([expect.objectContaining(realtime)]);
    expect(await openai.models.retrieve(id)).toMatchObject(realtime);
    const headers = { authorization: `Bearer ${apiKey}` };
    expect(await (await fetch(`${url}/v1/models/${id}`, { headers })).json()).toMatchObject(realtime);
    expect((await fetch(`${url}/v1/models/${id}/of/nobody`, { headers })).status).toBe(404);
    expect(data.every((listed) => modelSchema.safeParse(listed).success)).toBe(true);
  });

  it.each(openAiRoutes.map(({ method, path }) => [method, path]))('asks for the key: %s %s', async (method, path) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(method === 'POST' ? { body: '{}', headers: json } : {}),
    });
    expect([answer.status, (await errorOf(answer)).code]).toEqual([401, 'invalid_api_key']);
  });

  it('lists voices with what is known of them', async () => {
    const answer = await fetch(`${url}/v1/voices`, { headers: { authorization: `Bearer ${apiKey}` } });
    expect(await answer.json()).toEqual({
      object: 'list',
      data: [{ id: 'heart', object: 'voice', name: 'Heart', language: null, gender: null, engine: 'local' }],
    });
  });

  it('describes a file as one', async () => {
    const document = JSON.parse(await (await fetch(`${url}/openapi.json`)).text());
    expect(document.openapi).toBe('3.1.0');
    expect(
      document.paths['/v1/audio/transcriptions'].post.requestBody.content['multipart/form-data'].schema.properties.file,
    ).toMatchObject({ format: 'binary' });
  });

  it('has a page that loads nothing from elsewhere', async () => {
    const answer = await fetch(`${url}/docs`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await answer.text();
    expect(page).toContain('POST /v1/audio/speech');
    expect([...page.matchAll(/(?:src|href)="([^"]+)"/g)].every(([, link]) => link?.startsWith('/'))).toBe(true);
  });
});
