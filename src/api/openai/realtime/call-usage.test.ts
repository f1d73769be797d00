import { afterEach, expect, it } from 'vitest';
import type { Access, Usage } from '../../../platform/access/access.js';
import { type Fixture, pcm, startRealtime } from './realtime-fixture.js';

let fixture: Fixture;
afterEach(() => fixture.close());

const finished = (reply: number, tokens: { computed: number; reused: number; generated: number }) =>
  ({ type: 'reply-finished', reply, status: 'completed', heard: '', heardBasis: 'estimated', tokens }) as const;

/** A door that notes what is counted, and when somebody leaves. */
function counting() {
  const used: Usage[] = [];
  const left: Usage[] = [];
  const access: Access = {
    required: false,
    enter: async () => ({
      keyId: 'key',
      use: async (usage) => void used.push(usage),
      leave: async (usage) => void left.push(usage ?? {}),
    }),
  };
  return { access, used, left };
}

it('the seconds and tokens of a call are counted for its key, all of them once', async () => {
  const { access, used, left } = counting();
  fixture = await startRealtime({ access, listens: false, limits: { countUsageMs: 20 } });
  const client = await fixture.connect();
  const call = await fixture.call();
  const hearing = (async () => {
    for await (const input of call.transport.input) if (input.type === 'closed') return;
  })();
  client.send({ type: 'input_audio_buffer.append', audio: pcm(2_000) });
  call.emit({ type: 'reply-started', reply: 0, turn: undefined });
  call.speak(0, 75);
  call.emit(finished(0, { computed: 10, reused: 30, generated: 7 }));
  const sum = (unit: keyof Usage): number => [...used, ...left].reduce((all, usage) => all + (usage[unit] ?? 0), 0);
  await expect.poll(() => sum('audioInSeconds')).toBeCloseTo(2);
  expect(left).toEqual([]);
  client.socket.close();
  await client.closed;
  await hearing;
  // What was being written when the client left was written too.
  call.emit(finished(1, { computed: 5, reused: 0, generated: 1 }));
  call.emit({ type: 'ended', reason: 'the client has gone' });
  await expect.poll(() => left).toHaveLength(1);
  expect(sum('audioInSeconds')).toBeCloseTo(2);
  expect(sum('audioOutSeconds')).toBeCloseTo(1.5);
  expect(sum('inputTokens')).toBe(45);
  expect(sum('outputTokens')).toBe(8);
});

it('a call that does not end keeps nobody’s place', async () => {
  const { access, left } = counting();
  fixture = await startRealtime({ access, limits: { closeTimeoutMs: 20 } });
  const client = await fixture.connect();
  await fixture.call();
  client.socket.close();
  await expect.poll(() => left).toHaveLength(1);
});

it('a session that never has a call counts nothing', async () => {
  const { access, left } = counting();
  fixture = await startRealtime({ access, limits: { admitAfterMs: 10_000 } });
  const client = await fixture.connect();
  client.socket.close();
  await expect.poll(() => left).toEqual([{ audioInSeconds: 0, audioOutSeconds: 0, inputTokens: 0, outputTokens: 0 }]);
});
