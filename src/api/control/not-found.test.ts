import fastify from 'fastify';
import { expect, it } from 'vitest';
import { answerNotFound } from './not-found.js';

function serve() {
  const server = fastify();
  server.post('/v1/audio/speech', async () => 'audio');
  answerNotFound(server, () => ['/v1/realtime']);
  return server;
}

it('where nothing is served, the error is that of the dialect', async () => {
  const server = serve();
  const unknown = await server.inject('/v1/nothing?here=1');
  expect(unknown.statusCode).toBe(404);
  expect(unknown.json()).toEqual({
    error: {
      message: 'There is nothing at GET /v1/nothing; /docs lists what there is.',
      type: 'invalid_request_error',
      param: null,
      code: 'route.unknown',
    },
  });
  const waves = await server.inject({ method: 'POST', url: '/waves/v1/nothing' });
  expect(waves.statusCode).toBe(404);
  expect(waves.json()).toMatchObject({ status: 'error', error_code: 'route.unknown' });
  const deepgram = await server.inject('/v1/speak');
  expect(deepgram.json()).toMatchObject({ err_msg: expect.stringContaining('nothing at GET /v1/speak') });
});

it('another method than a path has is refused with those that it has', async () => {
  const refused = await serve().inject('/v1/audio/speech');
  expect(refused.statusCode).toBe(405);
  expect(refused.headers.allow).toBe('POST');
  expect(refused.json()).toMatchObject({ error: { message: '/v1/audio/speech does not take GET; expected POST.' } });
});

it('a socket that is asked for as a page says what it is', async () => {
  const refused = await serve().inject('/v1/realtime?model=parley');
  expect(refused.statusCode).toBe(426);
  expect(refused.headers.upgrade).toBe('websocket');
  expect(refused.json()).toMatchObject({ error: { message: expect.stringContaining('ws://') } });
});
