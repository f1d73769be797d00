import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeepgramClient } from '@deepgram/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeAudioFile } from '../../audio/decode.js';
import { concatSamples } from '../../audio/frame.js';
import { decodePcm16 } from '../../audio/pcm.js';
import { writeWav } from '../../audio/wav.js';
import { apiKey, type DeepgramServer, rateHz, startDeepgram } from './deepgram-fixture.js';

let dg: DeepgramServer;
let client: DeepgramClient;

beforeAll(async () => {
  dg = await startDeepgram();
  client = new DeepgramClient({ apiKey, baseUrl: dg.url });
});
afterAll(() => dg.close());

const order = (): Uint8Array =>
  writeWav([concatSamples([dg.said('two large teas'), dg.silence(1_500), dg.said('and one coffee')])], rateHz);

const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${dg.url}${path}`, { method: 'POST', body, headers: { authorization: `Token ${apiKey}`, ...headers } });

type Answer = {
  readonly metadata: { readonly [field: string]: unknown };
  readonly results: {
    readonly channels: readonly {
      readonly alternatives: readonly {
        readonly transcript: string;
        readonly confidence: number;
        readonly words: readonly { readonly word: string; readonly start: number; readonly punctuated_word?: string }[];
        readonly paragraphs?: { readonly transcript: string };
      }[];
    }[];
    readonly utterances?: readonly { readonly transcript: string; readonly start: number; readonly channel: number }[];
  };
};
const answerOf = async (response: Response): Promise<Answer> => (await response.json()) as Answer;

describe('a recording', () => {
  it('is transcribed for the official client, with word times and utterances', async () => {
    const answer = (await client.listen.v1.media.transcribeFile(Buffer.from(order()), {
      model: 'nova-3',
      smart_format: true,
      utterances: true,
    })) as unknown as Answer;
    const [alternative] = answer.results.channels[0]?.alternatives ?? [];
    expect(alternative?.transcript).toBe('2 large teas and one coffee');
    expect(alternative?.words.map(({ word }) => word)).toEqual(['2', 'large', 'teas', 'and', 'one', 'coffee']);
    expect(alternative?.words[0]?.punctuated_word).toBe('2');
    expect(alternative?.words[3]?.start).toBeGreaterThan(2.2);
    expect(answer.results.utterances?.map(({ transcript }) => transcript)).toEqual(['2 large teas', 'and one coffee']);
    expect(answer.metadata).toMatchObject({
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      channels: 1,
      duration: expect.closeTo(3.2, 0),
    });
    expect(answer.metadata).not.toHaveProperty('warnings');
  });

  it('may be named by its address', async () => {
    const wav = order();
    const files = createServer((_request, response) => response.end(wav));
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(files.address() as AddressInfo).port}/order.wav`;
    const answer = (await client.listen.v1.media.transcribeUrl({ url, model: 'nova-2' })) as unknown as Answer;
    files.close();
    expect(answer.results.channels[0]?.alternatives[0]?.transcript).toBe('two large teas and one coffee');
  });

  it('may come without a container, and in two channels that stay apart', async () => {
    const left = dg.said('two large teas');
    const right = dg.said('and one coffee');
    const frames = Math.min(left.length, right.length);
    const both = new Float32Array(2 * frames);
    for (let i = 0; i < frames; i++) both.set([left[i] as number, right[i] as number], 2 * i);
    const path = '/v1/listen?encoding=linear16&sample_rate=16000&channels=2&multichannel=true&utterances=true';
    const answer = await answerOf(await post(path, dg.pcm(both), { 'content-type': 'application/octet-stream' }));
    expect(answer.results.channels.map(({ alternatives }) => alternatives[0]?.transcript)).toEqual([
      'two large teas',
      'and one coffee',
    ]);
    expect(answer.results.utterances?.map(({ channel }) => channel).sort()).toEqual([0, 1]);
    expect(answer.metadata.channels).toBe(2);
  });

  it('is answered with what had no effect, and not when that was switched off', async () => {
    const path = '/v1/listen?diarize=true&summarize=v2&detect_language=false&keywords=coffee:2&extra=a:b';
    const response = await post(path, order(), { 'content-type': 'audio/wav' });
    expect(response.headers.get('x-parley-ignored')).toBe('diarize, summarize');
    const { metadata } = await answerOf(response);
    expect(metadata.warnings).toMatchObject([
      { parameter: 'diarize', type: 'unsupported_parameter' },
      { parameter: 'summarize', type: 'unsupported_parameter' },
    ]);
    expect(metadata.extra).toEqual({ a: 'b' });
    expect(response.headers.get('dg-request-id')).toBe(metadata.request_id);
  });

  it.each([
    ['an unknown model', '?model=other', /no model "other"/],
    ['another language', '?language=fi', /understand/],
    ['what cannot be found for sure', '?redact=phi', /redact/],
    ['an answer to another address', '?callback=https://example.com', /callback/],
    ['compressed audio without a container', '?encoding=opus', /encoding/],
    ['a number that is none', '?utt_split=soon', /utt_split/],
  ])('is refused with %s', async (_what, query, message) => {
    const response = await post(`/v1/listen${query}`, order(), { 'content-type': 'audio/wav' });
    expect(response.status).toBe(400);
    const body = (await response.json()) as { err_msg: string };
    expect(body).toEqual({
      err_code: 'Bad Request',
      err_msg: expect.stringMatching(message),
      request_id: response.headers.get('dg-request-id'),
    });
    expect(response.headers.get('dg-error')).toMatch(message);
  });

  it.each([
    ['nothing', '', 'audio/wav'],
    ['no recording', 'hello', 'audio/wav'],
    ['text', 'hello', 'text/plain'],
    ['no url', '{}', 'application/json'],
    ['no JSON', '{', 'application/json'],
    ['a file of this computer', '{"url":"file:///etc/passwd"}', 'application/json'],
  ])('is refused when the body is %s', async (_what, body, type) => {
    const response = await post('/v1/listen', body, { 'content-type': type });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ err_code: 'Bad Request', request_id: expect.any(String) });
  });

  it('is refused without a key', async () => {
    const response = await fetch(`${dg.url}/v1/listen`, { method: 'POST', body: order() });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ err_code: 'INVALID_AUTH' });
  });
});

describe('a text', () => {
  const text = 'Two large teas, please.';

  it.each([
    ['mp3', {}],
    ['linear16', { encoding: 'linear16' }],
    ['opus', { encoding: 'opus' }],
    ['flac', { encoding: 'flac' }],
    ['mulaw in WAV', { encoding: 'mulaw' }],
  ] as const)('is spoken for the official client as %s', async (_name, options) => {
    const spoken = await client.speak.v1.audio.generate({ text, model: 'aura-2-thalia-en', ...options });
    const { channels, rateHz: hz } = await decodeAudioFile(new Uint8Array(await spoken.arrayBuffer()));
    expect(dg.heard(channels[0] ?? new Float32Array(0), hz)).toContain('large teas');
  });

  it('comes without a container when asked, and says who spoke it', async () => {
    const response = await post(
      '/v1/speak?encoding=linear16&sample_rate=16000&container=none&bit_rate=1',
      JSON.stringify({ text }),
      { 'content-type': 'application/json' },
    );
    expect(response.headers.get('content-type')).toBe('audio/l16;rate=16000;channels=1');
    expect(response.headers.get('dg-char-count')).toBe(String(text.length));
    expect(response.headers.get('dg-model-name')).toBe('scripted');
    expect(response.headers.get('x-parley-ignored')).toBe('bit_rate');
    expect(dg.heard(decodePcm16(new Uint8Array(await response.arrayBuffer())), 16_000)).toBe('two large teas please');
  });

  it.each([
    ['?model=aura-2-celeste-es', /celeste-es/],
    ['?encoding=mp3&container=wav', /container/],
    ['?encoding=linear16&sample_rate=9000', /9000/],
    ['?model=tacotron', /no model/],
  ])('is refused with %s', async (query, message) => {
    const response = await post(`/v1/speak${query}`, JSON.stringify({ text }), { 'content-type': 'application/json' });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { err_msg: string }).err_msg).toMatch(message);
  });

  it('must be one', async () => {
    for (const body of ['{}', '{"text":" "}', '{"text":7}'])
      expect((await post('/v1/speak', body, { 'content-type': 'application/json' })).status).toBe(400);
  });
});

describe('a token', () => {
  it('is granted to the holder of a key, and opens what the key opens', async () => {
    const { access_token: token, expires_in } = await client.auth.v1.tokens.grant();
    expect(expires_in).toBe(30);
    const response = await fetch(`${dg.url}/v1/listen`, {
      method: 'POST',
      body: order(),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'audio/wav' },
    });
    expect(response.status).toBe(200);
    const again = await fetch(`${dg.url}/v1/auth/grant`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(again.status).toBe(401);
  });
});

describe('the document', () => {
  it('has the routes with their parameters', async () => {
    const document = (await (await fetch(`${dg.url}/openapi.json`)).json()) as {
      paths: Record<string, { post: { parameters: { name: string; in: string }[] } }>;
    };
    expect(document.paths['/v1/listen']?.post.parameters.map(({ name }) => name)).toContain('smart_format');
    expect(document.paths['/v1/speak']?.post.parameters.map(({ name }) => name)).toContain('encoding');
  });
});
