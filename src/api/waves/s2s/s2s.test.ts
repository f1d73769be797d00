import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../observability/log.js';
import { systemClock as clock } from '../../../observability/system-clock.js';
import { SpeechToSpeechAdmission } from '../../../platform/speech-to-speech/admit-speech-to-speech.js';
import { ScriptedSpeechToSpeech } from '../../../platform/speech-to-speech/scripted-speech-to-speech-fixture.js';
import { ParleyError } from '../../../ports/errors.js';
import { marksOf, type ScriptedCall, scriptedAdmission } from '../../openai/realtime/realtime-fixture.js';
import { pcm16k, type S2sClient, type S2sServer, startS2s } from './s2s-fixture.js';

const servers: S2sServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.close();
    expect(server.faults).toEqual([]);
  }
});

async function start(...[agent, options]: Partial<Parameters<typeof startS2s>>): Promise<S2sServer> {
  const server = await startS2s(agent ?? scriptedAdmission(), options);
  servers.push(server);
  return server;
}

/** A session that has been configured, and its call. */
async function open(
  session: object = { instructions: 'Be brief.' },
): Promise<{ client: S2sClient; call: ScriptedCall }> {
  const admission = scriptedAdmission();
  const server = await start(admission);
  const client = await server.connect();
  await client.configure(session);
  return { client, call: await admission.call() };
}

const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'Tells the weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const tokens = { computed: 20, reused: 80, generated: 7 };
const typesOf = ({ messages }: S2sClient): string[] => messages.map(({ type }) => type);
/** Waits until everything sent before has been dealt with. */
const settled = async (client: S2sClient): Promise<void> => {
  client.send({ type: 'test.settle', event_id: 'settle' });
  while (((await client.next('error')).error as { event_id?: unknown }).event_id !== 'settle');
};

describe('a speech-to-speech session', () => {
  it('is created, configured with what is in effect, and then takes audio at 16 kHz', async () => {
    const admission = scriptedAdmission();
    const client = await (await start(admission)).connect();
    expect(await client.next('session.created')).toMatchObject({
      event_id: expect.any(String),
      session_id: expect.any(String),
    });
    expect(admission.calls).toEqual([]);
    const { session } = await client.configure({ instructions: 'Be brief.', tools: [weather] });
    expect(session).toEqual({
      instructions: 'Be brief.',
      voice: 'heart',
      tools: [weather],
      generate_initial_response: false,
    });
    const call = await admission.call();
    expect(call.facts).toMatchObject({ source: 'waves-s2s', instructions: 'Be brief.', greeting: false });
    expect(call.facts.toolbox?.tools).toMatchObject([{ name: 'get_weather' }]);
    client.send({ type: 'input_audio_buffer.append', audio: pcm16k(60) });
    await expect.poll(() => call.heard).toMatchObject({ samples: 960, rateHz: 16_000 });
    expect(call.transport.outputRateHz).toBe(48_000);
  });

  it('tells of a turn and its answer in the order that Hydra has, with what was said beside it', async () => {
    const { client, call } = await open();
    call.emit({ type: 'speech-started', turn: 1, startMs: 120 });
    call.emit({ type: 'speech-paused', turn: 1, endMs: 900 });
    call.emit({ type: 'turn-committed', turn: 1, text: 'A coffee.', endMs: 900, reply: 1 });
    call.emit({ type: 'reply-started', reply: 1, turn: 1 });
    call.emit({ type: 'reply-text', reply: 1, text: 'Sure,' });
    call.speak(1, 2);
    call.emit({ type: 'reply-text', reply: 1, text: 'one coffee.' });
    call.speak(1, 1);
    call.emit({
      type: 'reply-finished',
      reply: 1,
      status: 'completed',
      heard: 'Sure, one coffee.',
      heardBasis: 'estimated',
      tokens,
    });
    const done = await client.next('response.done');
    expect(typesOf(client).slice(2)).toEqual([
      'input_audio_buffer.speech_started',
      'conversation.item.added',
      'input_audio_buffer.speech_stopped',
      'conversation.item.done',
      'conversation.item.input_audio_transcription.completed',
      'response.created',
      'conversation.item.added',
      'response.output_audio_transcript.delta',
      'response.output_audio.delta',
      'response.output_audio.delta',
      'response.output_audio_transcript.delta',
      'response.output_audio.delta',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'conversation.item.done',
      'response.done',
    ]);
    const [, , started, added, stopped, said, words, created, answering, , delta] = client.messages;
    const id = started?.item_id;
    expect(started).toMatchObject({ audio_start_ms: 120 });
    expect(added).toMatchObject({
      previous_item_id: null,
      item: {
        id,
        type: 'message',
        role: 'user',
        status: 'in_progress',
        content: [{ type: 'input_audio', text: null }],
      },
    });
    expect(stopped).toMatchObject({ audio_end_ms: 900, item_id: id });
    expect(said).toMatchObject({ item: { id, status: 'completed' } });
    expect(words).toMatchObject({ item_id: id, transcript: 'A coffee.' });
    expect(created).toEqual({
      type: 'response.created',
      event_id: expect.any(String),
      response: { id: expect.any(String) },
    });
    expect(answering).toMatchObject({ previous_item_id: id, item: { role: 'assistant', status: 'in_progress' } });
    expect(delta).toMatchObject({ output_index: 0, content_index: 0 });
    // 20 ms at 48 kHz, two bytes each.
    expect(Buffer.from(String(delta?.delta), 'base64')).toHaveLength(1_920);
    expect(done.response).toEqual({
      id: (created?.response as { id: unknown } | undefined)?.id,
      status: 'completed',
      output: [expect.objectContaining({ role: 'assistant', content: [{ type: 'output_audio', text: null }] })],
      usage: { input_tokens: 100, output_tokens: 7, total_tokens: 107 },
    });
  });

  it('says that a turn was none, with an item that stays incomplete', async () => {
    const { client, call } = await open();
    call.emit({ type: 'speech-started', turn: 1, startMs: 100 });
    call.emit({ type: 'speech-paused', turn: 1, endMs: 300 });
    call.emit({ type: 'turn-dropped', turn: 1, why: 'backchannel' });
    expect(await client.next('input_audio_buffer.speech_stopped')).toMatchObject({ audio_end_ms: 300 });
    expect(await client.next('conversation.item.done')).toMatchObject({ item: { role: 'user', status: 'incomplete' } });
    call.emit({ type: 'speech-started', turn: 2, startMs: 900 });
    await client.next('conversation.item.added');
    expect(await client.next('conversation.item.added')).toMatchObject({ previous_item_id: null });
  });

  it.each([
    ['interrupted', 'interrupted'],
    ['cancelled', 'client_cancelled'],
  ] as const)('a reply that was %s is told so', async (status, reason) => {
    const { client, call } = await open();
    call.emit({ type: 'reply-started', reply: 1, turn: undefined });
    call.speak(1, 1);
    call.emit({ type: 'reply-finished', reply: 1, status, heard: '', heardBasis: 'estimated' });
    expect((await client.next('response.done')).response).toMatchObject({
      status: 'cancelled',
      status_details: { reason },
      output: [{ status: 'incomplete' }],
    });
  });

  it('has tools called by the client, and answers when it is asked to go on', async () => {
    const { client, call } = await open({ tools: [weather] });
    call.emit({ type: 'reply-started', reply: 1, turn: 1 });
    const made = { callId: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' };
    call.emit({ type: 'tool-called', reply: 1, call: made });
    call.emit({ type: 'reply-finished', reply: 1, status: 'completed', heard: '', heardBasis: 'estimated', tokens });
    expect(await client.next('response.function_call_arguments.delta')).toMatchObject({
      call_id: 'call_1',
      name: 'get_weather',
      delta: made.arguments,
    });
    expect(await client.next('response.function_call_arguments.done')).toMatchObject({
      call_id: 'call_1',
      name: 'get_weather',
      arguments: made.arguments,
    });
    const item = { type: 'function_call_output', call_id: 'call_1', output: '{"celsius":4}' };
    client.send({ type: 'conversation.item.create', item });
    client.send({ type: 'response.create' });
    await settled(client);
    await expect.poll(() => call.asked.map(([name]) => name)).toEqual(['addResult', 'respond']);
    expect(call.asked[0]?.[1]).toMatchObject({ callId: 'call_1', output: '{"celsius":4}' });
    expect(
      client.messages.filter(
        ({ type, error }) => type === 'error' && (error as { event_id: unknown }).event_id !== 'settle',
      ),
    ).toEqual([]);
  });

  it('gives a tool up that nobody answers', async () => {
    const admission = scriptedAdmission();
    const client = await (await start(admission, { limits: { toolResponseMs: 20 } })).connect();
    await client.configure({ tools: [weather] });
    const call = await admission.call();
    call.emit({ type: 'reply-started', reply: 1, turn: 1 });
    call.emit({ type: 'tool-called', reply: 1, call: { callId: 'c', name: 'get_weather', arguments: '{}' } });
    expect((await client.next('error')).error).toMatchObject({ code: 'tool_response_timeout' });
  });

  it('changes its tools, and nothing else, once it has begun', async () => {
    const { client, call } = await open();
    client.send({ type: 'session.update', session: { tools: [weather] } });
    expect((await client.next('session.updated')).session).toEqual({ tools: [weather] });
    await expect.poll(() => call.asked).toMatchObject([['setTools', { tools: [{ name: 'get_weather' }] }]]);
    client.send({ type: 'session.update', session: { tools: [weather] } });
    client.send({ type: 'session.update', event_id: 'e7', session: { voice: 'bella' } });
    expect((await client.next('error')).error).toMatchObject({ code: 'invalid_frame', event_id: 'e7' });
    expect(typesOf(client).filter((type) => type === 'session.updated')).toHaveLength(1);
  });

  it('is configured once', async () => {
    const { client, call } = await open();
    client.send({ type: 'session.configure', session: { instructions: 'Be long.' } });
    expect(await client.next('warning')).toMatchObject({ code: 'already_configured' });
    expect(call.asked).toEqual([]);
  });

  it('hears nothing before it is configured, and says so once', async () => {
    const admission = scriptedAdmission();
    const client = await (await start(admission)).connect();
    for (let frame = 0; frame < 5; frame++) client.send({ type: 'input_audio_buffer.append', audio: pcm16k(20) });
    client.send({ type: 'response.create' });
    await client.next('error');
    expect(typesOf(client).filter((type) => type === 'warning')).toHaveLength(1);
    await client.configure();
    expect((await admission.call()).heard.samples).toBe(0);
  });

  it('names fields that mean nothing, and a voice that is not here', async () => {
    const { client } = await open({ instuctions: 'Be brief.', voice: 'aria' });
    expect(await client.next('warning')).toMatchObject({ param: 'session.configure.session.instuctions' });
    expect(await client.next('warning')).toMatchObject({ message: expect.stringContaining('"heart" speaks') });
  });

  it('refuses a voice that nobody has, and can then be configured with another', async () => {
    const admission = scriptedAdmission();
    const client = await (await start(admission)).connect();
    client.send({ type: 'session.configure', session: { voice: 'nobody' } });
    const param = 'session.configure.session.voice';
    expect((await client.next('error')).error).toMatchObject({ code: 'invalid_request_error', param });
    expect(await client.configure({ voice: 'bella' })).toMatchObject({ session: { voice: 'bella' } });
    expect((await admission.call()).facts.voice).toBe('bella');
  });

  it('speaks first where that is asked for', async () => {
    const own = await open({ instructions: 'Greet.', generate_initial_response: true });
    await expect.poll(() => own.call.asked).toEqual([['respond']]);
    expect(own.call.facts.greeting).toBe(false);
    const standard = await open({ generate_initial_response: true });
    expect(standard.call.facts).not.toHaveProperty('greeting');
    await settled(standard.client);
    expect(standard.call.asked).toEqual([]);
  });

  it.each([
    [{ type: 'input_audio_buffer.append', audio: 'not base64!' }, 'invalid_audio'],
    [{ type: 'input_audio_buffer.append', audio: Buffer.alloc(3).toString('base64') }, 'invalid_audio'],
    [{ type: 'input_audio_buffer.append' }, 'invalid_request_error'],
    [{ type: 'sing' }, 'invalid_frame'],
    [
      { type: 'conversation.item.create', item: { type: 'function_call_output', call_id: 'x', output: '' } },
      'invalid_request_error',
    ],
  ])('goes on after %j', async (event, code) => {
    const { client } = await open();
    client.send({ ...event, event_id: 'mine' });
    expect((await client.next('error')).error).toMatchObject({ code, event_id: 'mine' });
    client.socket.send('{');
    expect((await client.next('error')).error).toMatchObject({ code: 'invalid_frame' });
    client.socket.send(Buffer.alloc(8));
    expect((await client.next('error')).error).toMatchObject({ code: 'invalid_frame' });
    client.send({ type: 'response.cancel' });
    await settled(client);
  });

  it('tells where the time of a turn went, where that is asked for', async () => {
    const { client, call } = await open({ parley: { turn_metrics: true } });
    call.emit({ type: 'turn-measured', marks: marksOf({ turn: 1, reply: 1, responseLatencyMs: 640 }) });
    expect(await client.next('parley.turn')).toMatchObject({ response_latency_ms: 640 });
  });

  it('is told that there is no room in an event, and closed so that it comes again', async () => {
    const full = new ParleyError('All lines are taken.', { code: 'calls.full', status: 503, retryable: true });
    const server = await start({ ...scriptedAdmission(), noRoom: () => full });
    const client = await server.connect();
    expect((await client.next('error')).error).toMatchObject({ code: 'server_full', message: 'All lines are taken.' });
    expect((await client.closed).code).toBe(1013);
    const later = await start({ admit: async () => Promise.reject(full) });
    const refused = await later.connect();
    await refused.configure();
    expect((await refused.next('error')).error).toMatchObject({ code: 'server_full' });
    expect((await refused.closed).code).toBe(1013);
  });

  it('ends after a silence of both sides, and the call with it', async () => {
    const admission = scriptedAdmission();
    const client = await (await start(admission, { limits: { idleMs: 60 } })).connect();
    await client.configure();
    expect((await client.closed).code).toBe(1000);
    await expect.poll(async () => (await admission.call()).heard.closed).toBeDefined();
  });

  it('ends when the call does', async () => {
    const { client, call } = await open();
    call.emit({ type: 'ended', reason: 'goodbye' });
    expect(await client.closed).toEqual({ code: 1000, reason: 'goodbye' });
  });

  it('is held by a realtime model where that is named, in the same events and with the same marks', async () => {
    const engine = new ScriptedSpeechToSpeech();
    const log = createLog({ level: 'silent', secrets: [] });
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-s2s-'));
    const about = { instructions: 'Sell.', greeting: undefined, dataDir, clock, log };
    const admission = new SpeechToSpeechAdmission(about);
    const model = {
      admit: admission.admitTo(engine),
      noRoom: admission.noRoom,
      defaults: { instructions: 'Sell.', voices: engine.capabilities.voices },
    };
    const server = await start(scriptedAdmission(), { models: () => new Map([[engine.name, model]]) });
    const client = await server.connect(`?model=${engine.name}`);
    const session = { instructions: 'Be brief.', voice: 'cedar', tools: [weather], parley: { turn_metrics: true } };
    expect(await client.configure(session)).toMatchObject({ session: { voice: 'cedar' } });
    client.send({ type: 'input_audio_buffer.append', audio: pcm16k(200) });
    // From 16 to 24 kHz; the resampler keeps a few samples.
    await expect.poll(() => engine.heardSamples).toBeGreaterThan(4_700);
    expect(engine.conversation).toMatchObject({
      instructions: 'Be brief.',
      voice: 'cedar',
      tools: [{ name: 'get_weather' }],
    });
    const marks = { eouDelayMs: 300, sttFinalMs: 420, llmFirstTokenMs: 500, ttsFirstAudioMs: 620 };
    const samples = new Float32Array(2_400).fill(0.2);
    engine.tell(
      { type: 'speech-started', atMs: 40 },
      { type: 'speech-stopped', atMs: 180 },
      { type: 'caller-text', turn: 'u', text: 'A coffee.', final: true },
      { type: 'reply-started', reply: 'r' },
      { type: 'agent-text', reply: 'r', text: 'Here you are.' },
      { type: 'audio', reply: 'r', samples, rateHz: 24_000 },
      { type: 'tool-call', reply: 'r', call: 'c1', name: 'get_weather', arguments: '{}' },
      { type: 'reply-finished', reply: 'r', status: 'complete', usage: { inputTokens: 5, outputTokens: 6 }, marks },
    );
    expect((await client.next('response.done')).response).toMatchObject({
      status: 'completed',
      usage: { input_tokens: 5, output_tokens: 6, total_tokens: 11 },
    });
    expect(await client.next('conversation.item.input_audio_transcription.completed')).toMatchObject({
      transcript: 'A coffee.',
    });
    expect(await client.next('parley.turn')).toMatchObject({ response_latency_ms: 620, eou_delay_ms: 300 });
    const spoken = client.messages.filter(({ type }) => type === 'response.output_audio.delta');
    const bytes = spoken.reduce((sum, { delta }) => sum + Buffer.from(String(delta), 'base64').length, 0);
    expect(bytes).toBe(2 * 2 * 2_400);
    client.send({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: 'c1', output: '{}' },
    });
    client.send({ type: 'response.create' });
    await expect.poll(() => engine.got).toMatchObject([{ type: 'tool-result', respond: false }, { type: 'respond' }]);
    client.socket.close();
    await expect.poll(() => engine.conversation?.signal.aborted).toBe(true);
    await admission.close();
    await rm(dataDir, { recursive: true });
  });

  it('answers to the names of Hydra, to one of them with a warning, and to no other', async () => {
    const server = await start(scriptedAdmission(), { apiKey: 'k' });
    const headers = { authorization: 'Bearer k' };
    const old = await server.connect('?model=hydra&api_key=k');
    expect(await old.next('warning')).toMatchObject({ code: 'model_deprecated' });
    expect(typesOf(old)[0]).toBe('warning');
    const current = await server.connect('?model=hydra-v1.0', { headers });
    await current.next('session.created');
    expect(typesOf(current)).toEqual(['session.created']);
    expect(await server.refused('?model=gpt-realtime', { headers })).toBe(404);
    expect(await server.refused('?model=hydra&api_key=other')).toBe(401);
    expect(await server.refused('?model=hydra')).toBe(401);
  });
});
