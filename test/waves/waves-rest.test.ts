import { createParser } from 'eventsource-parser';
import OpenAI from 'openai';
import { Configuration, WavesClient } from 'smallestai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wavesRoutes } from '../../src/api/waves/common/waves-routes.js';
import { decodeAudioFile } from '../../src/audio/decode.js';
import { decodeMulaw } from '../../src/audio/g711.js';
import { decodePcm16 } from '../../src/audio/pcm.js';
import { decodedText } from '../../src/testing/tone-decoder.js';
import { startWaves, type WavesServer } from './support/waves-server.js';

let waves: WavesServer;
let client: WavesClient;
beforeAll(async () => {
  waves = await startWaves();
  client = new WavesClient(new Configuration({ accessToken: waves.apiKey, basePath: waves.url }));
});
afterAll(() => waves?.close());

const text = 'Two large teas, please.';
const json = { 'content-type': 'application/json' };

const send = (
  method: string,
  path: string,
  body?: unknown,
  { key = waves.apiKey, headers = {} }: { key?: string | undefined; headers?: Record<string, string> } = {},
): Promise<Response> =>
  fetch(`${waves.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : json), ...headers },
  });
const post = (path: string, body: unknown, options?: Parameters<typeof send>[3]): Promise<Response> =>
  send('POST', path, body, options);
const bodyOf = async (answer: Response) => (await answer.json()) as Record<string, unknown>;
const bytesOf = async (answer: Response): Promise<Uint8Array> => new Uint8Array(await answer.arrayBuffer());
const heard = (samples: Float32Array, rateHz: number): string =>
  decodedText(samples, { rateHz, vocabulary: waves.vocabulary });
const lastSpoken = (): string =>
  waves.tts.clauses
    .slice(-4)
    .map((clause) => clause.text)
    .join(' ');

describe('the official client', () => {
  it('speaks with the oldest models, with a header of its own', async () => {
    for (const model of ['lightning', 'lightning-large'] as const) {
      const { data } = await client.synthesize(model, { text, voice_id: 'emily', add_wav_header: true });
      const { channels, rateHz } = await decodeAudioFile(new Uint8Array(data));
      expect([heard(channels[0] ?? new Float32Array(0), rateHz), rateHz]).toEqual(['two large teas please', 24_000]);
    }
  });

  it('speaks as events, as its guide reads them', async () => {
    const request = { text, voice_id: 'roma', add_wav_header: false, sample_rate: 24_000, consistency: 0.5 };
    const { data } = (await client.synthesizeStream(request)) as unknown as { data: AsyncIterable<Buffer> };
    const pieces: Buffer[] = [];
    const parser = createParser({
      onEvent: ({ event, data: sent }) => {
        if (event === 'chunk') pieces.push(Buffer.from(JSON.parse(sent).audio, 'base64'));
      },
    });
    for await (const piece of data) parser.feed(piece.toString());
    expect(heard(decodePcm16(Buffer.concat(pieces)), 24_000)).toBe('two large teas please');
  });

  it('lists the voices of a model', async () => {
    const { data } = await client.getWavesVoices('lightning');
    expect(data.voices).toMatchObject([{ voiceId: 'heart', displayName: 'Heart', tags: { language: ['english'] } }]);
  });

  it('is told that voices cannot be cloned yet', async () => {
    const refused = (call: Promise<unknown>) =>
      call.then(
        () => 'taken',
        (error: { response: { status: number; data: { error_code: string } } }) => [
          error.response.status,
          error.response.data.error_code,
        ],
      );
    const unavailable = [501, 'voice_cloning.unavailable'];
    expect(await refused(client.addVoiceToModel('My voice', new File(['x'], 'my.wav')))).toEqual(unavailable);
    expect(await refused(client.getClonedVoices())).toEqual(unavailable);
    expect(await refused(client.deleteVoiceClone({ voiceId: 'voice_a' }))).toEqual(unavailable);
    expect(await refused(client.addVoiceToModel('', new File(['x'], 'my.wav')))).toEqual([400, 'invalid_value']);
  });
});

describe('speech', () => {
  it.each([
    ['/waves/v1/tts'],
    ['/waves/v1/tts/'],
    ['/api/v1/tts'],
    ['/waves/v1/lightning-v3.1/get_speech'],
    ['/waves/v1/lightning-v2/get_speech/'],
    ['/api/v1/lightning_v3.1_pro/get_speech'],
  ])('comes from %s', async (path) => {
    const answer = await post(path, { text, voice_id: 'heart', sample_rate: 16_000 });
    expect(heard(decodePcm16(await bytesOf(answer)), 16_000)).toBe('two large teas please');
    expect(answer.headers.get('x-parley-ignored')).toBeNull();
  });

  it.each([
    [{}, 'audio/pcm;rate=44100;channels=1'],
    [{ model: 'lightning-v2' }, 'audio/pcm;rate=24000;channels=1'],
    [{ output_format: 'ulaw' }, 'audio/basic;rate=8000;channels=1'],
    [{ output_format: 'alaw', sample_rate: 16_000 }, 'audio/x-alaw-basic;rate=16000;channels=1'],
    [{ output_format: 'mp3' }, 'audio/mpeg'],
    [{ output_format: 'wav' }, 'audio/wav'],
    [{ add_wav_header: true }, 'audio/wav'],
  ])('with %j is %s', async (options, type) => {
    const answer = await post('/waves/v1/tts', { text, voice_id: 'heart', ...options });
    expect(answer.headers.get('content-type')).toBe(type);
    const bytes = await bytesOf(answer);
    if (type.startsWith('audio/basic')) expect(heard(decodeMulaw(bytes), 8_000)).toBe('two large teas please');
    else expect(bytes.length).toBeGreaterThan(5_000);
  });

  it('names what has no effect, and goes on', async () => {
    const answer = await post('/waves/v1/tts', {
      text,
      voice_id: 'emily',
      language: 'hi',
      number_pronunciation_language: 'hi',
      word_timestamps: true,
      consistency: 0.5,
      enhancement: 1,
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-parley-ignored')).toBe(
      'voice_id, language, number_pronunciation_language, consistency, enhancement, word_timestamps',
    );
    await answer.arrayBuffer();
  });

  it('carries ids of the server and of the client', async () => {
    const answer = await post('/waves/v1/tts', { text, session_id: 'my-session', request_id: 'my.request' });
    expect(answer.headers.get('x-request-id')).toMatch(/^req_\w{32}$/);
    expect(answer.headers.get('x-external-session-id')).toBe('my-session');
    expect(answer.headers.get('x-external-request-id')).toBe('my.request');
    await answer.arrayBuffer();
  });

  it('comes as events, of which the last has warnings', async () => {
    const answer = await post('/waves/v1/tts/live', { text, voice_id: 'emily', sample_rate: 24_000 });
    const events: { event: string | undefined; data: { audio?: string } & Record<string, unknown> }[] = [];
    const parser = createParser({ onEvent: ({ event, data }) => events.push({ event, data: JSON.parse(data) }) });
    parser.feed(await answer.text());
    expect(events[0]).toMatchObject({ event: 'audio', data: { status: '206', done: false } });
    expect(events.at(-1)).toEqual({
      event: undefined,
      data: { status: '200', done: true, warnings: [expect.stringContaining('there is no voice "emily"')] },
    });
    const audio = Buffer.concat(events.map(({ data }) => Buffer.from(data.audio ?? '', 'base64')));
    expect(heard(decodePcm16(audio), 24_000)).toBe('two large teas please');
  });

  it('reads an x between numbers as a sign of multiplication where that is asked for', async () => {
    await (await post('/waves/v1/tts', { text: 'Now 5 x 3, or 2x4.', math_notation: true })).arrayBuffer();
    expect(lastSpoken()).toMatch(/Now 5 × 3, or 2×4\.$/);
  });

  it.each([
    [{}, 400, 'text'],
    [{ text: '' }, 400, 'text'],
    [{ text: 'a'.repeat(5_000) }, 400, 'text'],
    [{ text, speed: 3 }, 400, 'speed'],
    [{ text, sample_rate: 12_345 }, 400, undefined],
    [{ text, output_format: 'ulaw', sample_rate: 44_100 }, 400, undefined],
    [{ text, output_format: 'midi' }, 400, 'output_format'],
    [{ text, voice_id: 'voice_abc' }, 400, 'voice_id'],
    [{ text, model: 'thunder' }, 404, undefined],
    [{ text, pronunciation_dicts: ['nothing'] }, 400, 'pronunciation_dicts'],
    [{ text, session_id: 'a b' }, 400, 'session_id'],
    [[], 400, undefined],
  ])('refuses %j', async (body, status, path) => {
    const answer = await post('/waves/v1/tts', body);
    const error = await bodyOf(answer);
    expect([answer.status, error.status]).toEqual([status, 'error']);
    expect(error.error).toBe(error.message);
    expect(error.request_id).toBe(answer.headers.get('x-request-id'));
    if (path !== undefined) expect(error.details).toMatchObject([{ path }]);
  });

  it.each([
    ['what is no JSON', '{"text":', 400],
    ['what is nested without end', '['.repeat(100_000), 400],
    ['a body that is too long', JSON.stringify({ text: 'a'.repeat(2_000_000) }), 413],
  ])('refuses %s', async (_, body, status) => {
    const answer = await fetch(`${waves.url}/waves/v1/tts`, {
      method: 'POST',
      body,
      headers: { ...json, authorization: `Bearer ${waves.apiKey}` },
    });
    expect([answer.status, (await bodyOf(answer)).status]).toEqual([status, 'error']);
  });
});

describe('voices', () => {
  it('are those of all models, too', async () => {
    const { voices } = await bodyOf(await send('GET', '/waves/v1/voice/get-all-models'));
    expect(voices).toMatchObject([{ _id: expect.stringMatching(/\/heart$/), voiceId: 'heart', audioPreview: null }]);
    expect((await send('GET', '/waves/v1/thunder/get_voices')).status).toBe(404);
  });

  it('cannot be cloned with a file that is too large, or no form', async () => {
    const form = new FormData();
    form.append('displayName', 'My voice');
    form.append('file', new Blob([new Uint8Array(6 * 1024 ** 2)]), 'my.wav');
    const headers = { authorization: `Bearer ${waves.apiKey}` };
    const clone = (body: FormData) => fetch(`${waves.url}/waves/v1/voice-cloning/`, { method: 'POST', body, headers });
    expect((await clone(form)).status).toBe(413);
    expect((await post('/waves/v1/voice-cloning', { displayName: 'x' })).status).toBe(400);
    const without = new FormData();
    without.append('displayName', 'My voice');
    expect((await bodyOf(await clone(without))).details).toMatchObject([{ path: 'file' }]);
  });
});

describe('pronunciation dictionaries', () => {
  const path = '/waves/v1/pronunciation-dicts';
  const create = async (items: unknown, key?: string) =>
    bodyOf(await post(path, { items }, { key: key ?? waves.apiKey }));

  it('change what is spoken, whole words only', async () => {
    const { id, createdAt } = await create([
      { word: 'SQL', pronunciation: 'sequel' },
      { word: 'New York', pronunciation: 'noo york' },
    ]);
    expect(new Date(String(createdAt)).getTime()).toBeGreaterThan(Date.now() - 60_000);
    const answer = await post('/waves/v1/tts', {
      text: 'SQL is not MySQL in New York.',
      pronunciation_dicts: [id],
      sample_rate: 24_000,
    });
    expect(heard(decodePcm16(await bytesOf(answer)), 24_000)).toBe('sequel is not mysql in noo york');
  });

  it('are made, listed, changed and deleted', async () => {
    const { id } = await create([{ word: 'API', pronunciation: 'ay pee eye' }]);
    const listed = async () => (await bodyOf(await send('GET', path))) as unknown as { id: string; items: unknown }[];
    expect((await listed()).find((each) => each.id === id)?.items).toEqual([
      { word: 'API', pronunciation: 'ay pee eye' },
    ]);
    const items = [{ word: 'api', pronunciation: 'apy' }];
    expect(await bodyOf(await send('PUT', path, { id, items }))).toMatchObject({ id, items });
    expect((await listed()).find((each) => each.id === id)?.items).toEqual(items);
    expect(await bodyOf(await send('DELETE', path, { id }))).toEqual({ id, deleted: true });
    expect((await listed()).map((each) => each.id)).not.toContain(id);
    expect((await send('DELETE', path, { id })).status).toBe(404);
    expect((await send('PUT', path, { id, items })).status).toBe(404);
  });

  it('belong to the key that made them', async () => {
    const key = await waves.createKey(['speak']);
    const { id } = await create([{ word: 'SQL', pronunciation: 'squirrel' }], key);
    const mine = (await bodyOf(await send('GET', path))) as unknown as { id: string }[];
    expect(mine.map((each) => each.id)).not.toContain(id);
    expect((await send('DELETE', path, { id })).status).toBe(404);
    const speak = (as: string) => post('/waves/v1/tts', { text: 'SQL', pronunciation_dicts: [id] }, { key: as });
    expect((await speak(waves.apiKey)).status).toBe(400);
    const answer = await speak(key);
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
    expect(lastSpoken()).toMatch(/squirrel$/);
  });

  it.each([
    [{}],
    [{ items: [] }],
    [{ items: [{ word: ' ', pronunciation: 'x' }] }],
    [{ items: [{ word: 'x', pronunciation: 'y'.repeat(101) }] }],
    [{ items: [{ word: 'x' }] }],
    [{ items: Array.from({ length: 1_001 }, (_, at) => ({ word: `w${at}`, pronunciation: 'x' })) }],
  ])('refuse what is no list of words: %#', async (body) => {
    expect((await post(path, body)).status).toBe(400);
  });
});

describe('chat', () => {
  const openai = () => new OpenAI({ apiKey: waves.apiKey, baseURL: `${waves.url}/waves/v1`, maxRetries: 0 });
  const messages = [{ role: 'user', content: 'How are you?' }] as const;

  it('is that of OpenAI, by the name of Electron', async () => {
    const whole = await openai().chat.completions.create({ model: 'electron', messages: [...messages] });
    expect(whole.choices[0]?.message.content).toBe('I am well, thank you.');
    const stream = await openai().chat.completions.create({
      model: 'electron',
      messages: [...messages],
      stream: true,
      stream_options: { include_usage: true },
    });
    let said = '';
    let tokens: number | undefined;
    for await (const chunk of stream) {
      said += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect([said, tokens]).toEqual(['I am well, thank you.', 5]);
  });

  it('says what has no effect, and refuses more than one reply', async () => {
    const answer = await post('/waves/v1/chat/completions', { model: 'electron', messages, top_logprobs: 3, seed: 1 });
    expect(answer.headers.get('x-parley-ignored')).toBe('top_logprobs, seed');
    const refused = await post('/waves/v1/chat/completions', { model: 'electron', messages, n: 2 });
    expect([refused.status, await bodyOf(refused)]).toMatchObject([
      400,
      {
        error: { type: 'invalid_request_error', details: [{ path: 'n' }], request_id: expect.stringMatching(/^req_/) },
      },
    ]);
  });
});

describe('a short-lived token', () => {
  const token = async (key = waves.apiKey, body: unknown = { ttl_seconds: 60 }) =>
    bodyOf(await post('/waves/v1/auth/token', body, { key }));

  it('speaks and lists voices, and does nothing else', async () => {
    const { access_token, token_type, expires_in } = await token();
    const key = String(access_token);
    expect([token_type, expires_in]).toEqual(['Bearer', 60]);
    const spoken = await post('/waves/v1/tts', { text, voice_id: 'heart' }, { key });
    expect(spoken.status).toBe(200);
    await spoken.arrayBuffer();
    expect((await send('GET', '/waves/v1/lightning-v3.1/get_voices', undefined, { key })).status).toBe(200);
    const chat = { model: 'electron', messages: [{ role: 'user', content: 'Hi' }] };
    for (const [path, body] of [
      ['/waves/v1/chat/completions', chat],
      ['/waves/v1/auth/token', {}],
      ['/waves/v1/pronunciation-dicts', { items: [{ word: 'a', pronunciation: 'b' }] }],
    ] as const)
      expect([path, (await post(path, body, { key })).status]).toEqual([path, 403]);
  });

  it('is good for no more than its key', async () => {
    const { access_token: key } = (await token(await waves.createKey(['transcribe']))) as { access_token: string };
    expect((await post('/waves/v1/tts', { text }, { key })).status).toBe(403);
    expect(await token(await waves.createKey(['chat']))).toMatchObject({ error_code: 'access.forbidden' });
  });

  it.each([[{ ttl_seconds: 10 }], [{ ttl_seconds: 901 }], [{ ttl_seconds: 'long' }]])('refuses %j', async (body) => {
    expect((await post('/waves/v1/auth/token', body)).status).toBe(400);
  });
});

describe('every route', () => {
  it.each(wavesRoutes.map(({ method, path }) => [method, path] as const))(
    'asks for the key: %s %s',
    async (method, path) => {
      const answer = await send(method, path.replace(/\{\w+\}/, 'lightning'), method === 'GET' ? undefined : {}, {
        key: 'no',
      });
      const { error } = await bodyOf(answer);
      expect([answer.status, typeof error]).toEqual([401, path.endsWith('completions') ? 'object' : 'string']);
    },
  );

  it('is described, with an example that is accepted', async () => {
    const document = JSON.parse(await (await fetch(`${waves.url}/openapi.json`)).text());
    for (const { method, path, request } of wavesRoutes) {
      expect(document.paths[path]?.[method.toLowerCase()], path).toBeDefined();
      if (!request) continue;
      const file = request.type === 'multipart/form-data' ? { file: new Uint8Array(1) } : {};
      expect(request.schema.safeParse({ ...(request.example as object), ...file }).error).toBeUndefined();
    }
  });

  it('leaves no fault behind', () => {
    expect(waves.faults).toEqual([]);
  });
});
