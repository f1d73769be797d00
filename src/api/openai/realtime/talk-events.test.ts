import { afterEach, describe, expect, it } from 'vitest';
import { type Fixture, startRealtime } from './realtime-fixture.js';

let fixture: Fixture;
afterEach(() => fixture.close());

async function inCall() {
  fixture = await startRealtime();
  const client = await fixture.connect();
  client.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be brief.' } });
  const call = await fixture.call();
  return { client, call };
}

describe('what a talk has besides turns, in the protocol', () => {
  it('a turn that goes on takes its item back and comes again with all of its words', async () => {
    const { client, call } = await inCall();
    call.emit({ type: 'speech-started', turn: 1, startMs: 0 });
    call.emit({ type: 'turn-committed', turn: 1, text: 'Tuesday', endMs: 500, reply: undefined });
    const { item: first } = await client.next('conversation.item.done');
    call.emit({ type: 'speech-started', turn: 2, startMs: 900 });
    call.emit({ type: 'turn-reopened', turn: 2, continues: 1 });
    const deleted = await client.next('conversation.item.deleted');
    expect(deleted.item_id).toBe((first as { id: string }).id);
    call.emit({ type: 'turn-committed', turn: 2, text: 'Tuesday, no, Wednesday', endMs: 1_500, reply: undefined });
    const { item } = await client.next('conversation.item.done');
    expect(item).toMatchObject({ content: [{ type: 'input_audio', transcript: 'Tuesday, no, Wednesday' }] });
    client.send({ type: 'conversation.item.retrieve', item_id: (first as { id: string }).id });
    expect(await client.next('error')).toMatchObject({ error: { param: 'item_id' } });
  });

  it('keys go to the call in their place among the audio, and are reported as they arrive', async () => {
    const { client, call } = await inCall();
    client.send({ type: 'parley.dtmf.press', keys: '1#' });
    call.emit({ type: 'key', digit: '1' });
    const received = await client.next('input_audio_buffer.dtmf_event_received');
    expect(received).toEqual({ type: received.type, event: '1', received_at: expect.any(Number) });
    call.emit({ type: 'keys-entered', turn: 1, text: 'pressed 1 #' });
    expect(await client.next('conversation.item.added')).toMatchObject({
      item: { role: 'user', content: [{ type: 'input_text', text: 'pressed 1 #' }] },
    });
    expect(call.keys).toEqual(['1', '#']);
  });

  it.each(['', 'x', '1 2', '1'.repeat(33)])('what are no keys are refused: "%s"', async (keys) => {
    const { client } = await inCall();
    client.send({ type: 'parley.dtmf.press', keys, event_id: 'mine' });
    expect(await client.next('error')).toMatchObject({
      error: { code: 'invalid_value', param: 'keys', event_id: 'mine' },
    });
  });

  it('a client says what the agent waits for', async () => {
    const { client, call } = await inCall();
    client.send({ type: 'parley.expect', answer: { kind: 'number', of: 'phone', min_digits: 10, max_digits: 10 } });
    client.send({ type: 'parley.expect', answer: { kind: 'choice', options: ['small', 'large'] } });
    await client.settle();
    expect(call.asked).toEqual([
      ['expect', { kind: 'number', of: 'phone', minDigits: 10, maxDigits: 10 }],
      ['expect', { kind: 'choice', options: ['small', 'large'] }],
    ]);
  });

  it.each([
    { kind: 'number', of: 'phone', min_digits: 10, max_digits: 3 },
    { kind: 'number', of: 'phone' },
    { kind: 'choice', options: [] },
    { kind: 'anything' },
    'a number',
  ])('what cannot be waited for is refused: %j', async (answer) => {
    const { client } = await inCall();
    client.send({ type: 'parley.expect', answer, event_id: 'mine' });
    expect(await client.next('error')).toMatchObject({ error: { event_id: 'mine' } });
  });

  it('a caller is muted and unmuted', async () => {
    const { client, call } = await inCall();
    client.send({ type: 'parley.input_audio.mute' });
    await client.next('parley.input_audio.muted');
    client.send({ type: 'parley.input_audio.unmute' });
    await client.next('parley.input_audio.unmuted');
    await client.settle();
    expect(call.asked).toEqual([
      ['setMuted', true],
      ['setMuted', false],
    ]);
  });
});
