import { afterEach, describe, expect, it } from 'vitest';
import { type Client, type Fixture, type FixtureOptions, pcm, startRealtime } from './realtime-fixture.js';

let fixture: Fixture;
afterEach(() => fixture.close());

const resumable = '?model=parley&resumable=true';

/** A client in a call, and what it needs to come back. */
async function inCall(options: FixtureOptions = {}) {
  fixture = await startRealtime(options);
  const client = await fixture.connect({ query: resumable });
  client.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
  const call = await fixture.call();
  const { token } = await client.next('parley.resumable');
  await client.settle();
  return { client, call, token: String(token) };
}

async function lose(client: Client): Promise<void> {
  client.socket.terminate();
  await client.closed;
}

function back(token: string, after?: unknown): Promise<Client> {
  return fixture.connect({ query: `?resume=${token}${after === undefined ? '' : `&after=${String(after)}`}` });
}

/** Until the server knows that the client is gone. */
async function noticed(asked: readonly unknown[][]): Promise<void> {
  while (!asked.some(([name, reachable]) => name === 'setReachable' && reachable === false))
    await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a realtime client that has lost its connection', () => {
  it('goes on with its session, its settings and its call, and gets what it has missed', async () => {
    const { client, call, token } = await inCall();
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    call.speak(0, 3);
    await client.next('response.output_audio.delta');
    await lose(client);
    await noticed(call.asked);
    call.emit({ type: 'reply-text', reply: 0, text: 'Hello.' });
    const again = await back(token);
    const resumed = await again.next('parley.resumed');
    expect(resumed).toMatchObject({ complete: true, within_ms: 15_000, session: { instructions: 'Be brief.' } });
    expect(resumed.token).not.toBe(token);
    await again.next('response.output_audio_transcript.delta');
    call.speak(0, 1);
    await again.next('response.output_audio.delta');
    call.emit({ type: 'reply-finished', reply: 0, status: 'completed', heard: 'Hello.', heardBasis: 'estimated' });
    await again.next('response.done');
    expect(call.asked.filter(([name]) => name === 'setReachable')).toEqual([
      ['setReachable', false, undefined],
      ['setReachable', true, undefined],
    ]);
    expect(fixture.calls).toHaveLength(1);
    again.send({ type: 'input_audio_buffer.append', audio: pcm(200) });
    await again.settle();
    expect(call.heard.samples).toBe(4_800);
  });

  it('that says what it has got last, gets all behind it', async () => {
    const { client, call, token } = await inCall();
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    const created = await client.next('response.created');
    call.emit({ type: 'reply-text', reply: 0, text: 'Hello.' });
    await client.next('response.content_part.added');
    await lose(client);
    await noticed(call.asked);
    const again = await back(token, created.event_id);
    await again.next('response.content_part.added');
    expect(again.types().slice(0, 3)).toEqual([
      'parley.resumed',
      'response.output_item.added',
      'conversation.item.added',
    ]);
  });

  it('hears again what it has not got of the reply that is under way; of one before, it was not heard', async () => {
    const { client, call, token } = await inCall();
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    call.speak(0, 2);
    const first = await client.next('response.output_audio.delta');
    call.emit({ type: 'reply-finished', reply: 0, status: 'completed', heard: 'Hello.', heardBasis: 'estimated' });
    call.emit({ type: 'reply-started', reply: 1, turn: undefined });
    call.speak(1, 3);
    await client.settle();
    await lose(client);
    await noticed(call.asked);
    const again = await back(token, first.event_id);
    await again.next('parley.resumed');
    // 20 ms of reply 0 and 60 ms of reply 1 were sent behind that event.
    expect(call.asked.slice(-2)).toEqual([
      ['truncate', 0, 1_980],
      ['setReachable', true, 60],
    ]);
  });

  it('is told when too much was missed to be sent again', async () => {
    const { client, call, token } = await inCall({ limits: { maxKeptEvents: 2 } });
    await lose(client);
    await noticed(call.asked);
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    call.emit({ type: 'reply-text', reply: 0, text: 'Hello.' });
    const again = await back(token);
    expect(await again.next('parley.resumed')).toMatchObject({ complete: false });
    await again.next('response.output_audio_transcript.delta');
    expect(again.types()).toEqual([
      'parley.resumed',
      'response.content_part.added',
      'response.output_audio_transcript.delta',
    ]);
  });

  it('may come back before the server has noticed', async () => {
    const { client, call, token } = await inCall();
    const again = await back(token);
    await again.next('parley.resumed');
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(call.asked.filter(([name]) => name === 'setReachable')).toEqual([
      ['setReachable', false, undefined],
      ['setReachable', true, undefined],
    ]);
    expect(call.heard.closed).toBeUndefined();
    expect(fixture.endpoint.connections()).toBe(1);
  });

  it('comes back again and again, each time with another token', async () => {
    const { client, call, token } = await inCall();
    await lose(client);
    const second = await back(token);
    const { token: next } = await second.next('parley.resumed');
    await lose(second);
    const stale = await back(token);
    expect(await stale.closed).toMatchObject({ code: 4404 });
    const third = await back(String(next));
    await third.next('parley.resumed');
    expect(call.heard.closed).toBeUndefined();
  });

  it('comes too late when its call has ended after the time that it had', async () => {
    const { client, call, token } = await inCall({ limits: { resumeMs: 30 } });
    await lose(client);
    while (call.heard.closed === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    const again = await back(token);
    expect(await again.next('error')).toMatchObject({ error: { code: 'parley.session_not_resumable' } });
    const { code, reason } = await again.closed;
    expect(code).toBe(4404);
    expect(reason).toMatch(/no session to resume/);
    while (fixture.endpoint.connections() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it.each(['rubbish', '', 'x'.repeat(4_000)])('with a wrong token is told so: %s', async (token) => {
    fixture = await startRealtime();
    const client = await back(token);
    expect(await client.closed).toMatchObject({ code: 4404 });
  });

  it('needs the key to come back, too', async () => {
    fixture = await startRealtime({ apiKey: 'secret' });
    await expect(back('rubbish')).rejects.toMatchObject({ status: 401 });
  });

  it('that has ended its session itself does not find it again', async () => {
    const { client, call, token } = await inCall();
    client.socket.close(1000);
    await client.closed;
    while (call.heard.closed === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await (await back(token)).closed).toMatchObject({ code: 4404 });
  });

  it('that has not asked for it is gone with its connection', async () => {
    fixture = await startRealtime();
    const client = await fixture.connect();
    client.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
    const call = await fixture.call();
    await client.settle();
    await lose(client);
    while (call.heard.closed === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(client.types()).not.toContain('parley.resumable');
    expect(call.asked.map(([name]) => name)).not.toContain('setReachable');
  });
});
