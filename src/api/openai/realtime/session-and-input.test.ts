import { afterEach, describe, expect, it } from 'vitest';
import { defaultTurnSettings } from '../../../conversation/turn/settings.js';
import { type Client, type Fixture, type FixtureOptions, pcm, startRealtime } from './realtime-fixture.js';

let fixture: Fixture;
let client: Client;
afterEach(() => fixture.close());

async function start(options?: FixtureOptions): Promise<void> {
  fixture = await startRealtime(options);
  client = await fixture.connect();
}

const update = (session: object) => client.send({ type: 'session.update', event_id: 'u1', session });
const append = (audio: string) => client.send({ type: 'input_audio_buffer.append', event_id: 'a1', audio });
const manual = { audio: { input: { turn_detection: null } } };

describe('the session', () => {
  it("has the server's own way of taking turns beside what the client names", async () => {
    const { endpointing } = defaultTurnSettings;
    const turns = { ...defaultTurnSettings, endpointing: { ...endpointing, minWaitMs: 400, suspectMs: 160 } };
    await start({ defaults: { turns } });
    update({ audio: { input: { turn_detection: { type: 'semantic_vad' } } } });
    const call = await fixture.call();
    expect(call.facts.turn).toEqual(turns);
    update({ audio: { input: { turn_detection: { type: 'semantic_vad', eagerness: 'medium' } } } });
    await expect
      .poll(() => call.asked.filter(([name]) => name === 'configure').map(([, settings]) => settings))
      .toMatchObject([{ endpointing: { minWaitMs: 800, suspectMs: 160 } }]);
  });

  it('shows everything that is in effect from the beginning', async () => {
    await start({ defaults: { instructions: 'Be kind.', greeting: 'Hello', voices: ['anna', 'ben'] } });
    expect((await client.next('session.created')).session).toMatchObject({
      model: 'parley',
      output_modalities: ['audio'],
      instructions: 'Be kind.',
      tools: [],
      max_output_tokens: 'inf',
      expires_at: expect.any(Number),
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: 24_000 },
          turn_detection: {
            type: 'semantic_vad',
            eagerness: 'auto',
            create_response: true,
            interrupt_response: true,
          },
        },
        output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'anna', speed: 1 },
      },
      parley: { turn_metrics: false, greeting: 'Hello' },
    });
  });

  it('begins the call with what the first update says, and echoes what is in effect', async () => {
    await start({ defaults: { voices: ['anna', 'ben'] } });
    update({
      type: 'realtime',
      model: 'gpt-realtime',
      instructions: 'Take orders.',
      max_output_tokens: 200,
      tracing: 'auto',
      audio: {
        input: {
          transcription: { model: 'whisper-1' },
          noise_reduction: { type: 'near_field' },
          turn_detection: { type: 'server_vad', silence_duration_ms: 600 },
        },
        output: { voice: 'ben', speed: 1.25 },
      },
      parley: { turn_metrics: true, greeting: false },
    });
    const call = await fixture.call();
    expect((await client.next('session.updated')).session).toMatchObject({
      model: 'parley',
      instructions: 'Take orders.',
      max_output_tokens: 200,
      tracing: 'auto',
      audio: {
        input: {
          transcription: { model: 'whisper-1' },
          noise_reduction: { type: 'near_field' },
          turn_detection: {
            type: 'server_vad',
            threshold: 0.5,
            prefix_padding_ms: 300,
            silence_duration_ms: 600,
            idle_timeout_ms: null,
            create_response: true,
            interrupt_response: true,
          },
        },
        output: { voice: 'ben', speed: 1.25 },
      },
      parley: { turn_metrics: true, greeting: false },
    });
    expect(call.facts).toMatchObject({
      source: 'realtime',
      instructions: 'Take orders.',
      greeting: false,
      voice: 'ben',
      speed: 1.25,
      maxReplyTokens: 200,
      turn: { detection: 'auto', endpointing: { minWaitMs: 600, maxWaitMs: 600 } },
    });
  });

  it('begins the call as it is when nothing is configured', async () => {
    await start({ limits: { admitAfterMs: 1 } });
    expect((await fixture.call()).facts).toEqual({ source: 'realtime' });
  });

  it('does not begin the call with an update that says nothing about it', async () => {
    await start({ limits: { admitAfterMs: 1_000_000 } });
    update({ type: 'realtime', tracing: 'auto' });
    await client.next('session.updated');
    expect(fixture.calls).toEqual([]);
    append(pcm(20));
    await fixture.call();
    expect(fixture.calls).toHaveLength(1);
  });

  it('gives a voice of another provider the default one', async () => {
    await start({ defaults: { voices: ['anna', 'ben'] } });
    update({ audio: { output: { voice: 'marin' } } });
    expect((await fixture.call()).facts).not.toHaveProperty('voice');
    expect((await client.next('session.updated')).session).toMatchObject({ audio: { output: { voice: 'anna' } } });
  });

  it('changes what can change in a running call, and says what cannot', async () => {
    await start();
    update({ instructions: 'One.' });
    const call = await fixture.call();
    await client.next('session.updated');
    update({
      instructions: '',
      audio: { input: { turn_detection: null }, output: { voice: 'ben', format: { type: 'audio/pcma' } } },
      parley: { turn_metrics: true },
    });
    expect((await client.next('session.updated')).session).toMatchObject({
      instructions: '',
      audio: {
        input: { turn_detection: null },
        output: { voice: 'default', format: { type: 'audio/pcm', rate: 24_000 } },
      },
      parley: { turn_metrics: true },
    });
    for (const param of ['session.audio.output.voice', 'session.audio.output.format'])
      expect(await client.next('error')).toMatchObject({
        error: { code: 'parley.not_changeable', param, event_id: 'u1' },
      });
    await client.settle();
    const settings = { ...defaultTurnSettings, detection: 'manual', respond: false };
    expect(call.asked).toHaveLength(2);
    expect(call.asked).toContainEqual(['configure', settings]);
    expect(call.asked).toContainEqual(['setInstructions', '']);
  });

  it('can send back what it was shown without changing anything', async () => {
    await start({ defaults: { instructions: 'Be kind.', greeting: 'Hello', voices: ['anna'] } });
    const { session } = await client.next('session.created');
    append(pcm(20));
    await fixture.call();
    update(session as object);
    expect((await client.next('session.updated')).session).toEqual(session);
    await client.settle();
    expect(client.types()).toEqual(['session.created', 'session.updated']);
  });

  it('greets with the default agent only, unless the client says what to say', async () => {
    await start({ defaults: { instructions: 'Be kind.', greeting: 'Hello' } });
    const greetingAfter = async (session: object): Promise<unknown> => {
      update(session);
      return ((await client.next('session.updated')).session as { parley: { greeting: unknown } }).parley.greeting;
    };
    expect(await greetingAfter({ tracing: 'auto' })).toBe('Hello');
    expect(await greetingAfter({ instructions: 'Take orders.' })).toBe(false);
    const call = await fixture.call();
    expect(call.facts).toEqual({ source: 'realtime', instructions: 'Take orders.', greeting: false });
    const other = await fixture.connect();
    other.send({
      type: 'session.update',
      session: { instructions: 'Take orders.', parley: { greeting: 'Hello' } },
    });
    await other.next('session.updated');
    await expect.poll(() => fixture.calls[1]?.facts).toMatchObject({ greeting: 'Hello' });
  });

  it('refuses what would be sent back at great length', async () => {
    await start();
    update({ tracing: { metadata: 'x'.repeat(20_000) } });
    expect(await client.next('error')).toMatchObject({ error: { code: 'invalid_value', param: 'session.tracing' } });
    update({ tools: [{ type: 'function', name: 'x'.repeat(20_000) }] });
    expect(await client.next('error')).toMatchObject({ error: { param: 'session.tools.0.name' } });
  });

  it('changes nothing when any field is wrong', async () => {
    await start();
    update({ instructions: 'One.', audio: { output: { voice: 7 } } });
    expect(await client.next('error')).toMatchObject({
      error: { type: 'invalid_request_error', param: 'session.audio.output.voice', event_id: 'u1' },
    });
    update({ parley: {} });
    expect((await client.next('session.updated')).session).toMatchObject({ instructions: '' });
  });

  it('names what an update asks for and does not get', async () => {
    await start();
    update({
      truncation: 'disabled',
      prompt: { id: 'pmpt_1' },
      include: ['item.input_audio_transcription.logprobs'],
      audio: {
        input: {
          transcription: { model: 'whisper-1', language: 'de', prompt: 'Expect words of ships and of the sea.' },
        },
      },
    });
    await client.next('session.updated');
    await client.settle();
    expect(client.events.flatMap(({ error }) => (error ? [(error as { param: string }).param] : []))).toEqual([
      'session.truncation',
      'session.prompt',
      'session.include',
      'session.audio.input.transcription.language',
      'session.audio.input.transcription.prompt',
    ]);
  });
});

describe('the keywords of a session', () => {
  const admitted = () => expect.poll(() => fixture.calls[0]?.facts.keywords);

  it.each([
    [
      { parley: { keywords: ['Zyntrix', { text: 'oat milk', weight: 2 }] } },
      [
        { text: 'Zyntrix', weight: 4 },
        { text: 'oat milk', weight: 2 },
      ],
    ],
    [
      { audio: { input: { transcription: { prompt: 'Keywords: Zyntrix, oat milk.' } } } },
      [
        { text: 'Zyntrix', weight: 4 },
        { text: 'oat milk', weight: 4 },
      ],
    ],
  ])('reach the call, are shown, and stay: %j', async (session, keywords) => {
    await start();
    update(session);
    expect((await client.next('session.updated')).session).toMatchObject({ parley: { keywords } });
    await admitted().toEqual(keywords);
    update({ parley: { keywords: ['Digique'] } });
    expect(await client.next('error')).toMatchObject({
      error: { code: 'parley.not_changeable', param: 'session.parley.keywords' },
    });
    expect((await client.next('session.updated')).session).toMatchObject({ parley: { keywords } });
  });

  it('are refused where the recogniser would not take them', async () => {
    await start();
    for (const keywords of [Array(101).fill('tea'), ['...'], [{ text: 'tea', weight: 11 }], ['x'.repeat(81)]]) {
      update({ parley: { keywords } });
      expect(await client.next('error')).toMatchObject({ error: { type: 'invalid_request_error' } });
    }
  });
});

describe('the input', () => {
  it('answers what is no event and goes on', async () => {
    await start();
    client.socket.send('{"type":');
    expect(await client.next('error')).toMatchObject({ error: { code: 'invalid_json', event_id: null } });
    client.socket.send(Buffer.from([1, 2, 3]));
    expect(await client.next('error')).toMatchObject({ error: { code: 'invalid_frame' } });
    client.send({ type: 'response.dance', event_id: 'd1' });
    expect(await client.next('error')).toMatchObject({
      error: { type: 'invalid_request_error', code: 'unknown_event', param: 'type', event_id: 'd1' },
    });
    append('not base64!');
    expect(await client.next('error')).toMatchObject({
      error: { code: 'invalid_audio', param: 'audio', event_id: 'a1' },
    });
    append(Buffer.alloc(3).toString('base64'));
    expect(await client.next('error')).toMatchObject({ error: { code: 'invalid_audio' } });
    append(pcm(40));
    const call = await fixture.call();
    while (call.heard.samples < 960) await new Promise(setImmediate);
    expect(call.heard).toMatchObject({ samples: 960, rateHz: 24_000 });
  });

  it('takes very many tiny frames', async () => {
    await start({ limits: { maxEventsPerSecond: 100_000 } });
    append(pcm(0));
    const call = await fixture.call();
    for (let i = 0; i < 3_000; i++) append(Buffer.alloc(2).toString('base64'));
    await client.settle();
    while (call.heard.samples < 3_000) await new Promise(setImmediate);
    expect(client.types()).toEqual(['session.created']);
  });

  it('takes a long recording at once, as fast as it is heard', async () => {
    await start();
    for (let i = 0; i < 6; i++) append(pcm(30_000));
    const call = await fixture.call();
    while (call.heard.samples < 180 * 24_000) await new Promise(setImmediate);
    expect(client.types()).toEqual(['session.created']);
  });

  it('leaves with the client what nobody hears yet, and loses none of it', async () => {
    await start({ listens: false, limits: { maxQueuedAudioMs: 4_000 } });
    for (let i = 0; i < 200; i++) append(pcm(1_000));
    const call = await fixture.call();
    let waiting = -1;
    while (client.socket.bufferedAmount !== waiting) {
      waiting = client.socket.bufferedAmount;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(waiting).toBeGreaterThan(100 * Buffer.byteLength(pcm(1_000)));
    let samples = 0;
    for await (const input of call.transport.input) {
      if (input.type === 'audio') samples += input.frame.samples.length;
      if (samples === 200 * 24_000) break;
    }
    expect(client.types()).toEqual(['session.created']);
  });

  it('asks for audio that is too long for one event in several', async () => {
    await start();
    append(pcm(30_001));
    expect(await client.next('error')).toMatchObject({
      error: { code: 'invalid_audio', event_id: 'a1', message: expect.stringContaining('30000 ms') },
    });
    append(pcm(20));
    const call = await fixture.call();
    while (call.heard.samples < 480) await new Promise(setImmediate);
  });

  it('takes only so much text into one conversation', async () => {
    await start();
    const text = 'x'.repeat(16_000);
    const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
    for (let i = 0; i < 70; i++) client.send({ type: 'conversation.item.create', event_id: 'i1', item });
    expect(await client.next('error')).toMatchObject({ error: { code: 'conversation_full', event_id: 'i1' } });
    const call = await fixture.call();
    await client.settle();
    expect(call.asked).toHaveLength(Math.floor(1024 ** 2 / 16_000));
  });

  it('closes with a reason when more audio waits than it can hold', async () => {
    await start({ listens: false, limits: { maxQueuedAudioMs: 1_000 } });
    append(pcm(200));
    append(pcm(900));
    expect(await client.next('error')).toMatchObject({
      error: { code: 'input_audio_queue_full', event_id: 'a1', param: 'audio' },
    });
    expect(await client.closed).toEqual({ code: 1009, reason: 'the queue of input audio is full' });
  });

  it('commits only where there is something, and only once', async () => {
    await start();
    update(manual);
    const call = await fixture.call();
    const commit = () => client.send({ type: 'input_audio_buffer.commit', event_id: 'k1' });
    append(pcm(99));
    commit();
    expect(await client.next('error')).toMatchObject({
      error: { code: 'input_audio_buffer_commit_empty', event_id: 'k1' },
    });
    append(pcm(1));
    commit();
    commit();
    expect(await client.next('error')).toMatchObject({ error: { code: 'input_audio_buffer_commit_empty' } });
    await client.settle();
    expect(call.asked).toEqual([['commitInput']]);
  });

  it('has nothing to commit after a turn that was detected', async () => {
    await start();
    append(pcm(500));
    const call = await fixture.call();
    while (call.heard.samples < 12_000) await new Promise(setImmediate);
    call.emit({ type: 'turn-committed', turn: 1, text: 'Yes.', endMs: 300, reply: 0 });
    client.send({ type: 'input_audio_buffer.commit' });
    expect(await client.next('error')).toMatchObject({ error: { code: 'input_audio_buffer_commit_empty' } });
    expect(call.asked).toEqual([]);
  });

  it('forgets what is cleared', async () => {
    await start();
    update(manual);
    const call = await fixture.call();
    append(pcm(500));
    client.send({ type: 'input_audio_buffer.clear' });
    await client.next('input_audio_buffer.cleared');
    client.send({ type: 'input_audio_buffer.commit' });
    expect(await client.next('error')).toMatchObject({ error: { code: 'input_audio_buffer_commit_empty' } });
    expect(call.asked).toEqual([['clearInput']]);
  });

  it('commits behind the audio that was appended before, and responds behind the transcript', async () => {
    const heardAt: Record<string, number> = {};
    await start({
      onAsked: (call, name) => {
        heardAt[name] = call.heard.samples;
      },
    });
    update(manual);
    append(pcm(30_000));
    client.send({ type: 'input_audio_buffer.commit' });
    client.send({ type: 'response.create' });
    append(pcm(50));
    const call = await fixture.call();
    while (call.asked.length < 1) await new Promise(setImmediate);
    await client.settle();
    expect(call.asked).toEqual([['commitInput']]);
    expect(heardAt.commitInput).toBe(30 * 24_000);
    call.emit({ type: 'speech-started', turn: 1, startMs: 0 });
    call.emit({ type: 'turn-committed', turn: 1, text: 'Two pizzas.', endMs: 30_000, reply: undefined });
    expect(call.asked).toEqual([['commitInput'], ['respond']]);
    await client.settle();
    expect(client.types().slice(2)).toEqual([
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'conversation.item.input_audio_transcription.delta',
      'conversation.item.input_audio_transcription.completed',
    ]);
  });

  it('gives a committed turn its item even when nothing was said', async () => {
    await start();
    update(manual);
    append(pcm(500));
    client.send({ type: 'input_audio_buffer.commit' });
    const call = await fixture.call();
    while (call.asked.length < 1) await new Promise(setImmediate);
    call.emit({ type: 'speech-started', turn: 1, startMs: 0 });
    call.emit({ type: 'turn-dropped', turn: 1, why: 'empty' });
    const { item_id } = await client.next('input_audio_buffer.committed');
    expect(await client.next('conversation.item.input_audio_transcription.completed')).toMatchObject({
      item_id,
      transcript: '',
    });
    expect(client.types()).not.toContain('input_audio_buffer.speech_started');
  });

  it('keeps what is asked before the call has begun, in order', async () => {
    let begin: () => void = () => {};
    const mayBegin = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const asked: string[] = [];
    const note = (name: string) => (): undefined => {
      asked.push(name);
    };
    const controls = {
      addMessage: note('addMessage'),
      forget: note('forget'),
      setInstructions: note('setInstructions'),
      limitReply: note('limitReply'),
      respond: note('respond'),
    };
    await start({
      admit: async (_facts, transport) => {
        await mayBegin;
        void (async () => {
          for await (const input of transport.input) if (input.type === 'barrier') input.reached();
        })();
        return { callId: 'c', controls: controls as never, done: new Promise(() => {}) };
      },
    });
    const item = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] };
    client.send({ type: 'conversation.item.create', item });
    client.send({ type: 'response.create' });
    await client.settle();
    expect(asked).toEqual([]);
    begin();
    while (asked.length < 2) await new Promise(setImmediate);
    expect(asked).toEqual(['addMessage', 'respond']);
  });

  it('tells the client what a request failed of, and carries out the next', async () => {
    await start({
      onAsked: (_call, name) => {
        if (name === 'setInstructions') throw new Error('too long for this model');
      },
    });
    update({ parley: {} });
    const call = await fixture.call();
    update({ instructions: 'Long.' });
    expect(await client.next('error')).toMatchObject({ error: { type: 'server_error', code: 'internal_error' } });
    client.send({ type: 'response.create' });
    await client.settle();
    expect(call.asked.map(([name]) => name)).toEqual(['setInstructions', 'respond']);
  });
});
