import { afterEach, describe, expect, it } from 'vitest';
import {
  type Client,
  type Fixture,
  type FixtureOptions,
  type ScriptedCall,
  startRealtime,
} from './realtime-fixture.js';

const order = {
  type: 'function',
  name: 'order',
  description: 'Where an order is.',
  parameters: { type: 'object', properties: { number: { type: 'string' } }, required: ['number'] },
};
const definition = { name: order.name, description: order.description, parameters: order.parameters };
const made = { callId: 'call_1', name: 'order', arguments: '{"number":"7"}' };
const tokens = { computed: 3, reused: 97, generated: 17 };

let fixture: Fixture;
let client: Client;
let call: ScriptedCall;
afterEach(() => fixture.close());

async function start(session: object = { tools: [order] }, options: FixtureOptions = {}): Promise<void> {
  fixture = await startRealtime({ defaults: { instructions: 'Be kind.' }, ...options });
  client = await fixture.connect();
  client.send({ type: 'session.update', event_id: 'u1', session });
  call = await fixture.call();
  await client.next('session.updated');
  client.events.length = 0;
}

function called(): void {
  call.emit({ type: 'reply-started', reply: 0, turn: 1 });
  call.emit({ type: 'tool-called', reply: 0, call: made });
  call.emit({ type: 'reply-finished', reply: 0, status: 'completed', heard: '', heardBasis: 'estimated', tokens });
}

const answer = (more: object = {}) =>
  client.send({
    type: 'conversation.item.create',
    event_id: 'i1',
    item: { type: 'function_call_output', call_id: 'call_1', output: '{"status":"shipped"}', ...more },
  });

describe('the tools of a session', () => {
  it('are what the call begins with', async () => {
    await start({ tools: [order], tool_choice: { type: 'function', name: 'order' } });
    expect(call.facts.toolbox).toEqual({ tools: [definition], choice: { name: 'order' } });
  });

  it('are shown as they are in effect, and what of them cannot be called is named', async () => {
    await start();
    client.send({
      type: 'session.update',
      event_id: 'u2',
      session: {
        tools: [
          order,
          { type: 'mcp', server_label: 'files', server_url: 'https://files.example' },
          { type: 'function', name: 'no spaces' },
          { type: 'function', name: 'linked', parameters: { type: 'object', properties: { a: { $ref: '#' } } } },
        ],
        tool_choice: 'required',
      },
    });
    expect((await client.next('session.updated')).session).toMatchObject({ tools: [order], tool_choice: 'required' });
    await client.settle();
    const errors = client.events.flatMap(({ error }) => (error ? [error as { param: string; event_id: string }] : []));
    expect(errors.map(({ param }) => param)).toEqual(['session.tools.1', 'session.tools.2', 'session.tools.3']);
    expect(new Set(errors.map(({ event_id }) => event_id))).toEqual(new Set(['u2']));
    expect(call.asked).toEqual([['setTools', { tools: [definition], choice: 'required' }]]);
  });

  it('may be taken away; what was chosen of them is chosen no more', async () => {
    await start({ tools: [order], tool_choice: { type: 'function', name: 'order' } });
    client.send({ type: 'session.update', session: { tools: [] } });
    expect((await client.next('session.updated')).session).toMatchObject({ tools: [], tool_choice: 'auto' });
  });
});

describe('a function call', () => {
  it('is told in the order of the protocol, with its cost, and stands in the conversation', async () => {
    await start();
    called();
    await client.settle();
    expect(client.types()).toEqual([
      'response.created',
      'response.output_item.added',
      'conversation.item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'conversation.item.done',
      'response.done',
    ]);
    const item = { type: 'function_call', status: 'completed', call_id: 'call_1', name: 'order' };
    expect(client.events[4]).toMatchObject({
      call_id: 'call_1',
      output_index: 0,
      name: 'order',
      arguments: made.arguments,
    });
    expect(client.events.at(-1)).toMatchObject({
      response: {
        status: 'completed',
        output: [{ ...item, arguments: made.arguments }],
        usage: { total_tokens: 117, input_tokens: 100, output_tokens: 17 },
      },
    });
  });

  it('follows what was said before it', async () => {
    await start();
    call.emit({ type: 'reply-started', reply: 0, turn: 1 });
    call.emit({ type: 'reply-text', reply: 0, text: 'One moment.' });
    call.speak(0, 1);
    call.emit({ type: 'tool-called', reply: 0, call: made });
    call.emit({ type: 'reply-finished', reply: 0, status: 'completed', heard: 'One moment.', heardBasis: 'estimated' });
    await client.settle();
    expect(client.events.at(-1)).toMatchObject({
      response: {
        output: [
          { type: 'message', content: [{ type: 'output_audio', transcript: 'One moment.' }] },
          { type: 'function_call' },
        ],
      },
    });
    const added = client.events.filter(({ type }) => type === 'response.output_item.added');
    expect(added.map(({ output_index }) => output_index)).toEqual([0, 1]);
  });

  it('is answered by the client, and the agent goes on when it is asked to', async () => {
    await start();
    called();
    await client.next('response.done');
    answer();
    client.send({ type: 'response.create' });
    await client.settle();
    expect(call.asked).toEqual([['addResult', { callId: 'call_1', output: '{"status":"shipped"}' }], ['respond']]);
    expect(client.events.at(-1)).toMatchObject({
      type: 'conversation.item.done',
      item: { type: 'function_call_output', call_id: 'call_1', output: '{"status":"shipped"}' },
    });
  });

  it('is answered behind what bridges the wait for it', async () => {
    await start();
    called();
    call.emit({ type: 'reply-started', reply: 1, turn: undefined, phrase: 'filler' });
    call.emit({ type: 'reply-text', reply: 1, text: 'Let me see.' });
    answer();
    client.send({ type: 'response.create', response: { metadata: { why: 'result' } } });
    client.send({ type: 'response.create', event_id: 'twice' });
    expect(await client.next('error')).toMatchObject({
      error: { code: 'conversation_already_has_active_response', event_id: 'twice' },
    });
    expect(call.asked.map(([name]) => name)).toEqual(['addResult']);
    call.emit({ type: 'reply-finished', reply: 1, status: 'completed', heard: 'Let me see.', heardBasis: 'estimated' });
    await client.settle();
    expect(call.asked.map(([name]) => name)).toEqual(['addResult', 'respond']);
    call.emit({ type: 'reply-started', reply: 2, turn: undefined });
    await client.settle();
    expect(client.events.at(-1)).toMatchObject({ response: { metadata: { why: 'result' } } });
  });

  it('that nobody has made cannot be answered', async () => {
    await start();
    answer({ call_id: 'call_9' });
    expect(await client.next('error')).toMatchObject({
      error: { code: 'invalid_tool_call_id', param: 'item.call_id', event_id: 'i1' },
    });
    expect(call.asked).toEqual([]);
  });

  it('and its result may be put back by a client, and taken out again', async () => {
    await start();
    const item = { type: 'function_call', id: 'item_c', call_id: 'call_1', name: 'order', arguments: '{"number":"7"}' };
    client.send({ type: 'conversation.item.create', item });
    answer();
    client.send({ type: 'conversation.item.create', event_id: 'again', item: { ...item, id: 'item_d' } });
    expect(await client.next('error')).toMatchObject({ error: { code: 'item_already_exists', event_id: 'again' } });
    client.send({ type: 'conversation.item.delete', item_id: 'item_c' });
    await client.settle();
    expect(call.asked).toEqual([
      ['addCall', made],
      ['addResult', { callId: 'call_1', output: '{"status":"shipped"}' }],
      ['forget', { call: 'call_1' }],
    ]);
  });
});

describe('a response with tools of its own', () => {
  it('has them, and the next one has those of the session', async () => {
    await start();
    client.send({ type: 'response.create', response: { tool_choice: 'none' } });
    await client.settle();
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    call.emit({ type: 'reply-finished', reply: 0, status: 'completed', heard: '', heardBasis: 'estimated' });
    await client.settle();
    expect(call.asked).toEqual([
      ['setTools', { tools: [definition], choice: 'none' }],
      ['respond'],
      ['setTools', { tools: [definition], choice: 'auto' }],
    ]);
  });
});
