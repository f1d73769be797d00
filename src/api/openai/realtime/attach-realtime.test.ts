import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ParleyError } from '../../../ports/errors.js';
import { type Fixture, type FixtureOptions, pcm, startRealtime } from './realtime-fixture.js';

let fixture: Fixture;
afterEach(() => fixture.close());

async function start(options?: FixtureOptions): Promise<Fixture> {
  fixture = await startRealtime(options);
  return fixture;
}

/** The refusal of an upgrade: its status and its error. */
async function refusal(connecting: Promise<unknown>) {
  const error = await connecting.then(
    () => expect.unreachable(),
    (refused: Error & { status: number; headers: Record<string, string> }) => refused,
  );
  return { status: error.status, headers: error.headers, ...(JSON.parse(error.message) as { error: unknown }) };
}

describe('the realtime endpoint', () => {
  it('opens a session at once, and answers the subprotocol only when it was offered', async () => {
    await start();
    const plain = await fixture.connect();
    expect(plain.socket.protocol).toBe('');
    expect(await plain.next('session.created')).toMatchObject({
      event_id: expect.stringMatching(/^event_/),
      session: { type: 'realtime', object: 'realtime.session', id: expect.stringMatching(/^sess_/) },
    });
    const offered = await fixture.connect({
      protocols: ['openai-insecure-api-key.k', 'realtime', 'openai-agents-sdk.1'],
    });
    expect(offered.socket.protocol).toBe('realtime');
    expect(fixture.endpoint.connections()).toBe(2);
  });

  it('asks for the key where there is one', async () => {
    await start({ apiKey: 'secret' });
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic secret' }])
      expect(await refusal(fixture.connect({ headers }))).toMatchObject({
        status: 401,
        error: { type: 'invalid_request_error', code: 'invalid_api_key', param: null },
      });
    expect(await refusal(fixture.connect({ protocols: ['realtime', 'openai-insecure-api-key.wrong'] }))).toMatchObject({
      status: 401,
    });
    for (const options of [
      { headers: { authorization: 'Bearer secret' } },
      { headers: { 'api-key': 'secret' } },
      { protocols: ['realtime', 'openai-insecure-api-key.secret'] },
    ])
      await (await fixture.connect(options)).next('session.created');
  });

  it('without a key, refuses pages that are not its own', async () => {
    await start();
    expect(await refusal(fixture.connect({ headers: { origin: 'https://elsewhere.example' } }))).toMatchObject({
      status: 403,
      error: { code: 'origin_not_allowed' },
    });
    await start({ apiKey: 'secret' });
    const headers = { origin: 'https://elsewhere.example', authorization: 'Bearer secret' };
    await (await fixture.connect({ headers })).next('session.created');
  });

  it('refuses with 503 until it is ready', async () => {
    let ready = false;
    await start({ ready: () => ready });
    expect(await refusal(fixture.connect())).toMatchObject({
      status: 503,
      headers: { 'retry-after': '2' },
      error: { type: 'server_error', code: 'server.not_ready' },
    });
    ready = true;
    await fixture.connect();
  });

  it('refuses what it does not serve', async () => {
    await start();
    expect(await refusal(fixture.connect({ query: '/other' }))).toMatchObject({ status: 404 });
    expect(await refusal(fixture.connect({ query: '?call_id=rtc_1' }))).toMatchObject({ status: 404 });
    expect(await refusal(fixture.connect({ query: '?intent=song' }))).toMatchObject({ status: 400 });
  });

  it('bears no more connections than it should, and takes new ones when others have gone', async () => {
    await start({ limits: { maxConnections: 1 } });
    const first = await fixture.connect();
    expect(await refusal(fixture.connect())).toMatchObject({
      status: 503,
      error: { code: 'server.connections_full' },
    });
    first.socket.close();
    await first.closed;
    while (fixture.endpoint.connections() > 0) await new Promise(setImmediate);
    await fixture.connect();
  });

  const full = new ParleyError('Two calls are running; try again later.', { code: 'calls.full', status: 503 });

  it('refuses with 503 while there is no room for a call, and takes the next one when there is', async () => {
    let room = false;
    await start({ noRoom: () => (room ? undefined : full) });
    expect(await refusal(fixture.connect())).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      error: { type: 'server_error', code: 'calls.full', message: full.message },
    });
    expect(fixture.endpoint.connections()).toBe(0);
    room = true;
    await (await fixture.connect()).next('session.created');
  });

  it('gives a page a session all the same, which is not shown how an upgrade was refused', async () => {
    await start({ apiKey: 'secret', noRoom: () => full });
    const headers = { origin: 'https://shop.example', authorization: 'Bearer secret' };
    await (await fixture.connect({ headers })).next('session.created');
  });

  it('tells a client that has a session why there is no room for its call', async () => {
    await start({
      admit: async () => {
        throw full;
      },
    });
    const client = await fixture.connect();
    expect(await client.next('error')).toMatchObject({ error: { type: 'server_error', code: 'calls.full' } });
    expect(await client.closed).toEqual({ code: 1013, reason: 'Two calls are running; try again later.' });
  });

  it('says no more than it should of a fault, and reports it', async () => {
    const faults: unknown[] = [];
    await start({
      admit: async () => {
        throw new TypeError('secret detail');
      },
      onFault: (fault) => faults.push(fault),
    });
    const client = await fixture.connect();
    const { error } = await client.next('error');
    expect(error).toMatchObject({ code: 'internal_error' });
    expect(JSON.stringify(error)).not.toContain('secret');
    expect((await client.closed).code).toBe(1011);
    expect(faults).toMatchObject([{ code: 'internal_error', cause: new TypeError('secret detail') }]);
  });

  it('gives up a call that does not begin, and hangs up one that begins too late', async () => {
    let begin: (call: Awaited<ReturnType<NonNullable<FixtureOptions['admit']>>>) => void = () => {};
    await start({
      limits: { admitTimeoutMs: 10 },
      admit: () =>
        new Promise((resolve) => {
          begin = resolve;
        }),
    });
    const client = await fixture.connect();
    expect(await client.next('error')).toMatchObject({ error: { code: 'parley.admission_timeout' } });
    expect((await client.closed).code).toBe(1013);
    const hungUp = new Promise<string>((resolve) => {
      const controls = { hangUp: resolve } as never;
      begin({ callId: 'late', controls, done: new Promise(() => {}) });
    });
    expect(await hungUp).toBe('the client has gone');
  });

  it('ends a call whose client has gone', async () => {
    await start();
    const client = await fixture.connect();
    const call = await fixture.call();
    client.socket.terminate();
    while (call.heard.closed === undefined) await new Promise(setImmediate);
    expect(call.heard.closed).toBe('the peer closed the connection (1006)');
  });

  it('closes with the reason when the call ends', async () => {
    await start();
    const client = await fixture.connect();
    const call = await fixture.call();
    call.emit({ type: 'ended', reason: 'goodbye' });
    expect(await client.closed).toEqual({ code: 1000, reason: 'goodbye' });
  });

  it('closes a connection whose call does not end after hanging up', async () => {
    await start({ listens: false, limits: { closeTimeoutMs: 10 } });
    const client = await fixture.connect();
    const call = await fixture.call();
    call.transport.hangUp('stuck');
    expect(await client.closed).toEqual({ code: 1000, reason: 'stuck' });
  });

  it('closes a client that does not read', async () => {
    await start({ limits: { maxBufferedBytes: 100_000, closeTimeoutMs: 20 } });
    const client = await fixture.connect();
    const call = await fixture.call();
    client.socket.pause();
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    for (let i = 0; i < 10_000 && call.heard.closed === undefined; i++) {
      call.speak(0, 50);
      await new Promise(setImmediate);
    }
    expect(call.heard.closed).toBe('more than 100000 bytes were sent and not read');
    while (fixture.endpoint.connections() > 0) await new Promise(setImmediate);
  });

  it('ends what is under way when the server shuts down, and takes nothing new', async () => {
    await start();
    const client = await fixture.connect();
    const call = await fixture.call();
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    await client.next('response.created');
    const closing = fixture.endpoint.close();
    const late = new WebSocket(fixture.url);
    late.on('error', () => {});
    expect(await client.next('response.done')).toMatchObject({
      response: { status: 'failed', status_details: { error: { code: 'parley.call_ended' } } },
    });
    expect(await client.closed).toEqual({ code: 1001, reason: 'the server is shutting down' });
    await closing;
    expect(fixture.endpoint.connections()).toBe(0);
    late.terminate();
  });

  it('survives a message that is too long', async () => {
    await start();
    const client = await fixture.connect();
    client.socket.send(Buffer.alloc(16 * 1024 ** 2 + 1, 'x').toString());
    expect((await client.closed).code).toBe(1009);
    const other = await fixture.connect();
    other.send({ type: 'input_audio_buffer.append', audio: pcm(20) });
    await other.settle();
    expect(other.types()).toEqual(['session.created']);
  });
});
