import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatSamples } from '../../../audio/frame.js';
import { encodeMulaw } from '../../../audio/g711.js';
import { encodePcm16 } from '../../../audio/pcm.js';
import { writeWav } from '../../../audio/wav.js';
import type { Access, Usage } from '../../../platform/access/access.js';
import { keyedAccess } from '../../../platform/access/keyed-access-fixture.js';
import type { SeenMessage } from '../../sockets/socket-client-fixture.js';
import { batchReplySchema } from './batch-reply.js';
import { type SttServer, said, startStt } from './stt-fixture.js';

const silence = (ms: number, rateHz = 16_000): Float32Array => new Float32Array((ms * rateHz) / 1_000);
const order = (rateHz = 16_000): Float32Array =>
  concatSamples([
    silence(300, rateHz),
    said('two large teas', rateHz),
    silence(1_200, rateHz),
    said('and one coffee', rateHz),
    silence(400, rateHz),
  ]);
const key = 'the-key-of-the-server';

/** Counts what is used, as a door with a key does. */
function counting(): { readonly access: Access; readonly used: Usage[] } {
  const used: Usage[] = [];
  const door = keyedAccess(key);
  const access: Access = {
    required: true,
    async enter(...how) {
      const visit = await door.enter(...how);
      const note = async (usage: Usage = {}): Promise<void> => void used.push(usage);
      return { ...visit, leave: note, use: note };
    },
  };
  return { access, used };
}

let server: SttServer;
const { access, used } = counting();
beforeAll(async () => {
  server = await startStt({ access, fetchPrivate: true });
});
afterAll(async () => {
  await server.close();
  expect(server.faults).toEqual([]);
});

const headers = { authorization: `Bearer ${key}` };
const finals = (messages: readonly SeenMessage[]): SeenMessage[] => messages.filter((each) => each.is_final === true);
const texts = (messages: readonly SeenMessage[]): unknown[] => finals(messages).map(({ transcript }) => transcript);

describe('live transcription in the Waves dialect', () => {
  const opened = '/waves/v1/stt/live?model=pulse&language=en&encoding=linear16&sample_rate=16000';

  it('as a plug-in of LiveKit drives it: audio, close_stream, and finals up to the last', async () => {
    const query = 'word_timestamps=true&diarize=false&eou_timeout_ms=800&format=true&sentence_timestamps=true';
    const client = await server.connect(`${opened}&${query}&redact_pii=false&redact_pci=false`, { headers });
    client.stream(encodePcm16(order()));
    client.send({ type: 'close_stream' });
    await client.until(({ is_last }) => is_last === true);
    expect(await client.closed).toEqual({ code: 1000, reason: '' });
    expect(texts(client.messages)).toEqual(['two large teas', 'and one coffee']);
    const [first, last] = finals(client.messages);
    expect(first).toMatchObject({ type: 'transcription', status: 'success', is_last: false, from_finalize: false });
    expect(last).toMatchObject({ is_last: true, language: 'en', utterances: [{ text: 'and one coffee' }] });
    const words = first?.words as { word: string; start: number; end: number; confidence: number }[];
    expect(words.map(({ word }) => word)).toEqual(['two', 'large', 'teas']);
    expect(words[0]?.start).toBeGreaterThan(0.25);
    expect(words[2]?.end).toBeLessThan(1.3);
    const interim = client.messages.filter((each) => each.is_final === false);
    expect(interim.length).toBeGreaterThan(0);
    expect(interim.every((each) => each.transcript === each.transcription && each.transcript !== '')).toBe(true);
    expect(new Set(client.messages.map(({ session_id: id }) => id)).size).toBe(1);
  });

  it('as a plug-in of Pipecat drives it: finalize where its own detector says so, on the older path, then more', async () => {
    const query =
      'language=en&encoding=linear16&sample_rate=16000&word_timestamps=false&full_transcript=true&numerals=auto';
    const client = await server.connect(`/waves/v1/pulse/get_text?${query}&eou_timeout_ms=10000`, { headers });
    client.stream(encodePcm16(concatSamples([said('two large teas'), silence(200)])));
    client.send({ type: 'finalize' });
    const first = await client.until(({ from_finalize: from }) => from === true);
    expect(first).toMatchObject({ transcript: 'two large teas', is_final: true, is_last: false });
    expect(first).not.toHaveProperty('words');
    client.stream(encodePcm16(concatSamples([silence(400), said('and one coffee'), silence(200)])));
    client.send({ type: 'finalize' });
    await client.until(({ transcript, is_final: isFinal }) => isFinal === true && transcript === 'and one coffee');
    expect(client.messages.at(-1)).toMatchObject({ full_transcript: 'two large teas and one coffee' });
    client.send({ type: 'finalize' });
    await client.until(({ transcript, from_finalize: from }) => from === true && transcript === '');
    client.send({ type: 'end' });
    await client.until(({ is_last }) => is_last === true);
    expect((await client.closed).code).toBe(1000);
  });

  it('ends with a message without words when the last ones were final before', async () => {
    const client = await server.connect(opened, { headers });
    client.stream(encodePcm16(concatSamples([order(), silence(1_000)])));
    client.send({ type: 'close_stream' });
    await client.closed;
    expect(texts(client.messages)).toEqual(['two large teas', 'and one coffee', '']);
    expect(finals(client.messages).map(({ is_last }) => is_last)).toEqual([false, false, true]);
  });

  it('in mu-law at 8 kHz, with words on the older path, and without a slash or with one', async () => {
    const client = await server.connect('/api/v1/pulse/get_text/?encoding=mulaw&sample_rate=8000', { headers });
    client.stream(encodeMulaw(order(8_000)));
    client.send({ type: 'close_stream' });
    await client.closed;
    expect(texts(client.messages)).toEqual(['two large teas', 'and one coffee']);
    expect(finals(client.messages)[0]?.words).toHaveLength(3);
  });

  it('puts samples together that frames have cut in two', async () => {
    const client = await server.connect(opened, { headers });
    const bytes = encodePcm16(order());
    for (let at = 0; at < bytes.length; at += 333) client.socket.send(bytes.subarray(at, at + 333));
    client.send({ type: 'close_stream' });
    await client.closed;
    expect(texts(client.messages)).toEqual(['two large teas', 'and one coffee']);
  });

  it('warns of what it does not do, answers a keepalive, and goes on after messages that say nothing', async () => {
    const client = await server.connect(`${opened}&diarize=true&eou_timeout_ms=0&colour=red`, { headers });
    client.send({ type: 'keepalive' });
    client.send({ type: 'sing' });
    client.socket.send('{"type":');
    client.stream(encodePcm16(order()));
    client.send({ type: 'close_stream' });
    await client.closed;
    const warnings = client.messages.filter(({ type }) => type === 'warning');
    expect(warnings.map(({ param }) => param)).toEqual(['diarize', 'eou_timeout_ms', 'colour', null, null]);
    expect(client.messages.some(({ type }) => type === 'pong')).toBe(true);
    expect(client.messages.every(({ type }) => type !== 'error')).toBe(true);
    expect(texts(client.messages)).toContain('and one coffee');
  });

  it('tells when somebody speaks, beside the transcript', async () => {
    const client = await server.connect(`${opened}&vad_events=true`, { headers });
    client.stream(encodePcm16(order()));
    client.send({ type: 'close_stream' });
    await client.closed;
    const told = client.messages.filter(({ type }) => type.startsWith('speech_'));
    expect(told.map(({ type }) => type)).toEqual(['speech_started', 'speech_ended', 'speech_started', 'speech_ended']);
    expect(Math.abs(Number(told[0]?.timestamp) - 0.3)).toBeLessThan(0.15);
  });

  it('takes the key from the query too, where a page can put it', async () => {
    const client = await server.connect(`${opened}&api_key=${key}`);
    client.send({ type: 'close_stream' });
    await client.closed;
    expect(client.messages).toMatchObject([{ is_final: true, is_last: true, transcript: '' }]);
    expect(JSON.stringify(client.messages)).not.toContain(key);
  });

  it.each([
    ['/waves/v1/stt/live?language=en', 400, 'model'],
    ['/waves/v1/stt/live?model=pulse-pro', 400, 'recordings only'],
    ['/waves/v1/stt/live?model=whisper-9', 404, 'whisper-9'],
    [`${opened}&sample_rate=1`, 400, 'sample_rate'],
    ['/waves/v1/stt/live?model=pulse&encoding=ogg_opus', 400, 'encoding'],
  ])('refuses %s before it is a socket', async (target, status, says) => {
    const refusal = await server.refused(target, { headers });
    expect(refusal.status).toBe(status);
    expect(refusal.body).toMatchObject({ status: 'error', message: expect.stringContaining(says) });
    expect((refusal.body as { error: unknown; message: unknown }).error).toBe(
      (refusal.body as { message: unknown }).message,
    );
  });

  it('refuses who has no key, or a wrong one', async () => {
    for (const target of [opened, `${opened}&api_key=wrong`]) expect((await server.refused(target)).status).toBe(401);
  });

  it('is counted in seconds of audio', async () => {
    used.length = 0;
    const client = await server.connect(opened, { headers });
    client.stream(encodePcm16(silence(2_500)));
    client.send({ type: 'close_stream' });
    await client.closed;
    await expect.poll(() => used.reduce((sum, { audioInSeconds = 0 }) => sum + audioInSeconds, 0)).toBeCloseTo(2.5);
  });

  it('says that there is no room, and when to come again', async () => {
    const full = await startStt({ limits: { maxLiveTranscriptions: 0 } });
    const client = await full.connect(opened);
    expect(await client.until(({ type }) => type === 'error')).toMatchObject({
      status: 'error',
      message: expect.stringContaining('try again'),
    });
    expect((await client.closed).code).toBe(1013);
    await full.close();
  });

  it('leaves nothing behind when a client goes away in the middle of a word', async () => {
    const one = await startStt({ limits: { maxLiveTranscriptions: 1 } });
    for (let round = 0; round < 5; round++) {
      const client = await one.connect(opened);
      client.stream(encodePcm16(said('two large teas')));
      await client.until(({ type }) => type === 'transcription');
      client.socket.terminate();
      await expect
        .poll(async () => {
          const next = await one.connect(opened);
          next.send({ type: 'close_stream' });
          await next.closed;
          return next.messages.at(-1)?.is_last;
        })
        .toBe(true);
    }
    await one.close();
    expect(one.faults).toEqual([]);
  });
});

describe('recordings in the Waves dialect', () => {
  const wav = (): Uint8Array<ArrayBuffer> => new Uint8Array(writeWav([order()], 16_000));
  const post = async (
    target: string,
    body: string | Uint8Array<ArrayBuffer>,
    type?: string,
  ): Promise<{ status: number; headers: Headers; body: never }> => {
    const answer = await fetch(`${server.url}${target}`, {
      method: 'POST',
      headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
      body,
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as never };
  };

  it.each(['application/octet-stream', 'audio/wav', 'audio/mpeg', undefined])('are the body, as %s', async (type) => {
    const { status, body } = await post('/waves/v1/stt/?model=pulse&language=en&word_timestamps=true', wav(), type);
    expect(status).toBe(200);
    const reply = batchReplySchema.parse(body);
    expect(reply.transcription).toBe('two large teas and one coffee');
    expect(reply.words.map(({ word }) => word)).toEqual(['two', 'large', 'teas', 'and', 'one', 'coffee']);
    expect(reply.utterances?.map(({ text }) => text)).toEqual(['two large teas', 'and one coffee']);
    expect(reply.metadata).toEqual({ duration: order().length / 16_000, fileSize: wav().length });
    expect(reply).not.toHaveProperty('warnings');
  });

  it('are bytes without a container where the client says what they are', async () => {
    const bytes = new Uint8Array(encodePcm16(order(8_000)));
    const { body } = await post('/waves/v1/stt?model=pulse&encoding=linear16&sample_rate=8000', bytes, 'audio/raw');
    expect(body).toMatchObject({ transcription: 'two large teas and one coffee', words: [], utterances: [] });
  });

  it('are read from where a URL says', async () => {
    const files = createServer((_request, response) => response.end(wav()));
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(files.address() as AddressInfo).port}/call.wav`;
    const asked = JSON.stringify({ url });
    const { body } = await post('/waves/v1/stt/?model=pulse', asked, 'application/json');
    expect(body).toMatchObject({ status: 'success', transcription: 'two large teas and one coffee' });
    const careful = await startStt();
    const refused = await fetch(`${careful.url}/waves/v1/stt/?model=pulse`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: asked,
    });
    expect([refused.status, await refused.json()]).toMatchObject([400, { error_code: 'fetch.private' }]);
    await careful.close();
    await new Promise((resolve) => files.close(resolve));
  });

  it('have the form of pulse-pro, and that of the older path', async () => {
    const pro = await post('/waves/v1/stt/?model=pulse-pro&language=en', wav(), 'audio/wav');
    expect(pro.body).toMatchObject({ language: 'en', totalBytes: wav().length, request_id: expect.any(String) });
    expect(pro.body).not.toHaveProperty('utterances');
    const older = await post('/api/v1/pulse/get_text?language=en', wav(), 'audio/wav');
    expect(older.body).toMatchObject({ audio_length: String(order().length / 16_000) });
  });

  it('report what was asked for and is not done, in the answer and its headers', async () => {
    const query = 'model=pulse&language=hi&diarize=true&emotion_detection=true&sparkle=1';
    const { body, headers: answered, status } = await post(`/waves/v1/stt/?${query}`, wav(), 'audio/wav');
    expect(status).toBe(200);
    expect(answered.get('x-parley-ignored')).toBe('language, diarize, emotion_detection, sparkle');
    expect((body as { warnings: string[] }).warnings).toHaveLength(4);
  });

  it.each([
    ['/waves/v1/stt/', 400, 'model'],
    ['/waves/v1/stt/?model=nobody', 404, 'nobody'],
    ['/waves/v1/stt/?model=pulse&webhook_url=https://example.com', 400, 'webhook_url'],
    ['/waves/v1/stt/?model=pulse&keywords=Ohm:much', 400, 'keywords'],
  ])('%s is refused before the recording is read', async (target, status, says) => {
    const refusal = await post(target, wav(), 'audio/wav');
    expect(refusal).toMatchObject({ status, body: { status: 'error', message: expect.stringContaining(says) } });
  });

  it.each([
    [new Uint8Array(0), 'empty'],
    [new TextEncoder().encode('<html>no sound</html>'), 'Unknown audio format'],
  ])('bytes that are no recording are refused', async (bytes, says) => {
    const refusal = await post('/waves/v1/stt/?model=pulse', bytes, 'audio/wav');
    expect(refusal).toMatchObject({ status: 400, body: { error: expect.stringContaining(says) } });
  });

  it('a body in JSON must have a URL', async () => {
    const refusal = await post('/waves/v1/stt/?model=pulse', '{"uri":"x"}', 'application/json');
    expect(refusal).toMatchObject({ status: 400, body: { details: [{ path: 'url' }] } });
  });

  it('larger ones than an upload may be are refused', async () => {
    const refusal = await post('/waves/v1/stt/?model=pulse', new Uint8Array(26 * 1024 ** 2), 'audio/wav');
    expect(refusal.status).toBe(413);
  });

  it('are described with their parameters', async () => {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      paths: Record<
        string,
        { post: { parameters: { name: string; in: string; required: boolean }[]; requestBody: { content: object } } }
      >;
    };
    const operation = document.paths['/waves/v1/stt']?.post;
    expect(operation?.parameters).toContainEqual(
      expect.objectContaining({ name: 'model', in: 'query', required: true }),
    );
    expect(operation?.parameters).toContainEqual(expect.objectContaining({ name: 'keywords', required: false }));
    expect(Object.keys(operation?.requestBody.content ?? {})).toEqual([
      'application/json',
      'application/octet-stream',
      'audio/*',
    ]);
  });
});
