import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ttsSocketLimits } from '../../src/api/waves/tts/tts-socket.js';
import { decodeAlaw } from '../../src/audio/g711.js';
import { decodePcm16 } from '../../src/audio/pcm.js';
import { ParleyError } from '../../src/ports/errors.js';
import { decodedText } from '../../src/testing/tone-decoder.js';
import { startWaves, type WavesServer } from './support/waves-server.js';

type Frame = {
  readonly status: 'chunk' | 'word_timestamp' | 'complete' | 'error';
  readonly session_id: string;
  readonly request_id?: string;
  readonly external_session_id?: string;
  readonly external_request_id?: string;
  readonly data?: { readonly audio?: string; readonly id?: number; readonly word?: string } & Record<string, unknown>;
  readonly error?: string;
  readonly message?: string;
  readonly error_code?: string;
  readonly warnings?: readonly string[];
};

let waves: WavesServer;
const open: WebSocket[] = [];
beforeAll(async () => {
  waves = await startWaves({
    fail: ({ text }) =>
      text.includes('refuse')
        ? new ParleyError('No such luck.', { code: 'host.died', status: 503, retryable: true })
        : undefined,
  });
});
afterAll(() => waves?.close());
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

/** A client of the socket, which reads the frames one by one. */
class Client {
  readonly frames: Frame[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #read = 0;
  #wake = (): void => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()));
      this.#wake();
    });
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async connect(path = '/waves/v1/tts/live', headers: Record<string, string> = bearer()): Promise<Client> {
    const socket = new WebSocket(`${waves.wsUrl}${path}`, { headers });
    open.push(socket);
    const client = new Client(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  sendBinary(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Frames up to the next of one of these kinds. */
  async until(...kinds: Frame['status'][]): Promise<Frame[]> {
    const from = this.#read;
    for (;;) {
      const frame = this.frames[this.#read];
      if (!frame) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#read += 1;
      if (kinds.includes(frame.status)) return this.frames.slice(from, this.#read);
    }
  }
}

const bearer = (): Record<string, string> => ({ authorization: `Bearer ${waves.apiKey}` });
const audioOf = (frames: readonly Frame[]): Buffer =>
  Buffer.concat(frames.map(({ data }) => Buffer.from(data?.audio ?? '', 'base64')));
const heard = (frames: readonly Frame[], rateHz = 24_000): string =>
  decodedText(decodePcm16(audioOf(frames)), { rateHz, vocabulary: waves.vocabulary });
const kinds = (frames: readonly Frame[]): string[] => [...new Set(frames.map(({ status }) => status))];

/** What the plug-in for LiveKit sends with every message. */
const liveKit = {
  model: 'lightning_v3.1_pro',
  voice_id: 'heart',
  sample_rate: 24_000,
  speed: 1,
  language: 'en',
  output_format: 'pcm',
  max_buffer_flush_ms: 0,
};
/** And that for Pipecat. */
const pipecat = { voice_id: 'heart', model: 'lightning_v3.1_pro', language: 'en' };

describe('the plug-in for LiveKit', () => {
  it('sends tokens, flushes, waits for one complete, and uses the socket again', async () => {
    const client = await Client.connect();
    const requests = new Set<string | undefined>();
    for (const [tokens, expected] of [
      [
        ['Two', ' large', ' te', 'as', ', ple', 'ase', '. And', ' one', ' cof', 'fee', '.'],
        'two large teas please and one coffee',
      ],
      [['Good', 'bye.'], 'goodbye'],
    ] as const) {
      for (const text of tokens) client.send({ ...liveKit, text, continue: true, flush: false });
      client.send({ ...liveKit, text: '', continue: false, flush: true });
      const frames = await client.until('complete');
      expect(heard(frames)).toBe(expected);
      expect(new Set(frames.map(({ request_id }) => request_id)).size).toBe(1);
      requests.add(frames[0]?.request_id);
    }
    expect(requests.size).toBe(2);
    expect(new Set(client.frames.map(({ session_id }) => session_id)).size).toBe(1);
    expect(client.frames.filter(({ status }) => status === 'complete')).toHaveLength(2);
    expect(client.isOpen).toBe(true);
  });

  it('hears a clause before the text has ended', async () => {
    const client = await Client.connect();
    client.send({ ...liveKit, text: 'Two large teas, please. And', continue: true, flush: false });
    expect((await client.until('chunk'))[0]).toMatchObject({ request_id: expect.stringMatching(/^task_/) });
    client.send({ ...liveKit, text: ' bread.', continue: false, flush: true });
    await client.until('complete');
    expect(heard(client.frames)).toBe('two large teas please and bread');
  });

  it('is told complete for a flush of nothing', async () => {
    const client = await Client.connect();
    client.send({ ...liveKit, text: '', continue: false, flush: true });
    expect((await client.until('complete')).map(({ status }) => status)).toEqual(['complete']);
  });

  it('is told of a failure once, whatever it sends after it, and the next answer is spoken', async () => {
    const client = await Client.connect();
    client.send({ ...liveKit, text: 'I refuse this, and that. And', continue: true, flush: false });
    const [failed] = await client.until('error');
    expect(failed).toMatchObject({ status: 'error', request_id: expect.stringMatching(/^task_/) });
    expect(failed?.message).toBe(failed?.error);
    client.send({ ...liveKit, text: ' more.', continue: true, flush: false });
    client.send({ ...liveKit, text: '', continue: false, flush: true });
    client.send({ ...liveKit, text: 'Two teas.', continue: false, flush: true });
    const frames = await client.until('complete');
    expect([heard(frames), kinds(frames)]).toEqual(['two teas', ['chunk', 'complete']]);
  });
});

describe('the plug-in for Pipecat', () => {
  it('sends a message for each sentence, which are requests of their own', async () => {
    const client = await Client.connect();
    const send = (text: string) =>
      client.send({ text, ...pipecat, sample_rate: 24_000, word_timestamps: true, output_format: 'pcm' });
    send('Two large teas.');
    send('And one coffee.');
    const first = await client.until('complete');
    const second = await client.until('complete');
    expect([heard(first), heard(second)]).toEqual(['two large teas', 'and one coffee']);
    const words = second.filter(({ status }) => status === 'word_timestamp').map(({ data }) => data);
    expect(words.map((word) => [word?.id, word?.word])).toEqual([
      [0, 'And'],
      [1, 'one'],
      [2, 'coffee.'],
    ]);
    // Of this request's audio, not of the turn's.
    expect(words[0]?.start).toBeLessThan(0.1);
    expect(words[1]?.start).toBeGreaterThan(Number(words[0]?.end) - 0.001);
    expect(first[0]?.request_id).not.toBe(second[0]?.request_id);
  });

  it('keeps the socket open with blank text, which is never answered', async () => {
    const client = await Client.connect();
    client.send({ text: ' ', ...pipecat });
    client.send({ text: 'Two teas.', ...pipecat, sample_rate: 24_000 });
    client.send({ text: ' ', ...pipecat });
    client.send({ text: 'One coffee.', ...pipecat, sample_rate: 24_000 });
    expect(heard(await client.until('complete'))).toBe('two teas');
    expect(heard(await client.until('complete'))).toBe('one coffee');
    expect(client.frames.filter(({ status }) => status === 'complete')).toHaveLength(2);
  });
});

describe('the socket', () => {
  it.each([
    ['/waves/v1/tts/live/?timeout=5'],
    ['/waves/v1/lightning-v3.1/get_speech/stream'],
    ['/waves/v1/lightning-v2/get_speech/stream'],
    ['/api/v1/lightning-v2/get_speech/stream'],
  ])('is at %s', async (path) => {
    const client = await Client.connect(path);
    client.send({ text: 'Two teas.', voice_id: 'heart', sample_rate: 16_000 });
    expect(heard(await client.until('complete'), 16_000)).toBe('two teas');
  });

  it('is made at the rate that its path is known for', async () => {
    for (const [path, rateHz] of [
      ['/waves/v1/tts/live', 44_100],
      ['/waves/v1/lightning-v2/get_speech/stream', 24_000],
    ] as const) {
      const client = await Client.connect(path);
      client.send({ text: 'Two teas.', voice_id: 'heart' });
      expect(heard(await client.until('complete'), rateHz)).toBe('two teas');
    }
  });

  it.each([
    ['the header', '/waves/v1/tts/live', () => bearer()],
    ['api_key', () => `/waves/v1/tts/live?api_key=${waves.apiKey}`, () => ({})],
    ['token', () => `/waves/v1/tts/live?token=${waves.apiKey}`, () => ({})],
  ] as const)('takes the key as %s', async (_, path, headers) => {
    expect((await Client.connect(typeof path === 'string' ? path : path(), headers())).isOpen).toBe(true);
  });

  it('refuses others before it is one', async () => {
    const socket = new WebSocket(`${waves.wsUrl}/waves/v1/tts/live`);
    const body = await new Promise((resolve, reject) => {
      socket.once('open', () => reject(new Error('the upgrade was taken')));
      socket.once('error', () => {});
      socket.once('unexpected-response', (_request, response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve([response.statusCode, JSON.parse(Buffer.concat(parts).toString())]));
      });
    });
    expect(body).toMatchObject([401, { status: 'error', error_code: 'access.unauthorized' }]);
  });

  it('carries the ids of the client', async () => {
    const client = await Client.connect();
    client.send({ text: 'Two teas.', voice_id: 'heart', session_id: 'mine', request_id: 'first' });
    expect((await client.until('complete')).at(-1)).toMatchObject({
      external_session_id: 'mine',
      external_request_id: 'first',
    });
  });

  it('begins another request where the client gives it another id', async () => {
    const client = await Client.connect();
    const rest = { voice_id: 'heart', sample_rate: 24_000, continue: true };
    client.send({ ...rest, text: 'Two teas', request_id: 'first' });
    client.send({ ...rest, text: 'One coffee', request_id: 'second', flush: true, continue: false });
    const first = await client.until('complete');
    expect([heard(first), first.at(-1)?.external_request_id]).toEqual(['two teas', 'first']);
    expect(heard(await client.until('complete'))).toBe('one coffee');
  });

  it('speaks what is buffered when no more has come for as long as the client says', async () => {
    const client = await Client.connect();
    client.send({ text: 'Two large', voice_id: 'heart', sample_rate: 24_000, continue: true, max_buffer_flush_ms: 50 });
    await client.until('chunk');
    client.send({ text: ' teas', voice_id: 'heart', continue: true, flush: true });
    client.send({ text: '', voice_id: 'heart', continue: false });
    await client.until('complete');
    expect(heard(client.frames)).toBe('two large teas');
  });

  it('says what has no effect with complete', async () => {
    const client = await Client.connect();
    client.send({ text: 'Two teas.', voice_id: 'emily', language: 'hi', consistency: 1, complete_backoff_ms: 500 });
    const warnings = (await client.until('complete')).at(-1)?.warnings ?? [];
    expect(warnings.map((warning) => warning.split(/[: ]/)[0])).toEqual([
      'voice_id',
      'language',
      'consistency',
      'complete_backoff_ms',
    ]);
  });

  it('reads words as a dictionary has them, and names them as they were written', async () => {
    const made = await fetch(`${waves.url}/waves/v1/pronunciation-dicts`, {
      method: 'POST',
      body: JSON.stringify({ items: [{ word: 'SQL', pronunciation: 'ess queue ell' }] }),
      headers: { ...bearer(), 'content-type': 'application/json' },
    });
    const { id } = (await made.json()) as { id: string };
    const client = await Client.connect();
    const base = { voice_id: 'heart', sample_rate: 24_000, word_timestamps: true, pronunciation_dicts: [id] };
    for (const text of ['My S', 'QL is', ' fast.']) client.send({ ...base, text, continue: true });
    client.send({ ...base, text: '', flush: true, continue: false });
    const frames = await client.until('complete');
    expect(heard(frames)).toBe('my ess queue ell is fast');
    const words = frames.filter(({ status }) => status === 'word_timestamp').map(({ data }) => data?.word);
    expect(words).toEqual(['My', 'SQL', 'is', 'fast.']);
  });

  it('is made as alaw, in pieces that are no longer than they may be', async () => {
    const client = await Client.connect();
    client.send({ text: 'Two large teas and one coffee.', voice_id: 'heart', output_format: 'alaw' });
    const frames = await client.until('complete');
    const samples = decodeAlaw(audioOf(frames));
    expect(decodedText(samples, { rateHz: 8_000, vocabulary: waves.vocabulary })).toBe('two large teas and one coffee');
    for (const frame of frames) expect(audioOf([frame]).length).toBeLessThanOrEqual(ttsSocketLimits.pieceMs * 8);
  });

  it.each([
    ['no JSON', '{', 'invalid_json'],
    ['no text', { voice_id: 'heart' }, 'invalid_value'],
    ['an unknown model', { text: 'x', model: 'thunder' }, 'model.unknown'],
    ['a cloned voice', { text: 'x', voice_id: 'voice_x' }, 'tts.unknown_voice'],
    ['a format with a header', { text: 'x', output_format: 'wav' }, 'invalid_value'],
    ['an unknown dictionary', { text: 'x', pronunciation_dicts: ['x'] }, 'pronunciation.unknown'],
    ['a wait that is too long', { text: 'x', max_buffer_flush_ms: 5_000 }, 'invalid_value'],
  ])('answers %s with an error, and goes on', async (_, message, code) => {
    const client = await Client.connect();
    client.send(message);
    expect(await client.until('error')).toMatchObject([
      { error_code: code, session_id: expect.stringMatching(/^ws_/) },
    ]);
    client.send({ text: 'Two teas.', voice_id: 'heart', sample_rate: 24_000 });
    expect(heard(await client.until('complete'))).toBe('two teas');
  });

  it('answers binary with an error', async () => {
    const client = await Client.connect();
    client.sendBinary(new Uint8Array(10));
    expect(await client.until('error')).toMatchObject([{ error_code: 'invalid_json' }]);
  });

  it('refuses more text than one request may have, once', async () => {
    const client = await Client.connect();
    for (let at = 0; at < 30; at += 1) client.send({ text: 'w'.repeat(250), voice_id: 'heart', continue: true });
    const frames = await client.until('error');
    expect(frames.at(-1)).toMatchObject({ error_code: 'speech.too_long' });
    client.send({ text: '', voice_id: 'heart', flush: true });
    client.send({ text: 'Two teas.', voice_id: 'heart', sample_rate: 24_000 });
    expect(kinds(await client.until('complete', 'error'))).toEqual(['chunk', 'complete']);
  });

  it('speaks many requests that came at once, in order', async () => {
    const client = await Client.connect();
    const count = ttsSocketLimits.maxSpeeches * 2;
    for (let at = 0; at < count; at += 1)
      client.send({ text: 'Tea.', voice_id: 'heart', sample_rate: 8_000, request_id: `r${at}` });
    const ids: (string | undefined)[] = [];
    while (ids.length < count) ids.push((await client.until('complete')).at(-1)?.external_request_id);
    expect(ids).toEqual(Array.from({ length: count }, (_, at) => `r${at}`));
  });

  it('tells a silent client why it is closed', async () => {
    const client = await Client.connect('/waves/v1/tts/live?timeout=1');
    expect(await client.until('error')).toMatchObject([
      { message: 'Connection timed out after 1 seconds of inactivity', error_code: 'socket.timed_out' },
    ]);
    expect(await client.closed).toBe(1_000);
  });

  it('stops speaking when the client is gone', async () => {
    const client = await Client.connect();
    client.send({ text: 'One two three four five six seven. '.repeat(100), voice_id: 'heart' });
    await client.until('chunk');
    const before = waves.tts.clauses.length;
    for (const socket of open.splice(0)) socket.terminate();
    let made = -1;
    const isStill = (): boolean => {
      const last = made;
      made = waves.tts.clauses.length;
      return made === last;
    };
    await expect.poll(isStill, { interval: 100 }).toBe(true);
    expect(made - before).toBeLessThan(100);
  });

  it('leaves no fault behind', () => {
    expect(waves.faults).toEqual([]);
  });
});
