import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../../observability/log.js';
import { systemClock as clock } from '../../../observability/system-clock.js';
import { keyedAccess } from '../../../platform/access/keyed-access-fixture.js';
import { createClientSecrets } from '../../../platform/client-secrets.js';
import { SpeechToSpeechAdmission } from '../../../platform/speech-to-speech/admit-speech-to-speech.js';
import { ScriptedSpeechToSpeech } from '../../../platform/speech-to-speech/scripted-speech-to-speech-fixture.js';
import type { SeenMessage } from '../../sockets/socket-client-fixture.js';
import { type Client, type Fixture, type FixtureOptions, pcm, startRealtime } from './realtime-fixture.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const house = '?model=house/realtime';

async function start(options: FixtureOptions = {}): Promise<{ engine: ScriptedSpeechToSpeech; fixture: Fixture }> {
  const engine = new ScriptedSpeechToSpeech();
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-held-'));
  const log = createLog({ level: 'silent', secrets: [] });
  const admission = new SpeechToSpeechAdmission({ instructions: 'Sell.', greeting: undefined, dataDir, clock, log });
  const { name, capabilities } = engine;
  const defaults = { model: name, instructions: 'Sell.', greeting: false as const, voices: capabilities.voices };
  const model = { admit: admission.admitTo(engine), noRoom: admission.noRoom, defaults };
  const fixture = await startRealtime({ models: () => new Map([[name, model]]), ...options });
  closers.push(async () => {
    await fixture.close();
    await admission.close();
    await rm(dataDir, { recursive: true });
  });
  return { engine, fixture };
}

async function open(session: object = { instructions: 'Be brief.' }) {
  const { engine, fixture } = await start();
  const client = await fixture.connect({ query: house });
  client.send({ type: 'session.update', session: { type: 'realtime', ...session } });
  const updated = await client.next('session.updated');
  await expect.poll(() => engine.conversation).toBeDefined();
  return { engine, fixture, client, shown: updated.session as Record<string, unknown> };
}

const errorsOf = ({ events }: Client): (readonly [unknown, unknown])[] =>
  events
    .filter(({ type }) => type === 'error')
    .map(({ error }) => {
      const { code, param } = error as SeenMessage;
      return [code, param];
    });
const refused = (param: string) => ['parley.not_supported', param];

const tool = {
  type: 'function',
  name: 'weather',
  description: 'Weather.',
  parameters: { type: 'object', properties: {} },
};
const marks = { eouDelayMs: 300, sttFinalMs: 420, llmFirstTokenMs: 500, ttsFirstAudioMs: 620 };
const answer = [
  { type: 'speech-started', atMs: 40 },
  { type: 'speech-stopped', atMs: 180 },
  { type: 'reply-started', reply: 'r' },
  { type: 'caller-text', turn: 'u', text: 'A cof', final: false },
  { type: 'caller-text', turn: 'u', text: 'A coffee.', final: true },
  { type: 'agent-text', reply: 'r', text: 'Here you are.' },
  { type: 'audio', reply: 'r', samples: new Float32Array(4_800).fill(0.2), rateHz: 24_000 },
  { type: 'tool-call', reply: 'r', call: 'c1', name: 'weather', arguments: '{}' },
  { type: 'reply-finished', reply: 'r', status: 'complete', usage: { inputTokens: 5, outputTokens: 6 }, marks },
] as const;

describe('a session whose call a realtime model holds', () => {
  it('is opened with its name, in the same events as any other and with the same marks', async () => {
    const { engine, client, shown } = await open({
      instructions: 'Be brief.',
      audio: { input: { turn_detection: { type: 'server_vad' } }, output: { voice: 'cedar' } },
      tools: [tool],
      parley: { turn_metrics: true },
    });
    expect(shown).toMatchObject({ model: 'house/realtime', instructions: 'Be brief.' });
    expect(engine.conversation).toMatchObject({
      instructions: 'Be brief.',
      voice: 'cedar',
      turns: 'silence',
      tools: [{ name: 'weather' }],
    });
    client.send({ type: 'input_audio_buffer.append', audio: pcm(200) });
    await expect.poll(() => engine.heardSamples).toBe(4_800);
    engine.tell(...answer);
    const { response } = await client.next('response.done');
    expect(response).toMatchObject({
      status: 'completed',
      usage: { input_tokens: 5, output_tokens: 6 },
      output: [
        { type: 'message', content: [{ transcript: 'Here you are.' }] },
        { type: 'function_call', call_id: 'c1' },
      ],
    });
    expect(await client.next('parley.turn')).toMatchObject({ response_latency_ms: 620 });
    const committed = await client.next('input_audio_buffer.committed');
    expect(await client.next('conversation.item.input_audio_transcription.completed')).toMatchObject({
      item_id: committed.item_id,
      transcript: 'A coffee.',
    });
    const types = client.types();
    for (const type of ['speech_started', 'speech_stopped']) expect(types).toContain(`input_audio_buffer.${type}`);
    expect(types).toContain('response.function_call_arguments.done');
    expect(types.filter((type) => type.endsWith('transcription.completed'))).toHaveLength(1);
    const spoken = client.events.filter(({ type }) => type === 'response.output_audio.delta');
    expect(Buffer.concat(spoken.map(({ delta }) => Buffer.from(String(delta), 'base64')))).toHaveLength(9_600);
    client.send({ type: 'conversation.item.retrieve', item_id: committed.item_id });
    expect((await client.next('conversation.item.retrieved')).item).toMatchObject({
      content: [{ type: 'input_audio', transcript: 'A coffee.' }],
    });

    client.send({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: 'c1', output: 'sunny' },
    });
    client.send({
      type: 'conversation.item.create',
      item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'And now?' }] },
    });
    client.send({ type: 'response.create' });
    client.send({ type: 'session.update', session: { type: 'realtime', tools: [] } });
    await expect
      .poll(() => engine.got)
      .toMatchObject([
        { type: 'tool-result', call: 'c1', output: 'sunny', respond: false },
        { type: 'text', text: 'And now?', respond: false },
        { type: 'respond' },
        { type: 'tools', tools: [] },
      ]);
    expect(errorsOf(client)).toEqual([]);
  });

  it('is cut where the client has stopped playing, and the model forgets the rest', async () => {
    const { engine, client } = await open();
    engine.tell(...answer);
    const { item } = await client.next('response.output_item.added');
    await client.next('response.done');
    const { id } = item as SeenMessage;
    client.send({ type: 'conversation.item.truncate', item_id: id, content_index: 0, audio_end_ms: 70 });
    await client.next('conversation.item.truncated');
    expect(engine.got).toEqual([{ type: 'heard', reply: 'r', playedMs: 70 }]);
    client.send({ type: 'conversation.item.retrieve', item_id: id });
    expect((await client.next('conversation.item.retrieved')).item).toMatchObject({
      content: [{ transcript: 'Here' }],
    });
    // It has forgotten that already.
    client.send({ type: 'conversation.item.truncate', item_id: id, content_index: 0, audio_end_ms: 150 });
    await client.next('conversation.item.truncated');
    expect(engine.got).toHaveLength(1);
  });

  it.each([
    ['type', { type: 'transcription' }],
    ['output_modalities', { output_modalities: ['text'] }],
    ['max_output_tokens', { max_output_tokens: 50 }],
    ['tool_choice', { tools: [tool], tool_choice: 'required' }],
    ['parley.keywords', { parley: { keywords: ['Fennbury'] } }],
    ['audio.output.speed', { audio: { output: { speed: 1.2 } } }],
    ['audio.input.noise_reduction', { audio: { input: { noise_reduction: { type: 'near_field' } } } }],
    ['audio.input.transcription.language', { audio: { input: { transcription: { language: 'de' } } } }],
    ['audio.input.turn_detection', { audio: { input: { turn_detection: null } } }],
    [
      'audio.input.turn_detection.silence_duration_ms',
      { audio: { input: { turn_detection: { type: 'server_vad', silence_duration_ms: 200, threshold: 0.5 } } } },
    ],
    [
      'audio.input.turn_detection.create_response',
      { audio: { input: { turn_detection: { type: 'semantic_vad', create_response: false } } } },
    ],
  ])('refuses session.%s by name, and does not show it', async (param, session) => {
    const { client, shown } = await open({ instructions: 'Be brief.', ...session });
    await client.settle();
    expect(errorsOf(client)).toEqual([refused(`session.${param}`)]);
    const { engine: _engine, client: plain, shown: usual } = await open({ instructions: 'Be brief.' });
    await plain.settle();
    const [, field = ''] = /^(\w+)/.exec(param) ?? [];
    if (field !== 'tools' && !param.startsWith('audio.input.turn_detection.'))
      expect(shown[field]).toEqual(usual[field]);
  });

  it('keeps instructions and turn detection once the call has begun, and says so', async () => {
    const { client } = await open();
    const detection = { type: 'server_vad' };
    const session = { type: 'realtime', instructions: 'Be long.', audio: { input: { turn_detection: detection } } };
    client.send({ type: 'session.update', session });
    expect((await client.next('session.updated')).session).toMatchObject({
      instructions: 'Be brief.',
      audio: { input: { turn_detection: { type: 'semantic_vad' } } },
    });
    await client.settle();
    expect(errorsOf(client)).toEqual([
      ['parley.not_changeable', 'session.instructions'],
      ['parley.not_changeable', 'session.audio.input.turn_detection'],
    ]);
  });

  const message = (role: string, content: object) => ({
    type: 'conversation.item.create',
    item: { type: 'message', role, content: [content] },
  });
  it.each([
    ['type', { type: 'input_audio_buffer.commit' }],
    ['type', { type: 'input_audio_buffer.clear' }],
    ['type', { type: 'parley.dtmf.press', keys: '1' }],
    ['type', { type: 'parley.expect', answer: { kind: 'yes-no' } }],
    ['type', { type: 'conversation.item.delete', item_id: 'x' }],
    ['item.role', message('system', { type: 'input_text', text: 'Be kind.' })],
    ['item.content.0', message('user', { type: 'input_audio', audio: pcm(100) })],
    ['item.type', { type: 'conversation.item.create', item: { type: 'function_call', call_id: 'c', name: 'weather' } }],
    ['previous_item_id', { ...message('user', { type: 'input_text', text: 'Hi.' }), previous_item_id: 'root' }],
    ['response.conversation', { type: 'response.create', response: { conversation: 'none' } }],
    ['response.instructions', { type: 'response.create', response: { instructions: 'Say hi.' } }],
    ['response.output_modalities', { type: 'response.create', response: { output_modalities: ['text'] } }],
  ])('refuses what cannot be done in it, naming %s of %j', async (param, event) => {
    const { engine, client } = await open();
    client.send(event);
    await client.settle();
    expect(errorsOf(client)).toEqual([refused(param)]);
    expect(engine.got).toEqual([]);
  });

  it.each(['&intent=transcription', '&resumable=true'])('cannot be opened with %s', async (query) => {
    const { fixture } = await start();
    await expect(fixture.connect({ query: `${house}${query}` })).rejects.toMatchObject({ status: 400 });
  });

  it('is held by the model that the client secret names, whatever the page asks for', async () => {
    const secrets = createClientSecrets({ key: new Uint8Array(32) });
    const { engine, fixture } = await start({ access: keyedAccess(undefined, secrets) });
    const bound = { type: 'realtime', model: 'house/realtime', instructions: 'Be brief.' };
    const secret = secrets.issue({ bound, expiresAtS: Math.floor(Date.now() / 1_000) + 60 });
    const headers = { authorization: `Bearer ${secret}` };
    const client = await fixture.connect({ query: '?model=gpt-realtime', headers });
    expect((await client.next('session.created')).session).toMatchObject({ model: 'house/realtime' });
    client.send({ type: 'input_audio_buffer.append', audio: pcm(20) });
    await expect.poll(() => engine.conversation?.instructions).toBe('Be brief.');
    const transcription = secrets.issue({
      bound: { ...bound, type: 'transcription' },
      expiresAtS: Math.floor(Date.now() / 1_000) + 60,
    });
    const page = fixture.connect({ headers: { authorization: `Bearer ${transcription}` } });
    await expect(page).rejects.toMatchObject({ status: 400 });
  });

  it('is held by the agent where another name is given', async () => {
    const { engine, fixture } = await start();
    const client = await fixture.connect({ query: '?model=gpt-realtime' });
    client.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
    expect((await fixture.call()).facts).toMatchObject({ instructions: 'Be brief.' });
    expect(engine.conversation).toBeUndefined();
  });
});
