import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatSamples } from '../src/audio/frame.js';
import { decodePcm16 } from '../src/audio/pcm.js';
import {
  createParleyClient,
  type ParleyClient,
  type SpeakOptions,
  type SpeechEvent,
  type TranscriptionEvent,
  type TranscriptionStream,
} from '../src/client/node.js';
import { base64ToSamples } from '../src/client/pcm.js';
import { House } from './support/house.js';
import { houseReply, houseTranscript } from './support/house-words.js';
import { toneBase64 } from './support/tone.js';

const apiKey = 'the-key-of-the-house';
let house: House;
let parley: ParleyClient;

beforeAll(async () => {
  house = await House.start({ PARLEY_API_KEY: apiKey });
  parley = createParleyClient({ baseUrl: house.http, apiKey });
}, 60_000);
afterAll(() => house?.stop());

const tone = (toneMs: number, silenceMs: number): Float32Array =>
  base64ToSamples(toneBase64(toneMs, silenceMs)) ?? new Float32Array();

async function rest(stream: TranscriptionStream): Promise<TranscriptionEvent[]> {
  const events: TranscriptionEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

async function spoken(options: SpeakOptions): Promise<SpeechEvent[]> {
  const events: SpeechEvent[] = [];
  for await (const event of parley.speak(options)) events.push(event);
  return events;
}

const samplesOf = (events: readonly SpeechEvent[]): Float32Array =>
  concatSamples(events.flatMap((event) => (event.type === 'audio' ? [event.samples] : [])));

describe('transcribing', () => {
  it('tells each turn from its beginning to its final, and ends when all is written down', async () => {
    const stream = await parley.transcribe({ language: 'en' });
    stream.send(tone(1_000, 1_600));
    const events: TranscriptionEvent[] = [];
    for await (const event of stream) {
      events.push(event);
      const first = event.type === 'final' && events.filter(({ type }) => type === 'final').length === 1;
      if (!first) continue;
      stream.send(tone(1_000, 0));
      stream.finish();
    }
    const finals = events.filter(({ type }) => type === 'final');
    expect(finals.map((event) => 'text' in event && event.text)).toEqual([houseTranscript, houseTranscript]);
    expect(new Set(finals.map((event) => 'turn' in event && event.turn)).size).toBe(2);
    const [started, ...others] = events.filter(
      (event) => 'turn' in event && event.turn === (finals[0] as { turn: string }).turn,
    );
    expect(started).toMatchObject({ type: 'speech-started', atMs: expect.any(Number) });
    expect(others.map(({ type }) => type)).toContain('speech-stopped');
    expect(() => stream.send(tone(10, 0))).toThrow(expect.objectContaining({ code: 'client.closed' }));
  });

  it('ends turns where the client says so, and nowhere else', async () => {
    const stream = await parley.transcribe({ turnEnd: 'commit' });
    stream.send(tone(500, 2_000));
    stream.send(tone(500, 0));
    stream.commit();
    const read = stream[Symbol.asyncIterator]();
    let event: TranscriptionEvent | undefined;
    do event = (await read.next()).value ?? undefined;
    while (event && event.type !== 'final');
    expect(event).toMatchObject({ text: houseTranscript });
    stream.finish();
    expect(await read.next()).toEqual({ value: undefined, done: true });
  });

  it('is over when it is told to stop, with the reason, or when nobody reads on', async () => {
    const stop = new AbortController();
    const stream = await parley.transcribe({ signal: stop.signal });
    const reading = rest(stream);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ code: 'client.aborted', status: 499 });
    const left = await parley.transcribe();
    left.send(tone(500, 1_600));
    for await (const _ of left) break;
    await left.close();
    expect(() => left.send(tone(10, 0))).toThrow(expect.objectContaining({ code: 'client.closed' }));
  });

  it('passes on what the server could not do', async () => {
    const stream = await parley.transcribe({ turnEnd: 'commit' });
    stream.commit();
    const read = stream[Symbol.asyncIterator]();
    expect((await read.next()).value).toMatchObject({ type: 'warning', code: 'input_audio_buffer_commit_empty' });
    await stream.close();
  });
});

describe('speaking', () => {
  const text = 'Two large teas, please. That is all.';

  it('gives the samples that the server sends, in order and without a gap', async () => {
    const events = await spoken({ text });
    const answer = await fetch(`${house.http}/v1/audio/speech`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ model: 'tts-1', input: text, response_format: 'pcm' }),
    });
    expect(samplesOf(events)).toEqual(decodePcm16(new Uint8Array(await answer.arrayBuffer())));
    expect(events[0]).toEqual({ type: 'text', text, atMs: 0 });
    let atMs = 0;
    for (const event of events) {
      expect(event.atMs).toBeCloseTo(atMs);
      if (event.type === 'audio') atMs += (event.samples.length / event.rateHz) * 1_000;
    }
  });

  it('speaks text that is still being written', async () => {
    let heard: () => void = () => {};
    const firstHeard = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const written = async function* () {
      yield* ['Two large ', 'teas, please. ', 'That '];
      // It would wait for ever if nothing were spoken before the text is complete.
      await firstHeard;
      yield 'is all.';
    };
    const texts: string[] = [];
    for await (const event of parley.speak({ text: written(), rateHz: 16_000 })) {
      if (event.type === 'text') texts.push(event.text);
      else {
        expect(event.rateHz).toBe(16_000);
        heard();
      }
    }
    expect(texts).toEqual(['Two large teas, please.', 'That is all.']);
  });

  it('stops when it is told to, or when nobody listens on', async () => {
    const stop = new AbortController();
    const speaking = (async () => {
      for await (const event of parley.speak({ text: `${text} `.repeat(50), signal: stop.signal }))
        if (event.type === 'audio') stop.abort();
    })();
    await expect(speaking).rejects.toMatchObject({ code: 'client.aborted' });
    const endless = (async function* () {
      yield 'One sentence. And ';
      await new Promise(() => {});
    })();
    for await (const event of parley.speak({ text: endless })) if (event.type === 'audio') break;
    await expect(spoken({ text, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'client.aborted' });
  });

  it('fails where the text fails', async () => {
    const broken = (async function* () {
      yield 'One sentence. ';
      throw new Error('no more text');
    })();
    await expect(spoken({ text: broken })).rejects.toThrow('no more text');
  });
});

describe('a conversation', () => {
  it('is the realtime client at the same address', async () => {
    const heard: string[] = [];
    const client = await parley.converse({
      onEvent: (event) => {
        if (event.type === 'response.output_audio_transcript.done') heard.push(event.transcript);
      },
    });
    client.send({ type: 'session.update', session: { type: 'realtime', parley: { greeting: false } } });
    client.send({ type: 'input_audio_buffer.append', audio: toneBase64(1_000, 1_600) });
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual([houseReply]);
    await client.close();
  });
});

describe('what is refused', () => {
  const stranger = () => createParleyClient({ baseUrl: house.http, apiKey: 'wrong' });

  it('comes with status, code and the words of the server', async () => {
    await expect(stranger().speak({ text: 'Hello.' }).next()).rejects.toMatchObject({
      code: 'invalid_api_key',
      status: 401,
      retryable: false,
    });
    await expect(stranger().transcribe()).rejects.toMatchObject({ code: 'client.refused', status: 401 });
    await expect(stranger().converse()).rejects.toMatchObject({ code: 'client.refused', status: 401 });
    await expect(spoken({ text: 'Hello.', model: 'nobody' })).rejects.toMatchObject({
      code: 'model_not_found',
      status: 404,
      message: expect.stringContaining('There is no model "nobody"'),
    });
  });

  it('names an address that is none, and a server that is not there', async () => {
    const nowhere = createParleyClient({ baseUrl: 'http://127.0.0.1:1' });
    await expect(nowhere.speak({ text: 'Hello.' }).next()).rejects.toMatchObject({
      code: 'client.unreachable',
      retryable: true,
    });
    await expect(nowhere.transcribe()).rejects.toMatchObject({ code: 'client.refused' });
    for (const baseUrl of ['nonsense', 'ftp://127.0.0.1'])
      await expect(createParleyClient({ baseUrl }).transcribe()).rejects.toMatchObject({ code: 'client.bad_url' });
  });
});

describe('the package', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));

  it('has the client for Node under its name', () => {
    const script = "import('parley/client').then((client) => console.log(Object.keys(client).join()))";
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/\bcreateParleyClient\b.*\bnodeSockets\b/);
  });

  it('has one for browsers that needs nothing of Node', async () => {
    const built = await build({
      configFile: false,
      logLevel: 'silent',
      root,
      build: {
        write: false,
        minify: false,
        lib: { entry: 'src/client/browser.ts', formats: ['iife'], name: 'parleyClient' },
      },
    });
    const [bundle] = [built].flat();
    const output = bundle && 'output' in bundle ? bundle.output[0] : undefined;
    const asked: string[] = [];
    const sandbox = createContext({
      URL,
      AbortController,
      setTimeout,
      clearTimeout,
      fetch: async (url: URL, { body }: { readonly body: string }) => {
        asked.push(`${url.pathname} ${(JSON.parse(body) as { readonly input: string }).input}`);
        return new Response(Uint8Array.of(0, 64, 0, 192));
      },
    });
    runInContext(`${output?.code}\n;globalThis.client = parleyClient;`, sandbox);
    const { createParleyClient: create } = sandbox.client as { readonly createParleyClient: typeof createParleyClient };
    const events: SpeechEvent[] = [];
    for await (const event of create({ baseUrl: 'https://house' }).speak({ text: 'Hello.' })) events.push(event);
    expect(asked).toEqual(['/v1/audio/speech Hello.']);
    expect(events.flatMap((event) => (event.type === 'audio' ? [...event.samples] : []))).toEqual([0.5, -0.5]);
    await expect(create({ baseUrl: 'https://house' }).transcribe()).rejects.toMatchObject({
      code: 'client.no_websocket',
    });
  });
});
