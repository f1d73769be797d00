import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SeenMessage } from '../../sockets/socket-client-fixture.js';
import {
  type Client,
  type Fixture,
  type FixtureOptions,
  marksOf,
  type ScriptedCall,
  startRealtime,
} from './realtime-fixture.js';

let fixture: Fixture;
let client: Client;
let call: ScriptedCall;

async function start(options?: FixtureOptions, session: object = { parley: { turn_metrics: true } }): Promise<void> {
  fixture = await startRealtime({ defaults: { instructions: 'Be kind.' }, ...options });
  client = await fixture.connect();
  client.send({ type: 'session.update', session });
  call = await fixture.call();
  await client.next('session.updated');
  client.events.length = 0;
}

beforeEach(() => start());
afterEach(() => fixture.close());

async function restart(...args: Parameters<typeof start>): Promise<void> {
  await fixture.close();
  await start(...args);
}

const tokens = { computed: 9, reused: 91, generated: 7 };

/** A spoken turn with its answer, up to the reply's first words. */
function turnWithReply(): void {
  call.emit({ type: 'speech-started', turn: 1, startMs: 400 });
  call.emit({ type: 'partial', turn: 1, text: 'what is', stableWords: 1 });
  call.emit({ type: 'correction', turn: 1, word: 0, from: 'what', to: 'Where' });
  call.emit({ type: 'speech-paused', turn: 1, endMs: 900 });
  call.emit({ type: 'speech-paused', turn: 1, endMs: 1_400 });
  call.emit({ type: 'turn-committed', turn: 1, text: 'What is open?', endMs: 1_400, reply: 0 });
  call.emit({ type: 'reply-started', reply: 0, turn: 1 });
  call.emit({ type: 'reply-text', reply: 0, text: 'We are open.' });
  call.speak(0, 5);
  call.emit({
    type: 'turn-measured',
    marks: marksOf({
      transcript: 'What is open?',
      responseLatencyMs: 500,
      endOfTurnMs: 120,
      because: 'waited 420 ms',
      tokens,
    }),
  });
  call.emit({ type: 'reply-text', reply: 0, text: 'Until nine.' });
}

const finished = (status: 'completed' | 'interrupted' | 'cancelled' | 'failed', heard: string) =>
  call.emit({ type: 'reply-finished', reply: 0, status, heard, heardBasis: 'estimated', tokens });

const first = (type: string): SeenMessage => {
  const event = client.events.find((seen) => seen.type === type);
  if (!event) throw new Error(`no ${type} among ${client.types().join(', ')}`);
  return event;
};

const idsOf = () => {
  const response = first('response.output_item.added') as unknown as { response_id: string; item: { id: string } };
  return { response_id: response.response_id, item_id: response.item.id, output_index: 0, content_index: 0 };
};

describe('a conversation over the realtime protocol', () => {
  it('tells a turn and its answer in the order of the protocol', async () => {
    turnWithReply();
    finished('completed', 'We are open. Until nine.');
    await client.settle();
    expect(client.types()).toEqual([
      'input_audio_buffer.speech_started',
      'parley.partial',
      'parley.correction',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'conversation.item.input_audio_transcription.delta',
      'conversation.item.input_audio_transcription.completed',
      'response.created',
      'response.output_item.added',
      'conversation.item.added',
      'response.content_part.added',
      'response.output_audio_transcript.delta',
      ...Array.from({ length: 5 }, () => 'response.output_audio.delta'),
      'parley.turn',
      'response.output_audio_transcript.delta',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'response.output_item.done',
      'conversation.item.done',
      'response.done',
    ]);
    expect(new Set(client.events.map(({ event_id }) => event_id)).size).toBe(client.events.length);
  });

  it('gives all events of a turn the same item', async () => {
    turnWithReply();
    await client.settle();
    const { item_id } = first('input_audio_buffer.speech_started');
    expect(first('input_audio_buffer.speech_started')).toMatchObject({ audio_start_ms: 400 });
    expect(first('parley.partial')).toMatchObject({ item_id, text: 'what is', stable_words: 1 });
    expect(first('parley.correction')).toMatchObject({ item_id, word: 0, from: 'what', to: 'Where' });
    expect(first('input_audio_buffer.speech_stopped')).toMatchObject({ item_id, audio_end_ms: 1_400 });
    expect(first('input_audio_buffer.committed')).toMatchObject({ item_id, previous_item_id: null });
    expect(first('conversation.item.done')).toMatchObject({
      previous_item_id: null,
      item: {
        id: item_id,
        object: 'realtime.item',
        type: 'message',
        role: 'user',
        status: 'completed',
        content: [{ type: 'input_audio', transcript: 'What is open?' }],
      },
    });
    expect(first('conversation.item.input_audio_transcription.completed')).toMatchObject({
      item_id,
      content_index: 0,
      transcript: 'What is open?',
      usage: { type: 'duration', seconds: 1 },
    });
    expect(first('parley.turn')).toMatchObject({
      call_id: expect.any(String),
      turn: 1,
      item_id,
      response_id: idsOf().response_id,
      transcript: 'What is open?',
      response_latency_ms: 500,
      steps: { end_of_turn_ms: 120, stt_final_ms: null },
      waited_because: 'waited 420 ms',
      tokens: { computed: 9, reused: 91, new: 7 },
    });
  });

  it('streams a reply and ends it with its transcript and usage', async () => {
    turnWithReply();
    finished('completed', 'We are open. Until nine.');
    await client.settle();
    const ids = idsOf();
    const deltas = client.events.filter(({ type }) => type === 'response.output_audio.delta');
    for (const delta of deltas) expect(delta).toMatchObject(ids);
    expect(Buffer.from(deltas[0]?.delta as string, 'base64').readInt16LE(0)).toBe(8_192);
    expect(Buffer.from(deltas[0]?.delta as string, 'base64')).toHaveLength(960);
    const words = client.events.filter(({ type }) => type === 'response.output_audio_transcript.delta');
    expect(words.map(({ delta }) => delta).join('')).toBe('We are open. Until nine.');
    expect(first('response.output_audio_transcript.done')).toMatchObject({
      ...ids,
      transcript: 'We are open. Until nine.',
    });
    expect(first('response.content_part.done')).toMatchObject({
      ...ids,
      part: { type: 'audio', transcript: 'We are open. Until nine.' },
    });
    expect(first('response.created')).toMatchObject({
      response: { id: ids.response_id, status: 'in_progress', output: [], metadata: null, usage: null },
    });
    expect(first('response.done')).toMatchObject({
      response: {
        id: ids.response_id,
        object: 'realtime.response',
        status: 'completed',
        status_details: null,
        output: [{ id: ids.item_id, role: 'assistant', status: 'completed' }],
        output_modalities: ['audio'],
        usage: {
          total_tokens: 107,
          input_tokens: 100,
          output_tokens: 7,
          input_token_details: { cached_tokens: 91, text_tokens: 100, audio_tokens: 0 },
          output_token_details: { text_tokens: 7, audio_tokens: 0 },
        },
      },
    });
  });

  it('ends an interrupted reply as cancelled, with what was heard in its item', async () => {
    turnWithReply();
    call.emit({ type: 'speech-started', turn: 2, startMs: 3_000 });
    finished('interrupted', 'We are');
    call.speak(0, 3);
    await client.settle();
    const types = client.types();
    expect(types.slice(types.lastIndexOf('response.output_audio_transcript.delta') + 1)).toEqual([
      'input_audio_buffer.speech_started',
      'response.output_audio.done',
      'response.output_audio_transcript.done',
      'response.content_part.done',
      'response.output_item.done',
      'conversation.item.done',
      'response.done',
    ]);
    expect(first('response.done')).toMatchObject({
      response: {
        status: 'cancelled',
        status_details: { type: 'cancelled', reason: 'turn_detected' },
        output: [{ status: 'incomplete', content: [{ type: 'output_audio', transcript: 'We are' }] }],
      },
    });
  });

  it('ends a failed reply as failed, with the reason', async () => {
    turnWithReply();
    call.emit({ type: 'problem', code: 'host.died', message: 'The voice has died.' });
    finished('failed', '');
    await client.settle();
    expect(first('error')).toMatchObject({ error: { type: 'server_error', code: 'host.died', event_id: null } });
    expect(first('response.done')).toMatchObject({
      response: {
        status: 'failed',
        status_details: { type: 'failed', error: { code: 'host.died', message: 'The voice has died.' } },
      },
    });
  });

  it('always closes a response: when another takes its place, and when the call ends', async () => {
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    call.emit({ type: 'reply-started', reply: 1, turn: undefined });
    call.emit({ type: 'ended', reason: 'over' });
    await client.closed;
    const created = client.events.filter(({ type }) => type === 'response.created');
    const done = client.events.filter(({ type }) => type === 'response.done');
    const idOf = ({ response }: SeenMessage) => (response as { id: string }).id;
    expect(done.map(idOf)).toEqual(created.map(idOf));
    expect(done).toHaveLength(2);
  });

  it.each(['backchannel', 'empty', 'cleared'] as const)('makes no item of a turn that was %s', async (why) => {
    call.emit({ type: 'speech-started', turn: 1, startMs: 100 });
    call.emit({ type: 'turn-dropped', turn: 1, why });
    await client.settle();
    expect(client.types()).toEqual(['input_audio_buffer.speech_started', 'input_audio_buffer.speech_stopped']);
  });

  it('drops audio of a reply that is not the one under way', async () => {
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    finished('interrupted', '');
    call.emit({ type: 'reply-started', reply: 1, turn: undefined });
    call.speak(0, 2);
    call.speak(1, 1);
    await client.settle();
    expect(client.types().filter((type) => type === 'response.output_audio.delta')).toHaveLength(1);
  });

  it('sends no extension events and no transcript to those who do not want them', async () => {
    await restart({}, { audio: { input: { transcription: null } } });
    turnWithReply();
    await client.settle();
    expect(client.types().filter((type) => /parley|transcription/.test(type))).toEqual([]);
    expect(first('conversation.item.done')).toMatchObject({ item: { content: [{ transcript: null }] } });
  });

  it('counts prefix padding to the beginning of speech', async () => {
    await restart({}, { audio: { input: { turn_detection: { type: 'server_vad' } } } });
    call.emit({ type: 'speech-started', turn: 1, startMs: 1_000 });
    call.emit({ type: 'turn-dropped', turn: 1, why: 'empty' });
    call.emit({ type: 'speech-started', turn: 2, startMs: 100 });
    await client.settle();
    const starts = client.events.filter(({ type }) => type.endsWith('speech_started'));
    expect(starts.map(({ audio_start_ms }) => audio_start_ms)).toEqual([700, 0]);
  });

  it('writes the words only where text was asked for', async () => {
    await restart({}, { output_modalities: ['text'], parley: {} });
    turnWithReply();
    finished('completed', 'We are open. Until nine.');
    await client.settle();
    expect(client.types().filter((type) => type.startsWith('response.'))).toEqual([
      'response.created',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.done',
    ]);
    expect(first('response.output_text.done')).toMatchObject({ text: 'We are open. Until nine.' });
    expect(first('response.done')).toMatchObject({ response: { output: [{ content: [{ type: 'output_text' }] }] } });
  });

  it('speaks G.711 at 8 kHz', async () => {
    const format = { type: 'audio/pcmu' };
    await restart({}, { audio: { input: { format }, output: { format } } });
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    call.speak(0, 1);
    client.send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(80, 0xff).toString('base64') });
    await client.settle();
    expect(Buffer.from(first('response.output_audio.delta').delta as string, 'base64')).toHaveLength(160);
    while (call.heard.samples < 80) await new Promise(setImmediate);
    expect(call.heard.rateHz).toBe(8_000);
  });
});

describe('what a client does to replies', () => {
  it('cancels the one that is under way', async () => {
    await restart({
      onAsked: (asked, name) => {
        if (name !== 'cancelReply') return;
        asked.emit({ type: 'reply-finished', reply: 0, status: 'cancelled', heard: 'We', heardBasis: 'estimated' });
      },
    });
    turnWithReply();
    client.send({ type: 'response.cancel', event_id: 'c1', response_id: 'resp_other' });
    expect(await client.next('error')).toMatchObject({
      error: { code: 'response_cancel_not_active', param: 'response_id', event_id: 'c1' },
    });
    client.send({ type: 'response.cancel' });
    expect(await client.next('response.done')).toMatchObject({
      response: { status: 'cancelled', status_details: { type: 'cancelled', reason: 'client_cancelled' } },
    });
    client.send({ type: 'response.cancel', event_id: 'c2' });
    expect(await client.next('error')).toMatchObject({
      error: { type: 'invalid_request_error', code: 'response_cancel_not_active', event_id: 'c2' },
    });
    expect(call.asked).toEqual([['cancelReply']]);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
  });

  it('truncates to what was played, and no further than what was sent', async () => {
    await restart({ onAsked: (_call, name) => (name === 'truncate' ? 'We' : undefined) });
    turnWithReply();
    finished('interrupted', 'We are');
    await client.settle();
    const { item_id } = idsOf();
    const truncate = (id: string, endMs: number) =>
      client.send({
        type: 'conversation.item.truncate',
        event_id: 't1',
        item_id: id,
        content_index: 0,
        audio_end_ms: endMs,
      });
    truncate(item_id, 101);
    expect(await client.next('error')).toMatchObject({ error: { param: 'audio_end_ms', event_id: 't1' } });
    truncate('item_none', 10);
    expect(await client.next('error')).toMatchObject({ error: { code: 'item_not_found', param: 'item_id' } });
    truncate(first('input_audio_buffer.committed').item_id as string, 10);
    expect(await client.next('error')).toMatchObject({ error: { param: 'item_id' } });
    expect(call.asked).toEqual([]);
    truncate(item_id, 100);
    expect(await client.next('conversation.item.truncated')).toMatchObject({
      item_id,
      content_index: 0,
      audio_end_ms: 100,
    });
    expect(call.asked).toEqual([['truncate', 0, 100]]);
    client.send({ type: 'conversation.item.retrieve', item_id });
    expect(await client.next('conversation.item.retrieved')).toMatchObject({
      item: { id: item_id, content: [{ type: 'output_audio', transcript: 'We' }] },
    });
  });

  it('asks for a response, whose metadata comes back', async () => {
    await restart({
      onAsked: (asked, name) => {
        if (name === 'respond') asked.emit({ type: 'reply-started', reply: 0, turn: undefined });
      },
    });
    client.send({ type: 'response.create', response: { metadata: { client_event_id: 'e' }, tools: [] } });
    expect(await client.next('response.created')).toMatchObject({
      response: { metadata: { client_event_id: 'e' } },
    });
    client.send({ type: 'response.create', event_id: 'r2' });
    expect(await client.next('error')).toMatchObject({
      error: { code: 'conversation_already_has_active_response', event_id: 'r2' },
    });
    expect(call.asked).toEqual([['respond']]);
  });

  it('asks only once while a response is awaited, and may take that back', async () => {
    client.send({ type: 'response.create' });
    client.send({ type: 'response.create', event_id: 'r2' });
    expect(await client.next('error')).toMatchObject({ error: { event_id: 'r2' } });
    client.send({ type: 'response.cancel' });
    await client.settle();
    expect(call.asked).toEqual([['respond'], ['cancelReply']]);
  });

  it('uses other instructions for one response and then its own again', async () => {
    client.send({ type: 'response.create', response: { instructions: 'Greet in French.' } });
    await client.settle();
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    finished('completed', '');
    await client.settle();
    expect(call.asked).toEqual([['setInstructions', 'Greet in French.'], ['respond'], ['setInstructions', 'Be kind.']]);
  });

  it('refuses responses that are spoken outside of the conversation, and an input of their own within it', async () => {
    client.send({ type: 'response.create', response: { conversation: 'none' } });
    expect(await client.next('error')).toMatchObject({ error: { param: 'response.output_modalities' } });
    client.send({ type: 'response.create', response: { input: [] } });
    expect(await client.next('error')).toMatchObject({ error: { param: 'response.input' } });
    expect(call.asked).toEqual([]);
  });

  it.each([
    [{ tools: [{ type: 'mcp', server_label: 'x' }] }, 'response.tools.0', 'parley.not_supported'],
    [{ tool_choice: { type: 'function', name: 'order' } }, 'response.tool_choice', 'invalid_value'],
    [{ audio: { output: { format: { type: 'audio/pcmu' } } } }, 'response.audio.output.format', 'parley.not_supported'],
    [{ metadata: { nested: {} } }, 'response.metadata.nested', 'invalid_type'],
    [
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) },
      'response.metadata',
      'invalid_value',
    ],
    [{ max_output_tokens: 5_000 }, 'response.max_output_tokens', 'invalid_value'],
  ])('refuses %j for one response', async (response, param, code) => {
    client.send({ type: 'response.create', event_id: 'r1', response });
    expect(await client.next('error')).toMatchObject({ error: { param, code, event_id: 'r1' } });
    expect(call.asked).toEqual([]);
  });

  it('says that a response was cut where it took all tokens that it may', async () => {
    for (const [limit, status] of [
      [7, 'incomplete'],
      [8, 'completed'],
    ] as const) {
      await restart(undefined, { max_output_tokens: limit });
      turnWithReply();
      finished('completed', 'We are open. Until nine.');
      const details = status === 'incomplete' ? { type: 'incomplete', reason: 'max_output_tokens' } : null;
      expect(await client.next('response.done')).toMatchObject({ response: { status, status_details: details } });
    }
  });

  it('keeps one response shorter, and the next as the session has it', async () => {
    client.send({ type: 'response.create', response: { max_output_tokens: 20 } });
    await client.settle();
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    expect(await client.next('response.created')).toMatchObject({ response: { max_output_tokens: 20 } });
    finished('completed', '');
    client.send({ type: 'session.update', session: { max_output_tokens: 50 } });
    await client.settle();
    expect(call.asked).toEqual([['limitReply', 20], ['respond'], ['limitReply', undefined], ['limitReply', 50]]);
  });

  it('says that playback is the business of the client', async () => {
    client.send({ type: 'output_audio_buffer.clear', event_id: 'b1' });
    const { error } = await client.next('error');
    expect(error).toMatchObject({ code: 'parley.not_supported', event_id: 'b1' });
  });
});

describe('items of the conversation', () => {
  const create = (item: object, more: object = {}) =>
    client.send({ type: 'conversation.item.create', event_id: 'i1', item, ...more });
  const message = (text: string, more: object = {}) => ({
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text }],
    ...more,
  });

  it('adds what the caller writes, in order', async () => {
    create(message('Hello', { id: 'mine' }), { previous_item_id: 'root' });
    create(message('again'), { previous_item_id: 'mine' });
    client.send({ type: 'response.create' });
    await client.settle();
    expect(client.types()).toEqual([
      'conversation.item.added',
      'conversation.item.done',
      'conversation.item.added',
      'conversation.item.done',
    ]);
    expect(client.events[0]).toMatchObject({
      previous_item_id: null,
      item: { id: 'mine', status: 'completed', content: [{ type: 'input_text', text: 'Hello' }] },
    });
    expect(client.events[2]).toMatchObject({ previous_item_id: 'mine' });
    expect(call.asked).toEqual([
      ['addMessage', { id: 'mine', role: 'user', text: 'Hello' }],
      ['addMessage', { id: expect.stringMatching(/^item_/), role: 'user', text: 'again' }],
      ['respond'],
    ]);
  });

  it.each([
    [{ type: 'function_call_output', call_id: 'c', output: '{}' }, 'item.call_id', 'invalid_tool_call_id'],
    [{ type: 'function_call', call_id: 'c', name: 'order', arguments: '{' }, 'item.arguments', 'invalid_value'],
    [{ type: 'function_call', call_id: 'c', arguments: '{}' }, 'item.name', 'missing_required_parameter'],
    [{ type: 'mcp_approval_response', approve: true }, 'item.type', 'parley.not_supported'],
    [{ type: 'message', role: 'tool', content: [] }, 'item.role', 'parley.not_supported'],
    [{ type: 'message', role: 'system', content: [] }, 'item.content', 'missing_required_parameter'],
    [
      { type: 'message', role: 'user', content: [{ type: 'input_image', image_url: 'x' }] },
      'item.content.0',
      'parley.not_supported',
    ],
    [
      { type: 'message', role: 'user', content: [{ type: 'input_audio', audio: 'AAAA' }] },
      'item.content.0.audio',
      'invalid_audio',
    ],
    [
      { type: 'message', role: 'assistant', content: [{ type: 'input_text', text: 'x' }] },
      'item.content.0',
      'parley.not_supported',
    ],
    [{ type: 'message', role: 'user', content: [] }, 'item.content', 'missing_required_parameter'],
    [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x'.repeat(65_537) }] },
      'item.content.0.text',
      'invalid_value',
    ],
  ])('refuses %j', async (item, param, code) => {
    create(item);
    expect(await client.next('error')).toMatchObject({ error: { code, param, event_id: 'i1' } });
    expect(call.asked).toEqual([]);
  });

  it('writes down a message in audio, and what is asked behind it waits for its words', async () => {
    let heard: (text: string) => void = () => {};
    await restart({
      onAsked: (_call, name) =>
        name === 'transcribe'
          ? new Promise<string>((resolve) => {
              heard = resolve;
            })
          : undefined,
    });
    const content = [{ type: 'input_audio', audio: Buffer.alloc(4_800).toString('base64') }];
    create({ type: 'message', id: 'spoken', role: 'user', content });
    client.send({ type: 'response.create' });
    await client.settle();
    expect(call.asked.map(([name]) => name)).toEqual(['transcribe']);
    heard('Two teas.');
    expect(await client.next('conversation.item.input_audio_transcription.completed')).toMatchObject({
      item_id: 'spoken',
      transcript: 'Two teas.',
      usage: { type: 'duration', seconds: 0.1 },
    });
    client.send({ type: 'conversation.item.retrieve', item_id: 'spoken' });
    expect(await client.next('conversation.item.retrieved')).toMatchObject({
      item: { content: [{ type: 'input_audio', transcript: 'Two teas.' }] },
    });
    expect(call.asked.slice(1)).toEqual([
      ['addMessage', { id: 'spoken', role: 'user', text: 'Two teas.' }],
      ['respond'],
    ]);
  });

  it('says that a message in audio could not be written down, and goes on', async () => {
    await restart({
      onAsked: (_call, name) => {
        if (name === 'transcribe') throw new Error('no ear');
      },
    });
    create({ type: 'message', role: 'user', content: [{ type: 'input_audio', audio: 'AAAAAAAA' }] });
    client.send({ type: 'response.create' });
    expect(await client.next('conversation.item.input_audio_transcription.failed')).toMatchObject({ content_index: 0 });
    await client.settle();
    expect(call.asked.map(([name]) => name)).toEqual(['transcribe', 'respond']);
  });

  it('takes what each side is to have said, as a client puts a conversation back', async () => {
    create({ type: 'message', role: 'system', content: [{ type: 'input_text', text: 'It is raining.' }] });
    create({ type: 'message', role: 'user', content: [{ type: 'input_audio', audio: null, transcript: 'Hello' }] });
    create({ type: 'message', role: 'assistant', content: [{ type: 'output_audio', transcript: 'Hi there' }] });
    create({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'What else?' }] });
    await client.settle();
    expect(
      call.asked.map(([name, written]) => [
        name,
        (written as { role: string }).role,
        (written as { text: string }).text,
      ]),
    ).toEqual([
      ['addMessage', 'system', 'It is raining.'],
      ['addMessage', 'user', 'Hello'],
      ['addMessage', 'assistant', 'Hi there'],
      ['addMessage', 'assistant', 'What else?'],
    ]);
    const items = client.events.filter(({ type }) => type === 'conversation.item.done').map(({ item }) => item);
    expect(items).toMatchObject([
      { role: 'system', content: [{ type: 'input_text', text: 'It is raining.' }] },
      { role: 'user', content: [{ type: 'input_audio', transcript: 'Hello' }] },
      { role: 'assistant', content: [{ type: 'output_audio', transcript: 'Hi there' }] },
      { role: 'assistant', content: [{ type: 'output_text', text: 'What else?' }] },
    ]);
  });

  it('puts an item where the client wants it', async () => {
    turnWithReply();
    await client.settle();
    const caller = (await client.next('conversation.item.added')).item as { id: string };
    create(message('first', { id: 'a' }), { previous_item_id: 'root' });
    create(message('behind the turn', { id: 'b' }), { previous_item_id: caller.id });
    create(message('last', { id: 'c' }));
    await client.settle();
    const added = client.events.filter(({ type }) => type === 'conversation.item.added').slice(-3);
    expect(added.map(({ previous_item_id }) => previous_item_id)).toEqual([null, caller.id, idsOf().item_id]);
    expect(call.asked).toEqual([
      ['addMessage', { id: 'a', role: 'user', text: 'first', after: null }],
      ['addMessage', { id: 'b', role: 'user', text: 'behind the turn', after: { turn: 1 } }],
      ['addMessage', { id: 'c', role: 'user', text: 'last' }],
    ]);
  });

  it('has the agent forget what is deleted, spoken or written', async () => {
    turnWithReply();
    await client.settle();
    const caller = (await client.next('conversation.item.added')).item as { id: string };
    create(message('Hello', { id: 'mine' }));
    for (const id of ['mine', caller.id]) client.send({ type: 'conversation.item.delete', item_id: id });
    await client.settle();
    expect(call.asked.slice(1)).toEqual([
      ['forget', { message: 'mine' }],
      ['forget', { turn: 1 }],
    ]);
  });

  it('refuses an id that is taken and a place that is not there', async () => {
    create(message('Hello', { id: 'mine' }));
    create(message('Hello', { id: 'mine' }));
    expect(await client.next('error')).toMatchObject({ error: { code: 'item_already_exists', param: 'item.id' } });
    create(message('Hello'), { previous_item_id: 'other' });
    expect(await client.next('error')).toMatchObject({ error: { code: 'item_not_found', param: 'previous_item_id' } });
  });

  it('retrieves and deletes', async () => {
    create(message('Hello', { id: 'mine' }));
    client.send({ type: 'conversation.item.retrieve', item_id: 'mine' });
    expect(await client.next('conversation.item.retrieved')).toMatchObject({ item: { id: 'mine' } });
    client.send({ type: 'conversation.item.delete', item_id: 'mine' });
    expect(await client.next('conversation.item.deleted')).toMatchObject({ item_id: 'mine' });
    for (const type of ['conversation.item.retrieve', 'conversation.item.delete']) {
      client.send({ type, event_id: type, item_id: 'mine' });
      expect(await client.next('error')).toMatchObject({ error: { code: 'item_not_found', event_id: type } });
    }
  });

  it('takes a deleted reply as not heard, and still ends its response', async () => {
    turnWithReply();
    await client.settle();
    const { item_id } = idsOf();
    client.send({ type: 'conversation.item.delete', item_id });
    await client.next('conversation.item.deleted');
    expect(call.asked).toEqual([['truncate', 0, 0]]);
    client.events.length = 0;
    finished('interrupted', '');
    await client.next('response.done');
    expect(client.types()).not.toContain('conversation.item.done');
  });

  it('forgets the oldest when there are too many', async () => {
    await restart({ limits: { maxItems: 2 } });
    for (const id of ['a', 'b', 'c']) create(message('Hello', { id }));
    client.send({ type: 'conversation.item.retrieve', item_id: 'a' });
    expect(await client.next('error')).toMatchObject({ error: { code: 'item_not_found' } });
    client.send({ type: 'conversation.item.retrieve', item_id: 'b' });
    await client.next('conversation.item.retrieved');
  });
});
