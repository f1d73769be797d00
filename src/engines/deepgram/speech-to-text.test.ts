import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { Listening } from '../../../test/conformance/listening.js';
import { concatSamples } from '../../audio/frame.js';
import { speakTones, ToneVocabulary } from '../../testing/tone-words.js';
import { ScriptedService, until } from '../remote/scripted-service-fixture.js';
import { hearsStreams } from '../remote/tone-services-fixture.js';
import { DeepgramSpeechToText } from './speech-to-text.js';

const vocabulary = new ToneVocabulary();
const text = 'hello i would like a large coffee with milk please';
const speech = concatSamples([speakTones(text, { rateHz: 16_000, vocabulary }).samples, new Float32Array(1_600)]);
let service: ScriptedService;

beforeEach(async () => {
  service = await ScriptedService.open();
  hearsStreams(service, vocabulary);
});
afterEach(() => service.close());

function listen(): Listening {
  return new Listening(new DeepgramSpeechToText({ ...service.api({ firstByteMs: 400 }), model: 'nova-3' }), 'call');
}

describe('streaming transcription over a socket', () => {
  it('asks for what it needs, with the key', async () => {
    const call = listen();
    await until(() => service.requests.length === 1);
    const [request] = service.requests;
    expect(request?.path).toBe('/v1/v1/listen');
    expect(Object.fromEntries(request?.query ?? [])).toMatchObject({
      model: 'nova-3',
      sample_rate: '16000',
      encoding: 'linear16',
    });
    expect(request?.headers.authorization).toBe(`Token ${service.key.reveal()}`);
    await call.finish();
    await until(() => service.sockets.every((socket) => socket.readyState === socket.CLOSED));
  });

  it.each(['before the question', 'after it'])('loses no word when the connection is lost %s', async (when) => {
    const call = listen();
    call.push({ type: 'start', utterance: 1 });
    call.audio(speech.subarray(0, speech.length >> 1));
    await call.partial();
    const [first] = service.sockets as [WebSocket];
    if (when === 'after it') first.removeAllListeners('message');
    else first.terminate();
    call.audio(speech.subarray(speech.length >> 1));
    call.push({ type: 'freeze', utterance: 1, request: 1 });
    if (when === 'after it') {
      await new Promise((resolve) => setTimeout(resolve, 50));
      first.terminate();
    }
    const final = await call.final(1);
    expect(final.text).toBe(text);
    expect(service.sockets).toHaveLength(2);
    await call.finish();
  });

  it('answers with an error when the service does not, and hears the next utterance', async () => {
    const hears = service.onSocket;
    service.onSocket = () => {};
    const call = listen();
    call.push({ type: 'start', utterance: 1 });
    call.audio(speech);
    call.push({ type: 'freeze', utterance: 1, request: 1 });
    expect(await call.error(1)).toMatchObject({ error: { code: 'remote.late', retryable: true } });
    service.onSocket = hears;
    call.push({ type: 'start', utterance: 2 });
    call.audio(speech);
    call.push({ type: 'freeze', utterance: 2, request: 2 });
    expect((await call.final(2)).text).toBe(text);
    await call.finish();
  });

  it('answers with an error when it is refused, or told rubbish', async () => {
    service.refuseUpgrade = { status: 401 };
    const call = listen();
    call.push({ type: 'start', utterance: 1 });
    call.audio(speech);
    call.push({ type: 'freeze', utterance: 1, request: 1 });
    expect(await call.error(1)).toMatchObject({ error: { code: 'remote.unauthorized', retryable: false } });
    service.refuseUpgrade = undefined;
    service.onSocket = (socket) => socket.on('message', () => socket.send('{"type":"Results","start":"?"}'));
    call.push({ type: 'start', utterance: 2 });
    call.audio(speech);
    call.push({ type: 'freeze', utterance: 2, request: 2 });
    expect(await call.error(2)).toMatchObject({ error: { code: 'remote.rubbish' } });
    await call.finish();
  });
});
