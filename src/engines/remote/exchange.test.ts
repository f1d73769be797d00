import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ParleyError } from '../../ports/errors.js';
import { readApiKey } from './api-key.js';
import type { RemoteDeadlines } from './limits.js';
import { retryAfterMs } from './refusals.js';
import { RemoteApi } from './remote-api.js';
import { ScriptedService, until } from './scripted-service-fixture.js';

const { signal } = new AbortController();
let service: ScriptedService;

beforeEach(async () => {
  service = await ScriptedService.open();
});
afterEach(() => service.close());

const apiOf = (deadlines: Partial<RemoteDeadlines> = {}) => new RemoteApi(service.api(deadlines));

async function events(api: RemoteApi, abort = signal): Promise<string[]> {
  const read: string[] = [];
  const response = await api.exchange({ path: '/x', body: { a: 1 }, signal: abort });
  for await (const event of response.events()) read.push(event);
  return read;
}

async function failureOf(attempt: Promise<unknown>): Promise<ParleyError> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!ParleyError.isInstance(error)) throw new Error(`expected a ParleyError, found ${inspect(error)}`);
  return error;
}

describe('a request to a remote service', () => {
  it('carries the key in its header, and reads events whose pieces arrive in any way', async () => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      for (const piece of ['da', 'ta: {"t":"caf', 'é"}\n', '\nda', 'ta: two\n\n']) await answer.write(piece);
      answer.end();
    };
    expect(await events(apiOf())).toEqual(['{"t":"café"}', 'two']);
    expect(service.requests[0]).toMatchObject({
      path: '/v1/x',
      headers: { authorization: `Bearer ${service.key.reveal()}`, 'content-type': 'application/json' },
      body: Buffer.from('{"a":1}'),
    });
  });

  it.each([
    [401, 'remote.unauthorized', false, 'SCRIPTED_KEY'],
    [403, 'remote.unauthorized', false, 'SCRIPTED_KEY'],
    [404, 'remote.refused', false, 'model'],
    [400, 'remote.refused', false, 'model'],
    [429, 'remote.rate_limited', true, 'no more requests'],
    [503, 'remote.busy', true, '503'],
    [500, 'remote.failed', true, '500'],
  ])('that is answered with %i fails as %s', async (status, code, retryable, says) => {
    service.answer = (_request, answer) => answer.json({ error: { message: 'because of the moon' } }, status);
    const error = await failureOf(events(apiOf()));
    expect(error).toMatchObject({ code, retryable });
    expect(error.message).toContain('because of the moon');
    expect(error.message).toContain(says);
    expect(error.status).toBeGreaterThanOrEqual(500);
  });

  it('never tells the key, though the service repeats it', async () => {
    const key = service.key.reveal();
    service.answer = (_request, answer) => answer.json({ error: { message: `Incorrect API key: ${key}` } }, 401);
    const error = await failureOf(events(apiOf()));
    const everything = inspect(error, { depth: 9, showHidden: true }) + String(error.stack) + JSON.stringify(error);
    expect(everything).not.toContain(key);
    expect(error.message).toContain('[key in SCRIPTED_KEY]');
    for (const shown of [
      inspect(apiOf(), { depth: 9 }),
      inspect(service.key),
      JSON.stringify({ k: service.key }),
      `${service.key}`,
    ])
      expect(shown).not.toContain(key);
  });

  it('waits out a short Retry-After and tries again, once', async () => {
    service.answer = (_request, answer) => answer.refuse(429, '', { 'retry-after': '0.05' });
    const error = await failureOf(events(apiOf()));
    expect(error).toMatchObject({ code: 'remote.rate_limited', retryAfterMs: 50 });
    expect(service.requests).toHaveLength(2);
  });

  it('sends nothing while a longer Retry-After lasts, and says how long', async () => {
    service.answer = (_request, answer) => answer.refuse(503, '', { 'retry-after': '30' });
    const api = apiOf();
    expect(await failureOf(events(api))).toMatchObject({ code: 'remote.busy', retryAfterMs: 30_000 });
    const second = await failureOf(events(api));
    expect(second).toMatchObject({ code: 'remote.rate_limited', retryable: true });
    expect(second.retryAfterMs).toBeGreaterThan(20_000);
    expect(service.requests).toHaveLength(1);
  });

  it('is given up when nothing comes, comments included, and the connection is closed', async () => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      while (!answer.left) {
        await answer.write(': still here\n\n');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    expect(await failureOf(events(apiOf({ firstByteMs: 80 })))).toMatchObject({ code: 'remote.late', retryable: true });
    await until(() => service.answers[0]?.left === true);
  });

  it('is given up when it stalls in the middle', async () => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      await answer.event('one');
    };
    expect(await failureOf(events(apiOf({ idleMs: 60 })))).toMatchObject({ code: 'remote.late', retryable: true });
  });

  it('is not given up because its reader is slow', async () => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      await answer.event('one');
      await answer.event('two');
      answer.end();
    };
    const read: string[] = [];
    const response = await apiOf({ idleMs: 40 }).exchange({ path: '/x', body: {}, signal });
    for await (const event of response.events()) {
      read.push(event);
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    expect(read).toEqual(['one', 'two']);
  });

  it('fails as cut off when the service dies in the middle', async () => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      await answer.event('one');
      answer.breakOff();
    };
    expect(await failureOf(events(apiOf()))).toMatchObject({ code: 'remote.cut_off', retryable: true });
  });

  it('fails when nobody listens there', async () => {
    const api = apiOf();
    await service.close();
    expect(await failureOf(events(api))).toMatchObject({ code: 'remote.unreachable', retryable: true });
    service = await ScriptedService.open();
  });

  it('closes the connection when its signal aborts or its reader leaves', async () => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      await answer.event('one');
    };
    const abort = new AbortController();
    const reading = events(apiOf(), abort.signal);
    await until(() => service.answers.length === 1);
    abort.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await until(() => service.answers[0]?.left === true);
    const response = await apiOf().exchange({ path: '/x', body: {}, signal });
    for await (const _event of response.events()) break;
    await until(() => service.answers[1]?.left === true);
  });

  it('takes no event and no answer without bound', async () => {
    service.answer = async (_request, answer) => {
      answer.begin('text/event-stream');
      const mebibyte = Buffer.alloc(1_048_576, 'x');
      await answer.write('data: ');
      for (let sent = 0; sent < 64 && !answer.left; sent++) await Promise.race([answer.write(mebibyte), gone(answer)]);
    };
    expect(await failureOf(events(apiOf()))).toMatchObject({ code: 'remote.rubbish' });
    const response = await apiOf().exchange({ path: '/x', body: {}, signal });
    expect(await failureOf(response.json())).toMatchObject({ code: 'remote.rubbish' });
  });

  it('follows no redirect with the key', async () => {
    service.answer = (_request, answer) => answer.refuse(302, '', { location: `${service.url}/elsewhere` });
    expect(await failureOf(events(apiOf()))).toMatchObject({ code: 'remote.unreachable' });
    expect(service.requests).toHaveLength(1);
  });
});

async function gone(answer: { readonly left: boolean }): Promise<void> {
  while (!answer.left) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    ['2', 2_000],
    ['0.25', 250],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['soon', undefined],
    ['-3', undefined],
    ['', undefined],
    [null, undefined],
  ])('"%s" is %s ms', (header, expected) => {
    expect(retryAfterMs(header, nowMs)).toBe(expected);
  });
});

describe('a key', () => {
  it('comes from the variable that is named, or is asked for by that name', () => {
    expect(readApiKey('GROQ_KEY', { GROQ_KEY: ' abc ' }).reveal()).toBe('abc');
    expect(() => readApiKey('GROQ_KEY', {})).toThrow(expect.objectContaining({ code: 'remote.no_key' }));
    expect(() => readApiKey('GROQ_KEY', {})).toThrow('GROQ_KEY');
  });
});
