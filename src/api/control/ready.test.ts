import { expect, it } from 'vitest';
import { keyedAccess } from '../../platform/access/keyed-access-fixture.js';
import { ModelsInUse } from '../../platform/models-in-use.js';
import { Readiness } from '../../platform/readiness.js';
import { createControlServer } from './server.js';

it('tells what is loading, then ready, which engines are being restarted, and what to expect', async () => {
  const readiness = new Readiness();
  const server = await createControlServer({ readiness, models: new ModelsInUse([]), access: keyedAccess() });
  const ask = async () => {
    const response = await server.inject('/ready');
    return { status: response.statusCode, body: response.json() as unknown };
  };
  expect(await ask()).toEqual({ status: 503, body: { status: 'loading', loading: ['start'] } });
  readiness.done();
  expect(await ask()).toEqual({ status: 200, body: { status: 'ready' } });
  readiness.expect = { responseLatencyMs: 900, concurrentCalls: 2 };
  readiness.down('speech-to-text');
  readiness.down('speech-to-text');
  readiness.down('language-model');
  const expected = { responseLatencyMs: 900, concurrentCalls: 2 };
  expect(await ask()).toEqual({
    status: 200,
    body: { status: 'degraded', restarting: ['speech-to-text', 'language-model'], expect: expected },
  });
  readiness.up('speech-to-text');
  readiness.up('language-model');
  expect(await ask()).toEqual({ status: 200, body: { status: 'ready', expect: expected } });
  readiness.fail('shutting down');
  expect(await ask()).toEqual({ status: 503, body: { status: 'failed', reason: 'shutting down' } });
  await server.close();
});
