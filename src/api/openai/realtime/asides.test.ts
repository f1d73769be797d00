import { afterEach, describe, expect, it } from 'vitest';
import type { BrainEvent } from '../../../ports/brain.js';
import { ParleyError } from '../../../ports/errors.js';
import type { SeenMessage } from '../../sockets/socket-client-fixture.js';
import { type Client, type Fixture, type ScriptedCall, startRealtime } from './realtime-fixture.js';

let fixture: Fixture;
let client: Client;
let call: ScriptedCall;
afterEach(() => fixture.close());

type Answer = (signal: AbortSignal) => AsyncIterable<BrainEvent>;

const usage = { type: 'usage', computedTokens: 40, reusedTokens: 2, newTokens: 3, firstTokenMs: 90 } as const;

async function* written(): AsyncIterable<BrainEvent> {
  yield { type: 'say', text: 'A com' };
  yield { type: 'say', text: 'plaint.' };
  yield usage;
}

async function start(answer: Answer = written): Promise<void> {
  fixture = await startRealtime({
    defaults: { instructions: 'Be kind.' },
    onAsked: (_call, name, args) => (name === 'aside' ? answer(args[1] as AbortSignal) : undefined),
  });
  client = await fixture.connect();
  client.send({ type: 'session.update', session: { parley: {} } });
  call = await fixture.call();
  await client.next('session.updated');
  client.events.length = 0;
}

const ask = (response: object = {}, event_id = 'r1') =>
  client.send({
    type: 'response.create',
    event_id,
    response: { conversation: 'none', output_modalities: ['text'], ...response },
  });

const done = async (): Promise<SeenMessage & { response: Record<string, unknown> }> =>
  (await client.next('response.done')) as SeenMessage & { response: Record<string, unknown> };

describe('a response outside of the conversation', () => {
  it('is written in the order of the protocol, and leaves no item behind', async () => {
    await start();
    ask({ metadata: { topic: 'classification' }, instructions: 'What is it about?', max_output_tokens: 20 });
    const { response } = await done();
    expect(client.types()).toEqual([
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
    expect(response).toMatchObject({
      status: 'completed',
      conversation_id: null,
      metadata: { topic: 'classification' },
      output_modalities: ['text'],
      output: [{ type: 'message', content: [{ type: 'output_text', text: 'A complaint.' }] }],
      usage: { input_tokens: 42, output_tokens: 3 },
    });
    const [[, question] = []] = call.asked;
    expect(question).toEqual({
      instructions: 'What is it about?',
      maxTokens: 20,
      toolbox: { tools: [], choice: 'auto' },
    });
    const [message] = response.output as { id: string }[];
    client.send({ type: 'conversation.item.retrieve', item_id: message?.id });
    expect(await client.next('error')).toMatchObject({ error: { code: 'item_not_found' } });
  });

  it('answers items of its own, some of which stand in the conversation', async () => {
    await start();
    const content = [{ type: 'input_text', text: 'My tea is cold.' }];
    client.send({ type: 'conversation.item.create', item: { id: 'mine', type: 'message', role: 'user', content } });
    ask({
      input: [
        { type: 'item_reference', id: 'mine' },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'And yours?' }] },
      ],
    });
    await done();
    const [, question] = call.asked.find(([name]) => name === 'aside') ?? [];
    expect((question as { input: unknown[] }).input).toEqual([
      { role: 'written', as: 'user', id: 'mine', text: 'My tea is cold.' },
      { role: 'written', as: 'user', id: expect.any(String), text: 'And yours?' },
    ]);
    ask({ input: [{ type: 'item_reference', id: 'none' }] }, 'r2');
    expect(await client.next('error')).toMatchObject({
      error: { code: 'item_not_found', param: 'response.input.0.id', event_id: 'r2' },
    });
  });

  it('does not wait for the reply that is being spoken, nor does that wait for it', async () => {
    await start();
    call.emit({ type: 'reply-started', reply: 0, turn: undefined });
    call.emit({ type: 'reply-text', reply: 0, text: 'Once there was' });
    ask();
    const { response } = await done();
    expect(response.conversation_id).toBeNull();
    call.emit({ type: 'reply-finished', reply: 0, status: 'completed', heard: 'Once', heardBasis: 'estimated' });
    expect((await done()).response.conversation_id).toMatch(/^conv_/);
  });

  it('may be cancelled by its id, and the one that waits behind it is written', async () => {
    let first = true;
    await start(async function* (signal) {
      const waits = first;
      first = false;
      yield { type: 'say', text: 'Well' };
      if (waits) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      yield usage;
    });
    ask();
    ask({}, 'r2');
    const created = (await client.next('response.created')) as unknown as { response: { id: string } };
    await client.next('response.output_text.delta');
    client.send({ type: 'response.cancel', response_id: created.response.id });
    expect((await done()).response).toMatchObject({
      id: created.response.id,
      status: 'cancelled',
      status_details: { type: 'cancelled', reason: 'client_cancelled' },
      output: [{ status: 'incomplete' }],
    });
    expect((await done()).response).toMatchObject({ status: 'completed' });
    expect(call.asked.map(([name]) => name)).toEqual(['aside', 'aside']);
  });

  it('says when it was cut, and why it failed', async () => {
    await start();
    ask({ max_output_tokens: 3 });
    expect((await done()).response).toMatchObject({
      status: 'incomplete',
      status_details: { reason: 'max_output_tokens' },
    });
    await fixture.close();
    // biome-ignore lint/correctness/useYield: it fails at once.
    await start(async function* () {
      throw new ParleyError('All places are taken.', { code: 'language_model.full', status: 503 });
    });
    ask();
    expect((await done()).response).toMatchObject({
      status: 'failed',
      status_details: { error: { code: 'language_model.full' } },
    });
  });

  it('is refused when too many wait, or when it would be spoken', async () => {
    await start(async function* (signal) {
      yield { type: 'say', text: 'Well' };
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    });
    for (let i = 0; i < 8; i++) ask();
    ask({}, 'ninth');
    expect(await client.next('error')).toMatchObject({
      error: { code: 'parley.too_many_responses', event_id: 'ninth' },
    });
    ask({ output_modalities: ['audio'] }, 'spoken');
    expect(await client.next('error')).toMatchObject({
      error: { param: 'response.output_modalities', event_id: 'spoken' },
    });
  });
});
