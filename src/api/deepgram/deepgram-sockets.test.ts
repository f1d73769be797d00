import { DeepgramClient } from '@deepgram/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeMulaw } from '../../audio/g711.js';
import { decodePcm16 } from '../../audio/pcm.js';
import { resample } from '../../audio/resample.js';
import { openSocketClient, refusalOf, type SeenMessage, type SocketClient } from '../sockets/socket-client-fixture.js';
import { apiKey, type DeepgramServer, startDeepgram } from './deepgram-fixture.js';

let dg: DeepgramServer;
const clients: SocketClient[] = [];

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  await dg.close();
});

async function connect(path: string): Promise<SocketClient> {
  const client = await openSocketClient(`${dg.socketUrl}${path}`, { protocols: ['token', apiKey] });
  clients.push(client);
  return client;
}

async function refused(path: string, key = apiKey) {
  const { status, headers, body } = await refusalOf(`${dg.socketUrl}${path}`, { protocols: ['token', key] });
  return { status, headers, body: body as { readonly err_msg: string } };
}

const raw = 'encoding=linear16&sample_rate=16000';

type Results = SeenMessage & {
  readonly start: number;
  readonly duration: number;
  readonly is_final: boolean;
  readonly speech_final: boolean;
  readonly from_finalize: boolean;
  readonly channel_index: readonly number[];
  readonly channel: {
    readonly alternatives: readonly [
      { readonly transcript: string; readonly words: readonly { readonly word: string; readonly start: number }[] },
    ];
  };
};
const resultsOf = ({ messages }: SocketClient): Results[] =>
  messages.filter(({ type }) => type === 'Results') as Results[];
const textOf = ({ channel }: Results): string => channel.alternatives[0].transcript;

describe('live transcription at /v1/listen', () => {
  it('tells words as they come, their end, the beginning of speech and the end of an utterance', async () => {
    dg = await startDeepgram();
    const peer = await connect(
      `/v1/listen?${raw}&model=nova-3&interim_results=true&endpointing=300&utterance_end_ms=1000&vad_events=true&punctuate=true`,
    );
    expect(peer.socket.protocol).toBe('token');
    peer.stream(dg.pcm(dg.silence(400), dg.said('two large teas'), dg.silence(1_400), dg.said('and one coffee')));
    peer.send({ type: 'CloseStream' });
    expect(await peer.closed).toEqual({ code: 1000, reason: '' });
    const results = resultsOf(peer);
    const finals = results.filter(({ is_final }) => is_final);
    expect(finals.map((each) => [textOf(each), each.speech_final, each.from_finalize])).toEqual([
      ['two large teas', true, false],
      ['and one coffee', false, false],
    ]);
    expect(results.filter(({ is_final }) => !is_final).length).toBeGreaterThan(1);
    expect(results.some((each) => !each.is_final && each.speech_final)).toBe(false);
    // Final results cover the audio without a gap.
    expect(finals[0]?.start).toBe(0);
    expect(finals[1]?.start).toBeCloseTo((finals[0]?.start ?? 0) + (finals[0]?.duration ?? 0));
    const [word] = finals[0]?.channel.alternatives[0].words ?? [];
    expect(word).toMatchObject({ word: 'two', punctuated_word: 'two', confidence: expect.any(Number) });
    expect(word?.start).toBeGreaterThan(0.35);
    const { timestamp } = await peer.next('SpeechStarted');
    expect(timestamp).toBeGreaterThan(0.35);
    expect(await peer.next('UtteranceEnd')).toMatchObject({ channel: [0, 1], last_word_end: expect.any(Number) });
    const order = peer.messages.map(({ type }) => type);
    expect(order.indexOf('SpeechStarted')).toBeLessThan(order.indexOf('Results'));
    expect(peer.messages.at(-1)).toMatchObject({
      type: 'Metadata',
      request_id: peer.headers['dg-request-id'],
      channels: 1,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(dg.faults).toEqual([]);
  });

  it('gives no interim results and no events that were not asked for', async () => {
    dg = await startDeepgram();
    const peer = await connect(`/v1/listen?${raw}`);
    peer.stream(dg.pcm(dg.said('two large teas'), dg.silence(800)));
    peer.send({ type: 'CloseStream' });
    await peer.closed;
    expect(peer.messages.map(({ type }) => type)).toEqual(['Results', 'Metadata']);
    expect(resultsOf(peer)[0]?.channel.alternatives[0].words[0]).not.toHaveProperty('punctuated_word');
  });

  it('ends no utterance at a pause without endpointing, and one when it is asked to finalize', async () => {
    dg = await startDeepgram();
    const peer = await connect(`/v1/listen?${raw}&endpointing=false`);
    peer.stream(dg.pcm(dg.said('two large'), dg.silence(1_000), dg.said('teas'), dg.silence(200)));
    peer.send({ type: 'KeepAlive' });
    peer.send({ type: 'Finalize' });
    const first = (await peer.next('Results')) as Results;
    expect([textOf(first), first.is_final, first.speech_final, first.from_finalize]).toEqual([
      'two large teas',
      true,
      false,
      true,
    ]);
    // Nothing is open: who waits is answered all the same.
    peer.send({ type: 'Finalize' });
    expect(await peer.next('Results')).toMatchObject({ is_final: true, from_finalize: true });
    expect(textOf(resultsOf(peer)[1] as Results)).toBe('');
    peer.socket.send(Buffer.alloc(0));
    expect((await peer.closed).code).toBe(1000);
  });

  it('keeps two channels apart', async () => {
    dg = await startDeepgram();
    const peer = await connect(`/v1/listen?${raw}&channels=2&multichannel=true`);
    const left = dg.said('two large teas');
    const right = dg.said('and one coffee');
    const frames = Math.min(left.length, right.length);
    const both = new Float32Array(2 * frames);
    for (let i = 0; i < frames; i++) both.set([left[i] as number, right[i] as number], 2 * i);
    peer.stream(dg.pcm(both));
    peer.send({ type: 'CloseStream' });
    await peer.closed;
    expect(
      resultsOf(peer)
        .map((each) => [each.channel_index.join(), textOf(each)])
        .sort(),
    ).toEqual([
      ['0,2', 'two large teas'],
      ['1,2', 'and one coffee'],
    ]);
  });

  it('hears telephone audio, however it is cut', async () => {
    dg = await startDeepgram();
    const peer = await connect('/v1/listen?encoding=mulaw&sample_rate=8000');
    const samples = await resample(dg.said('two large teas'), 16_000, 8_000);
    const bytes = Buffer.from(encodeMulaw(samples));
    for (let at = 0; at < bytes.length; at += 171) peer.socket.send(bytes.subarray(at, at + 171));
    peer.send({ type: 'CloseStream' });
    await peer.closed;
    expect(resultsOf(peer).map(textOf)).toEqual(['two large teas']);
  });

  it('reports what has no effect', async () => {
    dg = await startDeepgram();
    const peer = await connect(`/v1/listen?${raw}&diarize=true&search=tea&extra=shop:7`);
    expect(peer.headers['x-parley-ignored']).toBe('diarize, search');
    peer.send({ type: 'CloseStream' });
    expect(await peer.next('Metadata')).toMatchObject({
      warnings: [{ parameter: 'diarize' }, { parameter: 'search' }],
      extra: { shop: '7' },
    });
  });

  it.each([
    ['', /encoding/],
    ['?encoding=opus&sample_rate=48000', /encoding/],
    ['?encoding=linear16', /sample_rate/],
    [`?${raw}&model=other`, /no model/],
    [`?${raw}&endpointing=soon`, /endpointing/],
    [`?${raw}&redact=phi`, /redact/],
    [`?${raw}&callback=https://example.com`, /callback/],
    [`?${raw}&channels=4&multichannel=true`, /channels/],
  ])('is refused before it begins with %s', async (query, message) => {
    dg = await startDeepgram();
    const { status, headers, body } = await refused(`/v1/listen${query}`);
    expect(status).toBe(400);
    expect(body).toEqual({
      err_code: 'Bad Request',
      err_msg: expect.stringMatching(message),
      request_id: headers['dg-request-id'],
    });
    expect(headers['dg-error']).toMatch(message);
  });

  it('is refused without a key', async () => {
    dg = await startDeepgram();
    expect(await refused(`/v1/listen?${raw}`, 'wrong')).toMatchObject({
      status: 401,
      body: { err_code: 'INVALID_AUTH' },
    });
  });

  it('is closed with 1008 when a message is none, and with 1013 when there are too many', async () => {
    dg = await startDeepgram({ maxLive: 1 });
    const peer = await connect(`/v1/listen?${raw}`);
    const second = await connect(`/v1/listen?${raw}`);
    expect((await second.closed).code).toBe(1013);
    peer.send({ type: 'Sing' });
    expect(await peer.closed).toMatchObject({ code: 1008, reason: expect.stringMatching(/KeepAlive, Finalize/) });
    const third = await connect(`/v1/listen?${raw}`);
    third.send({ type: 'CloseStream' });
    expect((await third.closed).code).toBe(1000);
  });
});

type Turn = SeenMessage & { readonly event: string; readonly transcript: string; readonly turn_index: number };
const turnsOf = ({ messages }: SocketClient): Turn[] => messages.filter(({ type }) => type === 'TurnInfo') as Turn[];
const toldOf = (peer: SocketClient): string[] =>
  turnsOf(peer)
    .filter(({ event }) => event !== 'Update')
    .map(({ event, turn_index, transcript }) =>
      event === 'StartOfTurn' ? `${turn_index} ${event}` : `${turn_index} ${event}: ${transcript}`,
    );

describe('transcription by turns at /v2/listen', () => {
  it('tells of turns, of early ends, and of those that were none', async () => {
    dg = await startDeepgram({ probability: [0.6, 0.95] });
    const peer = await connect(`/v2/listen?model=flux-general-en&${raw}&eot_threshold=0.7&eager_eot_threshold=0.5`);
    peer.stream(dg.pcm(dg.said('two large teas'), dg.silence(350), dg.said('and one coffee'), dg.silence(1_700)));
    peer.stream(dg.pcm(dg.said('thank you'), dg.silence(1_700)));
    peer.send({ type: 'CloseStream' });
    expect((await peer.closed).code).toBe(1000);
    expect(toldOf(peer)).toEqual([
      '0 StartOfTurn',
      '0 EagerEndOfTurn: two large teas',
      '0 TurnResumed: two large teas',
      '0 EagerEndOfTurn: two large teas and one coffee',
      '0 EndOfTurn: two large teas and one coffee',
      '1 StartOfTurn',
      '1 EagerEndOfTurn: thank you',
      '1 EndOfTurn: thank you',
    ]);
    const [connected] = peer.messages;
    expect(connected).toMatchObject({ type: 'Connected', request_id: peer.headers['dg-request-id'], sequence_id: 0 });
    expect(peer.messages.map(({ sequence_id }) => sequence_id)).toEqual(peer.messages.map((_, index) => index));
    const end = turnsOf(peer).find(({ event }) => event === 'EndOfTurn');
    expect(end).toMatchObject({ trigger: 'model', end_of_turn_confidence: 0.95, audio_window_start: 0 });
    expect(end?.words).toMatchObject([{ word: 'two', start: expect.any(Number) }, {}, {}, {}, {}, {}]);
    expect(turnsOf(peer).filter(({ trigger }) => trigger !== undefined)).toHaveLength(2);
  });

  it('ends a turn that does not sound finished after the timeout, with no early word of it', async () => {
    dg = await startDeepgram({ probability: 0.1 });
    const peer = await connect(`/v2/listen?model=flux-general-en&${raw}&eot_timeout_ms=600&eager_eot_threshold=0.3`);
    peer.stream(dg.pcm(dg.said('two large teas'), dg.silence(800), dg.said('and one coffee')));
    peer.send({ type: 'CloseStream' });
    await peer.closed;
    const ends = turnsOf(peer).filter(({ event }) => event === 'EndOfTurn');
    expect(ends.map(({ transcript, trigger }) => [transcript, trigger])).toEqual([
      ['two large teas', 'timeout'],
      ['and one coffee', 'manual'],
    ]);
  });

  it('takes new thresholds on the way, and refuses those that cannot be', async () => {
    dg = await startDeepgram({ probability: 0.1 });
    const peer = await connect(`/v2/listen?model=flux-general-en&${raw}&eot_timeout_ms=60000`);
    peer.send({ type: 'Configure', thresholds: { eot_timeout_ms: 500 } });
    expect(await peer.next('ConfigureSuccess')).toMatchObject({
      thresholds: { eot_threshold: 0.7, eot_timeout_ms: 500 },
      keyterms: [],
    });
    peer.send({ type: 'Configure', thresholds: { eager_eot_threshold: 0.9 } });
    await peer.next('ConfigureFailure');
    peer.send({ type: 'Configure', keyterms: ['tea'] });
    await peer.next('ConfigureFailure');
    peer.stream(dg.pcm(dg.said('two large teas'), dg.silence(900)));
    for (;;) if ((await peer.next('TurnInfo')).event === 'EndOfTurn') break;
  });

  it('ends a turn when the client says so', async () => {
    dg = await startDeepgram({ probability: 0.1 });
    const peer = await connect(`/v2/listen?model=flux-general-en&${raw}&eot_threshold=1`);
    peer.stream(dg.pcm(dg.said('two large teas'), dg.silence(1_000), dg.said('and one')));
    peer.send({ type: 'ForceEndTurn' });
    for (;;) {
      const info = await peer.next('TurnInfo');
      if (info.event !== 'EndOfTurn') continue;
      expect(info).toMatchObject({ transcript: 'two large teas and one', trigger: 'manual' });
      break;
    }
  });

  it('says what is wrong before it closes', async () => {
    dg = await startDeepgram();
    const peer = await connect(`/v2/listen?model=flux-general-en&${raw}`);
    peer.socket.send('{');
    expect(await peer.next('Error')).toMatchObject({ code: 'UNPARSABLE_CLIENT_MESSAGE' });
    expect((await peer.closed).code).toBe(1008);
    expect((await refused(`/v2/listen?${raw}`)).body.err_msg).toMatch(/model/);
    expect((await refused(`/v2/listen?model=flux-general-en&${raw}&eot_threshold=0.2`)).body.err_msg).toMatch(
      /eot_threshold/,
    );
  });
});

const heardFrom = ({ audio }: SocketClient): string => dg.heard(decodePcm16(Buffer.concat(audio)), 24_000);

describe('speech at /v1/speak', () => {
  it('speaks text as it comes, and tells when what was flushed has been spoken', async () => {
    dg = await startDeepgram();
    const peer = await connect('/v1/speak?model=aura-asteria-en&encoding=linear16&sample_rate=24000');
    expect(await peer.next('Metadata')).toMatchObject({ request_id: peer.headers['dg-request-id'] });
    for (const text of ['Two large', ' teas, ', 'please.']) peer.send({ type: 'Speak', text });
    peer.send({ type: 'Flush' });
    expect(await peer.next('Flushed')).toMatchObject({ sequence_id: 0 });
    expect(heardFrom(peer)).toBe('two large teas please');
    peer.send({ type: 'Speak', text: 'And one coffee.' });
    peer.send({ type: 'Flush' });
    expect(await peer.next('Flushed')).toMatchObject({ sequence_id: 1 });
    peer.send({ type: 'Speak', text: 'Goodbye.' });
    peer.send({ type: 'Close' });
    expect((await peer.closed).code).toBe(1000);
    expect(heardFrom(peer)).toBe('two large teas please and one coffee goodbye');
  });

  it('speaks nothing more of what was cleared', async () => {
    dg = await startDeepgram();
    const peer = await connect('/v1/speak?encoding=linear16&sample_rate=24000');
    peer.send({ type: 'Speak', text: 'one two three four, '.repeat(100) });
    while (peer.audio.length === 0) await new Promise((resolve) => setImmediate(resolve));
    peer.send({ type: 'Clear' });
    expect(await peer.next('Cleared')).toMatchObject({ sequence_id: 0 });
    const before = peer.audio.length;
    peer.send({ type: 'Speak', text: 'Goodbye.' });
    peer.send({ type: 'Flush' });
    await peer.next('Flushed');
    expect(dg.heard(decodePcm16(Buffer.concat(peer.audio.slice(before))), 24_000)).toBe('goodbye');
    expect(peer.messages.filter(({ type }) => type === 'Flushed')).toHaveLength(1);
  });

  it('warns of text that is too long, and of what has no effect, and goes on', async () => {
    dg = await startDeepgram();
    const peer = await connect('/v1/speak?encoding=linear16&sample_rate=24000&bit_rate=3');
    expect(await peer.next('Warning')).toMatchObject({ code: 'UNSUPPORTED_PARAMETER' });
    peer.send({ type: 'Speak', text: 'word '.repeat(1_000) });
    expect(await peer.next('Warning')).toMatchObject({ code: 'TEXT_LENGTH_EXCEEDED' });
    peer.send({ type: 'Speak' });
    expect(await peer.next('Warning')).toMatchObject({ code: 'INVALID_TEXT' });
    peer.send({ type: 'Speak', text: 'Goodbye.' });
    peer.send({ type: 'Flush' });
    await peer.next('Flushed');
    expect(heardFrom(peer)).toBe('goodbye');
    peer.socket.send(Buffer.from([1]));
    expect((await peer.closed).code).toBe(1008);
  });

  it('is refused in a container and in what cannot be streamed', async () => {
    dg = await startDeepgram();
    expect((await refused('/v1/speak?container=wav')).body.err_msg).toMatch(/container/);
    expect((await refused('/v1/speak?encoding=mp3')).body.err_msg).toMatch(/encoding/);
  });
});

describe('the official client', () => {
  const open = async <T extends { connect(): unknown; waitForOpen(): Promise<unknown> }>(connecting: Promise<T>) => {
    const socket = await connecting;
    socket.connect();
    await socket.waitForOpen();
    return socket;
  };

  it('transcribes at /v1/listen', async () => {
    dg = await startDeepgram();
    const client = new DeepgramClient({ apiKey, baseUrl: dg.socketUrl });
    const socket = await open(
      client.listen.v1.connect({
        model: 'nova-3',
        encoding: 'linear16',
        sample_rate: 16_000,
        interim_results: 'true',
        keyterm: ['teas', 'coffee'],
        reconnectAttempts: 0,
      } as never),
    );
    const finals: string[] = [];
    const metadata = new Promise((resolve) => {
      socket.on('message', (message: unknown) => {
        const { type } = message as SeenMessage;
        if (type === 'Results' && (message as Results).is_final) finals.push(textOf(message as Results));
        if (type === 'Metadata') resolve(message);
      });
    });
    socket.sendMedia(dg.pcm(dg.said('two large teas'), dg.silence(700)));
    socket.sendCloseStream({ type: 'CloseStream' });
    expect(await metadata).toMatchObject({ channels: 1 });
    expect(finals).toEqual(['two large teas']);
    socket.close();
  });

  it('follows turns at /v2/listen', async () => {
    dg = await startDeepgram();
    const client = new DeepgramClient({ apiKey, baseUrl: dg.socketUrl });
    const socket = await open(
      client.listen.v2.connect({
        model: 'flux-general-en',
        encoding: 'linear16',
        sample_rate: 16_000,
        eot_threshold: 0.7,
        reconnectAttempts: 0,
      } as never),
    );
    const ended = new Promise((resolve) => {
      socket.on('message', (message) => {
        if ((message as Turn).event === 'EndOfTurn') resolve(message);
      });
    });
    socket.sendMedia(dg.pcm(dg.said('two large teas'), dg.silence(1_700)));
    expect(await ended).toMatchObject({ transcript: 'two large teas', turn_index: 0 });
    socket.close();
  });

  it('speaks at /v1/speak', async () => {
    dg = await startDeepgram();
    const client = new DeepgramClient({ apiKey, baseUrl: dg.socketUrl });
    const socket = await open(
      client.speak.v1.connect({
        model: 'aura-2-thalia-en',
        encoding: 'linear16',
        sample_rate: 24_000,
        reconnectAttempts: 0,
      } as never),
    );
    const pieces: Buffer[] = [];
    const flushed = new Promise((resolve) => {
      socket.on('message', (message) => {
        const data: unknown = message;
        if (data instanceof ArrayBuffer || Buffer.isBuffer(data)) pieces.push(Buffer.from(data as ArrayBuffer));
        else if (data instanceof Blob) void data.arrayBuffer().then((bytes) => pieces.push(Buffer.from(bytes)));
        else if ((data as SeenMessage).type === 'Flushed') setImmediate(() => resolve(data));
      });
    });
    socket.sendText({ type: 'Speak', text: 'Two large teas.' });
    socket.sendFlush({ type: 'Flush' });
    await flushed;
    expect(dg.heard(decodePcm16(Buffer.concat(pieces)), 24_000)).toBe('two large teas');
    socket.close();
  });
});
