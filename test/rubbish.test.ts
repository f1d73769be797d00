import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Vitals } from '../bench/support/watched-process.js';
import { House, type HouseCall } from './support/house.js';
import { houseReply } from './support/house-words.js';
import { frame, RawConnection, upgradeRequest } from './support/raw-connection.js';
import { toneBase64 } from './support/tone.js';

/** Shares of what the server takes when it has answered a few calls. */
const mostHeap = 1.5;
const mostMemory = 2;
const megabyte = 1024 ** 2;
/** With nothing moving for this long, a peer has stopped. */
const patienceMs = 1_000;
const leavesWithinMs = 10_000;

let house: House;
let before: Vitals;
const open: { destroy(): void }[] = [];
const calls: HouseCall[] = [];

async function raw(): Promise<RawConnection> {
  const connection = await RawConnection.open(house.port);
  open.push(connection);
  return connection;
}

async function socket(): Promise<RawConnection> {
  const connection = await RawConnection.upgraded(house.port);
  open.push(connection);
  return connection;
}

async function caller(): Promise<HouseCall> {
  const call = await house.connect({ greeting: false });
  calls.push(call);
  return call;
}

/** One who has a place. Whoever has just left may still hold it, which a caller may be told behind the upgrade too. */
async function callerWithPlace(): Promise<HouseCall> {
  const deadline = performance.now() + leavesWithinMs;
  for (;;) {
    try {
      const call = await caller();
      call.send({ type: 'input_audio_buffer.clear' });
      await call.next('input_audio_buffer.cleared');
      return call;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function answeredWith(request: string | Uint8Array): Promise<number> {
  const connection = await raw();
  connection.write(request);
  return connection.status();
}

type Refused = readonly [what: string, request: string, statuses: readonly number[]];

async function allRefused(requests: readonly Refused[]): Promise<void> {
  for (const [what, request, statuses] of requests) expect(await answeredWith(request), what).toBeOneOf([...statuses]);
}

async function closedWith(...frames: readonly Uint8Array[]): Promise<number> {
  const connection = await socket();
  for (const each of frames) connection.write(each);
  return connection.closeCode();
}

/** Whether the server still answers, asked again and again while something else goes on. */
async function answersDuring(attack: Promise<unknown>): Promise<number> {
  let over = false;
  const done = attack.finally(() => {
    over = true;
  });
  let answers = 0;
  do {
    expect(await house.health()).toBe(200);
    answers += 1;
  } while (!over);
  await done;
  return answers;
}

beforeAll(async () => {
  house = await House.start({ PARLEY_MAX_CALLS: '4', PARLEY_LOG_LEVEL: 'warn' });
  for (let i = 0; i < 5; i++) await house.talk();
  before = await house.process.settled();
});
afterAll(() => house?.stop());

let peakBefore = 0;
beforeEach(async () => {
  peakBefore = (await house.process.vitals()).peakRssBytes;
});

afterEach(async () => {
  // While what was done is still being done.
  expect(await house.talk()).toBe(houseReply);
  for (const each of open.splice(0)) each.destroy();
  for (const call of calls.splice(0)) call.socket.terminate();
  expect(await house.talk()).toBe(houseReply);
  const now = await house.process.settled();
  expect(now.heapBytes / before.heapBytes).toBeLessThan(mostHeap);
  expect(now.rssBytes / before.rssBytes).toBeLessThan(mostMemory);
  expect((before.rssBytes + now.peakRssBytes - peakBefore) / before.rssBytes).toBeLessThan(mostMemory);
});

describe('rubbish over HTTP', () => {
  it('is answered when a gigabyte is announced and does not come', async () => {
    for (const path of ['/', '/health', '/v1/realtime', '/v1/realtime/client_secrets', '/nothing']) {
      const request = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n{`;
      expect(await answeredWith(request)).toBeOneOf([404, 405, 413]);
    }
  });

  it('is not collected when a body has no end', async () => {
    const connection = await raw();
    connection.write('POST /health HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(megabyte), Buffer.from('\r\n')]);
    const attack = (async () => {
      for (let i = 0; i < 100 && (await connection.writeWhenRead(chunk, patienceMs)); i++);
    })();
    expect(await answersDuring(attack)).toBeGreaterThan(0);
    expect(await connection.status()).toBeOneOf([404, 405, 413, 415]);
  });

  it('is refused', async () => {
    const requests: readonly Refused[] = [
      ['an unknown route', 'GET /v1/nothing HTTP/1.1\r\nHost: a\r\n\r\n', [404]],
      ['an unknown method', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', [400, 404, 405]],
      ['a known method on another route', 'DELETE /ready HTTP/1.1\r\nHost: a\r\n\r\n', [404, 405]],
      ['a path out of the folder', 'GET /../../package.json HTTP/1.1\r\nHost: a\r\n\r\n', [400, 404]],
      ['the same in disguise', 'GET /%2e%2e/%2e%2e/package.json HTTP/1.1\r\nHost: a\r\n\r\n', [400, 404]],
      ['a null in a path', 'GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n', [400, 404]],
      ['a broken escape', 'GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n', [400, 404]],
      ['another URL', 'GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n', [400, 404]],
      ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n\r\n', [400]],
      ['a long header', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, [431]],
      ['a long path', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, [414, 431]],
      ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx', [400]],
      ['a negative length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', [400]],
    ];
    await allRefused(requests);
  });

  it('is borne: many connections that never finish a request', async () => {
    for (let i = 0; i < 100; i++) (await raw()).write('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    expect((await fetch(`${house.http}/ready`)).status).toBe(200);
  });

  it('is borne: a peer that ends its half in the middle of a request', async () => {
    const connection = await raw();
    connection.write('GET /ready HTTP/1.1\r\nHost: a\r\n');
    connection.socket.end();
    await connection.ended();
  });
});

describe('rubbish instead of an upgrade', () => {
  it('is refused', async () => {
    const requests: readonly Refused[] = [
      ['another version', upgradeRequest({ 'Sec-WebSocket-Version': '7' }), [400, 426]],
      ['a bad key', upgradeRequest({ 'Sec-WebSocket-Key': 'short' }), [400]],
      ['another protocol', upgradeRequest({ Upgrade: 'h2c' }), [400, 404, 426]],
      ['bad subprotocols', upgradeRequest({ 'Sec-WebSocket-Protocol': 'realtime,,realtime' }), [400]],
      ['another method', upgradeRequest().replace('GET', 'POST'), [400, 404, 405]],
      ['another path', upgradeRequest({}, '/v1/other'), [404]],
      ['a path that is none', upgradeRequest({}, '//'), [400, 404]],
      ['a page of somebody else', upgradeRequest({ Origin: 'http://evil.example' }), [403]],
      ['a long header', upgradeRequest({ 'X-Long': 'x'.repeat(100_000) }), [431]],
    ];
    await allRefused(requests);
  });

  it('is borne: sessions that are opened and say nothing', async () => {
    await socket();
    await socket();
  });
});

describe('rubbish in frames', () => {
  it('a gigabyte that is announced closes with 1009', async () => {
    expect(await closedWith(frame('{', { announcedBytes: 1024 ** 3 }))).toBe(1009);
    expect(await closedWith(frame('{', { announcedBytes: 5 * megabyte, opcode: 2 }))).toBe(1009);
  });

  it('half a frame holds nobody up', async () => {
    (await socket()).write(frame('{"type":"session.update"', { announcedBytes: 1_000 }));
    (await socket()).write(Buffer.from([0x81]));
  });

  it('10,000 tiny frames are answered one by one, or not at all', async () => {
    const call = await caller();
    let errors = 0;
    call.socket.on('message', (data: Buffer) => {
      if (data.toString().includes('invalid_json')) errors += 1;
    });
    const attack = (async () => {
      for (let i = 0; i < 10_000; i++) call.socket.send('x');
      while (errors < 10_000) await new Promise((resolve) => setTimeout(resolve, 50));
    })();
    expect(await answersDuring(attack)).toBeGreaterThan(1);
    call.events.length = 0;
    expect(await call.exchange()).toBe(houseReply);
  });

  it('audio in 5,000 events of one sample is heard', async () => {
    const call = await caller();
    const bytes = Buffer.from(toneBase64(250, 0), 'base64');
    for (let at = 0; at < 10_000; at += 2)
      call.send({ type: 'input_audio_buffer.append', audio: bytes.subarray(at, at + 2).toString('base64') });
    expect(await call.exchange()).toBe(houseReply);
  });

  it('a message that never ends is given up', async () => {
    const piece = frame('x', { fin: false, opcode: 0 });
    const many = [frame('{', { fin: false }), Buffer.concat(Array.from({ length: 20_000 }, () => piece))];
    expect(await closedWith(...many)).toBeOneOf([1008, 1009]);
    const large = frame(Buffer.alloc(megabyte, 'x'), { fin: false, opcode: 0 });
    expect(await closedWith(frame('{', { fin: false }), large, large, large, large, large)).toBe(1009);
  });

  it('pings without end are left in the network', async () => {
    const connection = await socket();
    connection.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame(Buffer.alloc(125), { opcode: 9 })));
    let taken = 0;
    const attack = (async () => {
      while (taken < 200 && (await connection.writeWhenRead(pings, patienceMs))) taken += 1;
    })();
    expect(await answersDuring(attack)).toBeGreaterThan(1);
    expect(taken).toBeLessThan(200);
  });

  it('a reader that stops is let go', async () => {
    const call = await caller();
    const text = 'x'.repeat(16_000);
    const item = { id: 'big', type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
    call.send({ type: 'conversation.item.create', item });
    await call.next('conversation.item.done');
    call.socket.pause();
    for (let i = 0; i < 1_500; i++) call.send({ type: 'conversation.item.retrieve', item_id: 'big' });
    while ((await house.process.vitals()).resources.TCPSocketWrap !== undefined)
      await new Promise((resolve) => setTimeout(resolve, 100));
    call.socket.resume();
    expect((await call.closed).code).toBeOneOf([1006, 1008]);
  });

  it('binary where text is due is an error, and the session goes on', async () => {
    const call = await caller();
    call.socket.send(Buffer.alloc(1_000));
    expect(await call.next('error')).toMatchObject({ error: { code: 'invalid_frame' } });
    expect(await call.exchange()).toBe(houseReply);
  });

  it('against the protocol closes with a code that says so', async () => {
    const frames: readonly [what: string, bytes: Uint8Array, code: number][] = [
      ['text that is not UTF-8', frame(Buffer.from([0xc3, 0x28])), 1007],
      ['no mask', frame('{}', { masked: false }), 1002],
      ['a reserved bit', frame('{}', { reserved: true }), 1002],
      ['an opcode that is none', frame('', { opcode: 3 }), 1002],
      ['a continuation of nothing', frame('{}', { opcode: 0 }), 1002],
      ['a long ping', frame(Buffer.alloc(200), { opcode: 9 }), 1002],
      ['a close with a code that is none', frame(Buffer.from([0, 1]), { opcode: 8 }), 1002],
    ];
    for (const [what, bytes, code] of frames) expect(await closedWith(bytes), what).toBe(code);
  });

  it('a connection that is reset frees its call', async () => {
    for (let i = 0; i < 10; i++) {
      const connection = await RawConnection.upgraded(house.port);
      connection.write(frame(JSON.stringify({ type: 'input_audio_buffer.append', audio: toneBase64(200, 0) })));
      await connection.until((text) => text.includes('response.output_audio.delta'));
      connection.socket.resetAndDestroy();
    }
  });
});

describe('rubbish in events', () => {
  const item = (content: unknown) => ({
    type: 'conversation.item.create',
    item: { type: 'message', role: 'user', content },
  });
  it('is an error each time, and the session goes on', async () => {
    const events: readonly [what: string, event: unknown, code: string][] = [
      ['no event', 7, 'invalid_json'],
      ['a list', [], 'invalid_json'],
      ['no type', {}, 'missing_required_parameter'],
      ['an unknown type', { type: 'world.end' }, 'unknown_event'],
      ['a property of every object', { type: '__proto__' }, 'unknown_event'],
      ['audio that is no text', { type: 'input_audio_buffer.append', audio: 5 }, 'invalid_type'],
      ['audio that is no base64', { type: 'input_audio_buffer.append', audio: '!!!!' }, 'invalid_audio'],
      ['half a sample', { type: 'input_audio_buffer.append', audio: 'AAAA' }, 'invalid_audio'],
      [
        'minutes of audio at once',
        { type: 'input_audio_buffer.append', audio: Buffer.alloc(2_880_000).toString('base64') },
        'invalid_audio',
      ],
      ['a commit of nothing', { type: 'input_audio_buffer.commit' }, 'input_audio_buffer_commit_empty'],
      ['a million letters', item([{ type: 'input_text', text: 'x'.repeat(1_000_000) }]), 'invalid_value'],
      [
        'the same in pieces',
        item(Array.from({ length: 100 }, () => ({ type: 'input_text', text: 'x'.repeat(10_000) }))),
        'invalid_value',
      ],
      ['half a surrogate in an id', { type: 'conversation.item.retrieve', item_id: '\ud800' }, 'item_not_found'],
      [
        'a negative time',
        { type: 'conversation.item.truncate', item_id: 'a', content_index: 0, audio_end_ms: -1 },
        'invalid_value',
      ],
      [
        'a time that is none',
        { type: 'conversation.item.truncate', item_id: 'a', content_index: 0, audio_end_ms: Number.NaN },
        'invalid_type',
      ],
      [
        'a time beyond all times',
        { type: 'conversation.item.truncate', item_id: 'a', content_index: 0, audio_end_ms: 1e308 },
        'item_not_found',
      ],
      ['an answer that is not under way', { type: 'response.cancel' }, 'response_cancel_not_active'],
      ['tokens without end', { type: 'session.update', session: { max_output_tokens: 1e9 } }, 'invalid_value'],
      [
        'a rate that is none',
        { type: 'session.update', session: { audio: { input: { format: { type: 'audio/pcm', rate: 1 } } } } },
        'invalid_value',
      ],
      [
        'a prompt as long as a book',
        { type: 'session.update', session: { instructions: 'x'.repeat(1_000_000) } },
        'invalid_value',
      ],
      [
        'a greeting without end',
        { type: 'session.update', session: { parley: { greeting: 'hello '.repeat(1_000) } } },
        'invalid_value',
      ],
    ];
    const call = await caller();
    for (const [what, event, code] of events) {
      call.socket.send(JSON.stringify(event));
      const error = (await call.next('error')).error as { readonly code: string; readonly message: string };
      expect(error.code, what).toBe(code);
      expect(error.message.length, what).toBeLessThan(1_000);
    }
    expect(await call.exchange()).toBe(houseReply);
  });

  it('deep or endless JSON is refused before it is taken apart', async () => {
    const call = await caller();
    for (const text of [
      `{"type":"response.create","response":{"metadata":${'{"a":'.repeat(500_000)}`,
      '['.repeat(4_000_000),
      `[${'[],'.repeat(1_000_000)}[]]`,
      `{"type":"${'\\u0041'.repeat(500_000)}"}`,
    ]) {
      call.socket.send(text);
      expect((await call.next('error')).error).toMatchObject({
        code: expect.stringMatching(/^(invalid_json|unknown_event)$/),
      });
    }
    expect(await call.exchange()).toBe(houseReply);
  });

  it('twenty minutes of audio at once hold nobody up', async () => {
    const call = await caller();
    const half = JSON.stringify({ type: 'input_audio_buffer.append', audio: toneBase64(0, 30_000) });
    for (let i = 0; i < 40; i++) call.socket.send(half);
    expect(await answersDuring(new Promise((resolve) => setTimeout(resolve, 500)))).toBeGreaterThan(1);
  });

  it('more calls than there are places are refused, and the next one is taken', async () => {
    const taken: HouseCall[] = [];
    while (taken.length < 4) taken.push(await callerWithPlace());
    await expect(caller()).rejects.toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
    });
    await taken[0]?.close();
    // The server hears of the close a moment after the client has been answered.
    while (!(await house.talk().catch(() => undefined)));
    // What follows is one call after the other, and each takes a moment to give up its place.
    await taken[1]?.close();
    await taken[2]?.close();
  });
});
